"""What a person hears who has the turn of a caller that hung up: a file that Asterisk plays, made while the caller's place is kept.

The place outlives this process, and so does the file; only the owner of the data directory can read it.
"""

import asyncio
import logging
import os
import re
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from agents.audio import RATE, Pcm
from agents.tts.speaker import Speaker, SpeechError
from ari_app.media.g711 import RATE as LINE_RATE

log = logging.getLogger(__name__)

_PLAYABLE: Final = re.compile(r"/[A-Za-z0-9/._-]{1,400}")
"""As the dialplan lets the path of a file through."""


class CallbackBriefs:
    """``voice``: that of a language, ISO 639-1."""

    def __init__(self, folder: Path, voice: Callable[[str], Speaker]) -> None:
        self._folder = folder
        self._voice = voice

    async def make(self, call_id: str, text: str, language: str) -> str:
        """Where it lies, without its ending, as the dialplan names it. Empty when there is none: the callback goes on without a brief."""
        path = self._file(call_id)
        if not _PLAYABLE.fullmatch(str(path)):
            log.warning(
                "callback_without_brief", extra={"call_id": call_id, "reason": "Asterisk cannot be given the data directory's name"}
            )
            return ""
        try:
            chunks = [chunk async for chunk in self._voice(language).speak(text)]
            await asyncio.to_thread(_write, path, np.concatenate(chunks))
        except (SpeechError, OSError) as error:
            log.warning("callback_without_brief", extra={"call_id": call_id, "reason": str(error)})
            return ""
        return str(path.with_suffix(""))

    def drop(self, call_id: str) -> None:
        """Nobody will be called back for that call any more."""
        self._file(call_id).unlink(missing_ok=True)

    def drop_older(self, seconds: float) -> None:
        """Those of places that cannot be kept any more, also of an earlier process."""
        for path in self._folder.glob("*.wav"):
            try:
                if time.time() - path.stat().st_mtime > seconds:
                    path.unlink()
            except FileNotFoundError:
                continue  # another worker was first

    def _file(self, call_id: str) -> Path:
        return self._folder / f"{call_id}.wav"


def _write(path: Path, pcm: Pcm) -> None:
    """Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    samples = soxr.resample(pcm, RATE, LINE_RATE)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(LINE_RATE)
        sound.writeframes(samples.astype("<i2").tobytes())
