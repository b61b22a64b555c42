"""Applies ``LineConditions`` packet by packet, in the thread that sends: some 20 microseconds each, no waiting, no locks."""

import random
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ari_app.caller.line_conditions import BurstLoss, Echo, LineConditions, NoiseShape
from ari_app.media.g711 import LAW_OF_TYPE, RATE, Law, decode, encode
from ari_app.media.sequence import diff32

Samples = NDArray[np.float32]

_NOISE_S: Final = 10
"""The noise repeats after so long, without a seam."""
_RING: Final = 2 * RATE
_REANCHOR: Final = RATE * 120 // 1000
"""Samples between a packet's place by time stamp and its arrival beyond which the stream counts as begun anew."""


def noise(level_dbov: float, samples: int, shape: NoiseShape, seed: int) -> Samples:
    """Noise of exactly this RMS level; white, or pink (power as 1/f from 50 Hz on). It can be repeated without a seam."""
    made = np.random.default_rng(seed).normal(size=samples)
    if shape == "pink":
        spectrum = np.fft.rfft(made)
        hertz = np.fft.rfftfreq(samples, 1 / RATE)
        made = np.fft.irfft(np.where(hertz < 50, 0, spectrum / np.sqrt(np.maximum(hertz, 50))), samples)
    rms = float(np.sqrt((made**2).mean()))
    return np.asarray(made * (32768 * 10 ** (level_dbov / 20) / rms), dtype=np.float32)


class LossModel:
    """``step`` once per packet: whether it is lost."""

    def __init__(self, loss: BurstLoss, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a repeatable bad network, no secret
        # Balance of the two states: share = p / (p + r), with r = 1 / mean burst the way out of the bad one.
        self._leave_bad = 1 / loss.mean_burst
        self._leave_good = loss.share * self._leave_bad / (1 - loss.share)
        self._bad = self._random.random() < loss.share

    def step(self) -> bool:
        lost = self._bad
        leaves = self._random.random() < (self._leave_bad if self._bad else self._leave_good)
        self._bad = self._bad != leaves
        return lost


class EchoPath:
    """What was received, on a time line of samples, and its echo at any later time.

    A received packet can be heard from its arrival on (later ones of a stream by their time stamps, so that jitter leaves no seams); a
    packet that arrives after its echo was due is not echoed.
    """

    def __init__(self, echo: Echo) -> None:
        response = np.array(echo.response, dtype=np.float64)
        response *= 10 ** (-echo.attenuation_db / 20) / np.sqrt((response**2).sum())
        self._response = response.astype(np.float32)
        self._delay = round(echo.delay_ms * RATE / 1000)
        self._arrived: deque[tuple[int, int, int, int, bytes]] = deque()
        self._ring = np.zeros(_RING, dtype=np.float32)
        self._cleared = 0
        """Everything before this sample has been echoed for good; its place in the ring holds what comes one ring later."""
        self._anchor: tuple[int, int, int] | None = None
        """Stream, time stamp and place of the packet that the others are placed by."""

    def heard(self, at_ns: int, timestamp: int, ssrc: int, payload_type: int, payload: bytes) -> None:
        """Receiving thread."""
        self._arrived.append((at_ns, timestamp, ssrc, payload_type, payload))

    def spoken(self, until_ns: int, samples: int) -> Samples:
        """Sending thread: the echo in the ``samples`` samples before this time. Times must not go back."""
        taps = len(self._response)
        end = _sample(until_ns) - self._delay
        start = end - samples - taps + 1
        if start - self._cleared > _RING // 2:  # the first packet, or the clock stood still
            self._ring[:], self._cleared = 0, start
        while self._arrived:
            self._place(*self._arrived.popleft())
        heard = self._take(start, end)
        echo = heard * self._response[0] if taps == 1 else np.convolve(heard, self._response, "valid")
        self._clear(end - taps + 1)
        return echo

    def _place(self, at_ns: int, timestamp: int, ssrc: int, payload_type: int, payload: bytes) -> None:
        arrived = _sample(at_ns)
        place = arrived
        if self._anchor is not None and self._anchor[0] == ssrc:
            place = self._anchor[2] + diff32(timestamp, self._anchor[1])
        if self._anchor is None or self._anchor[0] != ssrc or abs(place - arrived) > _REANCHOR:
            self._anchor, place = (ssrc, timestamp, arrived), arrived
        pcm = np.frombuffer(decode(payload, LAW_OF_TYPE[payload_type]), dtype=np.int16)
        late = max(0, self._cleared - place)
        places = np.arange(place + late, place + len(pcm)) % _RING
        self._ring[places] = pcm[late:]

    def _take(self, start: int, end: int) -> Samples:
        first = start % _RING
        if first + end - start <= _RING:
            return self._ring[first : first + end - start]
        return np.concatenate((self._ring[first:], self._ring[: first + end - start - _RING]))

    def _clear(self, until: int) -> None:
        if until > self._cleared:
            self._ring[np.arange(self._cleared, until) % _RING] = 0
            self._cleared = until


class ImpairedLine:
    """The audio side of one session's conditions."""

    def __init__(self, conditions: LineConditions, law: Law, packet_ms: int) -> None:
        self._law = law
        self._size = packet_ms * RATE // 1000
        self._gain = np.float32(10 ** (conditions.speech_gain_db / 20))
        self._noise: Samples | None = None
        if conditions.noise_dbov is not None:
            packets = _NOISE_S * RATE // self._size
            made = noise(conditions.noise_dbov, packets * self._size, conditions.noise_shape, conditions.seed)
            self._noise = made.reshape(packets, self._size)
        self._next = 0
        self.echo = EchoPath(conditions.echo) if conditions.echo is not None else None

    def packet(self, payload: bytes, due_ns: int) -> bytes:
        """What is sent at ``due_ns`` when the caller says ``payload``."""
        mixed = np.frombuffer(decode(payload, self._law), dtype=np.int16) * self._gain
        if self._noise is not None:
            mixed += self._noise[self._next]
            self._next = (self._next + 1) % len(self._noise)
        if self.echo is not None:
            mixed += self.echo.spoken(due_ns, self._size)
        return encode(np.clip(np.rint(mixed), -32768, 32767).astype(np.int16).tobytes(), self._law)


def _sample(at_ns: int) -> int:
    return at_ns * RATE // 1_000_000_000
