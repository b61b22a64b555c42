"""What a conversation file expects, held against what happened."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.rehearsal.conversation_file import ConversationFile, Step, ToolExpectation, pattern_of
from agents.rehearsal.happenings import Ended, ToolCalled
from agents.rehearsal.text_call import TextCall


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that was not met; ``key`` is its place below the step or the file."""

    key: tuple[str | int, ...]
    expected: str
    got: str


@dataclass(slots=True)
class StepResult:
    """What happened in one step."""

    said: list[str] = field(default_factory=list)
    tools: list[ToolCalled] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    ended: Ended | None = None


def fits(phrase: str, text: str) -> bool:
    """Whether ``text`` holds ``phrase``: words in any case, or a regular expression between slashes."""
    if pattern := pattern_of(phrase):
        return pattern.search(text) is not None
    return _plain(phrase) in _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip().lower()


def check_step(step: Step, result: StepResult, call: TextCall, *, last: bool) -> Iterator[Miss]:
    """Every expectation of ``step`` that was not met."""
    yield from _texts(step.says, step.absent, " ".join(result.said))
    yield from _tools(step.tool, result.tools)
    for index, kind in enumerate(step.event):
        if kind not in result.events:
            yield Miss(("event", index), f"the event {kind}", ", ".join(result.events) or "no event")
    state = call.dialogue.state
    if step.node is not None and state.node != step.node:
        yield Miss(("node",), f"the node {step.node}", state.node or "no node")
    yield from _slots(step.slots, state.slots)
    if step.language is not None and (language := _language(call)) != step.language:
        yield Miss(("language",), f"the language {step.language}", language)
    if step.ends is None and result.ended is not None and not last:
        yield Miss((), "the call to go on", _ending(result.ended))
    yield from _ends(step.ends, step.queue, step.reason, result.ended)


def check_call(file: ConversationFile, call: TextCall) -> Iterator[Miss]:
    """Every expectation of the whole call that was not met."""
    yield from _texts(file.says, file.absent, " ".join(turn.text for turn in call.turns if turn.who == "agent"))
    names = [called.name for called in call.calls]
    if file.tools_called is not None and list(file.tools_called) != names:
        yield Miss(("tools_called",), f"the tools {', '.join(file.tools_called) or 'none'}", ", ".join(names) or "none")
    for index, name in enumerate(file.never_called):
        if name in names:
            yield Miss(("never_called", index), f"{name} never to be called", _shown(next(one for one in call.calls if one.name == name)))
    yield from _slots(file.slots, call.dialogue.state.slots)
    yield from _ends(file.ends, file.queue, None, call.ended)


def _texts(says: Sequence[str], absent: Sequence[str], text: str) -> Iterator[Miss]:
    for index, phrase in enumerate(says):
        if not fits(phrase, text):
            yield Miss(("says", index), f"the agent to say {phrase!r}", repr(text) if text else "nothing said")
    for index, phrase in enumerate(absent):
        if fits(phrase, text):
            yield Miss(("absent", index), f"the agent not to say {phrase!r}", repr(text))


def _tools(expected: Sequence[ToolExpectation], called: Sequence[ToolCalled]) -> Iterator[Miss]:
    for index, tool in enumerate(expected):
        if not any(_matches(tool, one) for one in called):
            failed = {True: ", failing", False: ", with success", None: ""}[tool.failed]
            wanted = f"the tool {tool.name}({_arguments(tool.arguments)}){failed}"
            yield Miss(("tool", index), wanted, "; ".join(map(_shown, called)) or "no tool called")


def _matches(tool: ToolExpectation, called: ToolCalled) -> bool:
    same = called.name == tool.name and all(called.arguments.get(name) == value for name, value in tool.arguments.items())
    return same and (tool.failed is None or tool.failed == (called.result is None))


def _shown(called: ToolCalled) -> str:
    return f"{called.name}({_arguments(called.arguments)})" + (f" failed: {called.error}" if called.error else "")


def _arguments(arguments: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _slots(expected: Mapping[str, str | None], slots: Mapping[str, str]) -> Iterator[Miss]:
    for name, value in expected.items():
        got = slots.get(name)
        if (got or None) != value:
            yield Miss(("slots", name), f"{name} to be {'unknown' if value is None else repr(value)}", repr(got) if got else "unknown")


def _language(call: TextCall) -> str:
    return getattr(call.dialogue.state, "language", "") or call.agent.language


def _ends(how: str | None, queue: str | None, reason: str | None, ended: Ended | None) -> Iterator[Miss]:
    if how is not None and (ended is None or ended.how != how):
        yield Miss(("ends",), f"the call to end as {how}", _ending(ended))
    if queue is not None and (ended is None or ended.outcome.queue != queue):
        yield Miss(("queue",), f"the queue {queue}", ended.outcome.queue or "no queue" if ended else "the call goes on")
    if reason is not None and (ended is None or ended.outcome.reason != reason):
        yield Miss(("reason",), f"the reason {reason}", ended.outcome.reason or "no reason" if ended else "the call goes on")


def _ending(ended: Ended | None) -> str:
    if ended is None:
        return "the call goes on"
    told = (("queue", ended.outcome.queue), ("reason", ended.outcome.reason))
    return f"it ended as {ended.how}" + "".join(f", {name} {value}" for name, value in told if value)
