"""Which words of a sentence the caller has heard when it stops being played."""

import re
from collections.abc import Sequence
from typing import Final

from agents.tts.word_times import WordTime

HEARD_SHARE: Final = 1 / 3
"""Of a word's time: from there on it counts as heard. Over 600 cuts in three voices (tests/bench/heard_words.py) a recogniser wrote a word
that was cut off there as often as not, and never differed by more than one word; at 1/2 it wrote 15 % more words than were counted."""
_WORD: Final = re.compile(r"\S+")
_BASE_S: Final = 0.03
_LETTER_S: Final = 0.06
_DIGIT_S: Final = 0.24
"""Least squares over 434 words whose times RHVoice's voices bdl and slt told: 0.078 s of error a word, where words differ by 0.137 s."""
_SLOWED_S: Final = 0.12
"""How much longer a word is before punctuation."""
_PAUSE_S: Final = {**dict.fromkeys(",;:", 0.13), **dict.fromkeys(".!?", 0.30)}
_TAIL_S: Final = 0.08
"""Silence that a voice leaves at the end (tts.leveling.TAIL_S)."""


def heard_words(text: str, words: Sequence[WordTime], heard_s: float, whole_s: float) -> str:
    """The beginning of ``text`` that was heard when ``heard_s`` of its ``whole_s`` seconds were played.

    A word that was cut off counts when HEARD_SHARE of it was played. ``words``: the times the voice told; without any they are estimated.
    """
    if whole_s <= 0 or heard_s <= 0:
        return ""
    if heard_s >= whole_s:
        return text
    end = 0
    for word in words or estimated(text, whole_s):
        if heard_s < word.starts_s + HEARD_SHARE * (word.ends_s - word.starts_s):
            break
        end = word.end
    return text[:end]


def estimated(text: str, whole_s: float) -> list[WordTime]:
    """The words of ``text`` spread over ``whole_s`` seconds by what usually takes how long."""
    found = list(_WORD.finditer(text))
    last = len(found) - 1
    at = 0.0
    spans: list[tuple[float, float]] = []
    for index, word in enumerate(found):
        mark = word[0].rstrip("\"')]")[-1:]
        pause = _PAUSE_S.get(mark, 0.0)
        length = _length(word[0]) + (_SLOWED_S if pause or index == last else 0.0)
        spans.append((at, at + length))
        at += length + (_TAIL_S if index == last else pause)
    scale = whole_s / at if at else 0.0
    return [WordTime(word.start(), word.end(), a * scale, b * scale) for word, (a, b) in zip(found, spans, strict=True)]


def _length(word: str) -> float:
    digits = sum(c.isdigit() for c in word)
    return _BASE_S + _LETTER_S * (sum(c.isalnum() for c in word) - digits) + _DIGIT_S * digits
