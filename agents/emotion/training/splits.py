"""Speakers kept apart: whoever is tested was never trained on. Deterministic by seed, independent of the order of the clips."""

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from agents.emotion.training.errors import TooFew

FEWEST: Final = 6
"""Speakers: with fewer, nothing can be said of people who were not among them."""
FEWEST_TRAINED: Final = 4
FEWEST_TESTED: Final = 2


@dataclass(frozen=True, slots=True)
class Split:
    trained: frozenset[str]
    tested: frozenset[str]


def split(speakers: Iterable[str], seed: int, share: float = 0.25) -> Split:
    """``share`` of the speakers, two at least, are for testing. Raises TooFew."""
    everybody = sorted(set(speakers))
    if len(everybody) < FEWEST:
        raise TooFew(
            f"{_people(len(everybody))}: at least {FEWEST} are needed, so that the model is tested on people it has not heard; "
            "add clips of other people, or another corpus with a second --data"
        )
    random.Random(seed).shuffle(everybody)  # noqa: S311 - a draw that can be repeated
    tested = min(max(FEWEST_TESTED, round(share * len(everybody))), len(everybody) - FEWEST_TRAINED)
    return Split(frozenset(everybody[tested:]), frozenset(everybody[:tested]))


def split_by_names(speakers: Iterable[str], tested: Collection[str]) -> Split:
    """Test on exactly these: ``CORPUS:SPEAKER``, or ``SPEAKER`` alone, which means them in every corpus. Raises TooFew."""
    everybody = set(speakers)
    wanted = set(tested)
    found = {who for who in everybody if who in wanted or who.partition(":")[2] in wanted}
    if missing := wanted - found - {who.partition(":")[2] for who in found}:
        raise TooFew(f"--test-speakers: nobody is called {', '.join(sorted(missing))}; there are: {', '.join(sorted(everybody))}")
    if len(everybody - found) < FEWEST_TRAINED or len(found) < FEWEST_TESTED:
        raise TooFew(
            f"--test-speakers leaves {_people(len(everybody - found))} to train on and {_people(len(found))} to test on; "
            f"at least {FEWEST_TRAINED} and {FEWEST_TESTED} are needed"
        )
    return Split(frozenset(everybody - found), frozenset(found))


def folds(speakers: Iterable[str], count: int, seed: int) -> list[Split]:
    """Each speaker is tested in exactly one of ``count`` splits (fewer when there are fewer speakers)."""
    everybody = sorted(set(speakers))
    random.Random(seed).shuffle(everybody)  # noqa: S311 - a draw that can be repeated
    count = min(count, len(everybody))
    groups = [frozenset(everybody[number::count]) for number in range(count)]
    return [Split(frozenset(everybody) - group, group) for group in groups]


def _people(count: int) -> str:
    return "1 speaker" if count == 1 else f"{count} speakers"
