"""One call as its page shows it: what was said and what happened in the order of their times, decisions, latency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from agents.transcript import JsonValue
from handoff.card_types import CallEvent
from handoff.emotion_course import course_in
from handoff.emotion_words import label_in_words
from handoff.rule_grounds import ruling_of, why

_STAGES: Final = ("end_of_turn", "stt", "dialogue", "tts", "gap")
"""In the order in which they follow each other; others come after these."""
_QUIET: Final = frozenset(
    {"end_of_turn", "noise", "echo", "agent_backchannel", "backchannel", "model", "reply_dropped", "emotion", "facts", "queue"}
)
"""Happen all the time; shown on wish only."""
_WITH_GROUNDS: Final = frozenset({"emotion", "escalation_rule"})
_LONGEST_VALUE: Final = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A turn or an event."""

    kind: Literal["turn", "event"]
    at_ms: int
    until_ms: int
    who: str
    """``caller``, ``agent``, or the kind of the event."""
    heard: str
    unheard: str
    """What the agent meant to say and the caller did not hear."""
    heard_otherwise: str
    """What was heard, when it is not the beginning of what was meant."""
    number: int = 0
    via: str = "speech"
    interrupted: bool = False
    gap_ms: float | None = None
    """From the caller's last sound to the agent's first."""
    facts: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    mood: str = ""
    """Of the caller in this turn; empty: calm, or not judged."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that was decided, and why."""

    at_ms: int
    kind: str
    reason: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LatencyTable:
    stages: tuple[str, ...]
    rows: tuple[tuple[int, int, tuple[float | None, ...]], ...]
    """Number of the turn, when it began in ms, and a value in ms for each stage."""


def timeline(call: Mapping[str, Any]) -> list[Entry]:
    """Turns before events of the same moment."""
    points = course_in([_told(event) for event in call["events"]], 0.0)
    moods = {point.turn: f"{label_in_words(point.label)} {point.level:.2f}" for point in points if point.turn and point.level}
    entries = [_turn(turn, moods) for turn in call["turns"]] + [_event(event) for event in call["events"]]
    return sorted(entries, key=lambda entry: (entry.at_ms, entry.kind == "event"))


def decisions(call: Mapping[str, Any]) -> list[Decision]:
    """Events that give a reason; those of rules are told with their grounds (handoff/desk/cards/mood.py)."""
    found = []
    for event in call["events"]:
        if event["kind"] in _WITH_GROUNDS:
            continue
        data = event["data"] if isinstance(event["data"], dict) else {}
        reason = next((str(data[name]) for name in ("reason", "rule", "why") if data.get(name)), "")
        if reason:
            rest = {name: value for name, value in data.items() if str(value) != reason}
            found.append(Decision(event["at_ms"], readable(event["kind"]), _cut(readable(reason)), facts_of(rest)))
    return found


def latency_table(turns: Iterable[Mapping[str, Any]]) -> LatencyTable:
    measured = [turn for turn in turns if turn["who"] == "agent" and turn["latency_ms"]]
    known = {stage for turn in measured for stage in turn["latency_ms"]}
    stages = tuple([stage for stage in _STAGES if stage in known] + sorted(known - set(_STAGES)))
    return LatencyTable(
        stages,
        tuple((turn["number"], turn["started_ms"], tuple(_figure(turn["latency_ms"].get(stage)) for stage in stages)) for turn in measured),
    )


def recording_start_ms(call: Mapping[str, Any]) -> int:
    """When the recording began, from the start of the call."""
    return next((int(event["at_ms"]) for event in call["events"] if event["kind"] == "recording_started"), 0)


def readable(name: str) -> str:
    """``caller_request`` as people read it."""
    return name.replace("_", " ").strip()


def facts_of(data: Mapping[str, JsonValue]) -> tuple[tuple[str, str], ...]:
    return tuple((readable(name), _cut(_plain(value))) for name, value in data.items())


def _turn(turn: Mapping[str, Any], moods: Mapping[int, str]) -> Entry:
    said, heard = str(turn["text"]), str(turn["heard"])
    cut = bool(turn["interrupted"])
    begins = said.startswith(heard)
    latency = turn["latency_ms"] if isinstance(turn["latency_ms"], dict) else {}
    return Entry(
        "turn",
        turn["started_ms"],
        turn["ended_ms"],
        turn["who"],
        heard=said if not cut else (heard if begins else ""),
        unheard="" if not cut else (said[len(heard) :] if begins else said),
        heard_otherwise="" if not cut or begins else heard,
        number=turn["number"],
        via=turn["via"],
        interrupted=cut,
        gap_ms=_figure(latency.get("gap")),
        mood=moods.get(turn["number"], "") if turn["who"] == "caller" else "",
    )


def _event(event: Mapping[str, Any]) -> Entry:
    at, kind = event["at_ms"], event["kind"]
    return Entry("event", at, at, readable(kind), "", "", "", facts=_facts_of_event(event), quiet=kind in _QUIET)


def _facts_of_event(event: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Of a mood and of a rule only what the page does not tell elsewhere at length."""
    kind, at_s, data = _told(event)
    if kind == "emotion":
        return tuple((point.label, f"{point.level:.2f}") for point in course_in([(kind, at_s, data)], 0.0))
    ruling = ruling_of(at_s, data) if kind == "escalation_rule" else None
    return facts_of(data) if ruling is None else ((ruling.rule.replace("_", " "), ruling.done), ("because", why(ruling) or "–"))


def _told(event: Mapping[str, Any]) -> CallEvent:
    data = event["data"]
    return str(event["kind"]), event["at_ms"] / 1000, data if isinstance(data, dict) else {}


def _figure(value: object) -> float | None:
    return round(float(value), 1) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return "–" if value is None else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
