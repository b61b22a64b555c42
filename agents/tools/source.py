"""Where the tools of a set come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agents.tools.call_facts import CallFacts
from agents.tools.toolbox import Toolbox, ToolInfo


@runtime_checkable
class ToolSource(Protocol):
    """Several tools that are made, bound to a call and closed together."""

    def infos(self) -> Iterable[ToolInfo]: ...

    def for_call(self, facts: CallFacts) -> Toolbox:
        """What one call uses; it may remember what was used before in this call."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OtherToolbox:
    """Some tools of a toolbox of one's own, as a source. Its owner closes it."""

    toolbox: Toolbox
    names: Sequence[str]

    def infos(self) -> list[ToolInfo]:
        """Raises ValueError when the toolbox lacks one of the names."""
        found = []
        for name in self.names:
            info = self.toolbox.describe(name)
            if info is None:
                raise ValueError(f"{type(self.toolbox).__name__} has no tool '{name}'")
            found.append(info)
        return found

    def for_call(self, facts: CallFacts) -> Toolbox:
        return self.toolbox

    async def close(self) -> None:
        """Nothing of ours to give back."""
