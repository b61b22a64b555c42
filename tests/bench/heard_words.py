"""Compares the words recorded as heard with the words that were played, by two judges who know nothing of the synthesiser.

Run with: python -m tests.bench.heard_words [--cuts 200] [--seed 1] [--show]. Every sentence is cut at random moments, as an interruption
cuts it. Judge one: what is left goes through G.711 to the recogniser, whose words are laid over the beginning of the sentence; where
it errs on whole sentences, it errs here too. Judge two: rows of words with a stop behind each, counted by the silences between them.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from agents.audio import RATE, Pcm, seconds
from agents.conversation.heard import HEARD_SHARE, heard_words
from agents.stt.moonshine import MoonshineTranscriber
from agents.tts.flite import FliteSpeaker
from agents.tts.iterating import drain
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.word_times import WordTime
from tests.agents.tts.conftest import UnpackedTree
from tests.bench.speech import RUNTIME, SENTENCES, VOICES, errors, mu_law, open_voice, say, words

ROWS = (
    "One. Two. Three. Four. Five. Six.",
    "Seven. Nine. Eight. Ten. Eleven. Twelve.",
    "Monday. Tuesday. Thursday. Friday.",
    "Red. Green. Yellow. Blue. Brown. Black.",
)
EARLIEST_S = 0.25
"""Cuts come no earlier: of less the recogniser makes anything."""
_HOP = RATE * 5 // 1000
_QUIET = 32768 * 10 ** (-42 / 20)


def played(said: Sequence[str], recognised: Sequence[str]) -> int:
    """How many words of ``said`` were played, if ``recognised`` is what was understood: the beginning nearest to it."""
    return min(range(len(said) + 1), key=lambda count: (errors(said[:count], recognised), abs(count - len(recognised))))


def reached(pcm: Pcm, count: int) -> list[float]:
    """Seconds at which HEARD_SHARE of each of ``count`` stretches of sound has passed: those that the longest silences part."""
    frames = pcm[: len(pcm) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > _QUIET)
    ends = np.sort(np.argsort(np.diff(loud), kind="stable")[len(loud) - count :])
    first, last = np.concatenate((loud[:1], loud[ends + 1])), np.concatenate((loud[ends], loud[-1:])) + 1
    return [float(moment) for moment in (first + HEARD_SHARE * (last - first)) * _HOP / RATE]


def counted(text: str, told: Sequence[WordTime], heard_s: float, whole_s: float) -> int:
    return len(words(heard_words(text, told, heard_s, whole_s)))


def line(title: str, differences: Counter[int]) -> str:
    total = differences.total()
    exact, near = differences[0], differences[1] + differences[-1]
    worse = total - exact - near
    bias = sum(difference * count for difference, count in differences.items()) / total
    shares = f"exact {exact / total:6.1%}  one word off {near / total:6.1%}  worse {worse / total:6.1%}"
    return f"{title:40s} {shares}  of {total}, on average {bias:+.2f} words"


async def by_recogniser(
    speaker: RHVoiceSpeaker | FliteSpeaker, ear: MoonshineTranscriber, cuts: int, dice: random.Random, show: bool
) -> tuple[Counter[int], Counter[int]]:
    """Differences (ours less the recogniser's) with the told times, and with estimated ones."""
    told, guessed = Counter[int](), Counter[int]()
    for number in range(cuts):
        text = SENTENCES[number % len(SENTENCES)]
        audio = speaker.speak(text)
        pcm = await drain(audio)
        whole_s = seconds(pcm)
        heard_s = dice.uniform(EARLIEST_S, whole_s)
        understood = (await ear.transcribe(mu_law(pcm[: round(heard_s * RATE)]))).text
        count = played(words(text), words(understood))
        difference = counted(text, audio.words, heard_s, whole_s) - count
        told[difference] += 1
        guessed[counted(text, (), heard_s, whole_s) - count] += 1
        if show and abs(difference) > 1:
            say(f"  {heard_s:.2f} s: heard {heard_words(text, audio.words, heard_s, whole_s)!r}, recognised {understood!r}")
    return told, guessed


async def by_silence(speaker: RHVoiceSpeaker | FliteSpeaker, cuts: int, dice: random.Random) -> Counter[int]:
    differences = Counter[int]()
    for number in range(cuts):
        text = ROWS[number % len(ROWS)]
        audio = speaker.speak(text)
        pcm = await drain(audio)
        moments = reached(pcm, len(words(text)))
        heard_s = dice.uniform(0, seconds(pcm))
        differences[counted(text, audio.words, heard_s, seconds(pcm)) - sum(moment <= heard_s for moment in moments)] += 1
    return differences


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cuts", type=int, default=200, help="interruptions per voice and judge")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voices", nargs="*", default=VOICES)
    parser.add_argument("--show", action="store_true", help="the cuts where the judges differ by more than a word")
    asyncio.run(measure(parser.parse_args(argv)))
    return 0


async def measure(wanted: argparse.Namespace) -> None:
    ear = MoonshineTranscriber(1)
    for name in wanted.voices:
        dice = random.Random(f"{wanted.seed} {name}")
        speaker = open_voice(name, UnpackedTree(RUNTIME / "root"))
        try:
            told, guessed = await by_recogniser(speaker, ear, wanted.cuts, dice, wanted.show)
            say(line(f"{name}, recogniser", told))
            say(line(f"{name}, recogniser, estimate only", guessed))
            say(line(f"{name}, silences", await by_silence(speaker, wanted.cuts, dice)))
        finally:
            await speaker.close()
    await ear.close()


if __name__ == "__main__":
    sys.exit(main())
