"""Measured clips as rows relative to a baseline. It forms on a few of a speaker's neutral clips, which are tested nowhere."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.emotion.training.corpus import Clip
from agents.emotion.training.labels import USUAL
from agents.emotion.training.measuring import Measured
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import NAMES, VoiceFeatures
from agents.emotion.voice.onnx_judge import row

ENROLLED: Final = 4
"""Clips on which a baseline forms, at most half of those that a speaker has."""
STAGES: Final = (0, 1, 2, ENROLLED)
"""Clips that a baseline has heard by the time of a training row: a model must bear the first seconds of a call too."""
Heard: TypeAlias = tuple[Clip, VoiceFeatures]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Of one take."""

    who: str
    enrolled: tuple[Heard, ...]
    others: tuple[Heard, ...]

    def baseline(self, heard: int = ENROLLED) -> Baseline:
        """After the first ``heard`` enrolled clips; that of all people when there are none."""
        baseline = Baseline.start()
        for _, features in self.enrolled[:heard]:
            baseline = baseline.with_(features)
        return baseline


def speakers(measured: Measured, seed: int) -> list[Speaker]:
    """Everybody in ``measured``, sorted; the choice of enrolled clips depends on ``seed`` and file names only."""
    grouped: defaultdict[str, list[Heard]] = defaultdict(list)
    for clip, features in measured.heard:
        grouped[clip.who].append((clip, features))
    return [_speaker(who, grouped[who], seed) for who in sorted(grouped)]


def _speaker(who: str, heard: Sequence[Heard], seed: int) -> Speaker:
    enrolled = next(filter(None, (_some([pair for pair in heard if pair[0].label == label], seed) for label in USUAL)), ())
    taken = {clip.path for clip, _ in enrolled}
    return Speaker(who, enrolled, tuple(pair for pair in heard if pair[0].path not in taken))


def _some(usual: Sequence[Heard], seed: int) -> tuple[Heard, ...]:
    drawn = sorted(usual, key=lambda pair: zlib.crc32(f"{seed}/{pair[0].path.name}".encode()))
    return tuple(drawn[: min(ENROLLED, len(usual) // 2)])


@dataclass(frozen=True, slots=True)
class Rows:
    values: NDArray[np.float32]
    """Shape (rows, len(NAMES)): relative to the baseline, in the order of NAMES."""
    labels: tuple[str, ...]
    speakers: tuple[str, ...]

    def of(self, wanted: frozenset[str]) -> "Rows":
        """Those of these speakers."""
        kept = [number for number, who in enumerate(self.speakers) if who in wanted]
        return Rows(self.values[kept], tuple(self.labels[one] for one in kept), tuple(self.speakers[one] for one in kept))


def training_rows(takes: Sequence[Measured], seed: int) -> Rows:
    """Every clip of every take at every stage of its speaker's baseline. Speakers without enrolled clips come at stage 0 only."""
    rows: list[tuple[NDArray[np.float32], str, str]] = []
    for take in takes:
        for speaker in speakers(take, seed):
            for stage in (stage for stage in STAGES if stage <= len(speaker.enrolled)):
                baseline = speaker.baseline(stage)
                clips = speaker.others if stage else (*speaker.enrolled, *speaker.others)
                rows.extend((row(features, baseline), clip.label, speaker.who) for clip, features in clips)
    values = np.stack([one[0] for one in rows]) if rows else np.zeros((0, len(NAMES)), dtype=np.float32)
    return Rows(values, tuple(one[1] for one in rows), tuple(one[2] for one in rows))
