"""flite as a Speaker: a process per sentence, audio only when the sentence is whole. The fallback voice."""

import asyncio
import contextlib
import io
import wave
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from typing import Final

from agents.audio import RATE, Pcm
from agents.tts.iterating import drain
from agents.tts.leveling import Leveler
from agents.tts.plain_text import plain
from agents.tts.resampling import Resampler
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

BINARY: Final = "usr/bin/flite"
GAIN_DB: Final = {"rms": 0.1, "slt": -5.5, "awb": -1.2, "kal": -1.8, "kal16": 6.4}
"""From the voice's own active speech level to leveling.TARGET_DBOV."""
_LONGEST_S: Final = 20.0
"""Seconds of processing after which a sentence is given up; a long one takes 0.3."""
_AT_ONCE: Final = 4
_CHUNK: Final = RATE // 5


class FliteSpeaker:
    def __init__(self, tree: ProgramTree, voice: str) -> None:
        if voice not in GAIN_DB:
            raise SpeechError(f"flite: there is no voice {voice!r}; use one of: {', '.join(GAIN_DB)}")
        self.name = f"flite:{voice}"
        self._tree, self._voice = tree, voice
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def warm_up(self) -> None:
        """Brings the program into the page cache. Raises SpeechError."""
        await drain(self.speak("Hello."))

    async def version(self) -> str:
        """flite prints none that can be relied on: the size of the program stands for it. Raises SpeechError."""
        try:
            return f"flite-{(self._tree.path / BINARY).stat().st_size}"
        except OSError as error:
            raise SpeechError(self._missing(error)) from error

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        line = plain(text)
        async with self._places:
            data = await self._run(line)
        leveler = Leveler(GAIN_DB[self._voice])
        rate, samples = _wave(data)
        resampler = Resampler(rate)
        parts = (leveler.push(resampler.push(samples)), leveler.push(resampler.finish()), leveler.finish())
        if not any(len(part) for part in parts):
            raise SpeechError("flite: the text holds nothing that can be spoken")
        for part in parts:
            for start in range(0, len(part), _CHUNK):
                yield part[start : start + _CHUNK]

    async def close(self) -> None:
        """Nothing to give back: every sentence ends its own process."""

    async def _run(self, line: str) -> bytes:
        # -t takes the text as it is (a bare argument could be read as a file name or an option), and flite obeys no markup.
        command = self._tree.command(BINARY, "-voice", self._voice, "-o", "/dev/stdout", "-t", line)
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
        except OSError as error:
            raise SpeechError(self._missing(error)) from error
        try:
            data, _ = await asyncio.wait_for(process.communicate(), _LONGEST_S)
        except TimeoutError as error:
            raise SpeechError(f"flite: a sentence took longer than {_LONGEST_S:.0f} s") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.communicate()
        if process.returncode != 0:
            raise SpeechError(f"flite: ended with status {process.returncode}; {self._missing(None)}")
        return data

    def _missing(self, error: OSError | None) -> str:
        reason = f" ({error})" if error else ""
        remedy = "to fetch the voice again, delete .patchcord/runtime and run ./patchcord up"
        return f"flite: cannot run {self._tree.path / BINARY}{reason}; {remedy}"


def _wave(data: bytes) -> tuple[int, bytes]:
    """Rate and samples. The length in the header of a WAV written to a pipe may be wrong; the data ends where it ends."""
    try:
        with wave.open(io.BytesIO(data)) as source:
            if (source.getnchannels(), source.getsampwidth()) != (1, 2):
                raise SpeechError(f"flite: unexpected audio format {source.getparams()}")
            return source.getframerate(), source.readframes(len(data))
    except (wave.Error, EOFError) as error:
        raise SpeechError(f"flite: gave no audio ({error})") from error
