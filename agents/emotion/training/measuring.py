"""Clips to features: each clip is read once and heard under every condition. On all cores; one speaker is one piece of work."""

import multiprocessing
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final, Protocol

from agents.audio import Pcm
from agents.emotion.training.corpus import Clip
from agents.emotion.training.errors import ClipUnreadable, TrainingProblem
from agents.emotion.training.sound import read_clip
from agents.emotion.training.telephone import Condition, line_for, through
from agents.emotion.voice.features import VoiceFeatures, measure

_NAMED: Final = 5
"""Unreadable clips that a message names."""


class Progress(Protocol):
    def __call__(self, stage: str, done: int, total: int) -> None: ...


def unseen(stage: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Take:
    """One hearing of a corpus: every speaker's line is drawn from ``seed``."""

    condition: Condition
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one take: each clip with its features, in the order of the clips."""

    take: Take
    heard: tuple[tuple[Clip, VoiceFeatures], ...]
    too_short: int
    """Clips with too little voice, left out."""

    def of(self, corpus: str) -> "Measured":
        """Those of one corpus; ``too_short`` stays that of all."""
        return Measured(self.take, tuple(pair for pair in self.heard if pair[0].corpus == corpus), self.too_short)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What came of one speaker: for each take, features in the order of ``clips``."""

    clips: tuple[Clip, ...]
    features: tuple[tuple[VoiceFeatures | None, ...], ...]
    unreadable: tuple[str, ...]


def measured(
    clips: Sequence[Clip], takes: Sequence[Take], *, jobs: int = 1, progress: Progress = unseen, skip_unreadable: bool = False
) -> tuple[list[Measured], list[str]]:
    """One for each take, and a message for each unreadable clip, of which there are none unless ``skip_unreadable``.

    Raises ClipUnreadable naming the first ones and how many there are, ExtraMissing, TrainingProblem.
    """
    by_speaker: defaultdict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_speaker[clip.who].append(clip)
    done, found = 0, list[_Spoken]()
    progress("measuring clips", 0, len(clips))
    for spoken in _all(list(by_speaker.values()), tuple(takes), jobs):
        found.append(spoken)
        done += len(spoken.clips) + len(spoken.unreadable)
        progress("measuring clips", done, len(clips))
    unreadable = sorted(message for spoken in found for message in spoken.unreadable)
    if unreadable and not skip_unreadable:
        more = f"\nand {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else ""
        raise ClipUnreadable("\n".join(unreadable[:_NAMED]) + more)
    return [_gathered(take, number, found) for number, take in enumerate(takes)], unreadable


def _all(speakers: list[list[Clip]], takes: tuple[Take, ...], jobs: int) -> Iterator[_Spoken]:
    if jobs <= 1 or len(speakers) < 2:
        yield from (_one(clips, takes) for clips in speakers)
        return
    # Threads of numerical libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(speakers)), mp_context=context, initializer=_die_quietly) as pool:
        try:
            for future in as_completed([pool.submit(_one, clips, takes) for clips in speakers]):
                yield future.result()
        except BrokenProcessPool as error:
            raise TrainingProblem("a process that measures clips was ended, perhaps for lack of memory; try again with --jobs 1") from error
        finally:
            # Somebody who interrupts does not wait for the speakers that have not begun.
            pool.shutdown(wait=False, cancel_futures=True)


def _die_quietly() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _one(clips: Sequence[Clip], takes: tuple[Take, ...]) -> _Spoken:
    kept, sounds, unreadable = list[Clip](), list[Pcm](), list[str]()
    for clip in clips:
        try:
            sounds.append(read_clip(clip.path))
            kept.append(clip)
        except ClipUnreadable as error:
            unreadable.append(str(error))
    return _Spoken(tuple(kept), tuple(_heard(kept, sounds, take) for take in takes), tuple(unreadable))


def _heard(clips: Sequence[Clip], sounds: Sequence[Pcm], take: Take) -> tuple[VoiceFeatures | None, ...]:
    if not clips:
        return ()
    line = line_for(take.condition, sounds, take.seed, clips[0].who)
    return tuple(measure(through(line, sound, number)) for number, sound in enumerate(sounds))


def _gathered(take: Take, number: int, found: Sequence[_Spoken]) -> Measured:
    pairs = [pair for spoken in found for pair in zip(spoken.clips, spoken.features[number], strict=True)]
    heard = tuple(sorted(((clip, each) for clip, each in pairs if each is not None), key=lambda pair: (pair[0].corpus, pair[0].path)))
    return Measured(take, heard, len(pairs) - len(heard))
