"""Digits in running text, written or spoken, with the places where they stand: a shadow of the text that is searched and never shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from handoff.number_words import SMALL, TENS

_UNITS: Final = {word: str(value) for word, value in SMALL.items() if value < 10}
_TEENS: Final = {word: str(value) for word, value in SMALL.items() if value >= 10}
_OH: Final = frozenset({"oh", "o"})
"""Zero beside a digit only."""
_SOUND_ALIKE: Final = {"for": "4", "fore": "4", "to": "2", "too": "2", "won": "1", "ate": "8"}
"""What a recogniser may write for a digit; taken for one between two spoken digits only."""
MULTIPLES: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "doble": 2}
"""Words that say the next digit several times."""
NUMBER: Final = re.compile(rf"[0-9]|\b(?:{'|'.join((*SMALL, *TENS, *MULTIPLES))})\b", re.IGNORECASE)
"""One written digit or one word for a number. A text without is without digits."""
_PIECE: Final = re.compile(r"[0-9]+|[^\W\d_]+(?:'[^\W\d_]+)?")
_CLOSE: Final = re.compile(r"[ \-.]")
_FILLERS: Final = (
    "and then|then|next|um|umm|uh|uhm|er|erm|eh|dash|hyphen|space|pause|okay|ok|yeah|right|comma|so|let me see|luego|después|guion|guión|y"
)
_LOOSE: Final = re.compile(rf"(?:[\s\-–.,;:…/]|\b(?:{_FILLERS})\b)*", re.IGNORECASE)
_LOOSEST: Final = 40
"""Characters between two digits of one number."""
_GROUP: Final = 4
"""Written groups up to this long may be parts of one number although commas or words stand between them."""


@dataclass(frozen=True, slots=True)
class Digits:
    """One group: ``text[start:end]`` means ``digits``."""

    start: int
    end: int
    digits: str
    spoken: bool


def digit_runs(text: str) -> Iterator[list[Digits]]:
    """Groups of digits that belong together, in order."""
    if NUMBER.search(text) is None:
        return
    run: list[Digits] = []
    for group in _groups(text):
        if run and not _together(text, run[-1], group):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def digits_of(run: list[Digits]) -> str:
    return "".join(group.digits for group in run)


def _together(text: str, before: Digits, after: Digits) -> bool:
    gap = text[before.end : after.start]
    if not (before.spoken or after.spoken):
        if _CLOSE.fullmatch(gap):
            return True
        if max(len(before.digits), len(after.digits)) > _GROUP:
            return False
    return len(gap) <= _LOOSEST and bool(gap) and _LOOSE.fullmatch(gap) is not None


def _groups(text: str) -> Iterator[Digits]:
    pieces = list(_PIECE.finditer(text))
    index = 0
    while index < len(pieces):
        found, used = _group_at(text, pieces, index)
        if found is not None:
            yield found
        index += used


def _group_at(text: str, pieces: list[re.Match[str]], index: int) -> tuple[Digits | None, int]:
    """The group that begins with a piece, and how many pieces it takes."""
    piece = pieces[index]
    word = piece[0].lower()
    if word[0] in "0123456789":
        return Digits(piece.start(), piece.end(), piece[0], spoken=False), 1
    if (times := MULTIPLES.get(word)) and index + 1 < len(pieces):
        digit = _single(pieces[index + 1][0].lower(), by_digit=True)
        return (Digits(piece.start(), pieces[index + 1].end(), digit * times, spoken=True), 2) if digit else (None, 1)
    if tens := TENS.get(word):
        return _with_tens(text, pieces, index, str(tens))
    digits = _TEENS.get(word) or _single(word, by_digit=word in _OH and _beside_digit(pieces, index))
    if not digits and word in _SOUND_ALIKE and _between_spoken(pieces, index):
        digits = _SOUND_ALIKE[word]
    return (Digits(piece.start(), piece.end(), digits, spoken=True) if digits else None), 1


def _with_tens(text: str, pieces: list[re.Match[str]], index: int, tens: str) -> tuple[Digits, int]:
    """``forty two`` and ``cuarenta y dos`` are one group."""
    piece, ahead = pieces[index], index + 1
    if ahead + 1 < len(pieces) and pieces[ahead][0].lower() == "y":
        ahead += 1
    if ahead < len(pieces):
        unit = _UNITS.get(pieces[ahead][0].lower(), "0")
        if unit != "0" and not re.search(r"[,.;]", text[piece.end() : pieces[ahead].start()]):
            return Digits(piece.start(), pieces[ahead].end(), tens[0] + unit, spoken=True), ahead - index + 1
    return Digits(piece.start(), piece.end(), tens, spoken=True), 1


def _single(word: str, *, by_digit: bool) -> str:
    if word in "0123456789" and len(word) == 1:
        return word
    return _UNITS.get(word, "") or ("0" if by_digit and word in _OH else "")


def _beside_digit(pieces: list[re.Match[str]], index: int) -> bool:
    beside = [pieces[at][0].lower() for at in (index - 1, index + 1) if 0 <= at < len(pieces)]
    return any(word in _UNITS or word in TENS or word in _TEENS or word in _OH or word.isdigit() for word in beside)


def _between_spoken(pieces: list[re.Match[str]], index: int) -> bool:
    return 0 < index < len(pieces) - 1 and all(pieces[at][0].lower() in _UNITS for at in (index - 1, index + 1))
