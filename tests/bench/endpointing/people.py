"""What people said: beginnings and wholes of Asterisk's recorded prompts, of readings, of acted sentences, and single digits."""

import csv
import gzip
import hashlib
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from agents.audio import RATE, Pcm
from tests.agents.tts.conftest import UnpackedTree
from tests.bench import speech
from tests.bench.endpointing.material import Half, Material
from tests.bench.endpointing.numbers import Number
from tests.bench.endpointing.places import cut, stretches, words_of
from tests.bench.turns import human_prompts as prompts_told

SHARED: Final = speech.PROJECT.parent / "shared" / "data"
SOUNDS: Final = speech.PROJECT / ".patchcord" / "test-tools" / "root" / "usr/share/asterisk/sounds/en_US_f_Allison"
LISTING: Final = speech.RUNTIME / "root" / "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"


def half_of_prompt(name: str) -> Half:
    """As in ``tests.bench.turns`` where that uses the prompt, otherwise by chance."""
    told = (prompts_told.SENTENCES, prompts_told.ANSWERS, prompts_told.INTERRUPTIONS, prompts_told.PAUSED)
    if any(name in lists["report"] for lists in told):
        return "report"
    if any(name in lists["tune"] for lists in told):
        return "fit"
    return "report" if hashlib.sha256(name.encode()).digest()[0] % 2 else "fit"


def prompt_texts(half: Half) -> Iterator[tuple[str, Path]]:
    if not LISTING.exists() or not SOUNDS.exists():
        return
    for line in gzip.decompress(LISTING.read_bytes()).decode(errors="replace").splitlines():
        name, _, text = line.partition(":")
        path = SOUNDS / f"{name.strip()}.wav"
        if half_of_prompt(name.strip()) == half and path.exists() and re.search(r"[a-z]{2}", text) and not re.search(r"[\[(*#]", text):
            yield " ".join(text.split()), path


async def prompts(material: Material) -> None:
    """A person's recordings: real pauses, and silence put into real gaps. Sentences that break off by design are no ends."""
    for text, path in prompt_texts(material.half):
        pcm = speech.mu_law(speech.load(path))
        if len(pcm) > 12 * RATE:
            continue
        whole = text.strip(" .")
        if len(words_of(text)) >= 3 and not text.endswith(("...", "…")) and not text.startswith("..."):
            await material.add("prompts", "end", "person:allison", whole, whole, pcm)
        await _inside(material, "prompts", "person:allison", text, pcm)


async def _inside(material: Material, source: str, voice: str, text: str, pcm: Pcm) -> None:
    """Inner pauses of at least 0.2 s where the speaker went on, and up to four gaps between words."""
    found = 0
    for place, length_s in stretches(pcm):
        kind = "natural" if length_s >= 0.2 else "cut"
        if kind == "cut" and found >= 4:
            continue
        piece = cut(pcm, place)
        said = prefix_of(text, (await material.heard(piece))[0])
        if said is not None:
            found += kind == "cut"
            await material.add(source, kind, voice, said, text, piece)


def prefix_of(text: str, heard: str) -> str | None:
    """The beginning of ``text`` that was heard, by its last words; None where that is not clear, or a sentence ends there."""
    mine = words_of(heard)
    tokens = text.split()
    for count in range(1, len(tokens)):
        said = " ".join(tokens[:count])
        others = words_of(said)
        if not others or tokens[count - 1].endswith((".", "?", "!")):
            continue
        if mine[-2:] == others[-2:] and abs(len(mine) - len(others)) <= 2:
            return said
    return None


async def read(material: Material) -> None:
    folder = SHARED / "speech" / "read"
    if not (folder / "transcripts.tsv").exists():
        return
    for row in csv.DictReader((folder / "transcripts.tsv").open(encoding="utf-8"), delimiter="\t"):
        pcm = speech.mu_law(flac(folder / row["file"]) if row["file"].endswith(".flac") else speech.load(folder / row["file"]))
        await material.add("read", "end", "person:reader", row["text"], row["text"], pcm[-8 * RATE :])
        await _inside(material, "read", "person:reader", row["text"], pcm)


async def acted(material: Material) -> None:
    for path in sorted((SHARED / "emotion" / "ravdess").glob("*.flac"))[::4]:
        said = "Kids are talking by the door." if path.name.split("-")[4] == "01" else "Dogs are sitting by the door."
        await material.add("acted", "end", f"person:actor{path.stem[-2:]}", said, said, speech.mu_law(flac(path)))


async def single_digits(material: Material) -> None:
    paths = sorted((SHARED / "speech" / "digits").glob("*.wav"))
    random.Random(5).shuffle(paths)
    by_speaker: dict[str, list[Path]] = {}
    for path in paths:
        by_speaker.setdefault(path.stem.split("_")[1], []).append(path)
    for speaker, files in sorted(by_speaker.items()):
        for path in files[:15]:
            digit = path.name[0]
            await material.add(
                "single digit", "end", f"person:{speaker}", digit, digit, speech.mu_law(speech.load(path)), Number((digit,), 1)
            )


def flac(path: Path) -> Pcm:
    """The first channel at 16 kHz. Raises FileNotFoundError without the program ``flac``."""
    tree = UnpackedTree(speech.PROJECT / ".patchcord" / "test-recordings" / "root")
    shape = ("--show-sample-rate", "--show-channels", "--show-bps")
    told = subprocess.run(tree.command("usr/bin/metaflac", *shape, str(path)), capture_output=True, check=True).stdout
    rate, channels, bits = (int(line) for line in told.split())
    raw = ("-dcs", "--force-raw-format", "--endian=little", "--sign=signed", str(path))
    data = np.frombuffer(subprocess.run(tree.command("usr/bin/flac", *raw), capture_output=True, check=True).stdout, dtype=np.uint8)
    top = data.reshape(-1, bits // 8)[::channels, -2:]
    samples = np.ascontiguousarray(top).view("<i2").ravel()
    out: Pcm = np.clip(soxr.resample(samples.astype(np.float64), rate, RATE), -32768, 32767).astype(np.int16)
    return out
