"""Whisper on CTranslate2 (the ``faster-whisper`` package) as a Transcriber: on the processor with int8, or on a GPU."""

import asyncio
import importlib
import logging
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.audio import RATE, Pcm
from agents.stt.chunks import split
from agents.stt.config import FasterWhisperConfig
from agents.stt.pieces import Piece, joined
from agents.stt.quiet import quiet
from agents.stt.text import tidy
from agents.stt.transcriber import Hint, Transcript, TranscriptionError
from agents.stt.whisper_files import INSTALL, model_folder

log = logging.getLogger(__name__)

_TYPES: Final = {"cpu": "int8", "cuda": "float16"}
_UNSURE: Final = -1.0
"""Mean log probability below which a text counts only when the model is sure that somebody spoke (Whisper's own default)."""
_LOOP: Final = 2.4
"""Compression ratio above which a text is one phrase over and over (Whisper's own default)."""


_TOKENS_PER_S: Final = 13.0
"""More is never said in any language, digits read fast included; what goes on after that is a loop."""


class FasterWhisperTranscriber:
    """``config.workers`` utterances at once, the rest waits. Make it with ``open``."""

    def __init__(self, model: Any, config: FasterWhisperConfig) -> None:
        self.name = f"faster_whisper:{Path(config.model).name}"
        self._model = model
        self._config = config
        self._pool = ThreadPoolExecutor(config.workers, thread_name_prefix="whisper")
        self._closed = False

    @classmethod
    async def open(cls, config: FasterWhisperConfig, models_dir: Path) -> "FasterWhisperTranscriber":
        """Loaded, fetched first when it must be. Raises TranscriptionError naming what is missing and how to get it."""
        return cls(await asyncio.to_thread(_load, config, models_dir), config)

    async def warm_up(self) -> None:
        """First runs allocate memory and are several times slower: have every worker do one before the first call."""
        tone = (3000 * np.sin(np.arange(RATE) * 0.05)).astype(np.int16)
        await asyncio.gather(*(self.transcribe(tone) for _ in range(self._config.workers)))

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        """Text of a whole utterance of any length; empty for silence. Cancelling stops the work between two pieces of 25 s."""
        started = time.monotonic()
        if self._closed:
            raise TranscriptionError(f"{self.name}: already closed")
        cancelled = threading.Event()
        try:
            pieces = await asyncio.get_running_loop().run_in_executor(self._pool, self._recognise, pcm, hint, cancelled)
        except Exception as error:
            raise TranscriptionError(f"{self.name}: recognition failed ({error}); restart the service if it happens again") from error
        finally:
            cancelled.set()
        return joined(pieces, time.monotonic() - started)

    async def close(self) -> None:
        """Ends the threads; utterances still waiting are dropped."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _recognise(self, pcm: Pcm, hint: Hint, cancelled: threading.Event) -> list[Piece]:
        pieces: list[Piece] = []
        for piece in split(pcm):
            if cancelled.is_set():
                break
            if not quiet(piece):
                pieces.append(self._piece(piece, hint))
        return pieces

    def _piece(self, pcm: Pcm, hint: Hint) -> Piece:
        config = self._config
        segments, _ = self._model.transcribe(
            pcm.astype(np.float32) / 32768.0,
            language=config.language or None,
            beam_size=config.beam_size,
            temperature=0.0,  # its retries at higher temperatures make the wait five times as long, and the text up
            condition_on_previous_text=False,
            without_timestamps=True,
            initial_prompt=(config.digits_prompt if hint is Hint.DIGITS else config.prompt) or None,
            hotwords=", ".join(config.words) or None,
            no_speech_threshold=config.no_speech,
            log_prob_threshold=_UNSURE,
            max_new_tokens=token_cap(len(pcm) / RATE),
        )
        # The segments are a generator that does the work: it must be drained here, in the worker's thread.
        said = [segment for segment in list(segments) if self._said(segment)]
        least = min((segment.avg_logprob for segment in said), default=0.0)
        return Piece(tidy(" ".join(segment.text for segment in said)), math.exp(least))

    def _said(self, segment: Any) -> bool:
        """Not made up. The library itself drops silence only where the text is unsure too; so it is for loops."""
        unsure: bool = segment.avg_logprob < _UNSURE
        return not (unsure and segment.no_speech_prob > self._config.no_speech) and segment.compression_ratio <= _LOOP


def token_cap(seconds: float) -> int:
    """Most tokens that ``seconds`` of speech can hold."""
    return max(8, round(seconds * _TOKENS_PER_S))


def _load(config: FasterWhisperConfig, models_dir: Path) -> Any:
    try:
        library: Any = importlib.import_module("faster_whisper")
        ctranslate2: Any = importlib.import_module("ctranslate2")
    except ImportError as error:
        raise TranscriptionError(f"faster_whisper: {error.name or error} is not installed; install it with: {INSTALL}") from error
    device = _device(config, ctranslate2.get_cuda_device_count())
    folder = model_folder(config.model, models_dir)
    compute_type = _TYPES[device] if config.compute_type == "auto" else config.compute_type
    started = time.monotonic()
    try:
        model = library.WhisperModel(
            str(folder), device=device, compute_type=compute_type, cpu_threads=config.threads, num_workers=config.workers
        )
    except Exception as error:  # CTranslate2 raises RuntimeError and ValueError, the tokenizer its own
        raise TranscriptionError(
            f"faster_whisper: cannot load {folder} on {device} with {compute_type} ({error}); "
            "check device and compute_type, or delete the folder so that it is fetched again"
        ) from error
    if config.language and config.language not in model.supported_languages:
        raise TranscriptionError(
            f"faster_whisper: {config.model} writes only {', '.join(model.supported_languages)}, not {config.language!r}; "
            "choose a model without .en, or another language"
        )
    log.info("recogniser_loaded", extra={"model": config.model, "device": device, "seconds": round(time.monotonic() - started, 1)})
    return model


def _device(config: FasterWhisperConfig, gpus: int) -> str:
    if config.device == "cuda" and not gpus:
        raise TranscriptionError(
            "faster_whisper: CTranslate2 finds no GPU; check the driver and the CUDA libraries (nvidia-smi), or set device to cpu"
        )
    return config.device if config.device != "auto" else ("cuda" if gpus else "cpu")
