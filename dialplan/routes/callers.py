"""What a route does with callers by their number, before it looks at the hours."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from .targets import Exit, Lead, Part

_PREFIX: Final = re.compile(r"\+?[0-9]{1,20}")
_KEPT: Final = frozenset("0123456789+")
WITHHELD: Final = ""


def _prefix(text: str) -> str:
    if _PREFIX.fullmatch(text) is None:
        raise ValueError(f"'{text[:40]}' is no beginning of a number; write digits with or without a leading +, as callers' numbers arrive")
    return text


Prefix = Annotated[str, AfterValidator(_prefix)]


class Vip(Lead):
    """Callers who are led elsewhere than others, by how their number begins."""

    prefixes: tuple[Prefix, ...] = Field(min_length=1, max_length=200, description="Beginnings of callers' numbers.")
    always: bool = Field(False, description="Also while the route is closed; otherwise they hear what everybody hears then.")


class Callers(Part):
    """Rules by the caller's number; a number is compared as it arrives, in digits with or without +."""

    blocked: tuple[Prefix, ...] = Field((), max_length=200, description="Beginnings of numbers whose calls are refused.")
    anonymous: Literal["accept", "refuse"] | Exit = Field(
        "accept", description="Callers without a number: accept, refuse, queue: or goto:."
    )
    vip: tuple[Vip, ...] = Field((), max_length=20, description="The first that fits leads the call.")


def plain_number(caller: str) -> str:
    """Return a caller's number as the dialplan compares it: digits and +; empty when it has none."""
    kept = "".join(letter for letter in caller if letter in _KEPT)
    return kept if any(letter.isdigit() for letter in kept) else WITHHELD
