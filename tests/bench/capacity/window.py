"""Measuring one stretch of time on callers who talk: everything that a step of a ramp, or a minute of a soak, is made of."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

from tests.bench.capacity.arrivals import pacing
from tests.bench.capacity.callers import Callers
from tests.bench.capacity.step import Step, made
from tests.bench.capacity.usage import Meter

_BURNT = ("recogniser_burnt_s", "voice_burnt_s")


class Window:
    """Measures from ``begin`` to ``end``."""

    def __init__(self, callers: Callers, meter: Meter, ledger: Callable[[], Mapping[str, float]]) -> None:
        self._callers = callers
        self._meter = meter
        self._ledger = ledger
        self.begin()

    def begin(self) -> None:
        self._callers.crowd.take()
        self._unanswered = self._callers.crowd.talk.unanswered
        self._burnt = dict(self._ledger())
        self._failed = self._lost()
        self._meter.lap()
        self._cpu = time.process_time()

    def _lost(self) -> int:
        return sum(call.lost or bool(call.problem) for call in self._callers.calls)

    async def end(self, calls: int, only: Collection[int] | None = None) -> Step:
        """``calls``: how many there ought to be. ``only``: the slots that count for what is heard; None: all."""
        use, spent = self._meter.lap(), time.process_time() - self._cpu
        live, failed = len(self._callers.live), self._lost() - self._failed
        arrivals, gaps, own = self._callers.crowd.take()
        unanswered = self._callers.crowd.talk.unanswered - self._unanswered
        ledger = self._ledger()
        burnt = {name: ledger.get(name, 0.0) - self._burnt.get(name, 0.0) for name in _BURNT if name in ledger}
        pace = await asyncio.to_thread(pacing, arrivals if only is None else arrivals.only(only), self._callers.crowd.stalls)
        heard = [gap for slot, gap in gaps if only is None or slot in only]
        return made(calls, live, failed, heard, unanswered, pace, use, own, spent, burnt)
