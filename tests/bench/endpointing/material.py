"""Beginnings and wholes of utterances for the end-of-turn judge: where the caller pauses, and what the recogniser makes of it there.

``fit`` and ``report`` share no voice of a machine, no sentence and no seed; of the one person whose prompts ship with Asterisk each gets
half of the prompts. All audio has been through G.711. Recordings and transcripts are kept in a folder between runs.

A caveat: TAIL_S of quiet is put behind every recording, and a recording of a whole ends in silence of its own. In all 0.2 s lie behind
wholes of synthetic voices and 0.24 to 0.45 s behind the prompts, but 0.13 s behind most beginnings (behind a ``breath`` 0.13 to 0.33 s).
The recogniser writes a full stop the sooner the longer the silence, so wholes look more finished here than in a call, where all are heard
up to 0.1 s behind the last word.
"""

import hashlib
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from agents.audio import RATE, Pcm
from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.transcriber import Hint
from agents.tts.iterating import drain
from agents.tts.pico import PicoSpeaker
from agents.turns.events import Expected
from tests.agents.tts.conftest import UnpackedTree
from tests.bench import speech
from tests.bench.endpointing.numbers import Number, numbers
from tests.bench.endpointing.places import TAIL_S, boundaries, cut, words_of

Half = Literal["fit", "report"]
VOICES: Final[dict[Half, tuple[str, ...]]] = {
    "fit": ("rhvoice:bdl", "rhvoice:alan", "flite:rms", "flite:kal16", "pico:en-US", "pico:en-GB"),
    "report": ("rhvoice:slt", "rhvoice:clb", "flite:awb"),
}
"""As in ``tests.bench.turns``: no voice that fits the weights speaks in the figures that are told; bdl is the agent's own."""
TEXTS: Final = Path(__file__).parent / "texts"
CACHE: Final = speech.PROJECT / ".patchcord" / "endpointing"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known at one pause."""

    source: str
    """``synthetic``, ``digits``, ``address``, ``answer``, ``prompts``, ``read``, ``acted``, ``single digit``."""
    kind: str
    """``end``, or how the inner pause was made: ``breath`` (the voice paused there), ``cut`` (silence put between two words), ``phrase``

    (said as a phrase of its own), ``natural`` (a person paused there)."""
    voice: str
    finished: bool
    said: str
    """What was said up to here."""
    whole: str
    heard: str
    """What the recogniser wrote."""
    expected: str
    longest: int
    """Digits that the question asks for; 0: it does not."""
    audio: str
    """Name of the recording in the cache."""

    @property
    def asked_for(self) -> Expected:
        return Expected(self.expected)


class Material:
    """Collects samples; every transcript and recording is made once."""

    def __init__(self, half: Half, ear: MoonshineTranscriber) -> None:
        self.half = half
        self._ear = ear
        self._folder = CACHE / half
        self._folder.mkdir(parents=True, exist_ok=True)
        self.samples: list[Sample] = []

    async def add(self, source: str, kind: str, voice: str, said: str, whole: str, pcm: Pcm, number: Number | None = None) -> str:
        """``pcm`` is at 16 kHz and has been through G.711."""
        heard, name = await self.heard(pcm, number is not None)
        if heard or kind == "end":
            expected = Expected.DIGITS if number else Expected.YES_NO if source == "answer" else Expected.OPEN
            finished = kind == "end"
            longest = number.longest if number else 0
            self.samples.append(Sample(source, kind, voice, finished, said, whole, heard, expected.value, longest, name))
        return heard

    async def heard(self, pcm: Pcm, digits: bool = False) -> tuple[str, str]:
        pcm = np.concatenate([pcm, quiet(TAIL_S, len(pcm))])
        name = hashlib.sha256(pcm.tobytes() + bytes([digits])).hexdigest()[:20]
        text, audio = self._folder / f"{name}.txt", self._folder / f"{name}.npy"
        if not (text.exists() and audio.exists()):
            result = await self._ear.transcribe(pcm, Hint.DIGITS if digits else Hint.SPEECH)
            np.save(audio, pcm)
            text.write_text(result.text, "utf-8")
        return text.read_text("utf-8"), name

    async def sentence(self, source: str, voice: str, marked: str, say: "Say") -> None:
        """``marked``: ``|`` where a caller may pause."""
        parts = [part.strip() for part in marked.split("|")]
        whole = " ".join(parts)
        await self.add(source, "end", voice, whole, whole, await say(whole))
        if len(parts) == 1:
            return
        starts = [" ".join(parts[: n + 1]) for n in range(len(parts) - 1)]
        breathing = await say(", ".join(parts))
        await self.add(source, "end", voice, whole, whole, breathing)
        for kind, recording in (("breath", breathing), ("cut", await say(whole))):
            for start in starts:
                if (piece := await self._up_to(recording, start, whole)) is not None:
                    await self.add(source, kind, voice, start, whole, piece)
        start = random.Random(whole + voice).choice(starts)
        await self.add(source, "phrase", voice, start, whole, await say(start + ","))

    async def _up_to(self, recording: Pcm, start: str, whole: str) -> Pcm | None:
        """``recording`` up to the end of ``start``, where the recogniser agrees that it is there."""
        for place in boundaries(recording, len(start) / len(whole))[:3]:
            piece = cut(recording, place)
            if agrees((await self.heard(piece))[0], start):
                return piece
        return None

    async def number(self, voice: str, number: Number, say: "Say") -> None:
        recording = await say(number.spoken(" ", ", ") + ".")
        await self.add("digits", "end", voice, number.digits, number.digits, recording, number)
        for count in range(1, len(number.groups)):
            begun = Number(number.groups[:count], number.longest)
            phrase = await say(begun.spoken(" ", ", ") + ",")
            await self.add("digits", "phrase", voice, begun.digits, number.digits, phrase, number)


class Say:
    """A voice at one speed, through G.711; each text is synthesised once."""

    def __init__(self, tree: UnpackedTree, name: str) -> None:
        engine, _, voice = name.partition(":")
        self._speaker = PicoSpeaker(tree, voice) if engine == "pico" else speech.open_voice(name, tree)
        self._folder = CACHE / "voices" / name.replace(":", "-")
        self._folder.mkdir(parents=True, exist_ok=True)

    async def __call__(self, text: str) -> Pcm:
        path = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.npy"
        if not path.exists():
            np.save(path, speech.mu_law(await drain(self._speaker.speak(text))))
        out: Pcm = np.load(path)
        return out

    async def close(self) -> None:
        await self._speaker.close()


def quiet(length_s: float, seed: int) -> Pcm:
    """Line noise at about -66 dBov."""
    noise = np.random.default_rng(seed).normal(0, 16, round(length_s * RATE))
    return noise.astype(np.int16)


def agrees(heard: str, start: str) -> bool:
    """The recogniser wrote the same last word, and nearly as many."""
    mine, others = words_of(heard), words_of(start)
    return bool(mine) and mine[-1] == others[-1] and abs(len(mine) - len(others)) <= 1


def marked_texts(half: Half) -> list[str]:
    return (TEXTS / f"{half}.txt").read_text("utf-8").splitlines()


ANSWERS: Final[dict[Half, tuple[str, ...]]] = {
    "fit": ("Yes.", "No.", "Yeah.", "Okay.", "Yes, please.", "No, thanks.", "Right.", "Sure.", "Correct."),
    "report": ("Yes.", "No.", "Yep.", "Nope.", "Yes, it is.", "No, thank you.", "Exactly.", "Of course."),
}


async def synthetic(material: Material) -> None:
    tree = UnpackedTree(speech.RUNTIME / "root")
    for voice in VOICES[material.half]:
        say = Say(tree, voice)
        for text in marked_texts(material.half):
            address = bool(re.search(r"\b(address|live at|postcode|should be \|)", text))
            await material.sentence("address" if address else "synthetic", voice, text, say)
        for text in ANSWERS[material.half]:
            await material.add("answer", "end", voice, text, text, await say(text))
        for number in numbers(random.Random(material.half + voice), 20 if material.half == "fit" else 15):
            await material.number(voice, number, say)
        for digit in "0123456789":
            alone = Number((digit,), 1)
            await material.add("single digit", "end", voice, digit, digit, await say(alone.spoken(" ", ", ") + "."), alone)
        await say.close()


def audio_of(half: Half, sample: Sample) -> Pcm:
    out: Pcm = np.load(CACHE / half / f"{sample.audio}.npy")
    return out
