"""From a clean voice to what the analyser hears: the manner of speaking, noise, G.711 and back to 16 kHz. All pure.

Anger is synthetic here: the same synthesised sentence louder, higher, faster, with wider movements of level and more high sounds. It has no
shouting, no trembling and no breath of a real voice.
"""

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from ari_app.media.g711 import decode, encode
from tests.bench.emotion_calls.call import Line, Utterance
from tests.bench.turns.sounds_noises import band_noise
from tests.bench.turns.sounds_shaping import active_dbov, amplified

LINE_RATE: Final = 8000
LEAD_S: Final = 0.2
TAIL_S: Final = 0.1
"""Of the line's sound around the voice, as the voice detection keeps it."""
_TILT_FROM_HZ: Final = 1000.0
_ENVELOPE_S: Final = 0.15


def shaped(voice: Pcm, how: Utterance) -> Pcm:
    """``voice`` at 8 kHz in the manner of the utterance, at its level."""
    sound = voice.astype(np.float64)
    if how.semitones:
        sound = soxr.resample(sound, LINE_RATE * 2 ** (how.semitones / 12), LINE_RATE)
    if how.tilt_db:
        sound = _tilted(sound, how.tilt_db)
    if how.widening != 1.0:
        sound = _widened(sound, how.widening)
    whole = np.asarray(np.clip(np.rint(sound), -32_000, 32_000), dtype=np.int16)
    return amplified(whole, how.level_dbov - active_dbov(whole))


def _tilted(sound: NDArray[np.float64], tilt_db: float) -> NDArray[np.float64]:
    hertz = np.fft.rfftfreq(len(sound), 1 / LINE_RATE)
    gain_db = tilt_db * np.log2(np.maximum(hertz, _TILT_FROM_HZ) / _TILT_FROM_HZ)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * 10 ** (gain_db / 20), len(sound)))


def _widened(sound: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    """Levels of the slow envelope raised to the power ``by``; pauses stay as quiet as they were or become quieter."""
    window = np.hanning(round(_ENVELOPE_S * LINE_RATE))
    power = np.convolve(sound**2, window / window.sum(), mode="same")[: len(sound)]
    envelope = np.sqrt(np.maximum(power, 1.0))
    return np.asarray(sound * (envelope / envelope.max()) ** (by - 1))


def noise_of(line: Line, seconds_: float, usual_dbov: float, seed: int, crowd: tuple[Pcm, ...]) -> NDArray[np.float64]:
    """The noise of one utterance, at 8 kHz and full scale 32768, ``line.snr_db`` below the usual level. ``crowd``: speech for babble."""
    count = round(seconds_ * LINE_RATE)
    chance = np.random.default_rng(seed)
    if line.noise == "none":
        return np.zeros(count)
    if line.noise == "street":
        slow = 1 + 0.4 * np.sin(2 * np.pi * chance.uniform(0.2, 0.6) * np.arange(count) / LINE_RATE + chance.uniform(0, 6))
        made = band_noise(chance, (count + 1) / LINE_RATE, 80, 3400, 4.0)[:count] * slow
    else:
        made = np.zeros(count)
        for voice in crowd:
            repeated = np.resize(voice.astype(np.float64), count + len(voice))
            start = int(chance.integers(len(voice)))
            made += repeated[start : start + count]
    rms = float(np.sqrt((made**2).mean()))
    return made / rms * 32768 * 10 ** ((usual_dbov - line.snr_db) / 20)


def with_noise(voice: Pcm, line: Line, usual_dbov: float, seed: int, crowd: tuple[Pcm, ...] = ()) -> Pcm:
    """The voice with what is around it, at 8 kHz, before any codec."""
    padded = np.pad(voice.astype(np.float64), (round(LEAD_S * LINE_RATE), round(TAIL_S * LINE_RATE)))
    noisy = padded + noise_of(line, len(padded) / LINE_RATE, usual_dbov, seed, crowd)
    return np.asarray(np.clip(np.rint(noisy), -32_768, 32_767), dtype=np.int16)


def over_the_line(said: Pcm) -> Pcm:
    """``with_noise`` through mu-law at 8 kHz, at the 16 kHz of the analysis."""
    narrow = np.frombuffer(decode(encode(said.tobytes(), "ulaw"), "ulaw"), dtype=np.int16)
    return np.asarray(np.clip(np.rint(soxr.resample(narrow.astype(np.float64), LINE_RATE, RATE)), -32_768, 32_767), dtype=np.int16)
