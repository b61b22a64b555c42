"""How good a judge is on labelled clips: arousal and anger, under every condition, with the speaker's own baseline and without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from agents.emotion.signs import VoiceSigns
from agents.emotion.training.corpus import Clip
from agents.emotion.training.figures import Bools, Estimate, Floats, Ints, auc, by_speaker, confusion, uar
from agents.emotion.training.labels import ANGRY, PLACES
from agents.emotion.training.measuring import Measured
from agents.emotion.training.rows import Speaker, speakers
from agents.emotion.training.telephone import Condition
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import VoiceFeatures
from agents.emotion.voice.judge import VoiceJudge
from agents.emotion.voice.onnx_judge import OnnxJudge, row

Usual: TypeAlias = Literal["own", "none"]
"""own: the baseline has heard a few neutral clips of the speaker (calm ones where there are none). none: nothing of them yet."""
USUALS: Final[tuple[Usual, ...]] = ("own", "none")
_MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """One question with two answers; what is at least 0.5 is a yes."""

    positive: Bools
    scores: Floats
    auc: Estimate
    uar: Estimate
    confusion: Ints
    """Shape (2, 2): no and yes."""


@dataclass(frozen=True, slots=True)
class Named:
    """Which emotion it is; for models that say so."""

    labels: tuple[str, ...]
    uar: Estimate
    confusion: Ints
    """Rows are the truth, columns what was said, in the order of ``labels``."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    judge: str
    corpus: str
    condition: Condition
    usual: Usual
    relation: str
    """``within``: the judge was trained on other speakers of this corpus; ``across``: on none of it."""
    clips: int
    speakers: int
    without_baseline: int
    """Speakers who have fewer than two neutral, and fewer than two calm clips."""
    arousal: Task
    """Aroused emotions against calm ones; those of no side are left out."""
    anger: Task
    """Angry against everything else."""
    labels: Named | None
    emotions: Mapping[str, Mapping[str, float]]
    """Mean arousal and anger of each emotion."""

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        named = self.labels and {
            "names": list(self.labels.labels),
            "uar": self.labels.uar.plain(),
            "rows": self.labels.confusion.tolist(),
        }
        return {
            **{name: getattr(self, name) for name in ("judge", "corpus", "condition", "relation", "clips", "speakers", "without_baseline")},
            "baseline": self.usual,
            "arousal": _plain(self.arousal, ("calm", "aroused")),
            "anger": _plain(self.anger, ("other", ANGRY)),
            "labels": named,
            "emotions": {label: dict(means) for label, means in self.emotions.items()},
        }


def evaluated(judge: VoiceJudge, corpus: str, measured: Measured, usual: Usual, *, relation: str = "across", seed: int = 0) -> Evaluation:
    """Clips on which baselines form are left out, whether they are used or not: both figures are of the same clips."""
    people = speakers(measured, seed)
    heard = [(clip, features, _baseline(speaker, usual)) for speaker in people for clip, features in speaker.others]
    clips = [clip for clip, _, _ in heard]
    signs = [judge.judge(features, baseline) for _, features, baseline in heard]
    who = tuple(clip.who for clip in clips)
    arousal, anger = (np.asarray([getattr(sign, name) for sign in signs], dtype=np.float64) for name in ("arousal", "anger"))
    sided = [number for number, clip in enumerate(clips) if PLACES[clip.label].aroused is not None]
    aroused = np.asarray([bool(PLACES[clips[number].label].aroused) for number in sided], dtype=np.bool_)
    return Evaluation(
        judge=judge.name,
        corpus=corpus,
        condition=measured.take.condition,
        usual=usual,
        relation=relation,
        clips=len(clips),
        speakers=len(people),
        without_baseline=sum(1 for speaker in people if not speaker.enrolled),
        arousal=_task(aroused, arousal[sided], tuple(who[number] for number in sided)),
        anger=_task(np.asarray([clip.label == ANGRY for clip in clips], dtype=np.bool_), anger, who),
        labels=_named(judge, heard, who) if isinstance(judge, OnnxJudge) else None,
        emotions=_means(clips, signs),
    )


def _baseline(speaker: Speaker, usual: Usual) -> Baseline:
    return speaker.baseline() if usual == "own" else Baseline.start()


def _named(judge: OnnxJudge, heard: Sequence[tuple[Clip, VoiceFeatures, Baseline]], who: tuple[str, ...]) -> Named | None:
    """None when a clip has an emotion that the model does not know: then it cannot name them all."""
    labels = judge.meaning.labels
    if not heard or not {clip.label for clip, _, _ in heard} <= set(labels):
        return None
    found = judge.probabilities(np.stack([row(features, baseline) for _, features, baseline in heard]))
    truth, said = np.asarray([labels.index(clip.label) for clip, _, _ in heard]), found.argmax(axis=1)
    return Named(labels, by_speaker(who, lambda rows: uar(truth[rows], said[rows])), confusion(truth, said, len(labels)))


def _task(positive: Bools, scores: Floats, who: tuple[str, ...]) -> Task:
    truth, said = positive.astype(np.int64), (scores >= _MIDDLE).astype(np.int64)
    return Task(
        positive,
        scores,
        auc=by_speaker(who, lambda rows: auc(positive[rows], scores[rows])),
        uar=by_speaker(who, lambda rows: uar(truth[rows], said[rows])),
        confusion=confusion(truth, said, classes=2),
    )


def _means(clips: Sequence[Clip], signs: Sequence[VoiceSigns]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for label in sorted({clip.label for clip in clips}):
        of = [sign for clip, sign in zip(clips, signs, strict=True) if clip.label == label]
        out[label] = {name: round(float(np.mean([getattr(sign, name) for sign in of])), 4) for name in ("arousal", "anger")}
    return out


def _plain(task: Task, names: tuple[str, str]) -> dict[str, Any]:
    return {"auc": task.auc.plain(), "uar": task.uar.plain(), "confusion": {"names": list(names), "rows": task.confusion.tolist()}}
