"""A real Piper voice of 3 kB: an ONNX graph that hums one stretch for every phoneme. Run by a Python that has Piper:

``python tests/agents/tts/tiny_piper.py FOLDER``
"""

import json
import math
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

_STRETCH = 384
"""Samples for a phoneme; whole periods of the hum."""
_FLOAT, _INT64 = 1, 7


def make(folder: Path) -> Path:
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP  # type: ignore[import-not-found,unused-ignore]

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.onnx"
    path.write_bytes(_model())
    config = {
        "audio": {"sample_rate": 22050},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "num_symbols": 256,
        "num_speakers": 1,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "speaker_id_map": {},
    }
    Path(f"{path}.json").write_text(json.dumps(config))
    return path


def _model() -> bytes:
    hum = [0.1 * math.sin(2 * math.pi * 4 * n / _STRETCH) for n in range(_STRETCH)]
    nodes = (
        _node("Cast", ["input"], "numbers", _bytes(1, b"to") + _number(3, _FLOAT) + _number(20, 2)),
        _node("Sign", ["numbers"], "there"),
        _node("Unsqueeze", ["there", "last"], "column"),
        _node("Mul", ["column", "hum"], "stretches"),
        _node("Reshape", ["stretches", "flat"], "output"),
    )
    constants = (
        _tensor("last", _INT64, [1], struct.pack("<q", 2)),
        _tensor("hum", _FLOAT, [1, 1, _STRETCH], struct.pack(f"<{_STRETCH}f", *hum)),
        _tensor("flat", _INT64, [4], struct.pack("<4q", 1, 1, 1, -1)),
    )
    inputs = (_value("input", _INT64, ["one", "n"]), _value("input_lengths", _INT64, ["one"]), _value("scales", _FLOAT, ["three"]))
    graph = b"".join(_bytes(1, node) for node in nodes) + _bytes(2, b"tiny") + b"".join(_bytes(5, constant) for constant in constants)
    graph += b"".join(_bytes(11, value) for value in inputs) + _bytes(12, _value("output", _FLOAT, ["one", "one", "one", "m"]))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _number(2, 13))


# The fields of ONNX's messages by number, as onnx.proto3 has them.


def _node(kind: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_bytes(1, name.encode()) for name in inputs)
    return names + _bytes(2, output.encode()) + _bytes(4, kind.encode()) + (_bytes(5, attribute) if attribute else b"")


def _tensor(name: str, kind: int, shape: Sequence[int], data: bytes) -> bytes:
    return b"".join(_number(1, size) for size in shape) + _number(2, kind) + _bytes(8, name.encode()) + _bytes(9, data)


def _value(name: str, kind: int, shape: Sequence[str]) -> bytes:
    sizes = b"".join(_bytes(1, _bytes(2, size.encode())) for size in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, sizes)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
