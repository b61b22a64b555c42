"""Every RTP packet of a call as it crossed the caller's socket: the ground truth of all measurements.

Times are nanoseconds on ``time.monotonic_ns()``: of sending, right before the system call; of receiving, the kernel's own stamp.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from ari_app.media.g711 import LAW_OF_TYPE


class Sent(NamedTuple):
    due_ns: int
    """When the absolute clock wanted it sent."""
    at_ns: int
    sequence: int
    timestamp: int
    payload_type: int
    payload: bytes
    lost: bool
    """Withheld on purpose."""
    clean_dbov: float | None = None
    """Level of what the caller says in this packet before gain, noise and echo; None: the payload is just that."""


class Received(NamedTuple):
    at_ns: int
    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    payload: bytes

    @property
    def is_audio(self) -> bool:
        return self.payload_type in LAW_OF_TYPE


@dataclass(slots=True)
class PacketLog:
    """Appended to by the RTP threads; readers take slices, which is safe while it grows."""

    sent: list[Sent] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    unreadable: int = 0
    """Datagrams received that were not RTP."""
    kernel_stamps: bool = True
    """False once a packet came without the kernel's time stamp and the reading thread's clock was used."""
    stalls: int = 0
    """Times the sending clock was more than 200 ms late and began anew."""

    def audio_received(self) -> list[Received]:
        return [packet for packet in self.received if packet.is_audio]

    def audio_sent(self) -> list[Sent]:
        return [packet for packet in self.sent if packet.payload_type in LAW_OF_TYPE]
