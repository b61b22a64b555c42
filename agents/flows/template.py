"""Sentences with names in them: ``Order {order_number|digits} has shipped.`` Known names only, nothing is evaluated."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from agents.flows.digits import spell

_PLACE: Final = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_NAME: Final = re.compile(r"[a-z_]+(?:\.[a-z_]+)?")
_ORDINALS: Final = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
]
_MONTHS: Final = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def speak_date(iso: str) -> str:
    """``"2026-11-27"`` becomes ``"Friday, November twenty-seventh"``; text that is no ISO date is returned as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{_DAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {_ORDINALS[day.day - 1]}"


FORMATS: Final[Mapping[str, Callable[[str], str]]] = {"digits": spell, "date": speak_date}


def places(text: str) -> list[tuple[str, str]]:
    """``(name, format)`` of every placeholder. Raises ValueError for a malformed one, an unknown format or a stray brace."""
    found = []
    for name, form in _PLACE.findall(text):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{{{name}}} is not a name; write {{slot}} or {{result.field}}")
        if form and form not in FORMATS:
            raise ValueError(f"{{{name}|{form}}}: unknown format {form!r}; known are {', '.join(sorted(FORMATS))}")
        found.append((name, form))
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise ValueError(f"a brace without its partner in {text!r}")
    return found


def is_constant(text: str) -> bool:
    return "{" not in text


def render(text: str, values: Mapping[str, str]) -> str:
    """Fill the placeholders; a name without a value becomes nothing."""

    def fill(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        return FORMATS[match[2]](value) if match[2] else value

    return _PLACE.sub(fill, text)
