"""How callers say what they know: numbers in groups, days, times, addresses, the same fact in another way each time."""

import random
from datetime import date, datetime
from typing import Final

from agents.wording import FORMATS
from tests.bench._digit_callers import words

STYLES: Final = ("singles", "singles", "row", "pairs", "triples", "doubles")
"""Ways of grouping, with the shares in which they come."""
ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second",
    "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth",
    "thirty-first",
)  # fmt: skip
_HOURS: Final = {
    9: ("nine in the morning", "nine o'clock", "nine a.m."),
    11: ("eleven in the morning", "eleven o'clock", "eleven a.m."),
    13: ("one in the afternoon", "one p.m.", "one o'clock in the afternoon"),
    15: ("three in the afternoon", "three p.m.", "three o'clock in the afternoon"),
}
_NEAR_DAYS: Final = 6
"""So many days ahead the name of the weekday alone says which one is meant."""


def number(digits: str, style: str, chance: random.Random) -> str:
    return words(digits, style, chance)


def one_by_one(digits: str, chance: random.Random) -> str:
    return words(digits, "singles", chance)


def day(at: date, today: date, chance: random.Random) -> str:
    """ "Tuesday the first of December", "December the first", or for one of the coming days perhaps just "Tuesday"."""
    weekday, month, ordinal = at.strftime("%A"), at.strftime("%B"), ORDINALS[at.day - 1]
    forms = [f"{weekday} the {ordinal} of {month}", f"{month} the {ordinal}", f"{weekday}, {month} {ordinal}", f"the {ordinal} of {month}"]
    if 1 < (at - today).days <= _NEAR_DAYS:
        forms.append(f"this coming {weekday}")
    return chance.choice(forms)


def clock(at: datetime, chance: random.Random) -> str:
    return chance.choice(_HOURS[at.hour])


def address(written: str, chance: random.Random) -> str:
    """ "seventeen Maple Street, Newport, four zero two one seven" for "17 Maple Street, Newport, 40217"."""
    street, *rest = written.split(", ")
    house, _, name = street.partition(" ")
    said = [f"{FORMATS['number'](house, 'en')} {name}", *(one_by_one(part, chance) if part.isdigit() else part for part in rest)]
    return ", ".join(said)
