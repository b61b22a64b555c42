"""A corpus of feelings acted by voices of machines: sentences of ours in four manners, as WAV files with labels.csv. Same for same seed.

Every voice says every sentence in every manner, so that no word goes with a feeling. The manners are those of ``emotion_calls``, with joy
and sadness besides: one synthesised sentence played louder or softer, higher and faster or lower and slower, sharper or duller. There is
no melody, no trembling and no breath of a real feeling in it.
"""

import asyncio
import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agents.audio import Pcm
from agents.emotion.training.listing import COLUMNS, LIST_NAME
from agents.emotion.training.measuring import Progress, unseen
from ari_app.caller.recording import write_wav
from tests.bench.emotion_calls.call import Purpose, Utterance
from tests.bench.emotion_calls.planning import VOICES
from tests.bench.emotion_calls.sounding import shaped
from tests.bench.emotion_calls.wording import Texts, filled, texts

_SAME_PERSON: Final = "flite:slt"
"""The woman of ``rhvoice:slt``: two voices of one person would be two speakers here."""
ACTORS: Final = tuple(voice for purpose in VOICES for voice in VOICES[purpose] if voice != _SAME_PERSON)
USUAL_DBOV: Final = (-30.0, -23.0)
"""Active speech level of an actor's neutral speech; one draw for each actor, as each has one telephone."""
LOUDEST_DBOV: Final = -13.0


class Says(Protocol):
    """``emotion_calls.voices.CallerVoices``."""

    async def say(self, voice: str, text: str) -> Pcm:
        """At 8 kHz."""


@dataclass(frozen=True, slots=True)
class Manner:
    """Ranges, drawn for each clip. Units as of ``Utterance``."""

    louder_db: tuple[float, float]
    semitones: tuple[float, float]
    tilt_db: tuple[float, float]
    widening: float


MANNERS: Final[Mapping[str, Manner]] = {
    "angry": Manner((6.0, 10.0), (2.0, 4.0), (1.0, 3.0), 1.3),
    "happy": Manner((3.0, 6.0), (2.0, 5.0), (0.0, 1.0), 1.15),
    "neutral": Manner((-1.5, 1.5), (-0.3, 0.3), (-0.3, 0.3), 1.0),
    "sad": Manner((-6.0, -3.0), (-2.0, -1.0), (-2.0, -1.0), 0.9),
}
"""By label. Angry is that of ``emotion_calls``. The others go where most studies in Juslin & Laukka (2003) saw them go; sizes are a choice
made before any figure was seen. The shipped judge weighs cues after the same review: it meets here what it was written for."""


@dataclass(frozen=True, slots=True)
class Act:
    """One clip to be made."""

    voice: str
    label: str
    how: Utterance
    path: str
    """Below the folder of the corpus."""


def sentences(count: int, seed: int) -> tuple[str, ...]:
    """Different ones, all of calm content. Raises ValueError when there are not as many."""
    offered: list[tuple[str, Texts]] = []
    purposes: tuple[Purpose, ...] = ("tune", "report")
    for known in map(texts, purposes):
        offered += [(text, known) for group in (known.first, known.later) for said in group.values() for text in said]
    if not 0 < count <= len(offered):
        raise ValueError(f"there are 1 to {len(offered)} sentences, not {count}")
    chance = random.Random(f"sentences {seed}")
    return tuple(filled(text, known, chance) for text, known in chance.sample(offered, count))


def acts(voices: Sequence[str], said: Sequence[str], seed: int) -> tuple[Act, ...]:
    """Each voice, sentence and manner; a clip is the same however many others there are."""
    return tuple(
        _act(voice, number, text, label, seed) for voice in voices for number, text in enumerate(said, start=1) for label in MANNERS
    )


def _act(voice: str, number: int, text: str, label: str, seed: int) -> Act:
    manner, person = MANNERS[label], random.Random(f"{seed} {voice}")
    chance = random.Random(f"{seed} {voice} {number} {label}")
    how = Utterance(
        text,
        angry=label == "angry",
        level_dbov=min(LOUDEST_DBOV, person.uniform(*USUAL_DBOV) + chance.uniform(*manner.louder_db)),
        semitones=chance.uniform(*manner.semitones),
        widening=manner.widening,
        tilt_db=chance.uniform(*manner.tilt_db),
    )
    return Act(voice, label, how, f"{voice.replace(':', '-')}/{number:02}_{label}.wav")


async def act_out(folder: Path, planned: Sequence[Act], voices: Says, progress: Progress = unseen) -> None:
    """Writes the clips at 8 kHz, and last the list of them, so that a folder with a list is whole. Raises SpeechError."""
    for number, act in enumerate(planned):
        progress("making clips", number, len(planned))
        plain = await voices.say(act.voice, act.how.text)
        await asyncio.to_thread(_written, folder / act.path, plain, act.how)
    await asyncio.to_thread(write_list, folder, planned)
    progress("making clips", len(planned), len(planned))


def _written(path: Path, plain: Pcm, how: Utterance) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, shaped(plain, how))


def write_list(folder: Path, planned: Sequence[Act]) -> None:
    """As ``./patchcord emotion train --data`` reads it."""
    with (folder / LIST_NAME).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows((act.path, act.label, act.voice) for act in planned)
