"""What a caller says twice in one breath."""

from collections.abc import Iterator, Sequence
from typing import Final

_SAME_WORD: Final = 3
"""In a row, at least: a recogniser and a hesitant caller say a word twice."""
_PHRASE: Final = 4
"""Words of a phrase that is said again."""
_MIN_LETTERS: Final = 2
_WORD_WEIGHT: Final = 0.5
_PHRASE_WEIGHT: Final = 0.25


def repeats(words: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Name and weight for frustration. Figures do not count: numbers are full of repeats."""
    if _in_a_row(words) >= _SAME_WORD:
        yield "same_word", _WORD_WEIGHT
    if _again(words):
        yield "same_phrase", _PHRASE_WEIGHT


def _in_a_row(words: Sequence[str]) -> int:
    best = count = 0
    for index, word in enumerate(words):
        count = count + 1 if index and word == words[index - 1] else 1
        if len(word) >= _MIN_LETTERS and word.isalpha() and word not in _NUMBERS:
            best = max(best, count)
    return best


def _again(words: Sequence[str]) -> bool:
    seen: dict[tuple[str, ...], int] = {}
    for index in range(len(words) - _PHRASE + 1):
        phrase = tuple(words[index : index + _PHRASE])
        if index - seen.setdefault(phrase, index) >= _PHRASE and all(word.isalpha() for word in phrase) and not _NUMBERS.issuperset(phrase):
            return True
    return False


_NUMBERS: Final = frozenset(
    """zero oh one two three four five six seven eight nine ten eleven twelve double triple nought yes yeah okay very really so bye ha hello
    hi alpha bravo charlie thank thanks cero uno dos tres cuatro cinco seis siete ocho nueve diez doble si muy vale adios gracias""".split()  # noqa: SIM905 - a word a line reads worse
)
"""Said in a row without feeling, or with a good one."""
