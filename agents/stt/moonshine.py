"""Moonshine tiny English as a Transcriber: offline, on the processor, one thread per sentence."""

import asyncio
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm
from agents.stt.chunks import split
from agents.stt.digit_words import WORDS, mostly_digits
from agents.stt.moonshine_model import Decoded, Encoded, MoonshineModel, Samples, assets_folder
from agents.stt.moonshine_tokens import END
from agents.stt.pieces import Piece, joined
from agents.stt.quiet import quiet
from agents.stt.text import tidy
from agents.stt.transcriber import Hint, Transcript, TranscriptionError

_LEAST_CONFIDENCE: Final = -1.2
"""Mean log probability below which the text is made up; on clean and telephone speech it stays above -0.7."""
_PAD_S: Final = 0.1
"""Silence on both sides: speech that starts with the first sample loses its first word more often."""
_LEAST_TOTAL_S: Final = 1.0
"""Shorter input is padded to this length with silence behind it."""


_DIGIT_BIAS: Final = 4.5
"""Added to the logits of digit words: between 4 and 6 it mends most rows of digits and leaves ordinary sentences as they are; from 9 on
it puts digits into other words (tests/bench/speech.py)."""


class MoonshineTranscriber:
    """``threads`` utterances at once, the rest waits. Raises TranscriptionError when the wheel is missing or damaged."""

    name = "moonshine"

    def __init__(self, threads: int) -> None:
        self._model = MoonshineModel(assets_folder())
        self._digit_bias = np.zeros(len(self._model.vocabulary), dtype=np.float32)
        # The end gets the same: else a digit more than was said often beats it.
        self._digit_bias[[*self._model.vocabulary.whole_words(WORDS), END]] = _DIGIT_BIAS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="moonshine")
        self._threads = threads
        self._closed = False

    async def warm_up(self) -> None:
        """First runs allocate memory and are several times slower: have every thread do one before the first call."""
        tone = (3000 * np.sin(np.arange(RATE) * 0.05)).astype(np.int16)
        await asyncio.gather(*(self.transcribe(tone) for _ in range(self._threads)))

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        """Text of a whole utterance of any length; empty for silence and noise. Cancelling stops the work between two tokens.

        With Hint.SPEECH, what sounds like a row of digits is written down a second time with Hint.DIGITS.
        """
        started = time.monotonic()
        if self._closed:
            raise TranscriptionError("moonshine: already closed")
        cancelled = threading.Event()
        try:
            pieces = await asyncio.get_running_loop().run_in_executor(self._pool, self._recognise, pcm, hint, cancelled)
        except Exception as error:
            raise TranscriptionError(f"moonshine: recognition failed ({error}); restart the service if it happens again") from error
        finally:
            cancelled.set()
        return joined(pieces, time.monotonic() - started)

    async def close(self) -> None:
        """Ends the threads; utterances still waiting are dropped."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _recognise(self, pcm: Pcm, hint: Hint, cancelled: threading.Event) -> list[Piece]:
        return [self._piece(piece, hint, cancelled) for piece in split(pcm) if not quiet(piece)]

    def _piece(self, pcm: Pcm, hint: Hint, cancelled: threading.Event) -> Piece:
        heard = self._model.encode(padded(pcm))
        piece = self._decode(heard, len(pcm) / RATE, hint, cancelled)
        if hint is Hint.SPEECH and mostly_digits(piece.text):
            digits = self._decode(heard, len(pcm) / RATE, Hint.DIGITS, cancelled)
            return digits if digits.text else piece
        return piece

    def _decode(self, heard: Encoded, seconds: float, hint: Hint, cancelled: threading.Event) -> Piece:
        bias = self._digit_bias if hint is Hint.DIGITS else None
        decoded = self._model.decode(heard, token_cap(seconds, hint), cancelled.is_set, bias)
        if _made_up(decoded):
            return Piece("", 0.0)
        return Piece(tidy(self._model.vocabulary.text(decoded.tokens)), math.exp(decoded.confidence))


def token_cap(seconds: float, hint: Hint = Hint.SPEECH) -> int:
    """Most tokens that ``seconds`` of speech can hold: 6.5 per second as Moonshine's authors advise, 13 for digits read fast."""
    rate = 13.0 if hint is Hint.DIGITS else 6.5
    return max(6, round(seconds * rate))


def padded(pcm: Pcm) -> Samples:
    """``pcm`` as floats from -1 to 1 with silence on both sides, at least one second long."""
    pad = round(_PAD_S * RATE)
    after = max(pad, round(_LEAST_TOTAL_S * RATE) - len(pcm) - pad)
    return np.pad(pcm.astype(np.float32) / 32768.0, (pad, after))


def _made_up(decoded: Decoded) -> bool:
    return not decoded.tokens or decoded.confidence < _LEAST_CONFIDENCE
