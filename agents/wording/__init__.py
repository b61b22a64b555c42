"""Text as it is spoken: numbers, dates and signs in words, nothing that is meant for the eye."""

import re
from functools import lru_cache

from agents.wording.formats import FORMATS
from agents.wording.markup import without_markup
from agents.wording.patterns import patterns_of
from agents.wording.running import write_net, write_numbers, write_short_forms
from agents.wording.signs import is_settled, write_signs
from agents.wording.values import write_dates, write_money, write_times

__all__ = ["FORMATS", "spoken_text"]

_DIGIT = re.compile("[0-9]")
_ROUNDS = 4
"""Taking away a sign can bring together what is a short form then; more than twice was never seen."""


@lru_cache(maxsize=1024)
def spoken_text(text: str, language: str = "en") -> str:
    """``text`` in words and ordinary marks only, on one line; empty when nothing of it can be spoken.

    Text that is in words already stays as it is. Raises ValueError for a language without a word list.
    """
    for _ in range(_ROUNDS):
        if is_settled(text) and not patterns_of(language).short_forms.search(text):
            return text
        written = _write(text, language)
        if written == text:
            return text
        text = written
    return text


def _write(text: str, language: str) -> str:
    text = without_markup(text)
    if "@" in text or "." in text:
        text = write_net(text, language)
    text = write_short_forms(text, language)
    for write in (write_dates, write_times, write_money, write_numbers):
        if not _DIGIT.search(text):
            break
        text = write(text, language)
    return write_signs(text, language)
