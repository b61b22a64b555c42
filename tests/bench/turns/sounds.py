"""Everything a caller of the turn-taking measurement can utter: one catalogue, made reproducibly.

Two halves: ``tune`` for whoever sets knobs, ``report`` for the figures that are told. They share no voice of a machine, no person but one
(whose prompts are divided by name), no seed, and no text but the few words that everybody uses for yes, no, "go on" and the digits.
"""

import random
from collections.abc import Callable, Collection, Iterator
from typing import Final, TypeAlias

from tests.bench.turns import sounds_hums, sounds_noises
from tests.bench.turns.human import People
from tests.bench.turns.sound import KINDS, Kind, Pause, Place, Purpose, Sound, sound
from tests.bench.turns.sounds_people import recorded
from tests.bench.turns.sounds_spoken import spoken
from tests.bench.turns.voices import Voices

__all__ = ["KINDS", "Kind", "Pause", "Place", "Purpose", "Sound", "Tell", "catalogue"]

Tell: TypeAlias = Callable[[Kind, int, int], None]
"""Progress: the kind that is being made, how many kinds are done, of how many."""
PITCHES_HZ: Final = {"tune": (95.0, 130.0, 205.0), "report": (110.0, 150.0, 185.0, 225.0)}
HUMS_EACH: Final = 3
NOISES_EACH: Final = 14
_SEED: Final = {"tune": 10_000, "report": 20_000}


async def catalogue(
    purpose: Purpose, kinds: Collection[Kind] = KINDS, *, seed: int = 1, human: bool = True, tell: Tell | None = None
) -> list[Sound]:
    """All sounds of these kinds, in an order that depends on ``seed`` alone; recordings that cannot be had are left out.

    Synthesised speech is kept in ``.patchcord/bench-sounds`` and made anew only when text, voice or recipe change (a minute or two the
    first time); voices come from PATCHCORD_RUNTIME or ``.patchcord/runtime``. ``human`` False leaves people out, and fetches nothing.
    Raises SpeechError when the voices are missing.
    """
    people = await People.gather() if human else None
    found: list[Sound] = []
    async with Voices() as voices:
        for done, kind in enumerate(kinds):
            if tell is not None:
                tell(kind, done, len(kinds))
            made = [each async for each in spoken(purpose, kind, voices)]
            made += [*seeded(purpose, kind), *(recorded(purpose, kind, people) if people is not None else ())]
            random.Random(f"{seed} {kind}").shuffle(made)
            found += made
    return found


def seeded(purpose: Purpose, kind: Kind) -> Iterator[Sound]:
    """What needs neither voice nor recording: noises, and backchannels that are hummed."""
    first = _SEED[purpose]
    if kind == "noise":
        for name in sounds_noises.MAKERS:
            for each in range(NOISES_EACH):
                yield sound(f"noise-{name}-{each:03}", kind, f"({name})", sounds_noises.made(name, first + each), "seeded", "noises")
    elif kind == "backchannel":
        for name in sounds_hums.HUMS:
            for pitch in PITCHES_HZ[purpose]:
                for each in range(HUMS_EACH):
                    pcm = sounds_hums.hummed(name, pitch, first + each)
                    yield sound(f"backchannel-{name}-{pitch:g}hz-{each:03}", kind, name, pcm, f"hum:{pitch:g}", "hums")
