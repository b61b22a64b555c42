"""Tools that answer from a script: what a conversation file or a chat without a service uses instead of the real ones."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agents.tools import Toolbox, ToolError, ToolInfo
from agents.transcript import JsonValue


class ScriptedAnswer(BaseModel):
    """What a tool answers when it is called with certain arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    arguments: Mapping[str, Any] = Field(
        default_factory=dict, alias="with", description="Only for calls with these arguments, others besides allowed; empty: any call."
    )
    gives: Mapping[str, Any] | None = Field(None, description="The result.")
    fails: str = Field("", description="The tool fails, with these words.")
    takes_s: float = Field(0.0, ge=0, description="Pretended duration in seconds; past the tool's limit it counts as failed. Nobody waits.")
    times: int = Field(0, ge=0, description="Good for so many calls; then the next answer that fits is given. 0: for all.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.gives is None) == (not self.fails):
            raise ValueError("give either 'gives' (a result) or 'fails' (words)")
        return self

    def fits(self, arguments: Mapping[str, JsonValue]) -> bool:
        return all(arguments.get(name) == value for name, value in self.arguments.items())


def _list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Answers = Annotated[tuple[ScriptedAnswer, ...], BeforeValidator(_list, json_schema_input_type=ScriptedAnswer | tuple[ScriptedAnswer, ...])]
"""One answer, or several of which the first that fits is given."""


class ScriptedTools:
    """A Toolbox. Tools without a script go to ``behind``, or fail with the remedy when there is none."""

    def __init__(self, answers: Mapping[str, tuple[ScriptedAnswer, ...]], behind: Toolbox | None = None) -> None:
        self._answers = answers
        self._behind = behind
        self._given: Counter[int] = Counter()

    def describe(self, name: str) -> ToolInfo | None:
        if self._behind is not None and (info := self._behind.describe(name)):
            return info
        return ToolInfo(name, f"scripted {name}") if name in self._answers else None

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        if name not in self._answers:
            if self._behind is not None:
                return await self._behind.call(name, arguments)
            raise ToolError(f"no answer is scripted for {name}; add it below 'tools:'")
        for answer in self._answers[name]:
            if answer.fits(arguments) and not (answer.times and self._given[id(answer)] >= answer.times):
                self._given[id(answer)] += 1
                return self._give(name, answer)
        raise ToolError(f"no answer of {name} is scripted for {dict(arguments)}; add one below 'tools:'")

    def _give(self, name: str, answer: ScriptedAnswer) -> Mapping[str, JsonValue]:
        info = self.describe(name)
        limit_s = info.limit_s if info else 3.0
        if answer.takes_s > limit_s:
            raise ToolError(f"took {answer.takes_s:g} s, longer than its limit of {limit_s:g} s")
        if answer.gives is None:
            raise ToolError(answer.fails)
        return answer.gives
