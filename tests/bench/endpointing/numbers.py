"""Numbers as callers read them out: in groups, with pauses between."""

import random
from dataclasses import dataclass

from tests.bench.speech import DIGITS


@dataclass(frozen=True, slots=True)
class Number:
    groups: tuple[str, ...]
    longest: int
    """Digits that the question asks for."""

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    def spoken(self, between: str, pause: str) -> str:
        return pause.join(between.join(DIGITS[int(digit)] for digit in group) for group in self.groups)


def numbers(rng: random.Random, count: int) -> list[Number]:
    """Order numbers of five digits and telephone numbers of ten or eleven."""
    out = []
    for n in range(count):
        length = 5 if n % 2 else rng.choice((10, 11))
        digits = "".join(rng.choice("0123456789") for _ in range(length))
        groups = []
        while digits:
            size = min(len(digits), rng.choice((1, 2, 3, 3)))
            groups.append(digits[:size])
            digits = digits[size:]
        out.append(Number(tuple(groups), length))
    return out
