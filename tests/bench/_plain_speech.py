"""False alarms: how much plain speech a judge of the voice calls aroused or angry, at the levels from which the product acts on it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np

from agents.audio import Pcm
from agents.emotion.course import USUAL, Course, step
from agents.emotion.fusion import fuse
from agents.emotion.monitor import LEAST_WEIGHT
from agents.emotion.signs import BehaviourSigns, Feeling, Mood, VoiceSigns, WordSigns
from agents.emotion.training.corpus import Clip, Corpus, corpus
from agents.emotion.training.figures import Estimate, Floats, by_speaker
from agents.emotion.training.measuring import Measured
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.judge import VoiceJudge
from ari_app.caller.recording import write_wav
from ari_app.caller.script import read_wav
from ari_app.media.g711 import RATE
from tests.bench.scenarios.results import wilson

Usual: TypeAlias = Literal["live", "none"]
"""live: learnt from the speaker's clips in the order of their names, each judged before it is learnt, as in a call. none: never learnt."""
PATTERNS: Final[Mapping[str, str]] = {"digits": r"(?P<label>\d)_(?P<speaker>[a-z]+)_\d+", "read": r"(?P<label>)(?P<speaker>[a-z]+).*"}
"""Names of the files below the folder of that name: nobody in it has a label of feeling."""
IN_A_NUMBER: Final = 5
_GAP: Final[Pcm] = np.zeros(RATE * 15 // 100, dtype=np.int16)
"""150 ms."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip, judged by its sound alone: no words, no behaviour, nothing before it but the usual."""

    who: str
    signs: VoiceSigns
    feeling: Feeling
    mood: Mood

    @property
    def frustrated(self) -> float:
        return self.feeling.states["frustrated"].level


Alarm = Callable[[Heard], bool]


READING: Final = (
    "Share of clips, with the wider of two 95 % intervals: by a bootstrap over speakers, and Wilson's over clips. arousal 0.5: the middle "
    "of evaluations, and this caller's usual; 0.65: the edge of calm speech as the judge that ships was laid out. anger 0.5: from here a "
    "voice speaks for frustrated. ground: the voice alone makes the clip a ground for frustrated; on: it brings that state on at once."
)


def alarms() -> dict[str, Alarm]:
    """Whether it is raised, by name."""
    return {
        "arousal 0.5": lambda one: one.signs.arousal >= 0.5,
        "arousal 0.65": lambda one: one.signs.arousal >= 0.65,
        "anger 0.5": lambda one: one.signs.anger >= 0.5,
        f"ground {USUAL.ground_from:g}": lambda one: one.frustrated >= USUAL.ground_from,
        f"on {USUAL.frustrated.on:g}": lambda one: "frustrated" in one.mood.on,
    }


def plain_corpus(folder: Path) -> Corpus:
    """``folder`` is named as a key of PATTERNS. Raises CorpusUnusable."""
    labels = dict.fromkeys(("", *map(str, range(10))), "neutral")
    return corpus(folder, "pattern", pattern=PATTERNS[folder.name], labels=labels)


def numbers(digits: Corpus, folder: Path) -> Corpus:
    """Digits of each speaker, IN_A_NUMBER in a row, as somebody dictates them: most single ones are too short to be judged.

    ``digits`` are WAV files; what is left over is left out. The order is drawn anew, but the same each time.
    """
    clips: list[Clip] = []
    for speaker in digits.speakers():
        own = sorted(clip.path for clip in digits.clips if clip.speaker == speaker)
        random.Random(speaker).shuffle(own)
        for start in range(0, len(own) - IN_A_NUMBER + 1, IN_A_NUMBER):
            parts = [part for path in own[start : start + IN_A_NUMBER] for part in (read_wav(path), _GAP)]
            path = folder / f"{speaker}_{start // IN_A_NUMBER:03}.wav"
            write_wav(path, np.concatenate(parts[:-1]))
            clips.append(Clip(path, "neutral", speaker, "numbers"))
    return Corpus("numbers", digits.format, digits.licence, tuple(clips))


def judged(judge: VoiceJudge, measured: Measured, usual: Usual) -> list[Heard]:
    found: list[Heard] = []
    for who, pairs in groupby(sorted(measured.heard, key=lambda pair: (pair[0].who, pair[0].path)), key=lambda pair: pair[0].who):
        baseline = Baseline.start()
        for _, features in pairs:
            signs = judge.judge(features, baseline)
            feeling = fuse(signs, WordSigns(), BehaviourSigns())
            found.append(Heard(who, signs, feeling, step(Course(), feeling, 0.0)[1]))
            if usual == "live":
                baseline = baseline.with_(features, max(LEAST_WEIGHT, 1 - found[-1].frustrated))
    return found


def alarmed(judge: VoiceJudge, name: str, measured: Measured) -> list[dict[str, Any]]:
    """A row for each usual: of each alarm the share of clips that raise it."""
    rows: list[dict[str, Any]] = []
    for usual in get_args(Usual):
        found = judged(judge, measured, usual)
        who = tuple(one.who for one in found)
        raised = {what: np.asarray([alarm(one) for one in found], dtype=np.float64) for what, alarm in alarms().items()}
        shares = {what: {"raised": int(each.sum()), **_share(each, who).plain()} for what, each in raised.items()}
        common = {"judge": judge.name, "corpus": name, "condition": measured.take.condition, "usual": usual}
        rows.append({**common, "clips": len(found), "speakers": len(set(who)), "alarms": shares})
    return rows


def _share(raised: Floats, who: Sequence[str]) -> Estimate:
    """See READING: the bootstrap alone has no width where no clip, or every one, is raised."""
    drawn = by_speaker(who, lambda numbers: float(raised[numbers].mean()))
    low, high = (edge / 100 for edge in wilson(int(raised.sum()), len(raised)))
    return Estimate(drawn.value, float(np.nanmin((drawn.low, low))), float(np.nanmax((drawn.high, high))))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ("judge", "corpus", "condition", "usual", "clips", "speakers")
    cells = [(*head, *rows[0]["alarms"])]
    cells += [(*(str(row[name]) for name in head), *map(_shown, row["alarms"].values())) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


def _shown(share: Mapping[str, float]) -> str:
    return f"{share['value']:.3f} ({share['low']:.3f} to {share['high']:.3f})"
