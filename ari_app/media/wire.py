"""Messages between media and mind on a Unix stream socket.

A message is a header of 9 bytes, big-endian (payload length, kind, call handle), and its payload: JSON for control, for audio a header
of its own and signed 16-bit little-endian samples at 16 kHz.
"""

import json
import struct
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np

from agents.audio import Pcm

MAX_PAYLOAD: Final = 64 * 1024
"""Bytes; two seconds of audio."""
_HEADER: Final = struct.Struct("!IBI")
_CLIP: Final = struct.Struct("!I")
_AT: Final = struct.Struct("!d")
AUDIO_CHUNK: Final = 1600
"""Samples (100 ms) of a clip in one message, so that no message keeps the media process busy for long."""


class WireError(ValueError):
    """What came over the socket is not a message; the connection cannot be used any longer."""


class Kind(IntEnum):
    CONTROL = 1
    """JSON object, either way."""
    CLIP = 2
    """Mind to media: clip number (u32), samples."""
    VOICE = 3
    """Media to mind: time of the first sample (double, monotonic seconds), samples."""
    BED = 4
    """Mind to media, handle 0: number of a loop that any line may use (u32), samples."""


class Message(NamedTuple):
    kind: Kind
    handle: int
    payload: bytes


def control(handle: int, fields: dict[str, Any]) -> bytes:
    """A control message; handle 0 is the connection itself."""
    return _frame(Kind.CONTROL, handle, json.dumps(fields, separators=(",", ":")).encode())


def clip_audio(handle: int, clip: int, pcm: Pcm) -> bytes:
    """Audio of a clip."""
    return _frame(Kind.CLIP, handle, _CLIP.pack(clip) + _bytes(pcm))


def bed_audio(number: int, pcm: Pcm) -> bytes:
    """Audio of a loop that all lines share."""
    return _frame(Kind.BED, 0, _CLIP.pack(number) + _bytes(pcm))


def voice_audio(handle: int, at: float, pcm: Pcm) -> bytes:
    """The caller's speech."""
    return _frame(Kind.VOICE, handle, _AT.pack(at) + _bytes(pcm))


def read_control(message: Message) -> dict[str, Any]:
    """The fields of a control message.

    Raises:
        WireError: when the payload is not a JSON object.
    """
    try:
        fields = json.loads(message.payload)
    except (ValueError, RecursionError) as error:
        raise WireError(f"control message is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise WireError("control message is not a JSON object")
    return fields


def read_clip(message: Message) -> tuple[int, Pcm]:
    """Number and samples of a clip or a loop; raises WireError when they are cut off."""
    head, pcm = _split(message, _CLIP)
    return int(head), pcm


def read_voice(message: Message) -> tuple[float, Pcm]:
    """Time and samples; raises WireError when they are cut off."""
    head, pcm = _split(message, _AT)
    return float(head), pcm


def _frame(kind: Kind, handle: int, payload: bytes) -> bytes:
    if len(payload) > MAX_PAYLOAD:
        raise WireError(f"a payload of {len(payload)} bytes is longer than {MAX_PAYLOAD}")
    return _HEADER.pack(len(payload), kind, handle) + payload


def _bytes(pcm: Pcm) -> bytes:
    return pcm.astype("<i2", copy=False).tobytes()


def _split(message: Message, head: struct.Struct) -> tuple[Any, Pcm]:
    size = len(message.payload) - head.size
    if size < 0 or size % 2:
        raise WireError(f"audio message of {len(message.payload)} bytes is cut off")
    samples = np.frombuffer(message.payload, dtype="<i2", offset=head.size)
    return head.unpack_from(message.payload)[0], samples.astype(np.int16, copy=False)


class Decoder:
    """Collects bytes as they come and gives whole messages."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete by now.

        Raises:
            WireError: unknown kind or a payload beyond MAX_PAYLOAD. No other error leaves this method.
        """
        self._buffer += data
        messages: list[Message] = []
        position = 0
        while len(self._buffer) - position >= _HEADER.size:
            length, kind, handle = _HEADER.unpack_from(self._buffer, position)
            if length > MAX_PAYLOAD:
                raise WireError(f"a payload of {length} bytes is longer than {MAX_PAYLOAD}")
            if kind not in _KINDS:
                raise WireError(f"message kind {kind} is unknown")
            end = position + _HEADER.size + length
            if len(self._buffer) < end:
                break
            messages.append(Message(Kind(kind), handle, bytes(self._buffer[position + _HEADER.size : end])))
            position = end
        del self._buffer[:position]
        return messages


_KINDS: Final = frozenset(int(kind) for kind in Kind)
