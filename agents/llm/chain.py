"""The chain of providers: hedged, with time limits and circuit breakers; the next one goes on where one breaks off."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from agents.llm.accounting import Meter, Price, Tally
from agents.llm.breaker import Breaker
from agents.llm.deadline import Deadline
from agents.llm.hedging import earliest
from agents.llm.model import ContextTooLong, Delta, Ended, Function, LanguageModel, Message, ModelBroken, ModelError, ModelUnavailable
from agents.llm.pump import Pump, StreamOver

log = logging.getLogger(__name__)

AGAIN_AFTER_S: Final = 0.1
"""Before the same provider is asked a second time."""
COUNT_WAIT_S: Final = 0.3
"""Longest wait for the token count, which comes after everything that is to be said."""
SMALLEST_SHARE: Final = 0.25
"""Of the token budget: less of the conversation would answer nothing."""


@dataclass(frozen=True, slots=True)
class Link:
    """A provider with its limits, in seconds."""

    model: LanguageModel
    first_token_s: float = 1.0
    """For the first piece of an answer, the hedged request included."""
    stall_s: float = 1.0
    """For any later piece."""
    hedge_after_s: float | None = None
    """Without a first piece for so long, the same is asked a second time; None: never."""
    price: Price = field(default_factory=Price)
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True, slots=True)
class Anew:
    """Another answer begins: whatever came and was not used yet is void."""


Asking: TypeAlias = Callable[[float], Sequence[Message]]
"""The messages of an attempt, which include what was said until now; takes the share of the token budget they may fill (0 to 1]."""


class ModelChain:
    """``links``: the first choice first. Owns the models."""

    def __init__(self, links: Sequence[Link]) -> None:
        if not links:
            raise ValueError("a chain of language models needs at least one")
        self._links = tuple(links)

    async def stream(
        self, ask: Asking, functions: Sequence[Function], tally: Tally, deadline: Deadline
    ) -> AsyncGenerator[Delta | Anew, None]:
        """One answer, to its Ended; Anew wherever another provider had to begin again. None is tried a third time, or past ``deadline``.

        Raises ModelError when nobody can answer.
        """
        clock = asyncio.get_running_loop().time
        waiting = deque(link for link in self._links if link.breaker.allows(clock()))
        tried: list[Link] = []
        failures: list[str] = []
        share = 1.0
        while waiting and not deadline.passed:
            link = waiting.popleft()
            if link in tried:
                await asyncio.sleep(AGAIN_AFTER_S)
            meter: Meter | None = None
            try:
                messages = ask(share)
                meter = Meter(messages, functions)
                async with aclosing(self._attempt(link, messages, functions, meter, tally, deadline)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except ContextTooLong as error:
                failures.append(str(error))
                share /= 2
                if share >= SMALLEST_SHARE:
                    waiting.appendleft(link)
                    continue
                share = 1.0
            except ModelError as error:
                failures.append(str(error))
                log.warning(
                    "model_failed",
                    extra={
                        "model": link.model.name,
                        "kind": error.kind,
                        "reason": str(error),
                        "begun": meter is not None and meter.content,
                    },
                )
                if link not in tried and not error.leave_alone_s:
                    waiting.append(link)
            tried.append(link)
            if meter is not None and meter.begun:
                yield Anew()
        raise ModelUnavailable("; ".join(failures) or "every language model is left alone for a while because it kept failing")

    async def _attempt(
        self, link: Link, messages: Sequence[Message], functions: Sequence[Function], meter: Meter, tally: Tally, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        """Tells the breaker and the tally what became of it."""
        clock, breaker = asyncio.get_running_loop().time, link.breaker
        breaker.begun(clock())
        verdict = breaker.abandoned
        try:
            async with aclosing(self._limited(link, messages, functions, meter, tally, deadline)) as deltas:
                async for delta in deltas:
                    yield delta
            verdict = breaker.worked
        except ContextTooLong:
            verdict = breaker.worked
            raise
        except ModelError as error:
            breaker.failed(clock(), error.leave_alone_s)
            verdict = _nothing
            raise
        finally:
            verdict()
            if meter.content:
                tally.add(link.model.name, link.price, meter.counted)

    async def _limited(
        self, link: Link, messages: Sequence[Message], functions: Sequence[Function], meter: Meter, tally: Tally, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        def request() -> AsyncGenerator[Delta, None]:
            tally.requested()
            return link.model.stream(messages, functions)

        clock, name = asyncio.get_running_loop().time, link.model.name
        first_by = min(clock() + link.first_token_s, deadline.at or float("inf"))
        pump: Pump[Delta] | None = None
        try:
            pump = await earliest(request, link.hedge_after_s, first_by)
            while True:
                delta = await pump.next(clock() + link.stall_s)
                meter.note(delta)
                if meter.content:
                    tally.came()
                elif isinstance(delta, Ended):
                    raise ModelBroken(f"{name}: an empty answer")
                yield delta
                if isinstance(delta, Ended):
                    await _count(pump, meter, clock() + COUNT_WAIT_S)
                    return
        except TimeoutError:
            limit_s = link.stall_s if meter.content else link.first_token_s
            raise ModelUnavailable(f"{name}: silent for longer than {limit_s:g} s") from None
        except StreamOver:
            raise ModelBroken(f"{name}: the answer broke off without an end") from None
        finally:
            if pump is not None:
                await pump.close()

    async def close(self) -> None:
        await asyncio.gather(*(link.model.close() for link in self._links))


async def _count(pump: Pump[Delta], meter: Meter, until: float) -> None:
    """The answer is whole: nothing that goes wrong from here matters to it."""
    try:
        meter.note(await pump.next(until))
    except (TimeoutError, StreamOver, ModelError):
        return


def _nothing() -> None:
    """The breaker knows already."""
