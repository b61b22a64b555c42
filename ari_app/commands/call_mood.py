"""The caller's mood and the rules that held, beside the transcript of ``patchcord calls show``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from agents.transcript import JsonValue
from handoff.card_types import CallEvent, EmotionPoint
from handoff.emotion_course import course_in
from handoff.emotion_words import label_in_words
from handoff.rule_grounds import Ground, Ruling, ruling_of, rulings_in, why
from handoff.signal_words import signal_in_words

Call = Mapping[str, JsonValue]

_STEPS: Final = 5
"""Of the bar on either side of its middle."""


def mood_of(call: Call) -> tuple[EmotionPoint, ...]:
    return course_in(_events(call), 0.0)


def felt_lines(course: Sequence[EmotionPoint], turn: Mapping[str, JsonValue]) -> Iterator[str]:
    """What stands below a turn of the caller: label, level and valence, each with what moved it."""
    for point in course:
        if turn["who"] == "caller" and point.turn == turn["number"]:
            level = f" {point.level:.2f}" if point.level else ""
            by = "voice and words" if point.method == "audio" else "words"
            because = f": {', '.join(point.reasons)}" if point.reasons else ""
            yield f"{label_in_words(point.label)}{level}  {valence_bar(point.value)} {point.value:+.2f}  by {by}{because}"


def valence_bar(valence: float) -> str:
    """Displeased to the left of the middle, pleased to the right: ``[..###|.....]``."""
    steps = min(_STEPS, round(abs(valence) * _STEPS))
    left, right = ("#" * steps, "") if valence < 0 else ("", "#" * steps)
    return f"[{left.rjust(_STEPS, '.')}|{right.ljust(_STEPS, '.')}]"


def is_told_apart(event: Mapping[str, JsonValue]) -> bool:
    """Events that ``felt_lines`` and ``ruling_lines`` tell better; one that they cannot read stays among the others."""
    data, at_s = event["data"], 0.0
    if not isinstance(data, dict):
        return False
    if event["kind"] == "emotion":
        return any(point.turn for point in course_in([("emotion", at_s, data)], at_s))
    return event["kind"] == "escalation_rule" and ruling_of(at_s, data) is not None


def ruling_lines(call: Call) -> list[str]:
    """Rules that acted, and those that would have, each with its grounds."""
    rulings = rulings_in(_events(call), 0.0)
    if not rulings:
        return []
    return ["", "rules", *(line for ruling in rulings for line in _ruling(ruling))]


def felt_json(call: Call) -> dict[str, JsonValue]:
    """``emotion`` and ``rules`` as plain data."""
    events = _events(call)
    return {
        "emotion": [{**asdict(point), "reasons": list(point.reasons)} for point in course_in(events, 0.0)],
        "rules": [_plain(ruling) for ruling in rulings_in(events, 0.0)],
    }


def _ruling(ruling: Ruling) -> Iterator[str]:
    queue = f", queue {ruling.queue}" if ruling.queue else ""
    shadow = " (shadow)" if ruling.shadow else ""
    yield f"  {_clock(ruling.at_ms)}  {ruling.rule} {ruling.done}{queue}{shadow}: {why(ruling) or 'no grounds were recorded'}"
    for ground in ruling.grounds:
        yield f"             {_ground(ground)}"


def _ground(ground: Ground) -> str:
    parts = [signal_in_words(ground.signal) if ground.signal else "-", ground.shown_value or "-", ground.shown_limit or "-"]
    if ground.turn:
        parts.append(f"turn {ground.turn}")
    if ground.start_ms is not None and ground.end_ms is not None:
        parts.append(f"{_clock(ground.start_ms)} to {_clock(ground.end_ms)}")
    if ground.held_s:
        parts.append(f"held {ground.held_s:.1f} s")
    return "  ".join(parts)


def _plain(ruling: Ruling) -> JsonValue:
    grounds: list[JsonValue] = [asdict(ground) for ground in ruling.grounds]
    return {**asdict(ruling), "grounds": grounds, "why": why(ruling)}


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(abs(milliseconds), 60_000)
    return f"{'-' if milliseconds < 0 else ''}{minutes:02}:{rest / 1000:06.3f}"


def _events(call: Call) -> list[CallEvent]:
    return list(_told(call["events"]))


def _told(events: JsonValue) -> Iterable[CallEvent]:
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and isinstance(data := event.get("data"), dict) and isinstance(at := event.get("at_ms"), int):
            yield str(event.get("kind")), at / 1000, data
