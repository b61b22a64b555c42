"""One resident RHVoice helper seen from outside: start it, ask it for sentences, notice when it dies."""

import asyncio
import contextlib
import itertools
import json
import logging
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.tts import rhvoice_server as wire
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

log = logging.getLogger(__name__)

PYTHON: Final = "usr/bin/python3"
_SCRIPT: Final = str(Path(wire.__file__).resolve())
_READY_S: Final = 10.0
_CLOSE_S: Final = 2.0
_REMEDY: Final = "to fetch the voice again, delete .patchcord/runtime and run ./patchcord up; or set speech.voice to flite:rms"


class HelperDied(Exception):
    """The process ended while a sentence was under way; another process may be able to speak it."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: bytes
    payload: bytes


class RHVoiceProcess:
    """Sentences are spoken one after another, in the order of the calls."""

    def __init__(self, process: Process, version: str) -> None:
        self._process = process
        self.version: Final = version
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[Frame | None]] = {}
        self._alive = True
        self._reader = asyncio.create_task(self._read(), name="rhvoice-reader")

    @classmethod
    async def start(cls, tree: ProgramTree) -> "RHVoiceProcess":
        """Ready in about 0.1 s. Raises SpeechError when the program tree lacks a part or the library does not load."""
        data, config = tree.path / "usr/share/RHVoice", tree.path / "etc/RHVoice"
        # -I and -S: neither the user's environment nor site-packages may leak into the other Python.
        command = tree.command(PYTHON, "-I", "-S", _SCRIPT, str(data), str(config))
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        except OSError as error:
            raise SpeechError(f"rhvoice: cannot start {command[0]} ({error}); {_REMEDY}") from error
        try:
            frame = await asyncio.wait_for(_frame(process), _READY_S)
        except (asyncio.IncompleteReadError, TimeoutError) as error:
            await _end(process)
            raise SpeechError(f"rhvoice: the helper below {tree.path} does not start; {_REMEDY}") from error
        except BaseException:
            await _end(process)
            raise
        if frame[0] != wire.READY:
            await _end(process)
            raise SpeechError(f"rhvoice: {frame[2].decode(errors='replace')}; {_REMEDY}")
        return cls(process, frame[2].decode())

    @property
    def alive(self) -> bool:
        return self._alive

    @property
    def pending(self) -> int:
        """Sentences under way or waiting."""
        return len(self._answers)

    async def speak(self, text: str, voice: str, rate: float) -> AsyncGenerator[Frame, None]:
        """RATE and AUDIO frames of one sentence. Raises HelperDied, and SpeechError when the library refuses the text."""
        number = next(self._numbers)
        answers: asyncio.Queue[Frame | None] = asyncio.Queue()
        if not self._alive:
            raise HelperDied
        self._answers[number] = answers
        try:
            self._send(wire.SPEAK, number, json.dumps({"text": text, "voice": voice, "rate": rate}).encode())
            while (frame := await answers.get()) is not None and frame.kind != wire.END:
                if frame.kind == wire.FAILED:
                    raise SpeechError(f"rhvoice: {frame.payload.decode(errors='replace')}")
                yield frame
            if frame is None:
                raise HelperDied
        finally:
            # Without an END the sentence is still in the process: it counts as pending until the process says so.
            if self._alive and self._answers.get(number) is answers:
                self._send(wire.CANCEL, number)

    async def close(self) -> None:
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await _end(self._process)

    def _send(self, kind: bytes, number: int, payload: bytes = b"") -> None:
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(wire.HEADER.pack(kind, number, len(payload)) + payload)

    async def _read(self) -> None:
        try:
            while True:
                kind, number, payload = await _frame(self._process)
                answers = self._answers.get(number)
                if answers is not None:
                    answers.put_nowait(Frame(kind, payload))
                if kind in (wire.END, wire.FAILED):
                    self._answers.pop(number, None)
        except (asyncio.IncompleteReadError, OSError):
            log.warning("rhvoice_helper_died", extra={"pid": self._process.pid, "sentences": len(self._answers)})
        finally:
            self._alive = False
            for answers in self._answers.values():
                answers.put_nowait(None)
            self._answers.clear()


async def _frame(process: Process) -> tuple[bytes, int, bytes]:
    assert process.stdout is not None  # noqa: S101 - started with a pipe
    kind, number, length = wire.HEADER.unpack(await process.stdout.readexactly(wire.HEADER.size))
    return kind, number, await process.stdout.readexactly(length)


async def _end(process: Process) -> None:
    """Closing its input ends the helper; a hung one is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _CLOSE_S)
    except TimeoutError:
        process.kill()
        await process.wait()
    # The transport reads its pipes to the end only when the process is gone; without this the loop warns about an open one.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
