"""Mending a number that was read back: "the last digit is nine", "it starts with seven", "not seven, nine"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agents.nlu.slots.digits import hear_digits
from agents.nlu.slots.language import language_of
from agents.nlu.slots.words import words_of


@dataclass(frozen=True, slots=True)
class _Patterns:
    by_ordinal: re.Pattern[str]
    at_start: tuple[re.Pattern[str], ...]
    at_end: tuple[re.Pattern[str], ...]
    swap: tuple[re.Pattern[str], ...]


@lru_cache
def _patterns(language: str) -> _Patterns:
    file = language_of(language)
    digit = "(?:" + "|".join(sorted(file.numerals.small, key=len, reverse=True)) + r"|\d+)"
    repeat = "(?:" + "|".join(file.numerals.repeats) + ")"
    number = rf"(?:(?:{digit})(?: (?:{repeat} )?{digit})*|{repeat} {digit})"
    lists = file.digit_corrections

    def compiled(pattern: str) -> re.Pattern[str]:
        full = pattern.replace("{linking}", lists.linking).replace("{number}", number).replace("{digit}", digit)
        return re.compile(full)

    def each(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(pattern) for pattern in patterns)

    return _Patterns(compiled(lists.by_ordinal), each(lists.at_start), each(lists.at_end), each(lists.swap))


def mend_digits(current: str, text: str, language: str) -> str | None:
    """``current`` with the correction in ``text`` applied, of the same length; None when ``text`` names no position or digit to change."""
    ignored = language_of(language).digit_corrections.ignored
    said = " ".join(word for word in words_of(text, language) if word not in ignored)
    return _by_position(current, said, language) or _by_value(current, said, language)


def _by_position(current: str, said: str, language: str) -> str | None:
    patterns = _patterns(language)
    if found := patterns.by_ordinal.search(said):
        index = language_of(language).digit_corrections.ordinals[found["position"]]
        start = len(current) - 1 - index if found["from_end"] else index
        return _put(current, start, _value(found["new"], language))
    for pattern, at_end in [(p, True) for p in patterns.at_end] + [(p, False) for p in patterns.at_start]:
        if found := pattern.search(said):
            new = _value(found["new"], language)
            if "count" in pattern.groupindex and len(new) != int(_value(found["count"] or "1", language)):
                return None
            return _put(current, len(current) - len(new) if at_end else 0, new)
    return None


def _by_value(current: str, said: str, language: str) -> str | None:
    for pattern in _patterns(language).swap:
        if found := pattern.search(said):
            return _swap(current, _value(found["old"], language), _value(found["new"], language))
    return None


def _value(words: str, language: str) -> str:
    return hear_digits(words, 1, 30, language).digits


def _put(current: str, start: int, new: str) -> str | None:
    """``new`` written over ``current`` at ``start``; None when it would stick out."""
    if start < 0 or not new or start + len(new) > len(current):
        return None
    return current[:start] + new + current[start + len(new) :]


def _swap(current: str, old: str, new: str) -> str | None:
    """The one occurrence of ``old`` replaced; None when there is none or more than one."""
    return current.replace(old, new) if old and current.count(old) == 1 and len(old) == len(new) else None
