"""Delay of an echo: by identical packets where the path keeps them whole, by cross-correlation of bursts where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.caller.packet_log import Received, Sent
from ari_app.media.g711 import LAW_OF_TYPE, RATE, decode

BURST_MS: Final = 100


def unique_noise(duration_s: float, level_dbov: float = -20.0, seed: int = 1) -> Pcm:
    """White noise at 8 kHz: no two packets of it are alike, so every one can be found again."""
    noise = np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_dbov / 20), round(duration_s * RATE))
    return np.clip(noise, -32768, 32767).astype(np.int16)


def bursts(duration_s: float, every_ms: int = 500, level_dbov: float = -15.0, seed: int = 1) -> Pcm:
    """A burst of noise, different each time, every ``every_ms``, with silence between."""
    pcm = unique_noise(duration_s, level_dbov, seed)
    inside = np.arange(len(pcm)) % (every_ms * RATE // 1000) < BURST_MS * RATE // 1000
    return np.where(inside, pcm, 0).astype(np.int16)


@dataclass(frozen=True, slots=True)
class FrameEcho:
    delays_ms: list[float]
    """One per packet that came back, in order of sending."""
    lost: int
    """Distinct packets sent whose content never came back."""
    sent: int


def frame_echo(sent: Sequence[Sent], received: Sequence[Received]) -> FrameEcho:
    """Match packets by content. Only contents sent exactly once count, so silence does not."""
    counts: dict[bytes, int] = {}
    for packet in sent:
        counts[packet.payload] = counts.get(packet.payload, 0) + 1
    back: dict[bytes, int] = {}
    for reply in received:
        back.setdefault(reply.payload, reply.at_ns)
    unique = [packet for packet in sent if counts[packet.payload] == 1 and packet.payload_type in LAW_OF_TYPE and not packet.lost]
    delays = [(back[packet.payload] - packet.at_ns) / 1e6 for packet in unique if packet.payload in back]
    return FrameEcho(delays, len(unique) - len(delays), len(unique))


def correlation_delays(sent: Sequence[Sent], received: Sequence[Received], *, most_ms: int = 1000, least: float = 0.5) -> list[float]:
    """Delay in ms of each burst (see ``bursts``): the lag with the highest normalised correlation, if that is at least ``least``."""
    out_pcm, out_times = _stream(sent)
    in_pcm, in_times = _stream(received)
    size = BURST_MS * RATE // 1000
    delays: list[float] = []
    for start in _burst_starts(out_pcm):
        burst = out_pcm[start : start + size]
        first = int(np.searchsorted(in_times, out_times[start]))
        window = in_pcm[first : first + size + most_ms * RATE // 1000]
        if len(burst) < size or len(window) < size:
            continue
        energy = np.convolve(window**2, np.ones(size), "valid")
        score = np.correlate(window, burst, "valid") / np.sqrt(np.maximum(energy * float(np.dot(burst, burst)), 1e-9))
        best = int(np.argmax(score))
        if score[best] >= least:
            delays.append((in_times[first + best] - out_times[start]) / 1e6)
    return delays


def _stream(packets: Sequence[Sent] | Sequence[Received]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Samples in order, and the time of the packet each of them travelled in plus its place there."""
    audio = [packet for packet in packets if packet.payload_type in LAW_OF_TYPE]
    pcm = [np.frombuffer(decode(packet.payload, LAW_OF_TYPE[packet.payload_type]), dtype=np.int16).astype(np.float64) for packet in audio]
    times = [packet.at_ns + np.arange(len(packet.payload), dtype=np.int64) * 125_000 for packet in audio]
    if not audio:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    return np.concatenate(pcm), np.concatenate(times)


def _burst_starts(pcm: NDArray[np.float64]) -> list[int]:
    """Where sound begins after at least 100 ms of silence."""
    loud = np.flatnonzero(np.abs(pcm) > 100)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > RATE // 10)
    return [int(loud[0]), *(int(loud[index + 1]) for index in breaks)]
