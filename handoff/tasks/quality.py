"""How well a call went, 0 to 100, from what can be measured in it. Pure; the same call always gets the same score.

Each part is worth 0 to 100 between a value at which nothing is wrong and one at which nothing is right, in a straight line. The score is
the mean of the parts that the call has, by their weights. The limits and weights are our own choice: they order calls for whoever reviews
them, and are no measure that others use.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agents.transcript import JsonValue, Turn
from handoff.card_types import CallEvent
from handoff.records.history import percentile

LONG_SILENCE_S: Final = 3.0
"""From here on a pause between two turns is silence."""


@dataclass(frozen=True, slots=True)
class Part:
    value: float
    """As measured, see PARTS."""
    score: int
    """0 to 100."""
    weight: int


@dataclass(frozen=True, slots=True)
class Quality:
    score: int | None
    """None: the call had nothing that could be measured."""
    parts: Mapping[str, Part]

    def as_json(self) -> dict[str, JsonValue]:
        """The parts."""
        return {name: {"value": part.value, "score": part.score, "weight": part.weight} for name, part in self.parts.items()}


@dataclass(frozen=True, slots=True)
class _Scale:
    good: float
    bad: float
    weight: int

    def part(self, value: float) -> Part:
        share = (self.bad - value) / (self.bad - self.good)
        return Part(round(value, 3), round(100 * min(1.0, max(0.0, share))), self.weight)


PARTS: Final[Mapping[str, _Scale]] = {
    # Milliseconds from the caller's last sound to the agent's first, 95th percentile.
    "answer_gap_ms": _Scale(800, 3000, 25),
    # Share of the agent's turns that the caller broke off.
    "interrupted": _Scale(0.05, 0.5, 10),
    # Share of the agent's turns that began while the caller was speaking.
    "cut_in": _Scale(0.0, 0.3, 15),
    # Silences after which the agent asked again, sounds it could not make out, and breakdowns, for each turn of the caller.
    "asked_again": _Scale(0.0, 0.5, 15),
    # Share of the tools used that gave an error.
    "tool_errors": _Scale(0.0, 0.5, 10),
    # Share of the conversation in which nobody spoke for LONG_SILENCE_S.
    "silence": _Scale(0.05, 0.4, 5),
    # What it came to: 0 is what was wanted, 1 is what must not be.
    "outcome": _Scale(0.0, 1.0, 20),
}

_OUTCOMES: Final[Mapping[str, float]] = {
    "goodbye": 0.0,
    "callback": 0.25,
    "handover": 0.25,
    "with_person": 0.25,
    "caller_left": 0.6,
    "rescued": 0.9,
    "failed": 1.0,
}
_TROUBLE: Final[Mapping[str, float]] = {"tool_error": 0.6, "repeated_failure": 0.6, "no_input": 0.6, "pipeline_error": 0.9}
"""Reasons of a handover that nobody had wished for."""
_ASKED_AGAIN: Final = frozenset({"no_input", "transcription_failed", "speech_failed", "pipeline_error"})


def quality_of(turns: Sequence[Turn], events: Sequence[CallEvent], outcome: str, reason: str) -> Quality:
    """``outcome`` and ``reason`` as the call's row has them. Turns in order; times in seconds, of any clock that both share."""
    measured: dict[str, float] = {}
    agent = [turn for turn in turns if turn.who == "agent"]
    caller = [turn for turn in turns if turn.who == "caller"]
    gaps = [gap for turn in agent if (gap := turn.latency_ms.get("gap")) is not None and gap >= 0]
    if gaps:
        measured["answer_gap_ms"] = percentile(gaps, 0.95)
    if agent:
        measured["interrupted"] = sum(turn.interrupted for turn in agent) / len(agent)
        measured["cut_in"] = sum(_cuts_in(turn, caller) for turn in agent) / len(agent)
    if caller:
        measured["asked_again"] = sum(kind in _ASKED_AGAIN for kind, _, _ in events) / len(caller)
    tools = [bool(data.get("ok")) for kind, _, data in events if kind == "tool"]
    if tools:
        measured["tool_errors"] = tools.count(False) / len(tools)
    if (silence := _silence(turns)) is not None:
        measured["silence"] = silence
    if outcome in _OUTCOMES and agent:
        measured["outcome"] = _TROUBLE.get(reason, _OUTCOMES[outcome]) if outcome == "handover" else _OUTCOMES[outcome]
    parts = {name: PARTS[name].part(value) for name, value in measured.items()}
    return Quality(_mean(parts.values()), parts)


def _mean(parts: Iterable[Part]) -> int | None:
    known = list(parts)
    whole = sum(part.weight for part in known)
    return round(sum(part.score * part.weight for part in known) / whole) if whole else None


def _cuts_in(turn: Turn, caller: Sequence[Turn]) -> bool:
    """It began after the caller did and before they had ended. The caller who breaks the agent off began later."""
    return any(said.via == "speech" and said.started_at < turn.started_at < said.ended_at for said in caller)


def _silence(turns: Sequence[Turn]) -> float | None:
    """Share of the time between the first and the last word."""
    if len(turns) < 2:
        return None
    spoken = sorted(turns, key=lambda turn: turn.started_at)
    end, silent = spoken[0].ended_at, 0.0
    for turn in spoken[1:]:
        pause = turn.started_at - end
        silent += pause if pause >= LONG_SILENCE_S else 0.0
        end = max(end, turn.ended_at)
    whole = end - spoken[0].started_at
    return silent / whole if whole > 0 else None
