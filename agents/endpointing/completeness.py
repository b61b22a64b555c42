"""How whole a sentence sounds by its wording alone: weights of word sequences, learnt from what callers say.

Whole lines stand against their own beginnings (tests/bench/endpointing/fit_words.py); the weights lie in ``weights/<language>.words.json``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from agents.endpointing.language import Language

FOLDER: Final = Path(__file__).parent / "weights"
UNIT: Final = 0.01
"""Weights are written in whole numbers of this."""
_START: Final = "^"
_LONGEST_CLASSES: Final = 4
_LONG: Final = 8
"""Words from which a line counts as long."""
_FAR: Final = 4
"""Words from which the last verb is far away."""


class CompletenessError(Exception):
    """The weights of a language cannot be read."""


def cues(words: Sequence[str], language: Language) -> dict[str, float]:
    """What is weighed of ``words``, one or more in lower case: the last ones, their kinds, the first ones, and how far the last verb is.

    Each counts 1: as the sparse matrix of ``agents.emotion.words.learning`` takes them.
    """
    tokens = [*[_START] * _LONGEST_CLASSES, *words]
    kinds = [*[_START] * _LONGEST_CLASSES, *(_kind(word, language) for word in words[-_LONGEST_CLASSES:])]
    found = [f"w {' '.join(tokens[-count:])}" for count in (1, 2, 3)]
    found += [f"k {' '.join(kinds[-count:])}" for count in range(1, _LONGEST_CLASSES + 1)]
    found += [f"kw {kinds[-2]} {tokens[-1]}", f"wk {tokens[-2]} {kinds[-1]}", f"n {min(len(words), _LONG)}"]
    found += [f"f {words[0]}", f"f {' '.join(words[:2])}", f"fn {words[0]} {min(len(words), _FAR)}"]
    return dict.fromkeys(found + _verbs(words, language) + _clause(words, language), 1.0)


def _verbs(words: Sequence[str], language: Language) -> list[str]:
    places = [place for place, word in enumerate(words) if word in language.verbs]
    if not places:
        return ["v 0"]
    last, after = words[places[-1]], min(len(words) - 1 - places[-1], _FAR)
    return [f"v {min(len(places), 3)}", f"v {last}", f"va {after}", f"va {last} {after}"]


def _clause(words: Sequence[str], language: Language) -> list[str]:
    places = [place for place, word in enumerate(words) if word in language.subordinators]
    return [f"s {words[places[-1]]} {min(len(words) - places[-1], _FAR)}"] if places else []


def _kind(word: str, language: Language) -> str:
    """The first class that it is in; of a word in none, its ending."""
    if word in language.digits or any(c.isdigit() for c in word):
        return "number"
    return next((name for name, members in language.classes.items() if word in members), f"-{word[-2:]}")


@dataclass(frozen=True, slots=True)
class Completeness:
    base: float
    weights: Mapping[str, int]
    """By cue, in UNIT."""

    def log_odds(self, words: Sequence[str], language: Language) -> float:
        """Of ``words`` being all that was meant; 0 without words. About -8 to 8."""
        if not words:
            return 0.0
        return self.base + UNIT * sum(self.weights.get(name, 0) for name in cues(words, language))


@lru_cache
def completeness(code: str, folder: Path = FOLDER) -> Completeness | None:
    """None for a language of which nothing was learnt. Raises CompletenessError."""
    path = folder / f"{code}.words.json"
    if not code.isalpha() or not path.is_file():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        return Completeness(float(data["base"]), {str(name): int(weight) for name, weight in data["weights"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CompletenessError(f"{path}: {error}; learn the weights with python -m tests.bench.endpointing.fit_words") from error
