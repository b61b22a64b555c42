"""A model that answers by a script, in this process: for demonstrations without a network, and for tests."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.llm.model import Call, CallDelta, Counted, Delta, Ended, Function, Message, ModelError, ModelUnavailable, TextDelta

PIECE: int = 7
"""Characters of a text or of arguments that come at once."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds in which nothing comes."""

    seconds: float


Step: TypeAlias = str | Call | Wait | Ended | Counted | ModelError
"""Text is streamed in pieces, so is a call; an error is raised."""
Script: TypeAlias = Sequence[Step]
"""An end is added where none is given, unless an error comes."""
Playwright: TypeAlias = Callable[[Sequence[Message], Sequence[Function]], Script]


class ScriptedModel:
    """``script``: an answer to every request, or a list of answers that are given in turn and then fail."""

    def __init__(self, script: Playwright | Iterable[Script], name: str = "scripted") -> None:
        self.name = name
        self._script = script if callable(script) else _in_turn(name, script)
        self._closed = False
        self.asked: list[tuple[Message, ...]] = []
        """The messages of every request."""
        self.open = 0
        """Streams that have neither ended nor been closed."""

    async def stream(self, messages: Sequence[Message], functions: Sequence[Function] = ()) -> AsyncGenerator[Delta, None]:
        if self._closed:
            raise ModelUnavailable(f"{self.name}: closed")
        self.asked.append(tuple(messages))
        self.open += 1
        try:
            for delta in _deltas(self._script(messages, functions)):
                if isinstance(delta, Wait):
                    await asyncio.sleep(delta.seconds)
                elif isinstance(delta, ModelError):
                    raise delta
                else:
                    await asyncio.sleep(0)
                    yield delta
        finally:
            self.open -= 1

    async def close(self) -> None:
        self._closed = True


def _deltas(script: Script) -> Iterable[Delta | Wait | ModelError]:
    calls = [step for step in script if isinstance(step, Call)]
    counted: Counted | None = None
    ended = False
    for step in script:
        match step:
            case str():
                yield from (TextDelta(piece) for piece in pieces(step))
            case Call():
                index = calls.index(step)
                yield CallDelta(index, step.id, step.name)
                yield from (CallDelta(index, arguments=piece) for piece in pieces(step.arguments))
            case Counted():
                counted = step
            case _:
                ended = ended or isinstance(step, Ended)
                yield step
    if not ended:
        yield Ended("calls" if calls else "stop")
    if counted:
        yield counted


def pieces(text: str) -> Iterable[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def _in_turn(name: str, scripts: Iterable[Script]) -> Playwright:
    waiting = iter(scripts)
    return lambda messages, functions: next(waiting, (ModelUnavailable(f"{name}: the script is at its end"),))
