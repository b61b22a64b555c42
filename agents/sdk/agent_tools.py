"""The tools of one call with an agent made in Python: its own, and its code that answers intents."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from agents.sdk.call import Call
from agents.sdk.compiling import ANSWER, IntentSpec
from agents.tools import Tool, Toolbox, ToolInfo, ToolSet, tool
from agents.transcript import JsonValue

IntentCode = Mapping[str, tuple[IntentSpec, Callable[..., Any]]]
"""Intent to what it is and the function that answers it: (call, text) -> text, or (call) -> text; sync or async."""


class AgentToolbox:
    """A Toolbox. ``tools`` are those of this call; ``shared`` lends its threads to the code of intents."""

    def __init__(self, call: Call, tools: Toolbox, code: IntentCode, shared: ToolSet) -> None:
        self._tools = tools
        self._answers = ToolSet([_answering(call, *entry) for entry in code.values()], threads=shared.threads)

    def describe(self, name: str) -> ToolInfo | None:
        return self._answers.describe(name) or self._tools.describe(name)

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        box: Toolbox = self._answers if self._answers.describe(name) else self._tools
        return await box.call(name, arguments)


def _answering(call: Call, intent: IntentSpec, code: Callable[..., Any]) -> Tool:
    """``code`` as a tool without parameters, with the limits and safeguards of every tool."""
    whole = len(inspect.signature(code).parameters) > 1

    def arguments() -> tuple[Any, ...]:
        return (call, call.heard) if whole else (call,)

    async def answer_async() -> dict[str, str]:
        return {ANSWER: _text(await code(*arguments()))}

    def answer() -> dict[str, str]:
        return {ANSWER: _text(code(*arguments()))}

    made = answer_async if inspect.iscoroutinefunction(code) else answer
    return tool(name=intent.tool, limit_s=intent.limit_s)(made)


def _text(answer: object) -> str:
    if not isinstance(answer, str) or not answer.strip():
        raise ValueError("code that answers an intent must return the words to be said")
    return answer
