"""Learns what whole sentences sound like by their wording: every line that a caller may say, against its own beginnings.

Run with: python -m tests.bench.endpointing.fit_words. Writes agents/endpointing/weights/en.words.json; the same lines give the same
weights. The lines are those that the words of emotion are learnt from, our own all of them; none of them is one of the sentences that the
judge is fitted to or measured on.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from agents.emotion.words.learning import Matrix, logistic, read_lines
from agents.endpointing.completeness import FOLDER, UNIT, Completeness, cues
from agents.endpointing.language import language
from agents.endpointing.words import split
from tests.bench.endpointing.material import TEXTS
from tests.bench.speech import PROJECT, say
from tests.bench.turns import sounds_texts

LINES: Final = PROJECT / "tests" / "agents" / "emotion" / "words"
RIDGE: Final = 1 / 6000
"""By the pauses and ends of texts/fit.txt, which are not among the lines; twice and half of it do as well."""
SEEN: Final = 4
"""Lines and beginnings that must have a cue."""
LONGEST: Final = 25
"""Words; longer lines are several sentences."""


def main() -> None:
    lines = own_lines()
    learnt = learn(lines)
    path = FOLDER / "en.words.json"
    data = {"base": round(learnt.base, 4), "weights": dict(sorted(learnt.weights.items()))}
    path.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")
    say(f"{len(lines)} lines, {len(learnt.weights)} weights, {path.stat().st_size // 1000} kB")
    for budget, share in ends_above(learnt).items():
        say(f"texts/fit.txt without its marks: {100 * share:.0f} % of ends above all but {100 * budget:.0f} % of pauses")


def own_lines() -> list[list[str]]:
    """As words, each once, in a fixed order."""
    files = [*sorted(LINES.glob("lines_en*.yaml")), *sorted((LINES / "lines_en").glob("*.yaml"))]
    found = dict.fromkeys(tuple(split(line)) for line, _ in read_lines(files))
    measured = measured_on()
    return [list(words) for words in found if 0 < len(words) <= LONGEST and words not in measured]


def measured_on() -> set[tuple[str, ...]]:
    """The sentences of the judge's own texts and of the measured calls."""
    texts = [line for name in ("fit", "report") for line in (TEXTS / f"{name}.txt").read_text("utf-8").splitlines()]
    of_calls = _strings([value for name, value in vars(sounds_texts).items() if name.isupper()])
    return {tuple(split(text.replace("|", " "))) for text in [*texts, *of_calls]}


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts: Sequence[object] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [text for part in parts for text in _strings(part)]


def learn(lines: Sequence[Sequence[str]]) -> Completeness:
    words = language("en")
    found: list[Mapping[str, float]] = []
    whole: list[float] = []
    for line in lines:
        for end in range(1, len(line) + 1):
            found.append(cues(line[:end], words))
            whole.append(float(end == len(line)))
    counts = Counter(name for each in found for name in each)
    names = sorted(name for name, count in counts.items() if count >= SEEN)
    weights = logistic(Matrix(found, {name: column for column, name in enumerate(names)}), np.array(whole), 1.0, RIDGE)
    written = np.rint(weights[:-1] / UNIT).astype(int)
    return Completeness(float(weights[-1]), {name: int(weight) for name, weight in zip(names, written, strict=True) if weight})


def ends_above(learnt: Completeness, path: Path = TEXTS / "fit.txt") -> dict[float, float]:
    """By share of pauses: how many ends score higher than all but those."""
    words = language("en")
    ends, pauses = [], []
    for line in path.read_text("utf-8").splitlines():
        parts = line.split("|")
        scores = [learnt.log_odds(split(" ".join(parts[: count + 1])), words) for count in range(len(parts))]
        ends.append(scores[-1])
        pauses += scores[:-1]
    return {budget: float((np.array(ends) > np.quantile(pauses, 1 - budget)).mean()) for budget in (0.02, 0.05, 0.1, 0.2)}


if __name__ == "__main__":
    main()
