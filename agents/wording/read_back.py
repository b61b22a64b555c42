"""Where the numbers are that a sentence reads back, so that they can be said one by one: rows of digits, spelled codes, amounts of money.

It looks at text that is in words already, whoever wrote it: a template, a tool, a language model.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from agents.wording.language import Spoken, languages, spoken_in

Span: TypeAlias = tuple[int, int]
LEAST: Final = 3
"""Digits or letters from which a row is a number that is read back: "press one, two or zero" is none."""


def read_back_pieces(text: str, language: str = "") -> list[Span]:
    """``text`` as the pieces that are said with a pause between them, blanks left out; one piece when it reads nothing back.

    ``"Order four, five, six has shipped."`` has the pieces "Order", "four,", "five,", "six", "has shipped.".
    ``language`` empty, or one without a word list: whichever known one has numbers in it.
    """
    known = languages()
    for code in [language] if language in known else known:
        if cuts := sorted({place for span in _parts(text, code) for place in span}):
            return list(_pieces(text, cuts))
    return list(_pieces(text, []))


def _pieces(text: str, cuts: Iterable[int]) -> Iterator[Span]:
    begin = 0
    for end in [*cuts, len(text)]:
        piece = text[begin:end]
        if any(c.isalnum() for c in piece):
            yield begin + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
            begin = end


def _parts(text: str, language: str) -> Iterator[Span]:
    """Each digit or letter of a row, the notes of an amount and its coins, with the marks that cling to them."""
    row, atom, amount = _patterns(language)
    for found in row.finditer(text):
        for one in atom.finditer(text, found.start(), found.end()):
            yield one.start(), _with_marks(text, one.end())
    for found in amount.finditer(text):
        if found["coins"]:
            yield found.start(), found.start("coins")
            yield found.start("coins"), _with_marks(text, found.end())
        else:
            yield found.start(), _with_marks(text, found.end())


def _with_marks(text: str, end: int) -> int:
    while end < len(text) and not text[end].isspace() and not text[end].isalnum():
        end += 1
    return end


@lru_cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = spoken_in(language)
    digit = _any(words.small[:10])
    # "I" and "A" are words, too: not so before a comma or at the end.
    letter = r"(?<![^\s,])(?:[A-Z](?=,|\W*$)|(?<=, )[B-HJ-Z])"
    atom = rf"(?:(?i:{digit})|{letter})"
    row = rf"(?<!\w){atom}(?!\w)(?:,? {atom}(?!\w)){{{LEAST - 1},}}"
    number = _number(words)
    notes = _any(name for currency in words.currencies.values() for name in (currency.one, currency.many))
    coins = _any(name for currency in words.currencies.values() for name in (currency.small_one, currency.small_many))
    more = rf",?(?P<coins> {re.escape(words.join)} {number} {coins}(?!\w))"
    amount = rf"(?i)(?<!\w)(?:(?P<notes>{number} {notes}(?!\w))(?:{more})?|{number} {coins}(?!\w))"
    return re.compile(row), re.compile(rf"(?<!\w){atom}(?!\w)"), re.compile(amount)


def _number(words: Spoken) -> str:
    names = [*words.small, *words.tens, *words.irregular.values(), words.hundred, *words.scales.values()]
    word = _any({part for name in names for part in name.split()})
    joint = rf"(?:-| (?:{re.escape(words.join)} )?)"
    return rf"{word}(?:{joint}{word})*"


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(filter(None, words)), key=len, reverse=True)) + ")"
