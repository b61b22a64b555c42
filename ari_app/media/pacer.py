"""The packet clock: every line's 20 ms ticks on absolute deadlines, the lines spread over the 20 ms. Pure; times in seconds.

A deadline is always the one before plus 20 ms, never "now plus 20 ms", so nothing drifts. After a stall the missed ticks are made up
5 ms apart and not in one bunch; what is missed by more than 200 ms is left out.
"""

import heapq
from collections.abc import Callable
from typing import Final

PERIOD: Final = 0.02
SLOTS: Final = 4
"""Lines share phases 5 ms apart, so that a hundred lines cost no more wake-ups than four."""
_MAKE_UP_GAP: Final = 0.005
_MOST_BEHIND: Final = 10
"""Periods."""


class Tick:
    """One line's place in the schedule."""

    __slots__ = ("active", "deadline", "fire_at", "phase", "postponed", "run", "skipped")

    def __init__(self, phase: int, deadline: float, run: Callable[["Tick", float], None]) -> None:
        self.phase = phase
        self.deadline = deadline
        self.fire_at = deadline
        self.run = run
        self.active = True
        self.postponed = False
        self.skipped = 0
        """Periods left out after long stalls."""

    def shift(self, seconds: float) -> None:
        """Move all later deadlines; only within ``run``."""
        self.deadline += seconds

    def retry(self, seconds: float) -> None:
        """This tick had nothing to send: run it again after ``seconds``, and move all later deadlines as far; only within ``run``."""
        self.deadline += seconds
        self.postponed = True


class Schedule:
    """Who ticks next."""

    def __init__(self, epoch: float) -> None:
        self._epoch = epoch
        self._load = [0] * SLOTS
        self._heap: list[tuple[float, int, Tick]] = []
        self._order = 0

    def add(self, now: float, run: Callable[[Tick, float], None]) -> Tick:
        """A new line, on the phase with the fewest lines; its first tick comes within 20 ms."""
        phase = min(range(SLOTS), key=lambda slot: (self._load[slot], slot * 3 % SLOTS))
        self._load[phase] += 1
        start = self._epoch + phase * PERIOD / SLOTS
        periods = int((now - start) / PERIOD) + 1
        tick = Tick(phase, start + periods * PERIOD, run)
        self._push(tick)
        return tick

    def remove(self, tick: Tick) -> None:
        """The line is gone; it ticks no more."""
        if tick.active:
            tick.active = False
            self._load[tick.phase] -= 1

    @property
    def next_at(self) -> float | None:
        """When ``run_due`` has something to do next."""
        while self._heap and not self._heap[0][2].active:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self, clock: Callable[[], float]) -> None:
        """Run every tick that is due by ``clock()``."""
        heap, take, put = self._heap, heapq.heappop, heapq.heappush
        while heap:
            fire_at, _, tick = heap[0]
            if not tick.active:
                take(heap)
                continue
            now = clock()
            if fire_at > now:
                return
            take(heap)
            tick.run(tick, now)
            if tick.active:
                self._advance(tick, now)
                self._order += 1
                put(heap, (tick.fire_at, self._order, tick))

    def _advance(self, tick: Tick, now: float) -> None:
        if tick.postponed:
            tick.postponed = False
            tick.deadline = max(tick.deadline, now)
        else:
            tick.deadline += PERIOD
        behind = now - tick.deadline
        if behind > _MOST_BEHIND * PERIOD:
            missed = int(behind / PERIOD)
            tick.skipped += missed
            tick.deadline += missed * PERIOD
        tick.fire_at = tick.deadline if tick.deadline > now else now + _MAKE_UP_GAP

    def _push(self, tick: Tick) -> None:
        self._order += 1
        heapq.heappush(self._heap, (tick.fire_at, self._order, tick))
