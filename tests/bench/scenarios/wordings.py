"""What callers say, from wordings.yaml, with their own facts put in."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from agents.wording import FORMATS
from tests.bench.scenarios import spoken
from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.cases import Purpose

FILE: Final = Path(__file__).parent / "wordings.yaml"
_DIGITS: Final = frozenset({"order", "postcode", "phone", "reference", "right"})


@dataclass(frozen=True, slots=True)
class Digits:
    """A number within what is said: a person's recorded digits may take its place."""

    digits: str
    style: str
    words: str


Parts: TypeAlias = tuple[str | Digits, ...]


def text_of(parts: Parts) -> str:
    return "".join(part.words if isinstance(part, Digits) else part for part in parts)


@dataclass(frozen=True, slots=True)
class Wordings:
    openings: Mapping[str, Sequence[str]]
    """By scenario; appointments have ``appointment-book`` and ``appointment-move``."""
    answers: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls, purpose: Purpose, *, leave_out: frozenset[str] = frozenset()) -> "Wordings":
        """``leave_out``: openings that the agents were taught. Raises ValueError when nothing else is left of a scenario."""
        tree: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        openings = {name: [text for text in sets[purpose] if text not in leave_out] for name, sets in tree["openings"].items()}
        if empty := [name for name, texts in openings.items() if not texts]:
            raise ValueError(f"{FILE}: the agents know every opening of {', '.join(empty)}; write others")
        return cls(openings, tree["answers"])

    def opening(self, case: Case, attempt: int, chance: random.Random) -> str:
        """Another one at each attempt; without numbers at the second: who was not understood says less."""
        key = f"{case.scenario.value}-{case.facts['wish']}" if case.scenario is Scenario.APPOINTMENT else case.scenario.value
        texts = self.openings[key]
        if not attempt:
            return texts[case.index // (2 if case.scenario is Scenario.APPOINTMENT else 1) % len(texts)]
        plain = [text for text in texts if "{" not in text] or list(texts)
        return chance.choice(plain)


def fill(template: str, case: Case, chance: random.Random, today: date, *, plainly: bool = False) -> Parts:
    """``plainly``: numbers digit by digit, for an agent that did not get them."""
    return tuple(_pieces(template, case, chance, today, plainly=plainly))


def _pieces(template: str, case: Case, chance: random.Random, today: date, *, plainly: bool) -> Iterator[str | Digits]:
    for index, piece in enumerate(re.split(r"\{([a-z]+)\}", template)):
        if index % 2 == 0:
            if piece:
                yield piece
        elif piece in _DIGITS:
            digits = case.phone if piece == "phone" else case.facts[piece]
            style = "singles" if plainly else chance.choice(spoken.STYLES)
            yield Digits(digits, style, spoken.number(digits, style, chance))
        else:
            yield _fact(piece, case, chance, today)


def _fact(name: str, case: Case, chance: random.Random, today: date) -> str:
    facts = case.facts
    match name:
        case "day":
            return spoken.day(datetime.fromisoformat(facts["at"]).date(), today, chance)
        case "time":
            return spoken.clock(datetime.fromisoformat(facts["at"]), chance)
        case "street":
            return spoken.address(facts["street"], chance)
        case "total":
            return FORMATS["money"](facts["total"], "en")
        case "purpose":
            return {"installation": "an installation", "repair": "a repair", "inspection": "an inspection"}[facts["purpose"]]
        case _:
            return facts[name]
