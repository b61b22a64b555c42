"""A caller whose speakerphone returns the agent's voice: synthetic room, line noise, G.711 both ways, lost packets. All audio is 8 kHz.

Deterministic: everything random comes from the seed.
"""

import importlib.util
import os
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.media.canceller import EchoCanceller
from ari_app.media.g711 import FRAME, RATE, decode, encode
from ari_app.media.listen import Heard, Listener, SpurtAudio
from ari_app.media.speex_echo import NoCanceller, SpeexLibrary, find
from ari_app.media.vad import shared_session

Signal = NDArray[np.float64]
_FULL = 32768.0
_FADES = (0.8, 0.5, 0.2)


def library() -> SpeexLibrary | None:
    """libspeexdsp of the runtime of packages or of the system; None when there is none."""
    project = Path(__file__).resolve().parents[3]
    runtime = Path(os.environ.get("PATCHCORD_RUNTIME", project / ".patchcord" / "runtime"))
    try:
        return SpeexLibrary(find(runtime / "root"))
    except NoCanceller:
        return None


def reading(name: str) -> Pcm:
    """A recording that comes with the recogniser: ``two_cities`` or ``beckett``, two men reading."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec and spec.origin, "the recogniser's package is missing"
    with wave.open(str(Path(spec.origin).parent / "assets" / f"{name}.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        rate = file.getframerate()
    telephone: Pcm = np.clip(soxr.resample(samples.astype(np.float64), rate, RATE), -32768, 32767).astype(np.int16)
    return telephone


def level_dbov(pcm: NDArray[np.generic]) -> float:
    """Of the voiced part."""
    signal = pcm.astype(np.float64)
    active = signal[np.abs(signal) > 200]
    return float(20 * np.log10(np.sqrt(np.mean(active**2)) / _FULL)) if len(active) else -100.0


def at_level(pcm: Pcm, dbov: float) -> Pcm:
    scaled: Pcm = np.clip(pcm * 10 ** ((dbov - level_dbov(pcm)) / 20), -32768, 32767).astype(np.int16)
    return scaled


def law(pcm: NDArray[np.generic]) -> Pcm:
    """Through G.711 and back."""
    return np.frombuffer(decode(encode(np.clip(pcm, -32768, 32767).astype(np.int16).tobytes(), "ulaw"), "ulaw"), dtype=np.int16)


@dataclass(frozen=True)
class Speakerphone:
    """``delay_ms`` of 0 or less: it returns nothing."""

    gain_db: float = -15.0
    delay_ms: float = 100.0
    room_ms: float = 30.0
    """Time in which the room's response falls by 60 dB."""
    noise_dbov: float = -60.0
    loss: float = 0.0
    """Share of packets lost in each direction, in bursts of 1.5 on average, concealed by fading repetition."""
    clip_at: float = 0.0
    """Loudspeaker that saturates softly at this amplitude; 0: a linear one."""
    seed: int = 1

    def hears(self, played: Pcm, near: Pcm | None = None) -> Pcm:
        """What the line receives while ``played`` leaves and ``near`` (as long) is said at the far end."""
        rng = np.random.default_rng(self.seed)
        sound = self._lossy(law(played).astype(np.float64), rng)
        if self.clip_at:
            sound = self.clip_at * np.tanh(sound / self.clip_at)
        echo = np.convolve(sound, _room(self.room_ms, rng))[: len(sound)] * 10 ** (self.gain_db / 20)
        late = round(self.delay_ms * RATE / 1000)
        out = np.concatenate((np.zeros(late), echo))[: len(played)] if late > 0 else np.zeros(len(played))
        out += rng.standard_normal(len(out)) * _FULL * 10 ** (self.noise_dbov / 20)
        if near is not None:
            out += near
        return self._lossy(law(out).astype(np.float64), rng).astype(np.int16)

    def _lossy(self, signal: Signal, rng: np.random.Generator) -> Signal:
        if not self.loss:
            return signal
        out, missed = signal.copy(), 0
        for start in range(0, len(signal) - FRAME + 1, FRAME):
            lost = rng.random() < (1 / 3 if missed else self.loss / 1.5)
            missed = missed + 1 if lost else 0
            if lost and start >= FRAME * missed:
                fade = _FADES[missed - 1] if missed <= len(_FADES) else 0.0
                out[start : start + FRAME] = signal[start - FRAME * missed : start - FRAME * (missed - 1)] * fade
        return out


def _room(decay_ms: float, rng: np.random.Generator) -> Signal:
    """A direct sound and noise that dies away, of energy 1."""
    samples = np.arange(int(1.5 * decay_ms * RATE / 1000))
    response = rng.standard_normal(len(samples)) * 10 ** (-3 * samples / (decay_ms * RATE / 1000))
    response[0] = 2 * np.abs(response).max()
    normal: Signal = response / np.sqrt(np.sum(response**2))
    return normal


@dataclass
class Listened:
    cleaned: Pcm
    events: list[tuple[float, Heard]] = field(default_factory=list)
    """When it was said, and what."""

    def times(self, kind: type[Heard]) -> list[float]:
        return [when for when, heard in self.events if isinstance(heard, kind)]


def listen(played: Pcm, received: Pcm, canceller: EchoCanceller | None) -> Listened:
    """One call, as a leg makes it: a frame goes out, 20 ms later a packet has come in. Times count from the start."""
    listener = Listener(shared_session(), None, canceller.explains if canceller else None)
    sent = law(played)
    cleaned: list[bytes] = []
    listened = Listened(np.zeros(0, np.int16))
    for start in range(0, len(received) - FRAME + 1, FRAME):
        now = (start + FRAME) / RATE
        pcm8 = received[start : start + FRAME].tobytes()
        if canceller is not None:
            canceller.played(sent[start : start + FRAME].tobytes(), now - FRAME / RATE)
            pcm8 = canceller.clean(pcm8, now)
        cleaned.append(pcm8)
        listened.events += [(now, heard) for heard in listener.feed(pcm8, now) if not isinstance(heard, SpurtAudio)]
    listened.cleaned = np.frombuffer(b"".join(cleaned), dtype=np.int16)
    return listened


def turns(voice: Pcm, count: int, seconds: float = 4.0, silence_s: float = 0.5) -> Pcm:
    """``count`` agent turns cut from a reading, each between silences."""
    size, quiet = int(seconds * RATE), np.zeros(int(silence_s * RATE), np.int16)
    pieces = [np.concatenate((quiet, voice[index * size : (index + 1) * size], quiet)) for index in range(count)]
    return np.concatenate(pieces)
