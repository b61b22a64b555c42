"""What a turn costs: tokens, money, time, requests. By the provider's count, or by estimate where it does not count."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agents.llm.model import CallDelta, Counted, Delta, Function, Message, TextDelta
from agents.llm.task import Usage
from agents.llm.tokens import BYTES_PER_TOKEN, tokens_of_all

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens, in any currency, the same for all providers."""

    input: float = 0.0
    output: float = 0.0
    cached: float | None = None
    """None: as ``input``."""

    def of(self, counted: Counted) -> float:
        cached = self.input if self.cached is None else self.cached
        return ((counted.input - counted.cached) * self.input + counted.cached * cached + counted.output * self.output) / _MILLION


class Tally:
    """Of one turn. A request whose answer never began, such as the loser of two, counts as a request only."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """``clock``: in s; None: the running loop's."""
        self._clock = clock or asyncio.get_running_loop().time
        self._begun_at = self._clock()
        self._first_at: float | None = None
        self._model = ""
        self._counted = Counted(0, 0)
        self._cost = 0.0
        self._requests = 0

    def requested(self) -> None:
        self._requests += 1

    def came(self) -> None:
        """A first piece of text or of a call."""
        if self._first_at is None:
            self._first_at = self._clock()

    def add(self, model: str, price: Price, counted: Counted) -> None:
        before = self._counted
        self._model = model
        self._counted = Counted(before.input + counted.input, before.output + counted.output, before.cached + counted.cached)
        self._cost += price.of(counted)

    @property
    def usage(self) -> Usage:
        """So far."""
        now = self._clock()
        return Usage(
            model=self._model,
            input_tokens=self._counted.input,
            cached_tokens=self._counted.cached,
            output_tokens=self._counted.output,
            cost=self._cost,
            first_token_s=(self._first_at or now) - self._begun_at if self._first_at is not None else 0.0,
            took_s=now - self._begun_at,
            attempts=self._requests,
        )


class Meter:
    """Of one answer: what its provider counted, else an estimate from what went to and fro."""

    def __init__(self, messages: Sequence[Message], functions: Sequence[Function]) -> None:
        self._messages = messages
        self._functions = functions
        self._bytes = 0
        self._counted: Counted | None = None
        self.begun = False
        """Something came."""
        self.content = False
        """Some words or a call came."""

    def note(self, delta: Delta) -> None:
        self.begun = True
        match delta:
            case TextDelta():
                self._bytes += len(delta.text.encode())
                self.content = self.content or bool(delta.text.strip())
            case CallDelta():
                self._bytes += len(delta.name) + len(delta.arguments.encode())
                self.content = True
            case Counted():
                self._counted = delta
            case _:
                pass

    @property
    def counted(self) -> Counted:
        if self._counted is not None:
            return self._counted
        return Counted(tokens_of_all(self._messages, self._functions), round(self._bytes / BYTES_PER_TOKEN))
