"""The caller's mood over a call and the rules that held in it, as pages draw them. Of the caller only: nobody else is judged.

Pure. Everything here is data for a template that escapes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from handoff.card_types import CallEvent, EmotionPoint
from handoff.desk.moments import clock
from handoff.emotion_course import course_in
from handoff.emotion_words import TROUBLED, label_in_words
from handoff.rule_grounds import Ruling, rulings_in, why
from handoff.signal_words import signal_in_words

WIDTH: Final = 600
HEIGHT: Final = 128
_EDGE: Final = 10
"""Kept free on every side for dots."""
Tone = Literal["", "good", "warn", "bad"]
_SEVERE: Final = 0.7
"""Level from which a mood is drawn as severe. Only a matter of looks."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One turn of the caller."""

    x: float
    y: float
    at_ms: int
    label: str
    level: float
    valence: float
    turn: int
    by: str
    """Which way it is known: ``words`` or ``words and voice``."""
    reasons: str
    tone: Tone
    title: str


@dataclass(frozen=True, slots=True)
class GroundRow:
    signal: str
    value: str
    limit: str
    turn: int
    at_ms: int | None
    """Of the utterance, from the start of the call."""
    held: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    x: float
    at_ms: int
    rule: str
    done: str
    shadow: bool
    queue: str
    priority: str
    why: str
    title: str
    grounds: tuple[GroundRow, ...]


@dataclass(frozen=True, slots=True)
class MoodView:
    dots: tuple[Dot, ...] = ()
    line: str = ""
    """Points of an SVG polyline; empty for fewer than two dots."""
    rules: tuple[RuleRow, ...] = ()
    by: str = ""
    """Which ways were used over the call."""
    told: str = ""
    """The course in a sentence, for those who cannot see it."""

    def __bool__(self) -> bool:
        return bool(self.dots or self.rules)


def mood_of_events(events: Iterable[Mapping[str, Any]]) -> MoodView:
    """``events``: as the database has them, with ``kind``, ``at_ms`` and ``data``."""
    found: list[CallEvent] = [
        (str(event["kind"]), event["at_ms"] / 1000, event["data"]) for event in events if isinstance(event["data"], dict)
    ]
    return mood_view(course_in(found, 0.0), rulings_in(found, 0.0))


def mood_view(course: Sequence[EmotionPoint], rulings: Sequence[Ruling] = ()) -> MoodView:
    last = max([1, *(point.at_ms for point in course), *(ruling.at_ms for ruling in rulings)])
    first = min([*(point.at_ms for point in course), *(ruling.at_ms for ruling in rulings)], default=0)
    dots = tuple(_dot(point, _place(point.at_ms, first, last)) for point in course)
    ways = {dot.by for dot in dots}
    return MoodView(
        dots,
        " ".join(f"{dot.x:g},{dot.y:g}" for dot in dots) if len(dots) > 1 else "",
        tuple(_rule(ruling, _place(ruling.at_ms, first, last)) for ruling in rulings),
        "words and voice" if "words and voice" in ways else "words" if ways else "",
        _told(dots),
    )


def _dot(point: EmotionPoint, x: float) -> Dot:
    label = label_in_words(point.label)
    by, reasons = ("words and voice" if point.method == "audio" else "words"), ", ".join(point.reasons)
    level = f" {point.level:.2f}" if point.level else ""
    title = f"{clock(point.at_ms)}{f', turn {point.turn}' if point.turn else ''}: {label}{level}, valence {point.value:+.2f}, by {by}"
    return Dot(
        x,
        round(_EDGE + (1 - point.value) / 2 * (HEIGHT - 2 * _EDGE), 1),
        point.at_ms,
        label,
        point.level,
        point.value,
        point.turn,
        by,
        reasons,
        _tone(point.label, point.level),
        f"{title}: {reasons}" if reasons else title,
    )


def _tone(label: str, level: float) -> Tone:
    if label == "satisfied":
        return "good"
    if label == "calm":
        return ""
    return "bad" if label in TROUBLED and level >= _SEVERE else "warn"


def _rule(ruling: Ruling, x: float) -> RuleRow:
    name, grounds = ruling.rule.replace("_", " "), why(ruling)
    title = f"{clock(ruling.at_ms)}: rule {name} {ruling.done}{f', because {grounds}' if grounds else ''}"
    rows = tuple(
        GroundRow(
            signal_in_words(ground.signal) if ground.signal else "–",
            ground.shown_value,
            ground.shown_limit,
            ground.turn,
            ground.start_ms,
            f"{ground.held_s:.0f} s" if ground.held_s and ground.held_s >= 1 else "",
        )
        for ground in ruling.grounds
    )
    return RuleRow(x, ruling.at_ms, name, ruling.done, ruling.shadow, ruling.queue, ruling.priority, grounds, title, rows)


def _told(dots: Sequence[Dot]) -> str:
    """The changes of the label, at most eight."""
    changes = [dot for before, dot in zip([None, *dots], dots, strict=False) if before is None or before.label != dot.label]
    return ", then ".join(f"{dot.label} at {clock(dot.at_ms)}" for dot in changes[-8:])


def _place(at_ms: int, first: int, last: int) -> float:
    """One moment alone is in the middle."""
    share = (at_ms - first) / (last - first) if last > first else 0.5
    return round(_EDGE + share * (WIDTH - 2 * _EDGE), 1)
