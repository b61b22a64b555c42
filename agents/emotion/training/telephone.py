"""What a telephone line does to a voice: 8 kHz, G.711, the level of the line, noise, lost packets.

A line belongs to one speaker and stays the same for all of their clips, as in a call: how much louder somebody is when they are angry
must survive, how loud their telephone is must not matter.
"""

import math
import random
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

with warnings.catch_warnings():
    # 3.11 and 3.12 announce that 3.13 drops the module; there the package audioop-lts brings it back under the same name.
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import audioop

Condition: TypeAlias = Literal["clean", "ulaw", "alaw", "line"]
"""clean: as recorded. ulaw, alaw: 8 kHz G.711 and back. line: that, with level, noise and losses drawn for each speaker."""
Law: TypeAlias = Literal["ulaw", "alaw"]
CONDITIONS: Final[tuple[Condition, ...]] = ("clean", "ulaw", "alaw", "line")
LINE_RATE: Final = 8000
LEVELS_DBOV: Final = (-35.0, -15.0)
"""Active speech levels of lines; -26 is the nominal one of ITU-T P.56 tests."""
NOISE_BELOW_DB: Final = (15.0, 45.0)
LOSS: Final = (0.0, 0.03)
"""Share of packets lost."""
_LOSS_RUN: Final = 2.0
"""Packets that are lost in a row, on average."""
_PACKET: Final = LINE_RATE // 50
_LOW_CUT_HZ: Final = (30.0, 300.0)
_FULL: Final = 32768.0


@dataclass(frozen=True, slots=True)
class TelephoneLine:
    """None and 0 leave the thing as it is."""

    law: Law
    gain_db: float = 0.0
    noise_dbov: float | None = None
    noise_tilt: float = 0.0
    """0 white to 1 pink."""
    loss: float = 0.0
    low_cut_hz: float = 0.0
    seed: int = 0


def drawn(clips: Sequence[Pcm], seed: int, who: str) -> TelephoneLine:
    """A line for one speaker with these clips; the same for the same ``seed`` and ``who``."""
    number = zlib.crc32(f"{seed}/{who}".encode())
    draw = random.Random(number)  # noqa: S311 - draws of an experiment that can be repeated
    level = draw.uniform(*LEVELS_DBOV)
    levels = [active_dbov(clip) for clip in clips]
    return TelephoneLine(
        law=draw.choice(("ulaw", "alaw")),
        gain_db=level - float(np.median(levels)) if levels else 0.0,
        noise_dbov=level - draw.uniform(*NOISE_BELOW_DB),
        noise_tilt=draw.random(),
        loss=draw.uniform(*LOSS),
        low_cut_hz=draw.uniform(*_LOW_CUT_HZ),
        seed=number,
    )


def line_for(condition: Condition, clips: Sequence[Pcm], seed: int, who: str) -> TelephoneLine | None:
    """None for ``clean``."""
    match condition:
        case "clean":
            return None
        case "line":
            return drawn(clips, seed, who)
        case law:
            return TelephoneLine(law)


def through(line: TelephoneLine | None, pcm: Pcm, clip: int = 0) -> Pcm:
    """``pcm`` as it arrives, as long as before; ``clip`` is its number on this line: noise and losses differ between numbers."""
    if line is None:
        return pcm
    noise = np.random.default_rng([line.seed, clip])
    narrow = np.asarray(soxr.resample(pcm.astype(np.float64), RATE, LINE_RATE))
    narrow = _cut_low(narrow, line.low_cut_hz) * 10 ** (line.gain_db / 20)
    if line.noise_dbov is not None:
        narrow = narrow + _noise(len(narrow), line.noise_tilt, noise) * _FULL * 10 ** (line.noise_dbov / 20)
    samples = np.clip(np.rint(narrow), -32768, 32767).astype(np.int16)
    heard = _lossy(_coded(samples, line.law), line.loss, noise)
    wide = np.asarray(soxr.resample(heard.astype(np.float64), LINE_RATE, RATE))
    out = np.zeros(len(pcm), dtype=np.int16)
    kept = min(len(out), len(wide))
    out[:kept] = np.clip(np.rint(wide[:kept]), -32768, 32767).astype(np.int16)
    return out


def active_dbov(pcm: Pcm) -> float:
    """Level of the parts of 20 ms that are at most 25 dB below the loudest; -100 for silence."""
    frames = pcm[: len(pcm) // 320 * 320].reshape(-1, 320).astype(np.float64)
    powers = np.mean(frames**2, axis=1) if len(frames) else np.zeros(1)
    loudest = float(powers.max())
    if loudest <= 0:
        return -100.0
    return 10 * math.log10(float(powers[powers >= loudest * 10**-2.5].mean()) / _FULL**2)


def _coded(samples: Pcm, law: Law) -> Pcm:
    data = samples.tobytes()
    back = audioop.ulaw2lin(audioop.lin2ulaw(data, 2), 2) if law == "ulaw" else audioop.alaw2lin(audioop.lin2alaw(data, 2), 2)
    return np.frombuffer(back, dtype=np.int16)


def _cut_low(samples: NDArray[np.float64], cut_hz: float) -> NDArray[np.float64]:
    """Second-order Butterworth magnitude, without a shift in time."""
    if cut_hz <= 0 or not len(samples):
        return samples
    spectrum = np.fft.rfft(samples)
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / LINE_RATE), 1e-3)
    return np.fft.irfft(spectrum / np.sqrt(1 + (cut_hz / hz) ** 4), len(samples))


def _noise(length: int, tilt: float, draw: np.random.Generator) -> NDArray[np.float64]:
    """Of power 1."""
    if not length:
        return np.zeros(0)
    spectrum = np.fft.rfft(draw.standard_normal(length))
    hz = np.maximum(np.fft.rfftfreq(length, 1 / LINE_RATE), 50.0)
    coloured = np.fft.irfft(spectrum / (hz / 1000.0) ** (tilt / 2), length)
    return np.asarray(coloured / max(float(np.sqrt(np.mean(coloured**2))), 1e-12))


def _lossy(samples: Pcm, loss: float, draw: np.random.Generator) -> Pcm:
    """Packets are lost in runs (Gilbert's model); what is lost is silence."""
    if loss <= 0:
        return samples
    heard, lost = samples.copy(), False
    begin, end = loss / (1 - loss) / _LOSS_RUN, 1 / _LOSS_RUN
    for start in range(0, len(samples), _PACKET):
        lost = draw.random() >= end if lost else draw.random() < begin
        if lost:
            heard[start : start + _PACKET] = 0
    return heard
