"""Codes of letters and digits, spelled: "B as in Bravo, four, seven", "bee four seven x-ray"."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.nlu.slots.digits import chunk, is_digit_word, is_numeral, parted
from agents.nlu.slots.language import language_of
from agents.nlu.slots.words import opened, words_of

_WRITTEN: Final = re.compile(
    r"(?<!\w)(?=[A-Z0-9-]*[A-Z])(?:[A-Z0-9]{2,}(?:-[A-Z0-9]+)*)(?!\w)|(?<!\w)(?=\w*[0-9])(?=\w*[A-Za-z])[A-Za-z0-9]{2,}(?!\w)"
)
_LONE: Final = re.compile(r"(?<!\w)(?:[A-HJ-Z](?=[ ,.-]+(?:[A-Z]|[0-9]+)(?!\w))|[A-Z](?=,|[.!?]?\s*\Z))")
"""A recogniser writes the article small, unless it begins the sentence, and nobody ends with "I"."""
_ORDINAL: Final = re.compile(r"[0-9]+[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Spelled:
    """One letter, or a few digits, of a code."""

    value: str
    weak: bool
    """The word is also an everyday one."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """Neighbouring pieces of a code, and the number of words before them."""

    start: int
    pieces: tuple[Spelled, ...]

    def readings(self) -> list[str]:
        """Without everyday words at its edges, then with those behind, then with all."""
        strong = [index for index, piece in enumerate(self.pieces) if not piece.weak]
        if not strong:
            return [_joined(self.pieces)] if len(self.pieces) > 1 else []
        inner, behind = self.pieces[strong[0] : strong[-1] + 1], self.pieces[strong[0] :]
        return [_joined(inner), _joined(behind), _joined(self.pieces[: strong[-1] + 1]), _joined(self.pieces)]


def _joined(pieces: tuple[Spelled, ...]) -> str:
    """An "oh" between digits is a zero, else the letter."""
    values = [piece.value for piece in pieces]
    for index, value in enumerate(values):
        if value == "?":
            near = [v for v in (values[index - 1 : index] + values[index + 1 : index + 2]) if v != "?"]
            values[index] = "0" if near and all(v[0] in "0123456789" for v in near) else "O"
    return "".join(values).upper()


@lru_cache(maxsize=256)
def code_rows(text: str, language: str) -> tuple[tuple[CodeRow, ...], ...]:
    """Rows of spelled letters and digits, for each part of a sentence between changes of mind."""
    file = language_of(language)
    spaced = _spelled_out(text, language)
    return tuple(_rows(part, language) for part in parted(words_of(spaced, language), file))


def _spelled_out(text: str, language: str) -> str:
    """``"ABX12"`` as words that are letters and nothing else; a word of capitals only where nothing else is written so."""
    names = _names(language)

    def spelled(found: re.Match[str]) -> str:
        whole: str = found[0]
        if _ORDINAL.fullmatch(whole.lower()) or (len(whole) > 1 and whole.isalpha() and text.isupper() and " " in text):
            return whole
        return " ".join(names.get(piece.lower(), piece) for piece in re.findall(r"[0-9]+|[A-Za-z]", whole))

    return _LONE.sub(spelled, _WRITTEN.sub(spelled, text))


@lru_cache
def _names(language: str) -> dict[str, str]:
    """A word for each letter that is never anything else."""
    return {letter: word for word, letter in language_of(language).letters.strong.items()}


def _rows(words: list[str], language: str) -> tuple[CodeRow, ...]:
    file = language_of(language)
    measures = file.amounts.notes | file.amounts.coins | file.quantities
    rows: list[CodeRow] = []
    pieces: list[Spelled] = []
    start = index = 0
    while index < len(words):
        piece, after = _piece(words, index, language)
        if piece is None:
            measured = words[index] in measures and all(piece.value.isdigit() for piece in pieces)
            if pieces and not measured:
                rows.append(CodeRow(start, tuple(pieces)))
            pieces, start = [], after
        elif piece.value:
            pieces.append(piece)
        index = after
    return tuple([*rows, CodeRow(start, tuple(pieces))] if pieces else rows)


def _piece(words: list[str], index: int, language: str) -> tuple[Spelled | None, int]:
    """None: no part of a code; without a value: a word that may stand inside one."""
    file = language_of(language)
    letters, numerals = file.letters, file.numerals
    for length in (2, 1):
        row = " ".join(words[index : index + length])
        if row in letters.rows:
            return Spelled(letters.rows[row], False), index + length
    word = words[index]
    letter = letters.strong.get(word) or letters.weak.get(word)
    if letter and (after := _explained(words, index + 1, letter, language)):
        return Spelled(letter, False), after
    if word in numerals.repeats and index + 1 < len(words):
        following, after = _piece(words, index + 1, language)
        if following and following.value and not following.weak:
            return Spelled(following.value[0] * numerals.repeats[word] + following.value[1:], False), after
        return None, index + 1
    if word in numerals.sighs:
        return Spelled("?", True), index + 1
    if is_numeral(word) or (is_digit_word(word, numerals) and word not in numerals.repeats):
        digits, after = chunk(words, index, numerals)
        return Spelled(digits, False), after
    if word in letters.strong:
        return Spelled(letters.strong[word], False), index + 1
    if word in letters.weak and word not in letters.never:
        return Spelled(letters.weak[word], True), index + 1
    return None, index + 1


def _explained(words: list[str], index: int, letter: str, language: str) -> int:
    """The index behind "as in Bravo", when a word that begins with ``letter`` is there; 0: nothing of the kind."""
    for phrase in map(str.split, language_of(language).letters.meant):
        if words[index : index + len(phrase)] == phrase and words[index + len(phrase) : index + len(phrase) + 1]:
            word = words[index + len(phrase)]
            if word.startswith(letter) and len(word) > 1:
                return index + len(phrase) + 1
    return 0


def spelled_words(text: str, language: str) -> str:
    """The letters of a name that is spelled, such as "A N N A"; empty when fewer than three are."""
    best = ""
    for rows in code_rows(opened(text, language), language):
        for row in rows:
            letters = "".join("o" if piece.value == "?" else piece.value for piece in row.pieces if not piece.value.isdigit())
            if len(letters) == len(row.pieces) >= 3:
                best = letters
    return best
