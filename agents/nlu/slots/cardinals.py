"""Counted numbers as people say them: "a hundred and twenty", "twelve hundred", "1,200"."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from agents.nlu.slots.language import language_of


def any_of(words: Iterable[str]) -> str:
    """An expression for one of ``words``, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w))) + ")"


@lru_cache
def lists(language: str) -> Mapping[str, str]:
    """Expressions that ``{name}`` stands for in the rules of a language."""
    file = language_of(language)
    numerals, dates, times, amounts = file.numerals, file.dates, file.times, file.amounts
    counting = {word: value for word, value in numerals.units.items() if word not in numerals.sighs}
    units = any_of(counting)
    low = any_of(word for word, value in counting.items() if value)
    tens, teens = any_of(numerals.tens), any_of(numerals.teens)
    below = rf"(?:{tens}(?: {low})?|{teens}|{units}|[0-9]{{1,2}})"
    plain = rf"(?:{tens}(?: {low})?|{teens}|{units}|[0-9]+(?:[.,][0-9]+)*)"
    hundred, thousand, join = any_of(numerals.hundred), any_of(numerals.thousand), any_of(numerals.join)
    one, vague = any_of(file.cardinals.one), any_of(file.cardinals.vague)
    more = rf"(?: (?:{join} )?"
    hundreds = rf"(?:(?:{plain}|{one}) {hundred}{more}{plain})?|{plain})"
    thousands = rf"(?:(?:{hundreds}|{one}) {thousand}{more}{hundreds})?|{hundreds})"
    millions = rf"(?:(?:{hundreds}|{one}) {any_of(file.cardinals.million)}{more}{thousands})?|{thousands})"
    ordinal = rf"(?:{any_of(dates.ordinals)}|[0-9]{{1,2}}{any_of(dates.ordinal_marks)})"
    zero = any_of(word for word, value in numerals.units.items() if not value)
    two_digits = rf"(?:{tens}(?: {low})?|{teens}|{zero} {low}|[0-9]{{2}})"
    century = any_of([*(word for word, value in numerals.small.items() if value in (19, 20)), "19", "20"])
    return {
        "cardinal": millions,
        "count": rf"(?:(?:{any_of(file.cardinals.one)} )?{vague}|{below}|{one})",
        "two_digits": two_digits,
        "places": rf"(?:(?:{any_of(numerals.units)}|{tens}(?: {low})?|{teens}|[0-9]{{1,2}})(?: {units})?)",
        "note": any_of(amounts.notes),
        "coin": any_of(amounts.coins),
        "sign": any_of(amounts.signs),
        "weekday": any_of(dates.weekdays),
        "month": any_of(dates.months),
        "ordinal": ordinal,
        "day": rf"(?:{ordinal}|{below})",
        "unit": any_of([*dates.units, *dates.month_units, *times.ahead_minutes]),
        "which": any_of(dates.which),
        "base": any_of(dates.bases),
        "year": rf"(?:[0-9]{{4}}|{century} {two_digits}|{low} {thousand}{more}{below})?)",
        "hour": rf"(?:{any_of(numerals.tens)} {low}|{any_of(numerals.tens)}|{teens}|{units}|[0-9]{{1,2}})",
        "minute": rf"(?:{tens}(?: {low})?|{teens}|{zero} {low}|[0-9]{{2}})",
        "half": any_of(times.halves),
        "part": any_of(times.parts),
        "position": any_of(file.choices.ordinals),
    }


def expanded(pattern: str, language: str) -> str:
    """``pattern`` with every ``{name}`` replaced. Raises ValueError for a name that no list has."""
    known = lists(language)

    def fill(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise ValueError(f"the {language} word list has no {{{found[1]}}} for the pattern {pattern!r}")
        return known[found[1]]

    return re.sub(r"\{([a-z_]+)\}", fill, pattern)


@lru_cache(maxsize=2048)
def value_of(words: str, language: str) -> Decimal:
    """What a match of ``{cardinal}`` or ``{count}`` counts; words that count nothing are left out."""
    file = language_of(language)
    numerals, cardinals = file.numerals, file.cardinals
    for phrase in (words, words.partition(" ")[2]):
        if phrase in cardinals.vague:
            return Decimal(cardinals.vague[phrase])
    total, thousands, current = Decimal(0), Decimal(0), Decimal(0)
    for word in words.split():
        if word[0] in "0123456789":
            current += written(word)
        elif word in numerals.hundred:
            current = max(current, Decimal(1)) * 100
        elif word in numerals.thousand:
            thousands, current = thousands + max(current, Decimal(1)) * 1000, Decimal(0)
        elif word in cardinals.million:
            total, thousands, current = total + max(thousands + current, Decimal(1)) * 1_000_000, Decimal(0), Decimal(0)
        elif word in cardinals.one:
            current += 1
        else:
            current += numerals.small.get(word, 0)
    return total + thousands + current


def written(numeral: str) -> Decimal:
    """``"1,200.50"``, ``"1.200,50"``, ``"49.99"`` and ``"1200"``: a last group of one or two digits is behind the point."""
    parts = re.split(r"[.,]", re.sub(r"[^0-9.,]", "", numeral)[:20])
    if len(parts) > 1 and len(parts[-1]) != 3:
        return Decimal(f"{''.join(parts[:-1])}.{parts[-1]}")
    return Decimal("".join(parts) or "0")
