"""The Moonshine tiny English network on plain ONNX Runtime: audio in, tokens out. Blocking; call it from a worker thread.

Weights and vocabulary come from the ``moonshine-voice`` wheel, which is located but never imported: its own runtime would load a second
inference library and open audio devices. Greedy decoding as in the Moonshine paper (arXiv 2410.15608).
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agents.stt.moonshine_tokens import BEGIN, END, Vocabulary
from agents.stt.repetition import loop_start
from agents.stt.transcriber import TranscriptionError

WHEEL: Final = "moonshine-voice==0.0.73"
_ASSETS: Final = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
_LAYERS: Final = 6
_HEADS: Final = 8
_HEAD_SIZE: Final = 36
_LOOP_CHECK_TOKENS: Final = 8
"""Check for a repetition loop after every so many tokens."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoded:
    tokens: list[int]
    confidence: float
    """Mean natural logarithm of the probabilities of the tokens, END included; 0 is certain. NaN when stopped before the first token."""


def assets_folder() -> Path:
    """Folder of the weights inside the wheel. Raises TranscriptionError when the wheel or its files are missing."""
    spec = importlib.util.find_spec("moonshine_voice")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        folder = Path(place) / "assets" / "tiny-en"
        if all((folder / name).is_file() for name in _ASSETS):
            return folder
    state = "is installed without the English weights (other versions leave them out)" if places else "is not installed"
    raise TranscriptionError(f"moonshine: the wheel {WHEEL} {state}; install it with: pip install {WHEEL}")


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the decoder needs of one utterance."""

    fixed: dict[str, Any]
    past: dict[str, Any]


class MoonshineModel:
    """Loaded weights. ``decode`` may run in several threads at once; each run uses one thread."""

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime as ort  # takes 0.2 s and 40 MB, so only when a model is really loaded
        except ImportError as error:
            raise TranscriptionError("moonshine: onnxruntime cannot be loaded; install it with: pip install onnxruntime") from error
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._encoder: Any = ort.InferenceSession(str(folder / _ASSETS[0]), options, providers=["CPUExecutionProvider"])
            self._decoder: Any = ort.InferenceSession(str(folder / _ASSETS[1]), options, providers=["CPUExecutionProvider"])
            self.vocabulary: Final = Vocabulary.read(folder / _ASSETS[2])
        except Exception as error:  # onnxruntime raises many types of its own for a damaged file
            raise TranscriptionError(
                f"moonshine: cannot load {folder} ({error}); reinstall it with: pip install --force-reinstall {WHEEL}"
            ) from error
        outputs = [output.name for output in self._decoder.get_outputs()]
        self._kept = [name.replace("present.", "past_key_values.") for name in outputs[1:]]

    def decode(self, heard: Encoded, max_tokens: int, cancelled: Callable[[], bool], bias: NDArray[np.float32] | None = None) -> Decoded:
        """Write down what was ``heard``.

        Stops after ``max_tokens``, at the start of a repetition loop, or as soon as ``cancelled()`` is true between two tokens.
        ``bias`` (shape (vocabulary,)) is added to the logits.
        """
        fixed, past = heard.fixed, heard.past
        tokens: list[int] = []
        scores: list[float] = []
        last = BEGIN
        while len(tokens) < max_tokens and not cancelled():
            logits, past = self._step(last, fixed, past, first=not scores)
            if bias is not None:
                logits = logits + bias
            last = int(logits.argmax())
            scores.append(_log_probability(logits, last))
            if last == END:
                break
            tokens.append(last)
            if len(tokens) % _LOOP_CHECK_TOKENS == 0:
                start = loop_start(tokens)
                if start is not None:
                    tokens = tokens[:start]
                    break
        return Decoded(tokens, float(np.mean(scores)) if scores else float("nan"))

    def encode(self, samples: Samples) -> Encoded:
        """``samples``: shape (n,), 16 kHz, -1 to 1, at least 0.2 s. The result can be decoded several times."""
        mask = np.ones((1, len(samples)), dtype=np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": samples[None, :], "attention_mask": mask})
        # The decoder's mask has the length of the audio, not of the encoder's output: the exported graph subsamples it itself.
        fixed = {"encoder_hidden_states": hidden, "encoder_attention_mask": mask}
        empty = np.zeros((1, _HEADS, 0, _HEAD_SIZE), dtype=np.float32)
        return Encoded(fixed, dict.fromkeys(self._kept, empty))

    def _step(self, token: int, fixed: dict[str, Any], past: dict[str, Any], *, first: bool) -> tuple[NDArray[np.float32], dict[str, Any]]:
        inputs = {
            **fixed,
            **past,
            "input_ids": np.array([[token]], dtype=np.int64),
            "use_cache_branch": np.array([not first]),
        }
        logits, *present = self._decoder.run(None, inputs)
        for name, value in zip(self._kept, present, strict=True):
            if first or ".decoder." in name:  # later steps return empty encoder entries; those of the first step stay valid
                past = {**past, name: value} if first else past
                past[name] = value
        return logits[0, -1], past


def _log_probability(logits: NDArray[np.float32], token: int) -> float:
    top = float(logits.max())
    return float(logits[token]) - top - float(np.log(np.exp(logits - top).sum()))
