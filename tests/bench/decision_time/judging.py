"""When the rules called a person, by the records of a call, beside what its caller had said by then."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.agents.emotion.lines.scores import Share
from tests.bench import _target
from tests.bench.decision_time.callers import Said
from tests.bench.emotion_calls.verdicts import BEFORE

_DECIDED: Final = ("escalate", "try_once")
_ABOUT_FAILURES: Final = "repeated_failure"
"""Reason of a rule that calls a person for what the agent did."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A call and what was decided."""

    said: Said
    after_ms: tuple[float, ...]
    """Of each decision, escalating or trying once: from the last voiced frame of the utterance."""
    foreseen: int
    """Decisions made at the pause, before the turn was over."""
    reason: str
    """Why a person was called for what the caller felt or said; empty: none was."""
    after_angry: int | None
    """How many angry sentences had begun by the end of the turn that decided it. 0: before the first one; None: nobody was called."""

    @property
    def in_time(self) -> bool:
        """Before the third angry sentence, and not while the caller was calm."""
        return self.after_angry is not None and 1 <= self.after_angry <= BEFORE


def judged(said: Said, record: Mapping[str, Any] | None) -> Judged:
    """``record``: the call as ``calls show --json`` prints it; None: nobody recorded it, and nobody was called in it."""
    if record is None:
        return Judged(said, (), 0, "", None)
    ends = {turn["number"]: turn["ended_ms"] for turn in record["turns"]}
    rules = [event["data"] for event in record["events"] if event["kind"] == "escalation_rule" and event["data"]["act"] in _DECIDED]
    called = next((data for data in rules if data["act"] == "escalate" and data["reason"] != _ABOUT_FAILURES), None)
    after_angry = None
    if called is not None:
        by_ms = max(ends[ground["turn"]] for ground in called["grounds"] if ground["turn"])
        begun = sum(at <= by_ms for at in said.begun_ms)
        after_angry = sum(place < begun for place in said.call.angry_at)
    return Judged(
        said,
        tuple(data["after_ms"] for data in rules if data.get("after_ms") is not None),
        sum(bool(data.get("foreseen")) for data in rules),
        "" if called is None else called["reason"],
        after_angry,
    )


def figures(calls: Sequence[Judged]) -> dict[str, Any]:
    """Of all calls; times in ms."""
    placed = [call for call in calls if not call.said.failure]
    in_time = [call for call in placed if call.in_time]
    times = [ms for call in placed for ms in call.after_ms]
    return {
        "calls": len(placed),
        "not_placed": Counter(call.said.failure for call in calls if call.said.failure),
        "in_time": Share(len(in_time), len(placed)).to_json() if placed else None,
        "after_angry": Counter(str(call.after_angry) for call in placed),
        "reasons": Counter(call.reason for call in placed),
        "missed": [call.said.call.id for call in placed if not call.in_time],
        "voice_end_to_decision": _target.spread(times),
        "foreseen": sum(call.foreseen for call in placed),
    }
