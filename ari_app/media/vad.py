"""Voice activity by Silero VAD v6 (MIT licence; the model file ships in the faster-whisper wheel), on 32 ms windows at 16 kHz.

The model costs as much as all the rest of a line, so outside of a talk spurt it is asked only when the level rises above the noise floor
(``Gate``).
"""

import importlib.util
import math
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ari_app.media.g711 import level_dbov

WINDOW: Final = 512
"""Samples the model judges at once: 32 ms at 16 kHz."""
WINDOW_S: Final = WINDOW / 16_000
_OUTPUTS: Final = ("speech_probs", "hn", "cn")
"""In this order; unnamed, the runtime would look the names up each time."""
_CONTEXT: Final = 64
"""Samples of the window before that the model wants in front."""
_SILENCE_DBOV: Final = -58.0
"""No voice is quieter than this on a telephone line."""
_LOWEST_FLOOR_DBOV: Final = -75.0
_RISE_DB: Final = 4.0
"""A packet this far above the noise floor is shown to the model."""
_FIRST_FLOOR_DBOV: Final = -60.0
_FLOOR_PACKETS: Final = 40
_FLOOR_EVERY: Final = 4
"""Packets between two looks at the floor."""
_FLOOR_RANK: Final = 4
"""The fifth least, so that a noise that comes and goes a little is no rise every other packet."""
_TARGET_DBOV: Final = -28.0
"""Level to which a quiet caller's windows are raised."""
_LOUDEST_DBOV: Final = -22.0
"""Level to which a loud window is lowered: at -8 dBov the model misses a tenth of the voiced windows."""
_FIRST_GAIN_DB: Final = 4.0
_MOST_GAIN_DB: Final = 18.0

Samples = NDArray[np.float32]


class VadError(Exception):
    """The voice activity model cannot be loaded."""


def model_path() -> Path:
    """Where the model file lies; the package around it is not imported, for its dependencies are not installed."""
    spec = importlib.util.find_spec("faster_whisper")
    folder = Path(spec.origin).parent / "assets" if spec and spec.origin else None
    path = folder / "silero_vad_v6.onnx" if folder else None
    if path is None or not path.is_file():
        raise VadError("silero_vad_v6.onnx is missing: install the package faster-whisper 1.2.1 without its dependencies")
    return path


@lru_cache(maxsize=1)
def shared_session() -> Any:
    """The model, once per process; one thread that never spins."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])


class Gate:
    """Whether a packet is worth asking the model. The noise floor of a line is the level that a tenth of its last 0.8 s stay below."""

    __slots__ = ("_count", "_levels", "floor")

    def __init__(self) -> None:
        self._count = 0
        self.floor = _FIRST_FLOOR_DBOV
        """In dBov."""
        self._levels = deque([_FIRST_FLOOR_DBOV] * _FLOOR_PACKETS, maxlen=_FLOOR_PACKETS)

    def measure(self, packet: bytes | bytearray) -> tuple[float, bool]:
        """How far ``packet`` (20 ms of 16-bit samples, outside of a talk spurt) is above the floor, in dB, and whether to ask the model.

        0 when the packet is quieter than any voice.
        """
        level = level_dbov(packet)
        self._levels.append(level)
        self._count += 1
        if self._count % _FLOOR_EVERY == 0:
            self.floor = max(sorted(self._levels)[_FLOOR_RANK], _LOWEST_FLOOR_DBOV)
        if level < _SILENCE_DBOV:
            return 0.0, False
        rise = level - self.floor
        return rise, rise >= _RISE_DB


class Vad:
    """The model's memory of one caller. Windows must come in order; those left out must be silence."""

    __slots__ = ("_cell", "_gain_db", "_hidden", "_run", "_tail", "runs")

    def __init__(self, session: Any) -> None:
        self._run = session.run
        self._hidden = np.zeros((1, 1, 128), dtype=np.float32)
        self._cell = np.zeros((1, 1, 128), dtype=np.float32)
        self._tail = np.zeros(_CONTEXT, dtype=np.float32)
        self._gain_db = _FIRST_GAIN_DB
        self.runs = 0
        """Times the model was run."""

    def probabilities(self, samples: Samples) -> list[float]:
        """How likely each window of ``samples`` (512 each, on the scale of 16 bits) is voice, 0 to 1.

        Several at once cost less than one by one: 150 us for one, 90 us each for three.
        """
        count = len(samples) // WINDOW
        rows = np.empty((count, _CONTEXT + WINDOW), dtype=np.float32)
        rows[:, _CONTEXT:] = samples.reshape(count, WINDOW)
        rows[0, :_CONTEXT] = self._tail
        rows[1:, :_CONTEXT] = rows[:-1, WINDOW:]
        self._tail = samples[-_CONTEXT:]
        level = _level(samples[-WINDOW:])
        rows *= np.float32(10 ** (min(self._gain_db, _LOUDEST_DBOV - level) / 20) / 32768)
        self.runs += 1
        out, self._hidden, self._cell = self._run(_OUTPUTS, {"input": rows, "h": self._hidden, "c": self._cell})
        judged: list[float] = out.reshape(-1).tolist()
        if judged[-1] > 0.5:
            wanted = min(max(_TARGET_DBOV - level, 0.0), _MOST_GAIN_DB)
            self._gain_db += 0.1 * (wanted - self._gain_db)
        return judged


def _level(samples: Samples) -> float:
    """Root mean square in dB below 32768; -100 for digital silence."""
    return max(-100.0, 10 * math.log10(float(np.dot(samples, samples)) / len(samples) + 1e-9) - 90.309)
