"""The adaptive filter of libspeexdsp (BSD licence) through its C interface: ``speex_echo.h`` of version 1.2.

Debian's package is libspeexdsp1; Asterisk's own modules depend on it, so it lies wherever an Asterisk of packages lies. Nothing is loaded
before a ``SpeexLibrary`` is made.
"""

import ctypes
import ctypes.util
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.media.errors import MediaError

BLOCK: Final = 40
"""Samples that are filtered at once: 5 ms at 8 kHz. Small blocks adapt soonest: 17 dB after 250 ms of echo, 14 dB with 80 samples."""
TAPS: Final = 400
"""Samples of the echo path that the filter spans: 50 ms."""

_RATE: Final = 8000
_SET_SAMPLING_RATE: Final = 24
_NAME: Final = "libspeexdsp.so.1"


class NoCanceller(MediaError):
    """libspeexdsp cannot be loaded."""


def find(root: Path | None) -> str:
    """Name or path of the library: below ``root`` (a folder of unpacked Debian packages) if there is one, else the system's.

    Raises:
        NoCanceller: it is in neither place.
    """
    if root is not None and (found := sorted(root.glob(f"usr/lib/*/{_NAME}"))):
        return str(found[0])
    name = ctypes.util.find_library("speexdsp")
    if name is None:
        raise NoCanceller(f"{_NAME} is neither below {root} nor on this system: install the package libspeexdsp1")
    return name


class SpeexLibrary:
    """The loaded library, to be shared by all lines of a process.

    Raises:
        NoCanceller: ``path`` cannot be loaded, or is another library.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            library = ctypes.CDLL(path)
            self.make = library.speex_echo_state_init
            self.reset = library.speex_echo_state_reset
            self.destroy = library.speex_echo_state_destroy
            self.cancel = library.speex_echo_cancellation
            self.control = library.speex_echo_ctl
        except (OSError, AttributeError) as error:
            raise NoCanceller(f"cannot use {path}: {error}") from error
        pointer = ctypes.c_void_p
        self.make.restype, self.make.argtypes = pointer, (ctypes.c_int, ctypes.c_int)
        self.reset.restype, self.reset.argtypes = None, (pointer,)
        self.destroy.restype, self.destroy.argtypes = None, (pointer,)
        self.cancel.restype, self.cancel.argtypes = None, (pointer, pointer, pointer, pointer)
        self.control.restype, self.control.argtypes = ctypes.c_int, (pointer, ctypes.c_int, pointer)


class SpeexFilter:
    """Takes away from the received audio what an echo path of up to 50 ms makes of the played audio. For one thread."""

    __slots__ = ("_address", "_library", "_played", "_received", "_residual", "_state")

    def __init__(self, library: SpeexLibrary) -> None:
        self._library = library
        self._state = library.make(BLOCK, TAPS)
        rate = ctypes.c_int(_RATE)
        library.control(self._state, _SET_SAMPLING_RATE, ctypes.byref(rate))
        self._room(4 * BLOCK)

    def _room(self, samples: int) -> None:
        self._received, self._played, self._residual = (np.zeros(samples, dtype=np.int16) for _ in range(3))
        self._address = tuple(buffer.ctypes.data for buffer in (self._received, self._played, self._residual))

    def run(self, received: Pcm, played: Pcm) -> Pcm:
        """What is left of ``received``. Both 8 kHz, equally long, a multiple of ``BLOCK`` samples, in order from call to call."""
        count = len(received)
        if count > len(self._received):
            self._room(count)
        self._received[:count] = received
        self._played[:count] = played
        near, far, out = self._address
        for offset in range(0, 2 * count, 2 * BLOCK):
            self._library.cancel(self._state, near + offset, far + offset, out + offset)
        return self._residual[:count].copy()

    def forget(self) -> None:
        """Begin anew, as if nothing had been learnt of the echo path."""
        self._library.reset(self._state)

    def close(self) -> None:
        """Give the memory back; nothing may be called afterwards. Twice is once."""
        if self._state:
            self._library.destroy(self._state)
            self._state = None
