"""Any judge on any corpora: which of their speakers it may be tried on, and what comes of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.emotion.training.corpus import Clip, Corpus
from agents.emotion.training.errors import TooFew
from agents.emotion.training.evaluating import USUALS, Evaluation, evaluated
from agents.emotion.training.export import speaker_digest
from agents.emotion.training.measuring import Progress, Take, measured, unseen
from agents.emotion.training.telephone import CONDITIONS, Condition
from agents.emotion.voice.judge import VoiceJudge


@dataclass(frozen=True, slots=True)
class Tried:
    evaluations: tuple[Evaluation, ...]
    left_out: int
    """Clips of speakers on whom the judge was trained."""
    too_short: int
    """Clips with too little voice, under the first condition."""
    unreadable: tuple[str, ...]
    """Messages on clips that were skipped."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a judge was trained on; nothing for the one that ships."""

    corpora: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    """As of ``export.speaker_digest``."""


def trained_on(model: Path | None) -> Trained:
    """``model``: MODEL.onnx that was opened before; None: the default."""
    if model is None:
        return Trained()
    of: dict[str, Any] = json.loads(model.with_suffix(".json").read_text("utf-8")).get("provenance", {})
    return Trained(frozenset(corpus["name"] for corpus in of.get("corpora", ())), frozenset(of.get("trained_speakers", ())))


def try_out(
    judge: VoiceJudge,
    trained: Trained,
    corpora: Sequence[Corpus],
    conditions: Sequence[Condition] = CONDITIONS,
    *,
    seed: int = 0,
    jobs: int = 1,
    skip_unreadable: bool = False,
    progress: Progress = unseen,
) -> Tried:
    """On everybody of ``corpora`` on whom the judge was not trained. Raises TooFew when nobody is left, ClipUnreadable, ExtraMissing."""
    clips = [clip for corpus in corpora for clip in corpus.clips]
    fresh = [clip for clip in clips if speaker_digest(clip.who) not in trained.speakers]
    if not fresh:
        raise TooFew(f"{judge.name} was trained on every speaker of {_names(corpora)}: give --data with other people")
    takes, unreadable = measured(
        fresh, [Take(condition, seed) for condition in conditions], jobs=jobs, progress=progress, skip_unreadable=skip_unreadable
    )
    found: list[Evaluation] = []
    wanted = [(name, take, usual) for name in _present(fresh) for take in takes for usual in USUALS]
    for number, (name, take, usual) in enumerate(wanted):
        progress("evaluating", number, len(wanted))
        if (own := take.of(name)).heard:
            found.append(evaluated(judge, name, own, usual, relation="within" if name in trained.corpora else "across", seed=seed))
    progress("evaluating", len(wanted), len(wanted))
    if not found:
        raise TooFew(f"no clip of {_names(corpora)} has a quarter of a second of voice: are these recordings of speech?")
    return Tried(tuple(found), len(clips) - len(fresh), takes[0].too_short if takes else 0, tuple(unreadable))


def _present(clips: Sequence[Clip]) -> list[str]:
    return list(dict.fromkeys(clip.corpus for clip in clips))


def _names(corpora: Sequence[Corpus]) -> str:
    return ", ".join(dict.fromkeys(corpus.name for corpus in corpora))
