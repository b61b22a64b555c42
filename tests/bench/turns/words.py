"""Which words of an answer had been played when it stopped: by an ear that knows nothing of how they were made.

Growing beginnings of the undisturbed recording are recognised; the known text laid over what was understood gives the number of words
so far. The recogniser errs now and then at a cut; a median over neighbouring cuts and the fact that words only become more mend that.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Final, TypeAlias

import numpy as np

from agents.audio import RATE, Pcm, silence
from ari_app.caller.report import upsample
from ari_app.media.g711 import RATE as LINE_RATE
from tests.bench.turns.alignment import Reference

Recognise: TypeAlias = Callable[[Pcm], Awaitable[str]]
"""Mono int16 at 16 kHz to text."""

GRID_S: Final = 0.1
LEARNT_S: Final = 8.0
"""Interruptions come within so much of an answer; more need not be learnt."""
_NEIGHBOURS: Final = 2
_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def words(text: str) -> list[str]:
    """Lower case, without marks, digits spelled out one by one."""
    return [_DIGITS[int(word)] if word.isdigit() else word for word in re.findall(r"[a-z']+|\d", text.lower())]


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Substitutions, insertions and deletions from one to the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]


def beginning(said: Sequence[str], heard: Sequence[str]) -> int:
    """So many first words of ``said`` are most like ``heard``; of equals the fewest: half a word at the end is not yet that word."""
    return min(range(len(said) + 1), key=lambda count: (edits(said[:count], heard), count))


def rising(counts: Sequence[int]) -> list[int]:
    """Counts at growing cuts, without outliers and never falling."""
    smooth = [median_low(counts[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]) for at in range(len(counts))]
    return [int(value) for value in np.maximum.accumulate(smooth)] if smooth else []


@dataclass(frozen=True, slots=True)
class WordClock:
    """``counts[i]`` words of a reference have been played after ``i * GRID_S`` seconds."""

    counts: tuple[int, ...]

    def at(self, told_s: float) -> int | None:
        """Words played after so much of the answer, by the nearer point of the grid; None beyond what was learnt.

        Of less than the first word or two a recogniser understands nothing: up to there the words count as evenly spread.
        """
        index = max(0, round(told_s / GRID_S))
        if index >= len(self.counts):
            return None
        first = next((at for at, count in enumerate(self.counts) if count), 0)
        return self.counts[index] if index >= first else round(self.counts[first] * told_s / (first * GRID_S))


async def word_clock(reference: Reference, recognise: Recognise, cache: Path) -> WordClock:
    """Takes about ten seconds of processor time; what was understood is kept in ``cache`` for the very same recording."""
    file = cache / f"beginnings-{hashlib.sha256(reference.pcm.tobytes()).hexdigest()[:24]}.json"
    heard = await asyncio.to_thread(_kept, file)
    if heard is None:
        heard = await _beginnings(reference.pcm, recognise)
        await asyncio.to_thread(_keep, file, heard)
    said = words(reference.text)
    return WordClock(tuple(rising([0, *(beginning(said, words(text)) for text in heard)])))


async def _beginnings(pcm: Pcm, recognise: Recognise) -> list[str]:
    """What is understood of the first 0.1 s, 0.2 s and so on."""
    wide = upsample(pcm)
    steps = range(1, int(min(len(pcm) / LINE_RATE, LEARNT_S) / GRID_S) + 1)
    return [await recognise(np.concatenate((silence(0.1), wide[: round(step * GRID_S * RATE)], silence(0.3)))) for step in steps]


def _kept(file: Path) -> list[str] | None:
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def _keep(file: Path, heard: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(heard), encoding="utf-8")


def same_words(heard: str, expected: str) -> bool:
    """Whether what was recognised is that stretch of the answer, roughly: errors at both cut edges and a third of the rest are forgiven."""
    one, other = words(heard), words(expected)
    if not other:
        return True
    best = min(
        edits(one, other[start:end]) for start in range(min(3, len(other))) for end in range(max(start + 1, len(other) - 2), len(other) + 1)
    )
    return best <= 1 + len(other) // 3
