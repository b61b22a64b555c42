"""Tasks, turns and tools for the tests of language models."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from agents.llm.model import Call
from agents.llm.task import ModelTask
from agents.tools import ToolError, ToolInfo
from agents.transcript import JsonValue, Turn

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ORDER: Mapping[str, JsonValue] = {
    "type": "object",
    "properties": {"number": {"type": "string", "pattern": "^[0-9]{5}$"}},
    "required": ["number"],
}


class Shelf:
    """Tools by name: what they return, an error they raise, or seconds they take first. A Toolbox."""

    def __init__(self, results: Mapping[str, object] | None = None, *, limit_s: float = 3.0, safe: bool = False) -> None:
        self.results = dict(results if results is not None else {"find_order": {"status": "shipped"}})
        self.limit_s = limit_s
        self.safe = safe
        self.schema: Mapping[str, JsonValue] = ORDER
        self.asked: list[tuple[str, Mapping[str, JsonValue]]] = []
        self.running = 0
        self.most_running = 0

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, f"Does {name}.", self.schema, self.limit_s, self.safe) if name in self.results else None

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.asked.append((name, arguments))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            result: Any = self.results[name]
            if isinstance(result, int | float):
                await asyncio.sleep(result)
                return {"done": True}
            if isinstance(result, Exception):
                raise result
            await asyncio.sleep(0.01)
            return dict(result)
        finally:
            self.running -= 1


def task(said: str = "where is my order", **more: Any) -> ModelTask:
    return ModelTask(**{"goal": "Help with orders.", "said": said, "now": NOW, "tools": ("find_order",), **more})


def find(number: str = "10482", id: str = "c1") -> Call:
    return Call(id, "find_order", f'{{"number": "{number}"}}')


def talk(*lines: str, cut: Callable[[str], str] | None = None) -> list[Turn]:
    """Agent and caller in turn, the agent first; ``cut``: what was heard of the agent's lines."""
    turns = []
    for number, line in enumerate(lines, 1):
        who = "agent" if number % 2 else "caller"
        heard = cut(line) if cut and who == "agent" else line
        turns.append(Turn(number, who, line, heard, number, number + 0.5, interrupted=heard != line))  # type: ignore[arg-type]
    return turns


__all__ = ["NOW", "ORDER", "Shelf", "ToolError", "find", "talk", "task"]
