"""All tools of an agent by name, whatever they are made of."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from agents.tools.call_facts import CallFacts
from agents.tools.names import nearest
from agents.tools.python_tool import Tool, tool
from agents.tools.source import ToolSource
from agents.tools.threads import ToolThreads
from agents.tools.toolbox import Toolbox, ToolError, ToolInfo
from agents.transcript import JsonValue

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One use of a tool, for metrics: neither arguments nor results."""

    name: str
    outcome: Literal["done", "failed", "given_up"]
    """``given_up``: whoever asked did not wait for the end."""
    took_s: float
    call_id: str


OnUse: TypeAlias = Callable[[ToolUse], None]
Part: TypeAlias = Tool | ToolSource | Callable[..., Any]
"""``@tool`` functions, plain functions, webhooks, ``OtherToolbox``."""


class ToolSet:
    """A Toolbox for no call in particular; ``for_call`` makes the one that a call uses. Belongs to one event loop."""

    def __init__(self, parts: Sequence[Part] = (), *, threads: ToolThreads | None = None, on_use: OnUse | None = None) -> None:
        """Raises ValueError for two tools of one name, ToolDefinitionError for a function that cannot be a tool."""
        self.threads = threads or ToolThreads()
        self._on_use = on_use
        self._tools: dict[str, Tool] = {}
        self._sources: list[ToolSource] = []
        self._infos: dict[str, ToolInfo] = {}
        self._owner: dict[str, int] = {}
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> None:
        if isinstance(part, ToolSource):
            for info in part.infos():
                self._enter(info)
                self._owner[info.name] = len(self._sources)
            self._sources.append(part)
        else:
            made = part if isinstance(part, Tool) else tool(part)
            self._enter(made.info)
            self._tools[made.info.name] = made

    def _enter(self, info: ToolInfo) -> None:
        if info.name in self._infos:
            raise ValueError(f"there are two tools named '{info.name}': give one another name")
        self._infos[info.name] = info

    @property
    def names(self) -> list[str]:
        return sorted(self._infos)

    @property
    def examples(self) -> dict[str, tuple[str, ...]]:
        """What a caller may say who wants a tool; only of those that have examples."""
        return {name: made.examples for name, made in self._tools.items() if made.examples}

    def describe(self, name: str) -> ToolInfo | None:
        return self._infos.get(name)

    def for_call(self, facts: CallFacts) -> "CallTools":
        return CallTools(self, facts)

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        return await self.for_call(CallFacts()).call(name, arguments)

    async def run(
        self, name: str, arguments: Mapping[str, JsonValue], facts: CallFacts, bound: Callable[[int], Toolbox]
    ) -> Mapping[str, JsonValue]:
        """For ``CallTools``; ``bound`` gives a source's toolbox of this call. Raises ToolError."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        outcome: Literal["done", "failed", "given_up"] = "failed"
        try:
            if name in self._tools:
                result: Mapping[str, JsonValue] = await self._tools[name].run(arguments, facts, self.threads)
            elif name in self._owner:
                result = await bound(self._owner[name]).call(name, arguments)
            else:
                raise ToolError(f"there is no tool '{name}'; {nearest(name, self._infos)}")
            outcome = "done"
        except asyncio.CancelledError:
            outcome = "given_up"
            raise
        finally:
            self._tell(ToolUse(name, outcome, loop.time() - begun, facts.call_id))
        return result

    def source(self, index: int) -> ToolSource:
        return self._sources[index]

    def _tell(self, use: ToolUse) -> None:
        if self._on_use is None:
            return
        try:
            self._on_use(use)
        except Exception:
            log.exception("tool_metrics_failed", extra={"tool": use.name})

    async def close(self) -> None:
        for source in self._sources:
            await source.close()


class CallTools:
    """The tools of one call."""

    def __init__(self, tools: ToolSet, facts: CallFacts) -> None:
        self._tools = tools
        self._facts = facts
        self._bound: dict[int, Toolbox] = {}

    def describe(self, name: str) -> ToolInfo | None:
        return self._tools.describe(name)

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        return await self._tools.run(name, arguments, self._facts, self._toolbox)

    def _toolbox(self, index: int) -> Toolbox:
        if index not in self._bound:
            self._bound[index] = self._tools.source(index).for_call(self._facts)
        return self._bound[index]
