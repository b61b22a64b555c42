"""Dialled numbers and Asterisk's patterns: which there may be, what they match, and which of them comes first."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dialplan.errors import DialplanError
from dialplan.words import check_number

_DIGITS: Final = "0123456789"
_CLASSES: Final = {"X": frozenset(_DIGITS), "Z": frozenset(_DIGITS[1:]), "N": frozenset(_DIGITS[2:])}
_PART: Final = re.compile(r"(?P<plain>[0-9+])|(?P<kind>[XZN])|\[(?P<set>(?:[0-9](?:-[0-9])?)+)\]")
_LEAST_FIXED: Final = 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """A number or a pattern, as places that each take some characters."""

    text: str
    """As Asterisk writes it: ``+442079460000`` or ``_+4420794600XX``."""
    places: tuple[frozenset[str], ...]
    open: bool = False
    """Ends with ``.``: one character or more follow."""

    def matches(self, number: str) -> bool:
        """Tell whether this number, dialled, is meant."""
        if len(number) <= len(self.places) if self.open else len(number) != len(self.places):
            return False
        return all(letter in place for letter, place in zip(number, self.places, strict=False))

    def within(self, other: "Pattern") -> bool:
        """Tell whether all that this matches is matched by ``other`` too."""
        if self.open and not other.open:
            return False
        if other.open:
            if len(self.places) + self.open <= len(other.places):
                return False
        elif len(self.places) != len(other.places):
            return False
        return all(mine <= theirs for mine, theirs in zip(self.places, other.places, strict=False))

    def both(self, other: "Pattern") -> str:
        """Return a number that both match; empty when there is none."""
        longest = max(len(self.places) + self.open, len(other.places) + other.open)
        for pattern in (self, other):
            if not pattern.open and len(pattern.places) != longest:
                return ""
        found = ""
        for place in range(longest):
            allowed = frozenset(_DIGITS + "+")
            for pattern in (self, other):
                if place < len(pattern.places):
                    allowed &= pattern.places[place]
            if not allowed:
                return ""
            found += min(allowed - {"+"} or allowed)
        return found


@lru_cache(maxsize=4096)
def read_pattern(text: str) -> Pattern:
    """Return what ``text`` means.

    Raises:
        DialplanError: it is neither a number nor a pattern that is safe to listen on.
    """
    if not text.startswith("_"):
        check_number("number", text)
        return Pattern(text, tuple(frozenset(letter) for letter in text))
    body = text[1:].removesuffix(".")
    if "!" in body:
        raise DialplanError(f"The pattern '{text[:40]}' holds '!', which answers while digits still arrive. Write X per digit, or '.'.")
    places: list[frozenset[str]] = []
    position = 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None:
            raise DialplanError(
                f"The pattern '{text[:40]}' is wrong at '{body[position : position + 5]}'. "
                "After _ there may be digits, +, X (0-9), Z (1-9), N (2-9), sets such as [1-35], and one '.' at the end."
            )
        places.append(_letters(part))
        position = part.end()
    fixed = next((index for index, place in enumerate(places) if len(place) > 1), len(places))
    if len(places) > 20:
        raise DialplanError(f"The pattern '{text[:40]}' is longer than a number can be (20). Shorten it.")
    if text.endswith(".") and sum(not place & {"+"} for place in places[:fixed]) < _LEAST_FIXED:
        raise DialplanError(f"The pattern '{text[:40]}' takes almost every number. Begin it with {_LEAST_FIXED} digits or more, e.g. _+44.")
    if not places or (fixed == len(places) and not text.endswith(".")):
        raise DialplanError(f"The pattern '{text[:40]}' matches one number only. Write it without the leading _.")
    return Pattern(text, tuple(places), text.endswith("."))


def _letters(part: re.Match[str]) -> frozenset[str]:
    if part["plain"]:
        return frozenset(part["plain"])
    if part["kind"]:
        return _CLASSES[part["kind"]]
    found: set[str] = set()
    for first, last in re.findall(r"([0-9])(?:-([0-9]))?", part["set"]):
        if last and last < first:
            raise DialplanError(f"The set [{part['set']}] runs backwards. Write the smaller digit first.")
        found |= set(_DIGITS[int(first) : int(last or first) + 1])
    return frozenset(found)


def clash(one: Pattern, other: Pattern) -> str:
    """Return why Asterisk's choice between the two could surprise; empty when they share no number or one clearly goes first.

    Asterisk tries the pattern first that takes fewer characters at the first place where they differ. When one lies within the
    other that is always the narrower one; otherwise it depends on places that nobody looks at.
    """
    shared = one.both(other)
    if not shared:
        return ""
    if one.within(other) and other.within(one):
        return f"{one.text} and {other.text} are the same numbers"
    if one.within(other) or other.within(one):
        return ""
    return f"{one.text} and {other.text} both match {shared}"
