"""A synthesiser's library as a resident process: requests on standard input, audio on standard output.

Runs in the Python of the unpacked tree, whose libraries it needs, or in one that has a voice's packages, and speaks to the program over
pipes only: RHVoice and Piper are under the GPL. It may import nothing but the standard library and the files of this package that it names
here, which do the same until they load their library.
"""

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from agents.tts import helper_wire as wire
from agents.tts.helper_engine import Engine, Tell
from agents.tts.helper_turns import Turns

AT_ONCE: Final = 16
"""Texts made by turns, the others wait; RHVoice holds 3.5 MB for each, from the first time on that so many are under way."""
_LONGEST_REASON: Final = 300


def _rhvoice(_tell: Tell, data_path: str, config_path: str) -> Engine:
    from agents.tts.rhvoice_engine import RHVoiceEngine

    return RHVoiceEngine(data_path, config_path)


def _flite(_tell: Tell) -> Engine:
    from agents.tts.flite_engine import FliteEngine

    return FliteEngine()


def _pico(_tell: Tell, data_path: str, language: str) -> Engine:
    from agents.tts.pico_engine import PicoEngine

    return PicoEngine(data_path, language)


def _coqui(tell: Tell, settings: str) -> Engine:
    from agents.tts.coqui_engine import CoquiEngine

    return CoquiEngine(json.loads(settings), tell)


def _piper(tell: Tell, settings: str) -> Engine:
    from agents.tts.piper_engine import PiperEngine

    return PiperEngine(json.loads(settings), tell)


ENGINES: Final[Mapping[str, Callable[..., Engine]]] = {
    "rhvoice": _rhvoice,
    "flite": _flite,
    "pico": _pico,
    "coqui": _coqui,
    "piper": _piper,
}
"""Each loads its library only when it is the one that is wanted."""


class Server:
    """Reads frames in one thread, so that a cancellation is seen while others synthesise."""

    def __init__(self, engine: Engine, requests: BinaryIO, answers: BinaryIO) -> None:
        self._engine = engine
        self._requests = requests
        self._answers = answers
        self._waiting: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._places = threading.Semaphore(AT_ONCE)
        self.turns = Turns()
        self.cancelled: set[int] = set()

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        self.send(wire.READY, 0, self._engine.version.encode())
        while True:
            number, payload = self._waiting.get()
            self._places.acquire()
            threading.Thread(target=self._serve, args=(number, payload), daemon=True).start()

    def send(self, kind: bytes, number: int, payload: bytes = b"") -> None:
        """For whoever's turn it is."""
        try:
            self._answers.write(wire.HEADER.pack(kind, number, len(payload)) + payload)
            self._answers.flush()
        except OSError:
            os._exit(0)

    def _serve(self, number: int, payload: bytes) -> None:
        self.turns.enter(number)
        try:
            if number not in self.cancelled:
                wanted = json.loads(payload)
                self._engine.speak(number, wanted["text"], wanted["voice"], wanted["rate"], _Answer(self, number))
            self.send(wire.END, number)
        except Exception as error:  # whatever a library raises, the sentence must end with an answer
            self.send(wire.FAILED, number, reason(error))
        finally:
            self.cancelled.discard(number)
            self.turns.leave(number)
            self._places.release()

    def _read(self) -> None:
        # The end of input means that the parent is gone: leave at once, whatever is being synthesised.
        with contextlib.suppress(OSError):
            while len(head := self._requests.read(wire.HEADER.size)) == wire.HEADER.size:
                kind, number, length = wire.HEADER.unpack(head)
                payload = self._requests.read(length)
                if kind == wire.SPEAK:
                    self._waiting.put((number, payload))
                elif kind == wire.CANCEL:
                    self.cancelled.add(number)
        os._exit(0)


class _Answer:
    """Sends on what the library says about one text."""

    def __init__(self, server: Server, number: int) -> None:
        self._server, self._number = server, number

    def rate(self, samples_per_s: int) -> None:
        self._server.send(wire.RATE, self._number, str(samples_per_s).encode())

    def audio(self, samples: bytes) -> None:
        if self._number not in self._server.cancelled:
            self._server.send(wire.AUDIO, self._number, samples)

    def word(self, start: int, end: int, starts: int, ends: int) -> None:
        self._server.send(wire.WORD, self._number, wire.WORD_TIME.pack(start, end, starts, ends))

    def goes_on(self, count: int) -> bool:
        self._server.turns.made(self._number, count)
        return self._number not in self._server.cancelled


def main(engine_name: str, *arguments: str) -> None:
    """``engine_name``: a key of ENGINES, with what its engine takes."""
    # The library must not be able to write into the frames, nor to read them: it gets standard error and an empty input instead.
    answers, requests = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def send(kind: bytes, payload: bytes) -> None:
        answers.write(wire.HEADER.pack(kind, 0, len(payload)) + payload)
        answers.flush()

    try:
        engine = ENGINES[engine_name](lambda megabytes: send(wire.PROGRESS, str(round(megabytes)).encode()), *arguments)
    except (Exception, SystemExit) as error:  # whatever it is, the program must be told
        send(wire.FAILED, reason(error))
        sys.exit(1)
    Server(engine, requests, answers).run()


def reason(error: BaseException) -> bytes:
    """One line for the message that the program makes of it."""
    line = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
    return line.encode(errors="replace")
