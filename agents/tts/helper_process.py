"""One resident synthesiser seen from outside: start it, ask it for sentences, notice when it dies."""

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

from agents.tts import helper_wire as wire
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

log = logging.getLogger(__name__)

PYTHON: Final = "usr/bin/python3"
_PROJECT: Final = str(Path(wire.__file__).resolve().parents[2])
_MAIN: Final = "import sys; sys.path.append(sys.argv[1]); from agents.tts.helper_server import main; main(*sys.argv[2:])"
_CLOSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Program:
    """What a helper runs."""

    engine: str
    """A key of helper_server.ENGINES; also what messages call it."""
    arguments: tuple[str, ...]
    remedy: str
    """What to do when it does not start."""
    flags: tuple[str, ...] = ("-I", "-S", "-B")
    """Of its Python. These keep the user's environment and site-packages out of the other Python, which leaves no files of its version."""
    ready_s: float = 10.0
    """Longest silence of it before it is ready."""
    repeatable: bool = True
    """The same text gives the same samples: another helper may carry on in mid-sentence."""


PACKAGES: Final = ("-I", "-B")
"""Flags of a Python that needs its site-packages."""


class HelperDied(Exception):
    """The process ended while a sentence was under way; another process may be able to speak it."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: bytes
    payload: bytes


class HelperProcess:
    """Sentences are made by turns, so that the audio of each begins at once."""

    def __init__(self, process: Process, engine: str, version: str) -> None:
        self._process = process
        self._engine = engine
        self.version: Final = version
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[Frame | None]] = {}
        self._alive = True
        self._reader = asyncio.create_task(self._read(), name="speech-helper-reader")

    @classmethod
    async def start(cls, tree: ProgramTree, program: Program) -> "HelperProcess":
        """Ready in about 0.1 s, or when its model is loaded.

        Raises SpeechError when the program tree lacks a part or the library does not load.
        """
        command = tree.command(PYTHON, *program.flags, "-c", _MAIN, _PROJECT, program.engine, *program.arguments)
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        except OSError as error:
            raise SpeechError(f"{program.engine}: cannot start {command[0]} ({error}); {program.remedy}") from error
        try:
            frame = await _first_news(process, program)
        except (asyncio.IncompleteReadError, TimeoutError) as error:
            await _end(process)
            raise SpeechError(f"{program.engine}: the helper below {tree.path} does not start; {program.remedy}") from error
        except BaseException:
            await _end(process)
            raise
        if frame[0] != wire.READY:
            await _end(process)
            raise SpeechError(f"{program.engine}: {frame[2].decode(errors='replace')}; {program.remedy}")
        return cls(process, program.engine, frame[2].decode())

    @property
    def alive(self) -> bool:
        return self._alive

    @property
    def pending(self) -> int:
        """Sentences under way or waiting."""
        return len(self._answers)

    async def speak(self, text: str, voice: str, rate: float) -> AsyncGenerator[Frame, None]:
        """RATE, AUDIO and WORD frames of one sentence. Raises HelperDied, and SpeechError when the library refuses the text."""
        number = next(self._numbers)
        answers: asyncio.Queue[Frame | None] = asyncio.Queue()
        if not self._alive:
            raise HelperDied
        self._answers[number] = answers
        try:
            self._send(wire.SPEAK, number, json.dumps({"text": text, "voice": voice, "rate": rate}).encode())
            while (frame := await answers.get()) is not None and frame.kind != wire.END:
                if frame.kind == wire.FAILED:
                    raise SpeechError(f"{self._engine}: {frame.payload.decode(errors='replace')}")
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
            log.warning("speech_helper_died", extra={"engine": self._engine, "pid": self._process.pid, "sentences": len(self._answers)})
        finally:
            self._alive = False
            for answers in self._answers.values():
                answers.put_nowait(None)
            self._answers.clear()


async def _first_news(process: Process, program: Program) -> tuple[bytes, int, bytes]:
    """READY or FAILED; what it fetches meanwhile is logged."""
    while True:
        frame = await asyncio.wait_for(_frame(process), program.ready_s)
        if frame[0] != wire.PROGRESS:
            return frame
        log.info("voice_download", extra={"engine": program.engine, "mb": int(frame[2])})


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
