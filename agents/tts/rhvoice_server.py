"""RHVoice as a resident process: requests on standard input, audio on standard output.

A script for the Python of the unpacked tree. It knows nothing of the rest of the program and speaks to it over pipes only, because
RHVoice is under the GPL. Its only import beyond the standard basics is ``ctypes``. The C API is that of RHVoice.h 1.14.

Frames both ways: kind (1 byte), request number (4 bytes), payload length (4 bytes), all big-endian, then the payload.
"""

import contextlib
import ctypes
import json
import os
import queue
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, Final

HEADER: Final = struct.Struct(">cII")
SPEAK: Final = b"S"
"""To the server: JSON with ``text``, ``voice`` and ``rate`` (1 is normal speed)."""
CANCEL: Final = b"C"
"""To the server: stop that request; its END still comes."""
READY: Final = b"R"
"""From the server, once, request 0: the version of RHVoice."""
RATE: Final = b"H"
"""From the server: samples per second of the audio that follows, as decimal digits."""
AUDIO: Final = b"A"
"""From the server: signed 16-bit little-endian samples, mono."""
END: Final = b"E"
"""From the server: the request is over."""
FAILED: Final = b"F"
"""From the server: the request (or, with number 0, the start) failed; a message for humans."""

LIBRARY: Final = "libRHVoice.so.5"
_PLAIN_TEXT: Final = 0
"""RHVoice_message_text: markup in the text is spoken, not obeyed."""

_SET_RATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_PLAY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_uint, ctypes.c_void_p)


class _Callbacks(ctypes.Structure):
    _fields_ = (
        ("set_sample_rate", _SET_RATE),
        ("play_speech", _PLAY),
        *(
            (name, ctypes.c_void_p)
            for name in ("mark", "word_starts", "word_ends", "sentence_starts", "sentence_ends", "play_audio", "done")
        ),
    )


class _InitParams(ctypes.Structure):
    _fields_ = (
        ("data_path", ctypes.c_char_p),
        ("config_path", ctypes.c_char_p),
        ("resource_paths", ctypes.c_void_p),
        ("callbacks", _Callbacks),
        ("options", ctypes.c_uint),
    )


class _SynthParams(ctypes.Structure):
    _fields_ = (
        ("voice_profile", ctypes.c_char_p),
        ("absolute_rate", ctypes.c_double),
        ("absolute_pitch", ctypes.c_double),
        ("absolute_volume", ctypes.c_double),
        ("relative_rate", ctypes.c_double),
        ("relative_pitch", ctypes.c_double),
        ("relative_volume", ctypes.c_double),
        ("punctuation_mode", ctypes.c_int),
        ("punctuation_list", ctypes.c_char_p),
        ("capitals_mode", ctypes.c_int),
        ("flags", ctypes.c_int),
    )


class Engine:
    """The library. One request at a time."""

    def __init__(self, data_path: str, config_path: str) -> None:
        lib = ctypes.CDLL(LIBRARY)
        lib.RHVoice_get_version.restype = ctypes.c_char_p
        lib.RHVoice_new_tts_engine.restype = ctypes.c_void_p
        lib.RHVoice_new_message.restype = ctypes.c_void_p
        lib.RHVoice_new_message.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.POINTER(_SynthParams),
            ctypes.c_void_p,
        ]
        lib.RHVoice_speak.argtypes = [ctypes.c_void_p]
        lib.RHVoice_delete_message.argtypes = [ctypes.c_void_p]
        self._lib = lib
        self._on_rate: Callable[[int], None] = lambda _rate: None
        self._on_audio: Callable[[bytes], bool] = lambda _samples: False
        params = _InitParams(data_path=data_path.encode(), config_path=config_path.encode())
        # Kept as attributes: the library calls them for as long as the engine lives.
        self._set_rate = params.callbacks.set_sample_rate = _SET_RATE(self._set_sample_rate)
        self._play = params.callbacks.play_speech = _PLAY(self._play_speech)
        self._engine = lib.RHVoice_new_tts_engine(ctypes.byref(params))
        if not self._engine:
            raise RuntimeError(f"RHVoice finds no voices in {data_path}")
        self.version = lib.RHVoice_get_version().decode()

    def speak(self, text: str, voice: str, rate: float, on_rate: Callable[[int], None], on_audio: Callable[[bytes], bool]) -> None:
        """Synthesise; ``on_audio`` returns False to stop. Raises RuntimeError when the library refuses."""
        self._on_rate, self._on_audio = on_rate, on_audio
        data = text.encode(errors="replace")
        params = _SynthParams(voice.encode(), 0, 0, 0, rate, 1, 1, 0, None, 0, 0)
        message = self._lib.RHVoice_new_message(self._engine, data, len(data), _PLAIN_TEXT, ctypes.byref(params), None)
        if not message:
            raise RuntimeError(f"RHVoice refuses the text for voice {voice}")
        try:
            self._lib.RHVoice_speak(message)
        finally:
            self._lib.RHVoice_delete_message(message)

    def _set_sample_rate(self, rate: int, _user: Any) -> int:
        self._on_rate(rate)
        return 1

    def _play_speech(self, samples: Any, count: int, _user: Any) -> int:
        return int(self._on_audio(ctypes.string_at(samples, count * 2)))


class Server:
    """Reads frames in one thread, so that a cancellation is seen while the other one synthesises."""

    def __init__(self, engine: Engine, requests: BinaryIO, answers: BinaryIO) -> None:
        self._engine = engine
        self._requests = requests
        self._answers = answers
        self._waiting: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._cancelled: set[int] = set()

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        self._send(READY, 0, self._engine.version.encode())
        while True:
            number, payload = self._waiting.get()
            self._serve(number, payload)
            self._cancelled.discard(number)

    def _serve(self, number: int, payload: bytes) -> None:
        def play(samples: bytes) -> bool:
            if number in self._cancelled:
                return False
            self._send(AUDIO, number, samples)
            return True

        try:
            if number not in self._cancelled:
                wanted = json.loads(payload)
                self._engine.speak(
                    wanted["text"], wanted["voice"], wanted["rate"], lambda rate: self._send(RATE, number, str(rate).encode()), play
                )
            self._send(END, number)
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            self._send(FAILED, number, str(error).encode(errors="replace"))

    def _read(self) -> None:
        # The end of input means that the parent is gone: leave at once, whatever is being synthesised.
        with contextlib.suppress(OSError):
            while len(head := self._requests.read(HEADER.size)) == HEADER.size:
                kind, number, length = HEADER.unpack(head)
                payload = self._requests.read(length)
                if kind == SPEAK:
                    self._waiting.put((number, payload))
                elif kind == CANCEL:
                    self._cancelled.add(number)
        os._exit(0)

    def _send(self, kind: bytes, number: int, payload: bytes = b"") -> None:
        try:
            self._answers.write(HEADER.pack(kind, number, len(payload)) + payload)
            self._answers.flush()
        except OSError:
            os._exit(0)


def main(data_path: str, config_path: str) -> None:
    # The library must not be able to write into the frames: give it standard error as its standard output.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        engine = Engine(data_path, config_path)
    except (OSError, RuntimeError, AttributeError) as error:
        text = str(error).encode(errors="replace")
        answers.write(HEADER.pack(FAILED, 0, len(text)) + text)
        answers.flush()
        sys.exit(1)
    Server(engine, sys.stdin.buffer, answers).run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
