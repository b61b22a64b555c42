"""The mood of a caller and the last rule that held, as facts of a live call. Pure.

``mood``: ``label`` and ``words`` for it, ``level``, ``valence``, ``trend`` (better, worse, steady), ``by`` (words, words and voice),
``at``.
``ruling``: ``rule``, ``done`` (what it did or would have done), ``shadow``, ``why`` (its grounds in a sentence), ``queue``, ``at``.
Times are Unix seconds.
"""

from collections.abc import Mapping
from typing import Final

from agents.transcript import JsonValue
from handoff.emotion_course import course_in, number_in
from handoff.emotion_words import TROUBLED, label_in_words
from handoff.rule_grounds import ruling_of, why

WITHOUT_MOOD: Final = ("with_person", "ending")
"""States of a call in which nobody is judged: what was known of the caller stays as it was."""
KEPT: Final = 30
"""Points of a course."""
TREND_OVER: Final = 2
"""Points before the newest with whose mean it is compared."""
TREND_FROM: Final = 0.1
"""Change of the valence from which on it is one."""
ATTENTION_FROM: Final = 0.5
"""Level of a troubled mood from which on a supervisor should look."""

Facts = dict[str, JsonValue]


def follow_mood(facts: Facts, data: Mapping[str, JsonValue], at: float) -> None:
    """Of a turn; one that cannot be read changes nothing."""
    for point in course_in([("emotion", at, data)], at):
        known = facts.get("emotion")
        course: list[JsonValue] = list(known) if isinstance(known, list) else []
        before = [
            value for item in course[-TREND_OVER:] if isinstance(item, Mapping) and (value := number_in(item.get("valence"))) is not None
        ]
        newest: JsonValue = {"at": at, "label": point.label, "level": point.level, "valence": point.value}
        facts["emotion"] = [*course, newest][-KEPT:]
        facts["mood"] = {
            "label": point.label,
            "words": label_in_words(point.label),
            "level": point.level,
            "valence": point.value,
            "trend": _trend(point.value, before),
            "by": "words and voice" if point.method == "audio" else "words",
            "at": at,
        }


def follow_rule(facts: Facts, data: Mapping[str, JsonValue], at: float) -> None:
    """A rule in shadow does not hide one that acted."""
    ruling, known = ruling_of(at, data), facts.get("ruling")
    if ruling is None or (ruling.shadow and isinstance(known, Mapping) and not known.get("shadow")):
        return
    facts["ruling"] = {
        "rule": ruling.rule.replace("_", " "),
        "done": ruling.done,
        "shadow": ruling.shadow,
        "why": why(ruling),
        "queue": ruling.queue,
        "at": at,
    }


def troubled(facts: Mapping[str, JsonValue]) -> str:
    """The mood in words when a supervisor should look; else empty."""
    mood = facts.get("mood")
    if not isinstance(mood, Mapping) or mood.get("label") not in TROUBLED:
        return ""
    level = number_in(mood.get("level"))
    return str(mood.get("words") or "") if level is not None and level >= ATTENTION_FROM else ""


def _trend(valence: float, before: list[float]) -> str:
    change = valence - sum(before) / len(before) if before else 0.0
    return "better" if change >= TREND_FROM else "worse" if change <= -TREND_FROM else "steady"
