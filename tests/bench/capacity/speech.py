"""A recogniser and a voice that cost what is declared: work of so many seconds of one core for each second of speech.

What they say is no speech and what they hear is not listened to, but a conversation goes back and forth all the same. The work lets go of
the interpreter, as models do.
"""

import asyncio
import hashlib
import itertools
import json
import os
import threading
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from agents.audio import Pcm, seconds
from agents.stt.transcriber import Hint, Transcript, TranscriptionError
from agents.tts.iterating import closing
from agents.tts.speaker import SpeechError
from agents.tts.tone import ToneSpeaker
from agents.tts.word_times import Speech, WordTime, words_of

RECOGNISER: Final = "PATCHCORD_BENCH_RECOGNISER"
VOICE: Final = "PATCHCORD_BENCH_VOICE"
LEDGER: Final = "PATCHCORD_BENCH_LEDGER"
DEFAULT_SHARE: Final = 0.05
TEXTS: Final = ("How long does delivery take?", "Can I return a table?", "Is there a car park?", "Do you wrap presents?")
"""Heard in turn, whatever is said: the agent ``capacity`` knows them."""
PITCH_HZ: Final = 220.0
_BLOCK: Final = bytes(256 * 1024)
"""Hashed at a time: well below a millisecond, and long enough that the interpreter is hardly asked for."""
_WRITE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Shares:
    """Seconds of a core for each second of speech heard, and made."""

    recogniser: float = DEFAULT_SHARE
    voice: float = DEFAULT_SHARE

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Shares":
        """Raises ValueError for what is no share from 0 to 10."""
        recogniser, voice = (float(environment.get(name, DEFAULT_SHARE)) for name in (RECOGNISER, VOICE))
        if not (0 <= recogniser <= 10 and 0 <= voice <= 10):
            raise ValueError(f"{RECOGNISER} and {VOICE} are shares of a core, from 0 to 10")
        return cls(recogniser, voice)

    def environment(self) -> dict[str, str]:
        return {RECOGNISER: str(self.recogniser), VOICE: str(self.voice)}


class Work:
    """Burns processor time in threads, and keeps the sums: what was declared, what was burnt, for how many seconds of speech."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="declared-cost")
        self._lock = threading.Lock()
        self._sums: dict[str, float] = {}

    async def do(self, name: str, speech_s: float, share: float) -> None:
        """Returns when the work is done, later than it takes when all threads are busy."""
        burnt = await asyncio.get_running_loop().run_in_executor(self._pool, _burn, speech_s * share) if share else 0.0
        with self._lock:
            for key, value in ((f"{name}_speech_s", speech_s), (f"{name}_burnt_s", burnt), (f"{name}_times", 1.0)):
                self._sums[key] = self._sums.get(key, 0.0) + value

    def sums(self) -> dict[str, float]:
        with self._lock:
            return {key: round(value, 3) for key, value in self._sums.items()}

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _burn(cpu_s: float) -> float:
    began = time.thread_time()
    while time.thread_time() - began < cpu_s:
        hashlib.sha256(_BLOCK)
    return time.thread_time() - began


class DeclaredTranscriber:
    """See ``agents.stt.transcriber.Transcriber``. Each utterance takes the next of ``texts``, round and round."""

    def __init__(self, work: Work, share: float, texts: Sequence[str] = TEXTS) -> None:
        self.name = "declared"
        self._work = work
        self._share = share
        self._texts = itertools.cycle(texts)
        self._closed = False

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        if self._closed:
            raise TranscriptionError("declared: already closed")
        began = time.monotonic()
        await self._work.do("recogniser", seconds(pcm), self._share)
        return Transcript(next(self._texts) if pcm.any() else "", time.monotonic() - began)

    async def close(self) -> None:
        self._closed = True


class DeclaredSpeaker:
    """See ``agents.tts.speaker.Speaker``. A hum, never kept ready, so that each sentence costs."""

    def __init__(self, work: Work, share: float) -> None:
        self.name = "declared"
        self._work = work
        self._share = share
        self._tone = ToneSpeaker(PITCH_HZ)
        self._closed = False

    def speak(self, text: str) -> Speech:
        return Speech(partial(self._speak, text))

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        if self._closed:
            raise SpeechError("declared: already closed")
        async with closing(self._tone.speak(text)) as audio:
            timed = words_of(audio)
            async for chunk in audio:
                await self._work.do("voice", seconds(chunk), self._share)
                words += timed[len(words) :]
                yield chunk
        words += timed[len(words) :]

    async def close(self) -> None:
        self._closed = True


def keep_ledger(work: Work, path: Path) -> None:
    """Write the sums to ``path`` every second for as long as the process lives."""

    def write() -> None:
        while True:
            temporary = path.with_suffix(".new")
            temporary.write_text(json.dumps(work.sums()))
            temporary.replace(path)
            time.sleep(_WRITE_S)

    threading.Thread(target=write, name="ledger", daemon=True).start()
