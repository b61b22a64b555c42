"""The RTP data packet (RFC 3550, section 5.1): one function that reads it, one that writes it."""

import struct
from typing import Final, NamedTuple

PCMU: Final = 0
"""Payload type of G.711 mu-law (RFC 3551)."""
PCMA: Final = 8
"""Payload type of G.711 A-law (RFC 3551)."""
COMFORT_NOISE: Final = 13
"""Payload type of comfort noise (RFC 3389)."""

HEADER: Final = struct.Struct("!BBHII")
"""Version, padding, extension and count of sources; marker and payload type; sequence number; timestamp; SSRC."""
PLAIN: Final = 0x80
"""First byte of a packet without padding, extension or contributing sources."""
_EXTENSION: Final = struct.Struct("!HH")


class RtpError(ValueError):
    """The datagram is not an RTP packet; the message says why."""


class Packet(NamedTuple):
    """One RTP packet; ``payload`` is without padding."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def parse(datagram: bytes) -> Packet:
    """Read one datagram of any length and content.

    Raises:
        RtpError: for everything that is not a whole RTP version 2 packet. No other error leaves this function.
    """
    size = len(datagram)
    if size < 12:
        raise RtpError(f"{size} bytes are fewer than an RTP header has")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    if first >> 6 != 2:
        raise RtpError(f"RTP version is {first >> 6}, not 2")
    if 192 <= second <= 223:
        raise RtpError(f"packet type {second} is RTCP, not RTP")
    start, end = 12, size
    if first & 0x3F:
        start, end = _payload_bounds(datagram, first)
    return Packet(second & 0x7F, sequence, timestamp, ssrc, datagram[start:end], second >= 0x80)


def _payload_bounds(datagram: bytes, first: int) -> tuple[int, int]:
    start, end = 12 + 4 * (first & 0x0F), len(datagram)
    if first & 0x10:
        if end < start + 4:
            raise RtpError("the header extension is cut off")
        _, words = _EXTENSION.unpack_from(datagram, start)
        start += 4 + 4 * words
    if start > end:
        raise RtpError("the header is longer than the packet")
    if first & 0x20:
        padding = datagram[-1]
        if padding == 0 or padding > end - start:
            raise RtpError(f"padding of {padding} bytes does not fit in {end - start}")
        end -= padding
    return start, end


def build(packet: Packet) -> bytes:
    """The datagram for ``packet``, without contributing sources, extension or padding."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    return HEADER.pack(PLAIN, second, packet.sequence, packet.timestamp, packet.ssrc) + packet.payload
