"""Everything that crossed the caller's socket in one call, and what the caller did: enough to measure the call again later."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.caller.packet_log import Received
from ari_app.caller.speech_level import LEAST_DBOV, Spurt, levels_of, spurts
from ari_app.media.g711 import LAW_OF_TYPE, RATE, decode

_JUMP: Final = RATE
"""Samples between the time stamps of two packets beyond which the sender has begun anew."""
_NS_PER_SAMPLE: Final = 1_000_000_000 // RATE


class Status(Enum):
    PLAYED = "played"
    SKIPPED = "skipped"
    """The agent did not speak, or was not silent, when the event was due: nothing was played."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one planned event. Times in ns on the monotonic clock."""

    event: str
    status: Status
    turn_ns: int
    """First speech frame of the agent's turn that the event belongs to, as the caller heard it live; 0: none."""
    start_ns: int
    """First packet of the sound left. For a turn that is only listened to: its beginning."""
    onset_ns: int
    """Its first speech frame left."""
    end_ns: int
    """Its last speech frame left."""
    until_ns: int
    """The caller waited for what comes of it until here."""


@dataclass(eq=False)
class Capture:
    """One call. Packets of audio received, in order of arrival."""

    number: int
    """Of the call in the plan; 0 for a recording of the references."""
    caller_id: str
    law: str
    invite_ns: int
    wall_minus_monotonic_ns: int
    at_ns: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    sources: NDArray[np.int64]
    payloads: NDArray[np.uint8]
    """Shape (packets, bytes)."""
    played: list[Played] = field(default_factory=list)
    problem: str = ""
    """Why the caller gave up, empty when the call went to its end."""

    @cached_property
    def levels(self) -> list[float]:
        """dBov of each packet."""
        return levels_of([row.tobytes() for row in self.payloads], [LAW_OF_TYPE[0 if self.law == "ulaw" else 8]] * len(self.payloads))

    @cached_property
    def frames(self) -> list[tuple[int, float]]:
        return list(zip(self.at_ns.tolist(), self.levels, strict=True))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First sample of each packet on the call's line of samples: by RTP time stamps, however late it came; by arrival after a jump."""
        starts = np.zeros(len(self.at_ns), dtype=np.int64)
        for index in range(1, len(starts)):
            step = int((self.timestamps[index] - self.timestamps[index - 1] + 2**31) % 2**32 - 2**31)
            if self.sources[index] != self.sources[index - 1] or abs(step) > _JUMP:
                step = int(self.at_ns[index] - self.at_ns[index - 1]) // _NS_PER_SAMPLE
            starts[index] = starts[index - 1] + step
        return starts

    @cached_property
    def pcm(self) -> Pcm:
        """What the agent said, on the line of samples; packets that never came are silence."""
        size = self.payloads.shape[1]
        pcm = np.zeros(int(self.starts[-1]) + size if len(self.starts) else 0, dtype=np.int16)
        decoded = np.frombuffer(decode(self.payloads.tobytes(), LAW_OF_TYPE[0 if self.law == "ulaw" else 8]), dtype=np.int16)
        for start, samples in zip(self.starts.tolist(), decoded.reshape(-1, size), strict=True):
            if start >= 0:
                pcm[start : start + size] = samples
        return pcm

    def sample_at(self, at_ns: int) -> int:
        """First sample of the first packet that arrived at this time or later."""
        index = int(np.searchsorted(self.at_ns, at_ns))
        return int(self.starts[index]) if index < len(self.starts) else len(self.pcm)

    def time_of(self, sample: int) -> int:
        """When the packet with this sample arrived: from then on it could be heard."""
        index = int(np.searchsorted(self.starts, sample, side="right")) - 1
        return int(self.at_ns[max(0, index)])

    def spurts(self, start_ns: int, end_ns: int, bridge_ms: float = 300.0) -> list[Spurt]:
        """Talk spurts of the agent between two times; the line to the caller is without noise, so the threshold is fixed."""
        first, last = (int(np.searchsorted(self.at_ns, at)) for at in (start_ns, end_ns))
        return spurts(self.frames[first:last], LEAST_DBOV, bridge_ms)

    def speech_frames(self, start_ns: int, end_ns: int) -> list[int]:
        """Times of the agent's speech frames between two times, the first included."""
        first, last = (int(np.searchsorted(self.at_ns, at)) for at in (start_ns, end_ns))
        return [at for at, level in self.frames[first:last] if level > LEAST_DBOV]

    @classmethod
    def of(cls, packets: Sequence[Received], **facts: Any) -> "Capture":
        """Of what was received; packets that are not G.711 or not of the usual length are left out."""
        audio = [packet for packet in packets if packet.is_audio and len(packet.payload) == 160]
        return cls(
            law=LAW_OF_TYPE[audio[0].payload_type] if audio else "ulaw",
            at_ns=np.array([packet.at_ns for packet in audio], dtype=np.int64),
            timestamps=np.array([packet.timestamp for packet in audio], dtype=np.int64),
            sources=np.array([packet.ssrc for packet in audio], dtype=np.int64),
            payloads=np.frombuffer(b"".join(packet.payload for packet in audio), dtype=np.uint8).reshape(-1, 160),
            **facts,
        )

    def save(self, path: Path) -> None:
        """One ``.npz`` file."""
        facts = {
            "number": self.number,
            "caller_id": self.caller_id,
            "law": self.law,
            "invite_ns": self.invite_ns,
            "wall_minus_monotonic_ns": self.wall_minus_monotonic_ns,
            "problem": self.problem,
            "played": [{**asdict(each), "status": each.status.value} for each in self.played],
        }
        np.savez(
            path,
            facts=np.array(json.dumps(facts)),
            at_ns=self.at_ns,
            timestamps=self.timestamps,
            sources=self.sources,
            payloads=self.payloads,
        )

    @classmethod
    def load(cls, path: Path) -> "Capture":
        with np.load(path) as file:
            facts = json.loads(str(file["facts"]))
            arrays = {name: file[name] for name in ("at_ns", "timestamps", "sources", "payloads")}
        played = [Played(**{**each, "status": Status(each["status"])}) for each in facts.pop("played")]
        return cls(**facts, **arrays, played=played)
