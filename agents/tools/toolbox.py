"""The seam to the real world: what an agent may look up or do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.transcript import JsonValue


class ToolError(Exception):
    """The tool could not do its work; the conversation goes on and says so."""


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """What a model or a flow has to know of a tool."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue] = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON Schema of the arguments, an object."""
    limit_s: float = 3.0
    """Past this the tool counts as failed."""
    safe: bool = False
    """Looks something up and changes nothing: it may be repeated, and run before the caller has finished."""


class Toolbox(Protocol):
    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Run a tool within its time limit. Raises ToolError."""
        ...

    def describe(self, name: str) -> ToolInfo | None:
        """None: there is no tool of this name."""
        ...
