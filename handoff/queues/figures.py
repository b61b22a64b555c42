"""Service level, speed of answer and abandonment of one queue, each with the definition it was computed by.

Definition ids (T: seconds to answer within; S: seconds of a short abandon, left out when 0):

sl.answered-of-offered/T[/short-S][/flow-outs]   answered within T / (answered + abandoned - short abandons [+ sent on]); as Genesys has it
sl.asterisk/T                                    completed that were answered within T / completed; abandons do not count
sl2.asterisk/T                                   (completed that were answered + abandoned within T) / (completed + abandoned)
abandonment[/short-S]                            (abandoned - short) / (answered + abandoned - short + sent on)
asa, aht                                         sums of seconds / answered, / completed

app_queue counts a time out among the abandoned: so do its two definitions here, and no other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal, TypeAlias

from handoff.queues.rules import DEFAULT_ANSWER_WITHIN_S, QueueRules
from handoff.queues.view import Figures, Ratio

Outcome: TypeAlias = Literal["answered", "abandoned", "timed_out", "left", "unknown"]

ROLLING_S = 1800.0
_RECENT_CALLS = 40


@dataclass(slots=True)
class Ended:
    """One call whose wait is over."""

    at: float
    outcome: Outcome
    wait_s: float
    reported_abandoned: bool = False
    """Asterisk reported it as abandoned, whatever it was."""
    handling_s: float | None = None
    """Talk and wrap-up; None until the call has ended."""


@dataclass(frozen=True, slots=True)
class Definition:
    answer_within_s: int
    short_abandon_s: int
    count_flow_outs: bool

    @property
    def short(self) -> str:
        return f"/short-{self.short_abandon_s}" if self.short_abandon_s else ""


@dataclass(slots=True)
class Tally:
    """Sums over ended calls; everything can be taken back, except the longest wait."""

    definition: Definition
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    answered_in_time: int = 0
    answer_wait_s: float = 0.0
    short_abandoned: int = 0
    completed: int = 0
    completed_in_time: int = 0
    handling_s: float = 0.0
    reported_abandoned: int = 0
    reported_abandoned_in_time: int = 0
    longest_wait_s: float = 0.0

    def count(self, call: Ended, sign: Literal[1, -1] = 1) -> None:
        in_time = sign * (call.wait_s <= self.definition.answer_within_s)
        self.outcomes[call.outcome] = self.outcomes.get(call.outcome, 0) + sign
        self.longest_wait_s = max(self.longest_wait_s, call.wait_s)
        if call.reported_abandoned:
            self.reported_abandoned += sign
            self.reported_abandoned_in_time += in_time
        if call.outcome == "abandoned":
            self.short_abandoned += sign * (call.wait_s < self.definition.short_abandon_s)
        elif call.outcome == "answered":
            self.answered_in_time += in_time
            self.answer_wait_s += sign * call.wait_s
            if call.handling_s is not None:
                self.completed += sign
                self.completed_in_time += in_time
                self.handling_s += sign * call.handling_s

    def figures(self, since: float, waits: Iterable[float], changed_at: float | None) -> Figures:
        """``waits``: seconds that each of those waiting now has waited."""
        answered, abandoned, timed_out, left, unknown = (
            self.outcomes.get(outcome, 0) for outcome in ("answered", "abandoned", "timed_out", "left", "unknown")
        )
        now_waiting = list(waits)
        return Figures(
            since=since,
            offered=answered + abandoned + timed_out + left + unknown + len(now_waiting),
            answered=answered,
            abandoned=abandoned,
            short_abandoned=self.short_abandoned,
            timed_out=timed_out,
            left=left,
            unknown=unknown,
            service_levels=self._service_levels(answered, abandoned, timed_out + left),
            abandonment=Ratio(
                f"abandonment{self.definition.short}",
                abandoned - self.short_abandoned,
                answered + abandoned - self.short_abandoned + timed_out + left,
            ),
            asa=Ratio("asa", self.answer_wait_s if answered else 0.0, answered),
            handling=Ratio("aht", self.handling_s if self.completed else 0.0, self.completed),
            longest_wait_s=max([self.longest_wait_s, *now_waiting]),
            definition_changed_at=changed_at,
        )

    def _service_levels(self, answered: int, abandoned: int, flow_outs: int) -> tuple[Ratio, ...]:
        rules, within = self.definition, f"{self.definition.answer_within_s}"
        offered = answered + abandoned - self.short_abandoned + (flow_outs if rules.count_flow_outs else 0)
        ours = f"sl.answered-of-offered/{within}{rules.short}{'/flow-outs' if rules.count_flow_outs else ''}"
        in_time = self.completed_in_time + self.reported_abandoned_in_time
        return (
            Ratio(ours, self.answered_in_time, offered),
            Ratio(f"sl.asterisk/{within}", self.completed_in_time, self.completed),
            Ratio(f"sl2.asterisk/{within}", in_time, self.completed + self.reported_abandoned),
        )


class Book:
    """Every call of one queue whose wait ended today or in the last half hour."""

    def __init__(self, rules: QueueRules, now: float) -> None:
        self._rules = rules
        self._calls: list[Ended] = []
        self._tally = Tally(self._definition(None))
        self._changed_at: float | None = None
        self._known = rules.answer_within_s is not None
        self._begin_day(now)

    def add(self, call: Ended) -> None:
        self.roll(call.at)
        self._calls.append(call)
        if call.at >= self._day:
            self._tally.count(call)

    def change(self, call: Ended, *, outcome: Outcome | None = None, handling_s: float | None = None) -> None:
        """Correct a call that was added."""
        counted = call.at >= self._day
        if counted:
            self._tally.count(call, -1)
        call.outcome = outcome or call.outcome
        call.handling_s = call.handling_s if handling_s is None else handling_s
        if counted:
            self._tally.count(call)

    def asterisk_says(self, service_level_s: int, now: float) -> None:
        """``servicelevel`` of queues.conf as a snapshot told it; 0 is its way of saying that none is set."""
        definition = self._definition(service_level_s or None)
        if definition != self._tally.definition:
            self._changed_at = now if self._known else None
            self._tally = self._tallied(self._since(self._day), definition)
        self._known = True

    def figures(self, now: float, waits: Iterable[float]) -> tuple[Figures, Figures]:
        """Of today and of the last half hour."""
        self.roll(now)
        waiting = list(waits)
        rolling = self._tallied(self._since(now - ROLLING_S), self._tally.definition)
        return self._tally.figures(self._day, waiting, self._changed_at), rolling.figures(now - ROLLING_S, waiting, self._changed_at)

    def handling_times(self) -> list[float]:
        """Of the calls that ended last, oldest first, seconds."""
        recent = [call.handling_s for call in reversed(self._calls[-4 * _RECENT_CALLS :]) if call.handling_s is not None]
        return recent[:_RECENT_CALLS][::-1]

    def roll(self, now: float) -> None:
        """Begin a new day when midnight is past."""
        if now >= self.next_day:
            self._begin_day(now)
            self._calls = self._since(min(self._day, now - ROLLING_S))
            self._tally = self._tallied(self._since(self._day), self._tally.definition)
            self._changed_at = None

    def _begin_day(self, now: float) -> None:
        today = datetime.fromtimestamp(now, self._rules.zone).date()
        self._day, self.next_day = (
            datetime.combine(day, time(), self._rules.zone).timestamp() for day in (today, today + timedelta(days=1))
        )

    def _definition(self, service_level_s: int | None) -> Definition:
        rules = self._rules
        within = service_level_s or DEFAULT_ANSWER_WITHIN_S
        return Definition(within if rules.answer_within_s is None else rules.answer_within_s, rules.short_abandon_s, rules.count_flow_outs)

    def _since(self, at: float) -> list[Ended]:
        recent = []
        for call in reversed(self._calls):
            if call.at < at:
                break
            recent.append(call)
        return recent[::-1]

    @staticmethod
    def _tallied(calls: Iterable[Ended], definition: Definition) -> Tally:
        tally = Tally(definition)
        for call in calls:
            tally.count(call)
        return tally
