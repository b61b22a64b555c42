"""G.711 both laws (ITU-T G.711), 8 kHz, one byte per sample."""

import math
import warnings
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from ari_app.media.rtp import PCMA, PCMU

with warnings.catch_warnings():
    # 3.11 and 3.12 announce that 3.13 drops the module; there the package audioop-lts brings it back under the same name.
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import audioop

Law: TypeAlias = Literal["ulaw", "alaw"]

RATE: Final = 8000
"""Samples, and bytes, per second."""
FRAME: Final = 160
"""Samples, and bytes, in 20 ms."""
SILENCE: Final[dict[Law, bytes]] = {"ulaw": b"\xff", "alaw": b"\xd5"}
"""The byte that means zero."""
PAYLOAD_TYPE: Final[dict[Law, int]] = {"ulaw": PCMU, "alaw": PCMA}
LAW_OF_TYPE: Final[dict[int, Law]] = {PCMU: "ulaw", PCMA: "alaw"}


def decode(payload: bytes, law: Law) -> bytes:
    """Signed 16-bit native-endian samples of ``payload``."""
    return bytes(audioop.ulaw2lin(payload, 2) if law == "ulaw" else audioop.alaw2lin(payload, 2))


DECODER: Final[dict[Law, Callable[[bytes, int], bytes]]] = {"ulaw": audioop.ulaw2lin, "alaw": audioop.alaw2lin}
"""``decode`` for who does it for every packet; the second argument is always 2."""


def encode(pcm: bytes, law: Law) -> bytes:
    """The law's bytes for signed 16-bit native-endian samples."""
    return bytes(audioop.lin2ulaw(pcm, 2) if law == "ulaw" else audioop.lin2alaw(pcm, 2))


def level_dbov(pcm: bytes | bytearray) -> float:
    """Root mean square of signed 16-bit native-endian samples, in dB below 32768; -100 for digital silence."""
    rms = audioop.rms(pcm, 2)
    return 20 * math.log10(rms) - 90.309 if rms else -100.0


def transcode(payload: bytes, source: Law, target: Law) -> bytes:
    """``payload`` in the other law; unchanged when the laws are the same."""
    return payload if source == target else encode(decode(payload, source), target)


def scale(payload: bytes, law: Law, factor: float) -> bytes:
    """``payload`` with its amplitude multiplied by ``factor`` (0 to 1)."""
    return encode(audioop.mul(decode(payload, law), 2, factor), law)


def softer(pcm: bytes, factor: float) -> bytes:
    """Signed 16-bit native-endian samples with their amplitude multiplied by ``factor`` (0 to 1)."""
    return bytes(audioop.mul(pcm, 2, factor))


def mixed(first: bytes, second: bytes) -> bytes:
    """The sum of signed 16-bit native-endian samples, as many of each, limited to 16 bits."""
    return bytes(audioop.add(first, second, 2))
