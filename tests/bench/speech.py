"""Measures the offline speech: how fast the voices and the recogniser are, and how well one understands the other.

Run with: python -m tests.bench.speech [--quick]. The voices come from PATCHCORD_RUNTIME or .patchcord/runtime. Figures called G.711 are
of audio that went through 8 kHz mu-law and back. WER is raw: lower case, no punctuation, digits as words, nothing else is forgiven.
"""

import argparse
import asyncio
import csv
import gzip
import os
import random
import re
import sys
import time
import wave
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from agents.audio import RATE, Pcm, seconds
from agents.stt.digit_words import WORDS
from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.moonshine_model import assets_folder
from agents.stt.transcriber import Hint
from agents.tts.flite import FliteSpeaker
from agents.tts.iterating import drain
from agents.tts.rhvoice import RHVoiceSpeaker
from tests.agents.tts.conftest import UnpackedTree

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data" / "speech"
RUNTIME = Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime")).resolve()
VOICES = ("rhvoice:bdl", "rhvoice:slt", "rhvoice:alan", "rhvoice:clb", "flite:rms", "flite:slt")
DIGITS = ("zero", *WORDS[2:])
SENTENCES = (
    "Where is my order?",
    "I want to speak to a person, please.",
    "What are your opening hours?",
    "Are you open on Saturday?",
    "I would like to know the status of my order.",
    "No, that is wrong.",
    "Yes, that is right.",
    "Can you repeat that, please?",
    "I do not have the number with me.",
    "My parcel has not arrived yet.",
    "Could you connect me with somebody who can help?",
    "Thank you very much, goodbye.",
    "I ordered two pairs of shoes last week.",
    "The wrong item was delivered to my house.",
    "How long will it take to get here?",
    "I need to change the delivery address.",
    "Please call me back tomorrow morning.",
    "Do you have a shop in the city?",
    "This is taking far too long.",
    "I have already told you that twice.",
)


def mu_law(pcm: Pcm) -> Pcm:
    """``pcm`` through 8 kHz G.711 mu-law and back, by the formula of ITU-T G.711 (mu = 255, 8 bits)."""
    narrow = np.clip(soxr.resample(pcm.astype(np.float64) / 32768, RATE, 8000), -1, 1)
    code = np.rint(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    wide = soxr.resample(np.sign(code) * np.expm1(np.abs(code) * np.log(256)) / 255, 8000, RATE)
    out: Pcm = np.clip(np.rint(wide * 32768), -32768, 32767).astype(np.int16)
    return out


def load(path: Path, raw_rate: int = 0) -> Pcm:
    """A WAV file, or signed 16-bit samples at ``raw_rate``, at 16 kHz."""
    if raw_rate:
        pcm, rate = np.frombuffer(path.read_bytes(), dtype="<i2"), raw_rate
    else:
        with wave.open(str(path)) as source:
            pcm, rate = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2"), source.getframerate()
    out: Pcm = np.clip(soxr.resample(pcm.astype(np.float64), rate, RATE), -32768, 32767).astype(np.int16)
    return out


def words(text: str) -> list[str]:
    found = re.findall(r"[a-z']+|\d", text.lower().replace("good-bye", "goodbye"))
    return [DIGITS[int(word)] if word.isdigit() else word for word in found]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Substitutions, insertions and deletions (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1]


def wer(pairs: Iterable[tuple[str, str]]) -> float:
    """Per cent."""
    split = [(words(said), words(heard)) for said, heard in pairs]
    return 100 * sum(errors(said, heard) for said, heard in split) / max(1, sum(len(said) for said, _ in split))


def digits_of(text: str) -> str:
    return "".join(str(DIGITS.index(word)) for word in ("zero" if w == "oh" else w for w in words(text)) if word in DIGITS)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def open_voice(name: str, tree: UnpackedTree) -> RHVoiceSpeaker | FliteSpeaker:
    engine, voice = name.split(":")
    return RHVoiceSpeaker(tree, voice) if engine == "rhvoice" else FliteSpeaker(tree, voice)


async def voice_times(name: str, speaker: RHVoiceSpeaker | FliteSpeaker) -> None:
    first, whole, length = [], [], 0.0
    for sentence in SENTENCES:
        started = time.perf_counter()
        begun = 0.0
        async for chunk in speaker.speak(sentence):
            begun = begun or time.perf_counter() - started
            length += seconds(chunk)
        first.append(begun)
        whole.append(time.perf_counter() - started)
    say(
        f"{name:13} first audio p50 {np.median(first) * 1e3:5.1f} max {max(first) * 1e3:5.1f} ms, "
        f"whole p50 {np.median(whole) * 1e3:5.0f} max {max(whole) * 1e3:4.0f} ms, RTF {sum(whole) / length:.3f}"
    )


async def together(name: str, speaker: RHVoiceSpeaker | FliteSpeaker, calls: int = 10) -> None:
    """First audio when several calls begin a sentence at once."""

    async def one(sentence: str) -> float:
        started = time.perf_counter()
        begun = 0.0
        async for _ in speaker.speak(sentence):
            begun = begun or time.perf_counter() - started
        return begun

    first = await asyncio.gather(*(one(sentence) for sentence in SENTENCES[:calls]))
    say(f"{name:13} {calls} at once: first audio p50 {np.median(first) * 1e3:.0f} max {max(first) * 1e3:.0f} ms")


async def understood(name: str, speaker: RHVoiceSpeaker | FliteSpeaker, ear: MoonshineTranscriber, numbers: Sequence[str]) -> None:
    pairs = []
    for sentence in SENTENCES:
        pairs.append((sentence, (await ear.transcribe(mu_law(await drain(speaker.speak(sentence))))).text))
    exact: dict[str, int] = {}
    for separator in (" ", ", "):
        for hint in Hint:
            right = 0
            for number in numbers:
                audio = mu_law(await drain(speaker.speak(separator.join(DIGITS[int(c)] for c in number) + ".")))
                right += digits_of((await ear.transcribe(audio, hint)).text) == number
            exact[f"{'commas' if ',' in separator else 'plain'}/{hint.value}"] = right
    say(f"{name:13} WER {wer(pairs):4.1f} %, numbers right of {len(numbers)}: {exact}")


async def recogniser_times(ear: MoonshineTranscriber) -> None:
    reading = load(assets_folder().parent / "two_cities.wav")
    for length in (1, 3, 11):
        took = [(await ear.transcribe(reading[: length * RATE])).took_s for _ in range(9)]
        say(f"Moonshine, {length:2} s of speech: p50 {np.median(took) * 1e3:.0f} ms, min {min(took) * 1e3:.0f}, max {max(took) * 1e3:.0f}")


async def score(label: str, ear: MoonshineTranscriber, items: Sequence[tuple[str, Pcm]]) -> None:
    clean = [(text, (await ear.transcribe(pcm)).text) for text, pcm in items]
    phone = [(text, (await ear.transcribe(mu_law(pcm))).text) for text, pcm in items]
    say(f"{label}: {len(items)} utterances, WER clean {wer(clean):.1f} %, G.711 {wer(phone):.1f} %")


def prompts(tree: UnpackedTree, limit: int) -> list[tuple[str, Pcm]]:
    """Asterisk's own English prompts of 4 to 14 words (package asterisk-core-sounds-en-wav; the GSM ones would need a codec)."""
    listing = tree.path / "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
    if not listing.exists():
        return []
    items = []
    for line in gzip.decompress(listing.read_bytes()).decode(errors="replace").splitlines():
        name, _, text = line.partition(":")
        files = [
            p for p in tree.path.glob(f"usr/share/asterisk/sounds/en*/{name.strip()}.*") if p.suffix in (".wav", ".sln", ".sln16", ".slin")
        ]
        if files and 4 <= len(text.split()) <= 14 and "[" not in text:
            rate = {".sln": 8000, ".slin": 8000, ".sln16": 16000}.get(files[0].suffix, 0)
            items.append((text.strip(), load(files[0], rate)))
    random.Random(3).shuffle(items)
    return items[:limit]


def readings(limit: int) -> list[tuple[str, Pcm]]:
    folder = DATA / "read"
    if not (folder / "transcripts.tsv").exists():
        return []
    rows: list[dict[str, Any]] = list(csv.DictReader((folder / "transcripts.tsv").open(encoding="utf-8"), delimiter="\t"))
    keys = list(rows[0]) if rows else []
    return [(row[keys[-1]], load(folder / row[keys[0]])) for row in rows[:limit] if row[keys[0]].endswith(".wav")]


async def single_digits(ear: MoonshineTranscriber, limit: int) -> None:
    files = sorted((DATA / "digits").glob("*.wav"))
    random.Random(3).shuffle(files)
    for hint in Hint:
        right = 0
        for path in files[:limit]:
            right += digits_of((await ear.transcribe(mu_law(load(path)), hint)).text) == path.name[0]
        if files:
            say(f"single digits of people, G.711, hint {hint.value}: {right} of {len(files[:limit])}")


async def measure(quick: bool) -> None:
    tree = UnpackedTree(RUNTIME / "root")
    rng = random.Random(11)
    numbers = ["".join(rng.choice("0123456789") for _ in range(5)) for _ in range(10 if quick else 40)]
    ear = MoonshineTranscriber(threads=2)
    await ear.warm_up()
    await recogniser_times(ear)
    for name in VOICES:
        speaker = open_voice(name, tree)
        await speaker.warm_up()
        await voice_times(name, speaker)
        await together(name, speaker)
        await understood(name, speaker, ear, numbers)
        await speaker.close()
    for label, items in (("Asterisk prompts", prompts(tree, 20 if quick else 80)), ("read speech", readings(2 if quick else 20))):
        if items:
            await score(label, ear, items)
        else:
            say(f"{label}: skipped, not here")
    await single_digits(ear, 50 if quick else 200)
    await ear.close()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures voices and recogniser.")
    parser.add_argument("--quick", action="store_true", help="a quarter of the material")
    asyncio.run(measure(parser.parse_args(argv).quick))
    return 0


if __name__ == "__main__":
    sys.exit(main())
