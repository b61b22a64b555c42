"""The seam to the real world: what an agent may look up or do."""

from collections.abc import Mapping
from typing import Protocol

from agents.transcript import JsonValue


class ToolError(Exception):
    """The tool could not do its work; the conversation goes on and says so."""


class Toolbox(Protocol):
    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Run a tool within its time limit. Raises ToolError."""
        ...
