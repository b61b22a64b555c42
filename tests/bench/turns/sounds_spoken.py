"""Sounds of the catalogue in the voices of machines."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import numpy as np

from agents.audio import Pcm
from tests.bench.turns import sounds_texts as texts
from tests.bench.turns.sound import Kind, Pause, Place, Purpose, Sound, sound
from tests.bench.turns.sounds_pauses import LENGTHS_S, QUIET_DBOV, Gap, gap_near, gaps, with_pauses
from tests.bench.turns.sounds_shaping import HOP, hop_levels
from tests.bench.turns.voices import VOICES, Voices

GROUP_LENGTHS_S: Final = (0.3, 0.5, 0.7, 1.0)
"""Between the groups of a number or an address."""
LONGEST_INNER_S: Final = 0.2
"""A finished sentence has no longer pause inside."""
VOICES_EACH: Final = 3
"""For a text with pauses; not every voice takes a breath where it is wanted."""
RATES: Final = ("", "@1.15")


async def spoken(purpose: Purpose, kind: Kind, voices: Voices) -> AsyncIterator[Sound]:
    """All synthesised sounds of one kind. Raises SpeechError."""
    if kind == "sentence":
        async for made in _plain(kind, purpose, texts.SENTENCES[purpose], voices, each=2):
            if not gaps(made.pcm, LONGEST_INNER_S):
                yield made
    elif kind in ("answer", "digit"):
        async for made in _plain(kind, purpose, texts.ANSWERS if kind == "answer" else texts.DIGITS, voices, each=4):
            yield made
    elif kind == "interruption":
        async for made in _plain(kind, purpose, texts.INTERRUPTIONS[purpose], voices, each=4):
            yield made
    elif kind == "backchannel":
        for rate in RATES:
            async for made in _plain(kind, purpose, texts.BACKCHANNELS, voices, each=4, rate=rate):
                yield made
    elif kind == "paused":
        async for made in _paused(kind, purpose, texts.PHRASES[purpose], voices, "phrase", LENGTHS_S):
            yield made
        async for made in _paused(kind, purpose, texts.CLAUSES[purpose], voices, "clause", LENGTHS_S):
            yield made
    elif kind in ("digits", "address"):
        marked = texts.NUMBERS[purpose] if kind == "digits" else texts.ADDRESSES[purpose]
        async for made in _paused(kind, purpose, marked, voices, "group", GROUP_LENGTHS_S):
            yield made


def _turns(purpose: Purpose, each: int, index: int) -> Iterator[str]:
    """``each`` voices for the text with this index, all voices taking turns."""
    known = VOICES[purpose]
    for step in range(min(each, len(known))):
        yield known[(index + step) % len(known)]


async def _plain(kind: Kind, purpose: Purpose, said: Sequence[str], voices: Voices, *, each: int, rate: str = "") -> AsyncIterator[Sound]:
    for index, text in enumerate(said):
        for voice in _turns(purpose, each, index):
            if rate and not voice.startswith("rhvoice"):
                continue  # flite speaks at one speed
            pcm = await voices.say(voice + rate, text)
            yield sound(f"{kind}-{voice}{rate}-{index:03}", kind, text, pcm, voice, voice.partition(":")[0])


async def _paused(
    kind: Kind, purpose: Purpose, marked: Sequence[str], voices: Voices, place: Place, lengths: Sequence[float]
) -> AsyncIterator[Sound]:
    """The whole is spoken with commas, so that the melody says that it goes on; the breath at each comma becomes the pause."""
    for index, line in enumerate(marked):
        parts = [part.strip().strip(",") for part in line.split("|")]
        for voice in _turns(purpose, VOICES_EACH, index):
            whole = await voices.say(voice, ", ".join(parts))
            found: list[Gap] = []
            for count in range(1, len(parts)):
                beginning = await voices.say(voice, ", ".join(parts[:count]))
                if (gap := gap_near(whole, _speech_end(beginning))) is not None and (not found or gap[0] > found[-1][1]):
                    found.append(gap)
            if len(found) != len(parts) - 1:
                continue  # this voice takes no breath there
            for length in lengths:
                pcm, starts = with_pauses(whole, found, length, seed=index)
                pauses = tuple(Pause(start, length, " ".join(parts[: number + 1]), place) for number, start in enumerate(starts))
                name = f"{kind}-{voice}-{place}-{index:03}-{round(length * 1000):04}ms"
                yield sound(name, kind, ", ".join(parts), pcm, voice, voice.partition(":")[0], pauses)


def _speech_end(pcm: Pcm) -> int:
    loud = np.flatnonzero(hop_levels(pcm) > QUIET_DBOV)
    return (int(loud[-1]) + 1) * HOP if len(loud) else len(pcm)
