"""One thing that a caller of the turn-taking measurement can utter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns.sounds_shaping import speech_span

Purpose: TypeAlias = Literal["tune", "report"]
Kind: TypeAlias = Literal["sentence", "answer", "digit", "digits", "address", "paused", "backchannel", "noise", "interruption"]
KINDS: Final[tuple[Kind, ...]] = ("sentence", "answer", "digit", "digits", "address", "paused", "backchannel", "noise", "interruption")
"""
- sentence: finished, without a pause of 200 ms or more inside;
- answer: yes, no and their like; digit: one digit alone;
- digits, address: number strings and addresses with one to three pauses between their groups;
- paused: a sentence with one pause inside;
- backchannel: mm-hm, yeah, okay: said while the other goes on;
- noise: cough, throat, click, door, keyboard, burst, breath, clink: no speech (``text`` is the noise's name in brackets);
- interruption: wants the floor.
"""
Place: TypeAlias = Literal["phrase", "clause", "group", "breath"]
"""Where a pause is: in the middle of a phrase, behind what could have been all, between the groups of a number or an address,
or where the person recorded took a breath, mostly between clauses."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Quiet noise of the utterance's own floor (-75 to -55 dBov) and nothing else, inside an utterance."""

    start_s: float
    """From the beginning of the sound."""
    length_s: float
    before: str = ""
    """The words up to here; empty when they are not known."""
    place: Place = "phrase"


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One thing to play to the agent, at -20 dBov active speech level (noises: their loudest 100 ms)."""

    name: str
    """Unique, and the same on every machine: kind, voice, number, and for pauses their length in ms."""
    kind: Kind
    text: str
    pcm: Pcm
    """int16 at 8 kHz; speech begins within 140 ms (weak consonants and 30 ms of quiet) and ends 220 ms or less before the end."""
    voice: str
    """``rhvoice:alan``, ``flite:rms``, ``person:allison``, ``person:digits-theo``, ``hum:110`` (its pitch in Hz), ``seeded`` (no voice)."""
    source: str
    """``rhvoice``, ``flite``, ``hums``, ``noises``; of people: ``asterisk-core-sounds-en``, ``read``, ``digits``, ``ravdess``."""
    pauses: tuple[Pause, ...]
    onset_s: float
    """Beginning of the first speech frame by the rule of ``ari_app.caller.speech_level``, in 20 ms frames from the sound's start."""
    end_s: float
    """End of the last speech frame by the same rule: the packet that holds it is the one that ends here."""

    @property
    def human(self) -> bool:
        return self.voice.startswith("person:")

    @property
    def length_s(self) -> float:
        return len(self.pcm) / RATE


def sound(name: str, kind: Kind, text: str, pcm: Pcm, voice: str, source: str, pauses: Sequence[Pause] = ()) -> Sound:
    """With its speech frames worked out."""
    onset_s, end_s = speech_span(pcm)
    return Sound(name, kind, text, pcm, voice, source, tuple(pauses), onset_s, end_s)
