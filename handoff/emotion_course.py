"""How the caller's mood went over the call, out of its ``emotion`` events, and what of it whoever takes over must know.

Only the caller is judged, and only while they talk to the assistant. Nothing here holds words of anybody.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from handoff.card_types import CallEvent, EmotionConsent, EmotionPoint
from handoff.card_words import words_for
from handoff.emotion_words import BRIEFLY, BRIEFLY_HEARD, BY_VOICE, BY_WORDS, TROUBLED, code_in
from handoff.signal_words import reason_in_words

MOST_POINTS: Final = 200
"""Of one call: the newest."""
MOST_REASONS: Final = 6


def course_in(events: Iterable[CallEvent], started_monotonic: float, language: str = "en") -> tuple[EmotionPoint, ...]:
    """The points in the order of their times, one for each turn of the caller: of two the later event holds.

    Never raises: an event that cannot be read is passed over. ``language`` is that of the words for reasons.
    """
    found: dict[object, EmotionPoint] = {}
    for place, (kind, at, data) in enumerate(events):
        point = _point(at - started_monotonic, data, language) if kind == "emotion" else None
        if point is not None:
            key: object = point.turn or ("no turn", place)
            found.pop(key, None)
            found[key] = point
    return tuple(sorted(found.values(), key=lambda point: point.at_ms)[-MOST_POINTS:])


def emotion_consent(events: Sequence[CallEvent]) -> EmotionConsent:
    """What the caller was told, and what that covers: judging the voice without the announcement is covered by nothing."""
    if any(kind == "emotion_notice" for kind, _, _ in events):
        return "audio_announced"
    methods = {data.get("method") for kind, _, data in events if kind == "emotion"}
    return "text" if methods and "audio" not in methods else "none"


def mood_that_matters(course: Sequence[EmotionPoint]) -> EmotionPoint | None:
    """The newest point, when whoever takes over should meet the caller in another way for it."""
    return course[-1] if course and course[-1].label in TROUBLED else None


def mood_in_words(point: EmotionPoint, language: str = "en", *, briefly: bool = False) -> str:
    """Of a point that matters, in the third person and by which way it is known: "sounds frustrated"."""
    heard, read = (BRIEFLY_HEARD, BRIEFLY) if briefly else (BY_VOICE, BY_WORDS)
    return words_for(heard if point.method == "audio" else read, language).get(point.label, "")


def _point(at_s: float, data: Mapping[str, object], language: str) -> EmotionPoint | None:
    label, valence = code_in(data.get("label")), number_in(data.get("valence"))
    if not label or valence is None or not math.isfinite(at_s) or data.get("who", "caller") != "caller":
        return None
    turn = data.get("turn")
    method: Literal["text", "audio"] = "audio" if data.get("method") == "audio" else "text"
    return EmotionPoint(
        round(at_s * 1000),
        label,
        round(_within(valence, -1.0, 1.0), 3),
        method,
        arousal=round(_within(_or(number_in(data.get("arousal")), 0.5), 0.0, 1.0), 3),
        level=round(_within(_or(number_in(data.get("level")), 0.0), 0.0, 1.0), 3),
        turn=turn if isinstance(turn, int) and not isinstance(turn, bool) and turn > 0 else 0,
        reasons=_reasons(data.get("reasons"), language),
    )


def _reasons(value: object, language: str) -> tuple[str, ...]:
    """In plain words, the strongest first, none twice."""
    reasons = [item for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) and not isinstance(value, str) else []
    reasons.sort(key=lambda item: -abs(_or(number_in(item.get("weight")), 0.0)))
    words = [
        reason_in_words(signal, number_in(item.get("value")), number_in(item.get("usual")), language)
        for item in reasons
        if (signal := code_in(item.get("signal")))
    ]
    return tuple(dict.fromkeys(words))[:MOST_REASONS]


def number_in(value: object) -> float | None:
    """None: not a number, or one that is not finite."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _within(value: float, least: float, most: float) -> float:
    return min(most, max(least, value))
