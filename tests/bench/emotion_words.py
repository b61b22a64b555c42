"""Feelings and concerns read from words, against the labelled lines of callers: precision, recall and F1 with 95 % intervals.

Run with: ./patchcord bench emotion_words [--out FILE]. The lines are those of tests/agents/emotion/lines, one by one, without the call
around them and without the voice. A state counts as found from level 0.5, a concern from confidence 0.5.
"""

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from agents.concerns.finding import ConcernFinder
from agents.emotion.words.reading import WordReader
from tests.agents.emotion.lines.lines import CONCERN_NAMES, STATES, Line, concerns, feelings
from tests.agents.emotion.lines.scores import Score, score

FROM: Final = 0.5
"""Of the level of a state or the confidence of a concern; what is lower counts as not found."""


def states_of(text: str) -> set[str]:
    return {state for state, level in WordReader("en").read(text).states.items() if level >= FROM}


def concerns_of(text: str) -> set[str]:
    return {found.name for found in ConcernFinder("en").find(text) if found.confidence >= FROM}


def scores() -> tuple[tuple[Score, ...], tuple[Score, ...]]:
    """Of every state, and of every concern."""
    return score(feelings(), sorted(STATES), states_of), score(concerns(), sorted(CONCERN_NAMES), concerns_of)


def table(found: Sequence[Score]) -> str:
    rows = ["| | lines | precision | recall | F1 |", "|---|---|---|---|---|"]
    for each in found:
        cells = [(share.value, *share.interval) for share in (each.precision, each.recall)] + [each.f1]
        rows.append(
            f"| {each.label} | {each.recall.whole} | " + " | ".join(f"{v:.3f} ({low:.3f} to {high:.3f})" for v, low, high in cells) + " |"
        )
    return "\n".join(rows)


def _errors(one: Score) -> Iterator[tuple[str, Line]]:
    yield from (("missed", line) for line in one.missed)
    yield from (("wrongly", line) for line in one.wrongly)


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser("patchcord bench emotion_words", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--out", type=Path, help="JSON file for the figures and the lines that were read wrongly")
    made.add_argument("--errors", action="store_true", help="print those lines too")
    options = made.parse_args(argv)
    states, found = scores()
    told = [f"{len(feelings())} lines for states, {len(concerns())} for concerns; counted from {FROM:g}", table(states), table(found)]
    if options.errors:
        told += [f"{one.label} {how}: {line.id} {line.text}" for one in (*states, *found) for how, line in _errors(one)]
    sys.stdout.write("\n".join(told) + "\n")
    if options.out:
        figures = {"from": FROM, "python": platform.python_version(), "lines": {"states": len(feelings()), "concerns": len(concerns())}}
        figures |= {"states": {one.label: one.to_json() for one in states}, "concerns": {one.label: one.to_json() for one in found}}
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
