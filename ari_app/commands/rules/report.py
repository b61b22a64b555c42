"""What a replay found, in lines and as JSON."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from agents.transcript import JsonValue
from ari_app.commands.calls import shown
from handoff.rules.replay import AGENT, CHANGES, Change, Comparison, Escalation
from handoff.rules.telling import ground_in_words, minutes

WORDS: Final[dict[Change, str]] = {
    "earlier": "earlier",
    "later": "later",
    "newly": "newly, had none",
    "not_at_all": "not at all",
    "same": "as it was",
    "never": "none, as it was",
}
MISSING: Final = {
    "emotion": "have no record of the caller's feelings (older than that, or emotion was off)",
    "facts": "have no record of facts that a rule asks about",
    "queue": "have no record of the queue",
    "clock": "have no start time",
}
_CHANGED: Final = ("earlier", "later", "newly", "not_at_all")


class Report:
    """Keeps the counts of all calls, and of the changed ones the first ``limit``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.calls = 0
        self._counts: Counter[Change] = Counter()
        self._missing: Counter[str] = Counter()
        self._acts: Counter[str] = Counter()
        self._kept: list[Comparison] = []

    def add(self, comparison: Comparison) -> None:
        self.calls += 1
        self._counts[comparison.change] += 1
        self._missing.update(comparison.unjudged)
        self._acts.update(f"{decision.rule} {decision.act}{' (shadow)' if decision.shadow else ''}" for decision in comparison.decisions)
        if comparison.change in _CHANGED and len(self._kept) < self._limit:
            self._kept.append(comparison)

    @property
    def _left_out(self) -> int:
        return sum(self._counts[change] for change in CHANGES if change in _CHANGED) - len(self._kept)

    def lines(self) -> Iterator[str]:
        if not self.calls:
            yield "No calls began since then; --since takes a longer span, such as 30d."
            return
        for comparison in self._kept:
            yield from _call(comparison)
            yield ""
        if self._left_out:
            yield f"{self._left_out} more changed calls are not shown; --limit shows more."
        yield f"{self.calls} calls. A person would have taken over:"
        for change in CHANGES:
            yield f"  {WORDS[change]:<18} {self._counts[change]:>6}"
        for name, count in sorted(self._missing.items()):
            yield f"  {count} of them {MISSING[name]}: they could not be judged by it."
        if self._acts:
            yield "Decisions: " + ", ".join(f"{count} x {name}" for name, count in self._acts.most_common()) + "."

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "calls": self.calls,
            "counts": {change: self._counts[change] for change in CHANGES},
            "not_judged": {name: self._missing[name] for name in MISSING},
            "decisions": dict(self._acts),
            "changed": [_json(comparison) for comparison in self._kept],
            "changed_left_out": self._left_out,
        }


def _call(comparison: Comparison) -> Iterator[str]:
    call = comparison.call
    started = call.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if call.started_at else "-"
    yield f"{shown(call.id[:12])}  {started}  to {shown(call.number)}, {shown(call.agent)}: {WORDS[comparison.change]}"
    yield from _side("was", comparison.was)
    yield from _side("would", comparison.would)


def _side(name: str, escalation: Escalation | None) -> Iterator[str]:
    if escalation is None:
        yield f"  {name:<6} no person"
        return
    by = "by the agent itself" if escalation.by == AGENT else f"by rule {shown(escalation.by)}"
    yield f"  {name:<6} {minutes(escalation.at_ms)} {by}: {shown(escalation.reason)}"
    yield from (f"         {shown(ground_in_words(ground))}" for ground in escalation.grounds)


def _json(comparison: Comparison) -> dict[str, JsonValue]:
    call = comparison.call
    return {
        "id": call.id,
        "started_at": call.started_at.isoformat() if call.started_at else None,
        "number": call.number,
        "agent": call.agent,
        "change": comparison.change,
        "was": _side_json(comparison.was),
        "would": _side_json(comparison.would),
    }


def _side_json(escalation: Escalation | None) -> JsonValue:
    if escalation is None:
        return None
    grounds: list[JsonValue] = [{name: _plain(value) for name, value in ground.items()} for ground in escalation.grounds]
    return {"at_ms": escalation.at_ms, "by": escalation.by, "reason": escalation.reason, "queue": escalation.queue, "grounds": grounds}


def _plain(value: object) -> JsonValue:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
