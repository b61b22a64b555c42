"""Both sides of a call as WAV files on one time line (8 kHz, 16 bit)."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.packet_log import PacketLog, Received, Sent
from ari_app.media.g711 import LAW_OF_TYPE, RATE, decode
from ari_app.media.sequence import diff32

_REANCHOR_NS: Final = 120_000_000


@dataclass(frozen=True, slots=True)
class Sides:
    """Both arrays begin at ``origin_ns`` and have the same length."""

    origin_ns: int
    caller: Pcm
    agent: Pcm

    def cut(self, side: Pcm, start_ns: int, end_ns: int) -> Pcm:
        """Samples between two times."""
        return side[max(0, self._sample(start_ns)) : max(0, self._sample(end_ns))]

    def _sample(self, at_ns: int) -> int:
        return (at_ns - self.origin_ns) * RATE // 1_000_000_000


def sides(log: PacketLog) -> Sides:
    """Received packets lie by their RTP time stamps, so jitter leaves no seams; a jump against arrival time starts anew."""
    sent, received = log.audio_sent(), log.audio_received()
    origin = min([packet.at_ns for packet in sent[:1]] + [packet.at_ns for packet in received[:1]], default=0)
    placed_out = [((packet.due_ns - origin) * RATE // 1_000_000_000, packet) for packet in sent if not packet.lost]
    placed_in = _by_timestamp(received, origin)
    length = max([position + len(packet.payload) for position, packet in [*placed_out, *placed_in]], default=0)
    return Sides(origin, _render(placed_out, length), _render(placed_in, length))


def _by_timestamp(received: Sequence[Received], origin: int) -> list[tuple[int, Sent | Received]]:
    placed: list[tuple[int, Sent | Received]] = []
    anchor: Received | None = None
    for packet in received:
        if anchor is None or anchor.ssrc != packet.ssrc or abs(_late(packet, anchor)) > _REANCHOR_NS:
            anchor = packet
        at_ns = anchor.at_ns + diff32(packet.timestamp, anchor.timestamp) * 125_000
        placed.append(((at_ns - origin) * RATE // 1_000_000_000, packet))
    return placed


def _late(packet: Received, anchor: Received) -> int:
    return packet.at_ns - anchor.at_ns - diff32(packet.timestamp, anchor.timestamp) * 125_000


def _render(placed: Sequence[tuple[int, Sent | Received]], length: int) -> Pcm:
    pcm = np.zeros(length, dtype=np.int16)
    for position, packet in placed:
        samples = np.frombuffer(decode(packet.payload, LAW_OF_TYPE[packet.payload_type]), dtype=np.int16)
        start = max(0, position)
        end = min(length, position + len(samples))
        if end > start:
            pcm[start:end] = samples[start - position : end - position]
    return pcm


def write_wav(path: Path, *channels: Pcm) -> None:
    """One file with a channel per array, all of one length."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())


def save(both: Sides, folder: Path, name: str) -> dict[str, Path]:
    """``name-caller.wav``, ``name-agent.wav`` and the stereo ``name-both.wav`` (caller left)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {kind: folder / f"{name}-{kind}.wav" for kind in ("caller", "agent", "both")}
    write_wav(files["caller"], both.caller)
    write_wav(files["agent"], both.agent)
    write_wav(files["both"], both.caller, both.agent)
    return files
