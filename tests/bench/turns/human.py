"""Recordings of people: Asterisk's prompts, fetched like its packages, and the evaluation sets beside the checkout, where they are."""

import csv
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.script import ScriptError, read_wav, to_line_rate
from ari_app.pbx.errors import PackageError
from ari_app.pbx.packages import fetch
from ari_app.pbx.runtime import RuntimeRoot
from tests.bench.turns.sounds_shaping import at_speech_level, hop_levels, trimmed
from tests.bench.turns.voices import cached, keep
from tests.conftest import DATA_SETS, PROJECT

PACKAGES: Final = ("asterisk-core-sounds-en-wav", "flac")
DIGIT_SPEAKERS: Final = {"tune": ("george", "jackson", "theo"), "report": ("lucas", "nicolas", "yweweler")}
ACTORS: Final = {"tune": range(1, 7), "report": range(7, 13)}
STATEMENTS: Final = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
EMOTIONS: Final = ("01", "02", "03", "05")
"""Neutral, calm, happy, angry, as the third field of a RAVDESS file name counts them."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    text: str
    pcm: Pcm
    """8 kHz, at SPEECH_DBOV, without the silence around it."""
    voice: str
    source: str


class People:
    """What there is of them on this machine."""

    def __init__(self, packages: RuntimeRoot | None, data: Path = DATA_SETS) -> None:
        self._packages = packages
        self._data = data

    @classmethod
    async def gather(cls) -> "People":
        """Fetches the prompts once (a few seconds); without a network they are left out."""
        try:
            found = await fetch(PROJECT / ".patchcord" / "test-recordings", PACKAGES[:1], PACKAGES[1:], lambda stage, done, total: None)
        except PackageError as error:
            _log.warning("recorded_prompts_missing", extra={"problem": str(error)})
            return cls(None)
        return cls(RuntimeRoot(found.root))

    def prompts(self, wanted: dict[str, str]) -> Iterator[Recording]:
        """By name in the sounds folder."""
        if self._packages is None:
            return
        folder = self._packages.path / "usr/share/asterisk/sounds/en"
        for name, text in wanted.items():
            if (path := folder / f"{name}.wav").exists():
                yield Recording(name, text, cleaned(read_wav(path)), "person:allison", "asterisk-core-sounds-en")

    def digits(self, speaker: str) -> dict[str, list[Recording]]:
        """Takes of every digit by one speaker of the Free Spoken Digit Dataset."""
        found: dict[str, list[Recording]] = {}
        for path in sorted((self._data / "speech" / "digits").glob(f"?_{speaker}_*.wav")):
            take = Recording(path.stem, path.stem[0], cleaned(read_wav(path)), f"person:digits-{speaker}", "digits")
            found.setdefault(take.text, []).append(take)
        return found

    def statements(self, actor: int) -> Iterator[Recording]:
        """Two short sentences in several moods, each said normally and once (RAVDESS)."""
        for emotion in EMOTIONS:
            for statement, text in STATEMENTS.items():
                path = self._data / "emotion" / "ravdess" / f"03-01-{emotion}-01-{statement}-01-{actor:02}.flac"
                if (pcm := self._flac(path)) is not None:
                    yield Recording(path.stem, text, pcm, f"person:actor-{actor:02}", "ravdess")

    def readings(self) -> Iterator[Recording]:
        """Read sentences and a speech, 2 to 12 s long."""
        listing = self._data / "speech" / "read" / "transcripts.tsv"
        if not listing.exists():
            return
        with listing.open(encoding="utf-8") as file:
            rows = [(row["file"], row["text"]) for row in csv.DictReader(file, delimiter="\t")]
        for name, text in rows:
            path = listing.parent / name
            pcm = self._flac(path) if path.suffix == ".flac" else cleaned(read_wav(path))
            if pcm is not None:
                yield Recording(path.stem, text, pcm, f"person:{'jfk' if path.stem == 'jfk' else 'reader'}", "read")

    def _flac(self, path: Path) -> Pcm | None:
        if not path.exists() or self._packages is None or not self._packages.has("flac"):
            return None
        kept = cached(f"{path.name}|{path.stat().st_size}")
        if not kept.exists():
            raw = ("--decode", "--stdout", "--silent", "--force-raw-format", "--endian=little", "--sign=signed")
            command = self._packages.command("flac", *raw, str(path))
            ran = subprocess.run(command, capture_output=True, check=False, env=self._packages.environment())
            if ran.returncode:
                raise ScriptError(f"{path}: cannot be decoded ({ran.stderr.decode(errors='replace').strip()})")
            with path.open("rb") as file:
                keep(kept, cleaned(_samples(ran.stdout, file.read(42))))
        return read_wav(kept)


def _samples(raw: bytes, header: bytes) -> Pcm:
    """``header``: the beginning of the FLAC file, which says what ``raw`` is (RFC 9639, 8.2: rate, channels and bits in 28 bits)."""
    described = int.from_bytes(header[18:22], "big")
    rate, channels, bits = described >> 12, (described >> 9 & 7) + 1, (described >> 4 & 31) + 1
    width = (bits + 7) // 8
    places = np.frombuffer(raw, dtype=np.uint8).reshape(-1, channels, width)
    most = places[..., -2:] if width > 1 else np.concatenate((np.zeros_like(places), places), axis=2)
    samples = np.ascontiguousarray(most).view("<i2")[..., 0]
    return to_line_rate(samples.mean(axis=1).astype(np.int16), rate)


def cleaned(pcm: Pcm) -> Pcm:
    """Levelled, and cut to the speech: what is 10 dB above the recording's own hiss, at least -50 dBov."""
    levelled = at_speech_level(pcm)
    hiss = float(np.percentile(hop_levels(levelled), 5))
    return trimmed(levelled, min(max(-50.0, hiss + 10), -38.0))
