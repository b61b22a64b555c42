"""The one audio format inside the mind: mono signed 16-bit samples at 16 kHz.

Conversion to and from the telephone's 8 kHz G.711 happens once, at the RTP edge in the media process.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples per second."""
FRAME_MS: Final = 20
"""Milliseconds in one frame, the packet length of telephone networks."""
FRAME_SAMPLES: Final = RATE * FRAME_MS // 1000
"""Samples in one frame: 320."""

Pcm: TypeAlias = NDArray[np.int16]
"""Samples, shape (n,), range -32768 to 32767."""


def seconds(pcm: Pcm) -> float:
    """Length of ``pcm`` in seconds."""
    return len(pcm) / RATE


def silence(duration_s: float) -> Pcm:
    """``duration_s`` seconds of digital silence."""
    return np.zeros(round(duration_s * RATE), dtype=np.int16)
