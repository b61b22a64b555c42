"""The texts of the calls, filled for one of them."""

import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.bench.emotion_calls.call import Purpose

_FOLDER: Final = Path(__file__).with_name("texts")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS: Final = ("January", "March", "April", "June", "August", "October")
_AMOUNTS: Final = ("twelve pounds", "forty pounds", "ninety euros", "a hundred and ten pounds", "sixty dollars", "two hundred pounds")
_DIGITS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Texts:
    first: Mapping[str, Sequence[str]]
    """By domain."""
    later: Mapping[str, Sequence[str]]
    anybody: Mapping[str, Sequence[str]]
    angry: Mapping[str, Sequence[str]]
    angry_anybody: Sequence[str]
    names: Sequence[str]
    streets: Sequence[str]

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(self.first)

    @property
    def calm_templates(self) -> tuple[str, ...]:
        groups = (*self.first.values(), *self.later.values(), *self.anybody.values())
        return tuple(text for group in groups for text in group)

    @property
    def angry_templates(self) -> tuple[str, ...]:
        return tuple(text for group in (*self.angry.values(), self.angry_anybody) for text in group)


@cache
def texts(purpose: Purpose) -> Texts:
    calm, angry = _yaml(f"{purpose}_calm.yaml"), _yaml(f"{purpose}_angry.yaml")
    domains = calm["domains"]
    return Texts(
        first={name: tuple(said["first"]) for name, said in domains.items()},
        later={name: tuple(said["later"]) for name, said in domains.items()},
        anybody={group: tuple(said) for group, said in calm["anybody"].items()},
        angry={name: tuple(said) for name, said in angry["domains"].items()},
        angry_anybody=tuple(angry["anybody"]),
        names=tuple(calm["names"]),
        streets=tuple(calm["streets"]),
    )


def filled(template: str, known: Texts, chance: random.Random) -> str:
    """Every {…} is drawn anew."""
    return "".join(
        literal + (_value(field, known, chance) if field is not None else "") for literal, field, _, _ in string.Formatter().parse(template)
    )


def _value(field: str, known: Texts, chance: random.Random) -> str:
    choices: Mapping[str, Sequence[str]] = {
        "day": _DAYS,
        "month": _MONTHS,
        "amount": _AMOUNTS,
        "digit": _DIGITS,
        "name": known.names,
        "street": known.streets,
    }
    if field == "four":
        return " ".join(chance.choice(_DIGITS) for _ in range(4))
    return chance.choice(choices[field])


def _yaml(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return read
