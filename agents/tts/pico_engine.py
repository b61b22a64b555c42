"""The SVOX Pico library by its C API, that of picoapi.h 1.0. For the Python of the unpacked tree."""

import ctypes
from pathlib import Path
from typing import Any, Final

from agents.tts.helper_engine import Listener

LIBRARY: Final = "libttspico.so.0"
LANGUAGES: Final = {"de-DE": "gl0", "en-GB": "kh0", "en-US": "lh0", "es-ES": "zl0", "fr-FR": "nk0", "it-IT": "cm0"}
"""Language, and the voice that it has."""
_RATE: Final = 16_000
_MEMORY: Final = 2_500_000
"""Bytes that the library wants for everything."""
_NAME_SIZE: Final = 32
_VOICE: Final = b"voice"
_BUSY: Final = 201
_IDLE: Final = 200
_MOST_PUT: Final = 32_000


class PicoEngine:
    """One language. A text is synthesised as a whole, then the next one has its turn."""

    def __init__(self, data_path: str, language: str) -> None:
        lib = self._lib = ctypes.CDLL(LIBRARY)
        pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int16
        for name, arguments in (
            ("initialize", [pointer, ctypes.c_uint32, pointer]),
            ("loadResource", [pointer, text, pointer]),
            ("getResourceName", [pointer, pointer, text]),
            ("createVoiceDefinition", [pointer, text]),
            ("addResourceToVoiceDefinition", [pointer, text, text]),
            ("newEngine", [pointer, text, pointer]),
            ("putTextUtf8", [pointer, text, size, pointer]),
            ("getData", [pointer, pointer, size, pointer, pointer]),
            ("disposeEngine", [pointer, pointer]),
        ):
            function = getattr(lib, f"pico_{name}")
            function.restype, function.argtypes = ctypes.c_int32, arguments
        self._memory = ctypes.create_string_buffer(_MEMORY)
        system = self._system = pointer()
        self._done(lib.pico_initialize(self._memory, _MEMORY, ctypes.byref(system)), "start")
        self._done(lib.pico_createVoiceDefinition(system, _VOICE), "define a voice")
        for part in ("ta", f"{LANGUAGES[language]}_sg"):
            self._add(system, Path(data_path) / f"{language}_{part}.bin")
        self.version = f"{LIBRARY} {language}"

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Raises RuntimeError; ``number``, ``voice`` and ``rate`` have no meaning here."""
        # Pico has a markup of its own, and reads until a NUL.
        data = text.replace("<", " ").replace(">", " ").encode(errors="replace") + b"\0"
        listener.rate(_RATE)
        engine, made, taken = ctypes.c_void_p(), 0, ctypes.c_int16()
        # A new engine for every text: one that has spoken would begin the next text with other noise, and a failed one in its middle.
        self._done(self._lib.pico_newEngine(self._system, _VOICE, ctypes.byref(engine)), "make an engine")
        try:
            while data:
                size = min(len(data), _MOST_PUT)
                self._done(self._lib.pico_putTextUtf8(engine, data, size, ctypes.byref(taken)), "take the text")
                data = data[taken.value :]
                made += self._samples(engine, listener)
        finally:
            self._lib.pico_disposeEngine(self._system, ctypes.byref(engine))
        listener.goes_on(made)

    def _samples(self, engine: Any, listener: Listener) -> int:
        buffer = ctypes.create_string_buffer(3200)
        got, kind, made = ctypes.c_int16(), ctypes.c_int16(), 0
        status = _BUSY
        while status == _BUSY:
            status = self._lib.pico_getData(engine, buffer, len(buffer), ctypes.byref(got), ctypes.byref(kind))
            if got.value:
                listener.audio(buffer.raw[: got.value])
                made += got.value // 2
        if status != _IDLE:
            raise RuntimeError(f"Pico stopped with error {status}")
        return made

    def _add(self, system: Any, path: Path) -> None:
        resource, name = ctypes.c_void_p(), ctypes.create_string_buffer(_NAME_SIZE)
        self._done(self._lib.pico_loadResource(system, str(path).encode(), ctypes.byref(resource)), f"load {path}")
        self._done(self._lib.pico_getResourceName(system, resource, name), f"name {path}")
        self._done(self._lib.pico_addResourceToVoiceDefinition(system, _VOICE, name.value), f"use {path}")

    @staticmethod
    def _done(status: int, what: str) -> None:
        if status:
            raise RuntimeError(f"Pico cannot {what} (error {status})")
