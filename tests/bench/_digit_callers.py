"""Callers who say a number: voices of machines, and digits of people put in a row."""

import random
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from agents.audio import RATE as WIDE_RATE
from agents.audio import Pcm
from agents.wording import FORMATS
from ari_app.caller.script import read_wav
from ari_app.media.g711 import RATE, decode, encode
from tests.bench.turns.sounds_shaping import at_speech_level
from tests.bench.turns.voices import Voices
from tests.conftest import PROJECT

MACHINES: Final = {
    "tune": ("rhvoice:alan", "flite:rms", "rhvoice:clb@1.15"),
    "report": ("rhvoice:slt", "rhvoice:bdl", "flite:slt", "flite:awb"),
}
PEOPLE: Final = {"tune": ("george", "jackson", "nicolas"), "report": ("lucas", "theo", "yweweler")}
STYLES: Final = ("singles", "row", "pairs", "triples", "doubles", "tens")
"""Of the machines; people say single digits, with the pauses of ``singles``, ``row``, ``pairs`` and ``triples``."""
FOLDER: Final = PROJECT.parent / "shared" / "data" / "speech" / "digits"
_NAMES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_POSITIONS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_GAP_S: Final = {"singles": 0.25, "row": 0.06, "pairs": 0.06, "triples": 0.06}
_GROUP: Final = {"pairs": 2, "triples": 3}
_GROUP_GAP_S: Final = 0.35


def words(digits: str, style: str, chance: random.Random) -> str:
    """The number in words, with commas where the speaker pauses."""
    zero = chance.choice(("zero", "oh"))
    names = [zero if digit == "0" else _NAMES[int(digit)] for digit in digits]
    if style == "singles":
        return ", ".join(names)
    if style in _GROUP:
        size = _GROUP[style]
        return ", ".join(" ".join(names[start : start + size]) for start in range(0, len(names), size))
    if style == "doubles":
        return _doubled(names)
    if style == "tens":
        return ", ".join(_pair(digits[start : start + 2], zero) for start in range(0, len(digits), 2))
    return " ".join(names)


def _doubled(names: list[str]) -> str:
    out: list[str] = []
    for name in names:
        if out and out[-1] == name:
            out[-1] = f"double {name}"
        else:
            out.append(name)
    return ", ".join(" ".join(out[start : start + 3]) for start in range(0, len(out), 3))


def _pair(pair: str, zero: str) -> str:
    """ "forty-five"; what begins with a zero is said digit by digit."""
    if len(pair) == 2 and pair[0] != "0":
        return FORMATS["number"](pair, "en")
    return " ".join(zero if digit == "0" else _NAMES[int(digit)] for digit in pair)


def correction(wrong: str, right: str, style: str, chance: random.Random) -> str:
    """What a caller says to a wrong read-back: the place where one digit differs, half of the time, or the whole number again.

    ``style`` is that of the repetition.
    """
    places = [index for index in range(len(right)) if wrong[index : index + 1] != right[index]]
    if len(wrong) == len(right) and len(places) == 1 and chance.random() < 0.5:
        index = places[0]
        if index == len(right) - 1:
            return f"No, the last digit is {_NAMES[int(right[index])]}."
        if index < len(_POSITIONS):
            return f"No, the {_POSITIONS[index]} digit is {_NAMES[int(right[index])]}."
    return f"No, {words(right, style, chance)}."


class Caller(ABC):
    """``styles``: ways of grouping that this one has."""

    name: str
    styles: tuple[str, ...]

    @abstractmethod
    async def number(self, digits: str, style: str, chance: random.Random) -> Pcm:
        """16 kHz, after G.711."""

    @abstractmethod
    async def again(self, wrong: str, right: str, style: str, chance: random.Random) -> Pcm:
        """What is said to a read-back of ``wrong``."""

    @abstractmethod
    async def yes(self, chance: random.Random) -> Pcm | None:
        """None: this one has no word for it."""


class Machine(Caller):
    styles = STYLES

    def __init__(self, name: str, voices: Voices) -> None:
        self.name = name
        self._voices = voices

    async def number(self, digits: str, style: str, chance: random.Random) -> Pcm:
        return await self._say(words(digits, style, chance) + ".")

    async def again(self, wrong: str, right: str, style: str, chance: random.Random) -> Pcm:
        return await self._say(correction(wrong, right, style, chance))

    async def yes(self, chance: random.Random) -> Pcm:
        return await self._say(chance.choice(("Yes.", "Yes, that's right.", "Correct.", "Yeah.")))

    async def _say(self, text: str) -> Pcm:
        return over_the_line(await self._voices.say(self.name, text))


class Person(Caller):
    """Recorded single digits in a row. There is no recorded "no": this one says the number again."""

    styles = ("singles", "row", "pairs", "triples")

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.name = f"person:{name}"
        self._takes = {digit: sorted(folder.glob(f"{digit}_{name}_*.wav")) for digit in "0123456789"}

    @property
    def complete(self) -> bool:
        return all(self._takes.values())

    async def number(self, digits: str, style: str, chance: random.Random) -> Pcm:
        pieces: list[Pcm] = []
        for index, digit in enumerate(digits):
            takes = self._takes[digit]
            pieces.append(read_wav(chance.choice(takes)))
            grouped = style in _GROUP and (index + 1) % _GROUP[style] == 0
            gap = _GROUP_GAP_S if grouped else _GAP_S[style]
            pieces.append(np.zeros(round(RATE * gap * chance.uniform(0.8, 1.25)), dtype=np.int16))
        return over_the_line(at_speech_level(np.concatenate(pieces[:-1])))

    async def again(self, wrong: str, right: str, style: str, chance: random.Random) -> Pcm:
        return await self.number(right, style, chance)

    async def yes(self, chance: random.Random) -> Pcm | None:
        return None


def people(purpose: str) -> list[Caller]:
    """Empty when the recordings are not there."""
    return [person for name in PEOPLE[purpose] if (person := Person(name)).complete]


def over_the_line(narrow: Pcm) -> Pcm:
    """8 kHz through mu-law, at the recogniser's rate."""
    heard = np.frombuffer(decode(encode(narrow.tobytes(), "ulaw"), "ulaw"), dtype=np.int16).astype(np.float64)
    wide: Pcm = np.clip(soxr.resample(heard, RATE, WIDE_RATE), -32768, 32767).astype(np.int16)
    return wide
