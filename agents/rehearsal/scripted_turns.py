"""A language model that says what a script says: for agents with an llm node, tested without one."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agents.llm.task import FAILED, Finished, ModelEvent, ModelTask, Sentence, ToolUsed
from agents.tools import Toolbox, ToolError
from agents.transcript import JsonValue


class ScriptedCall(BaseModel):
    """A tool that the model asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str
    arguments: Mapping[str, Any] = Field(default_factory=dict, alias="with")


class ScriptedTurn(BaseModel):
    """One turn of the model: its tools first, then its sentences, then the exit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hears: str = Field("", description="Only for words of the caller that contain this; empty: any.")
    tools: tuple[ScriptedCall, ...] = Field((), description="What it calls, in order. A tool that the flow does not allow is refused.")
    says: tuple[str, ...] = Field((), description="Its sentences; {name.field} is filled from a tool's result.")
    learns: Mapping[str, str] = Field(default_factory=dict, description="Slots it fills.")
    exit: str = Field("", description="The exit it takes; empty: the caller has the floor. 'failed': no model could answer.")


class ScriptedTurns:
    """A ModelTurns. Each turn of the script answers once, in order; ``hears`` lets one wait for its moment. After the last it fails."""

    def __init__(self, turns: Sequence[ScriptedTurn]) -> None:
        self._left = list(turns)
        self.tasks: list[ModelTask] = []
        """What it was asked."""

    async def run(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        self.tasks.append(task)
        turn = next((turn for turn in self._left if turn.hears.lower() in task.said.lower()), None)
        if turn is None:
            yield Finished(FAILED)
            return
        self._left.remove(turn)
        known: dict[str, str] = {}
        for call in turn.tools:
            used = await self._use(call, task, tools)
            yield used
            known |= {f"{call.name}.{field}": str(value) for field, value in (used.result or {}).items()}
        for text in turn.says:
            yield Sentence(_filled(text, known))
        yield Finished(turn.exit, turn.learns)

    async def _use(self, call: ScriptedCall, task: ModelTask, tools: Toolbox) -> ToolUsed:
        begun = time.monotonic()
        arguments: Mapping[str, JsonValue] = call.arguments
        result: Mapping[str, JsonValue] | None = None
        if call.name in task.tools:
            try:
                result = await tools.call(call.name, arguments)
            except ToolError:
                result = None
        return ToolUsed(call.name, arguments, result, time.monotonic() - begun)

    async def close(self) -> None:
        """Nothing to give back."""


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
