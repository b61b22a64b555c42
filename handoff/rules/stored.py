"""A stored call as the happenings that the rules saw, or would have seen, while it was live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet

Row = Mapping[str, object]
OURS: Final = frozenset({"escalation_rule", "manner", "emotion_notice"})
"""Events that the watch over the caller writes itself: the rules are not told of them."""


@dataclass(frozen=True, slots=True)
class StoredCall:
    id: str
    started_at: datetime | None
    """Time zone aware."""
    number: str
    agent: str
    outcome: str
    reason: str
    turns: Sequence[Row]
    """With ``number``, ``who``, ``started_ms``, ``ended_ms``, ``via``, ``interrupted``; what was said is not needed."""
    events: Sequence[Row]
    """With ``kind``, ``at_ms``, ``data``. Where turns and events have a ``seq``, that is their common order."""

    @classmethod
    def of(cls, call: Row) -> "StoredCall":
        """``call`` as a CallReader gives it."""
        started = call.get("started_at")
        return cls(
            id=str(call["id"]),
            started_at=datetime.fromisoformat(started) if isinstance(started, str) else started if isinstance(started, datetime) else None,
            number=str(call.get("number") or ""),
            agent=str(call.get("route") or ""),
            outcome=str(call.get("outcome") or ""),
            reason=str(call.get("reason") or ""),
            turns=_rows(call.get("turns")),
            events=_rows(call.get("events")),
        )

    @property
    def caller_turns(self) -> int:
        """Spoken ones."""
        return sum(turn["who"] == "caller" and turn.get("via") != "keypad" for turn in self.turns)

    def has(self, kind: str) -> bool:
        return any(event["kind"] == kind for event in self.events)


def happenings(call: StoredCall, rules: RuleSet) -> Iterator[Happening]:
    """In the order in which they were recorded; ``at`` is seconds from the start of the call."""
    yield Happening("started", 0.0, {"number": call.number, "agent": call.agent})
    clock = _clock(call, rules, 0.0)
    if clock is not None:
        yield Happening("clock", 0.0, clock)
    latest = 0.0
    for happening in _merged(call):
        latest = max(latest, happening.at)
        now = _clock(call, rules, latest)
        if now is not None and now != clock:
            clock = now
            yield Happening("clock", latest, now)
        yield Happening(happening.kind, latest, happening.data)


def _clock(call: StoredCall, rules: RuleSet, at: float) -> dict[str, object] | None:
    return rules.clock(call.started_at + timedelta(seconds=at)) if call.started_at is not None else None


def _merged(call: StoredCall) -> list[Happening]:
    told = [(_order(turn, "ended_ms", 0), _turn(turn)) for turn in call.turns]
    told += [(_order(event, "at_ms", 1), _event(event)) for event in call.events if event["kind"] not in OURS]
    return [happening for _, happening in sorted(told, key=lambda item: item[0])]


def _order(row: Row, at: str, turns_first: int) -> tuple[int, int, int]:
    return _whole(row.get("seq")), _whole(row[at]), turns_first


def _turn(turn: Row) -> Happening:
    start, end = _whole(turn["started_ms"]) / 1000, _whole(turn["ended_ms"]) / 1000
    data = {name: turn.get(name) for name in ("who", "number", "via", "interrupted")} | {"start": start, "end": end}
    return Happening("turn", end, data)


def _event(event: Row) -> Happening:
    data = event.get("data")
    return Happening(str(event["kind"]), _whole(event["at_ms"]) / 1000, data if isinstance(data, Mapping) else {})


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _rows(value: object) -> Sequence[Row]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else ()
