"""The RHVoice library by its C API, that of RHVoice.h 1.14. For the Python of the unpacked tree."""

import ctypes
from typing import Any, Final

from agents.tts.helper_engine import Listener
from agents.tts.word_timer import WordTimer

LIBRARY: Final = "libRHVoice.so.5"
_PLAIN_TEXT: Final = 0
"""RHVoice_message_text: markup in the text is spoken, not obeyed."""

_SET_RATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_PLAY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_uint, ctypes.c_void_p)
_PLACE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
"""First byte and number of bytes of a word or sentence in the UTF-8 text."""


class _Callbacks(ctypes.Structure):
    _fields_ = (
        ("set_sample_rate", _SET_RATE),
        ("play_speech", _PLAY),
        ("mark", ctypes.c_void_p),
        ("word_starts", _PLACE),
        ("word_ends", _PLACE),
        ("sentence_starts", ctypes.c_void_p),
        ("sentence_ends", _PLACE),
        ("play_audio", ctypes.c_void_p),
        ("done", ctypes.c_void_p),
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


class RHVoiceEngine:
    """The library. Texts may be under way in several threads as long as only one of them is inside at a time."""

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
        self._under_way: dict[int, tuple[Listener, WordTimer]] = {}
        params = _InitParams(data_path=data_path.encode(), config_path=config_path.encode())
        # Kept as an attribute: the library calls them for as long as the engine lives.
        self._callbacks = params.callbacks = _Callbacks(
            set_sample_rate=_SET_RATE(self._set_sample_rate),
            play_speech=_PLAY(self._play_speech),
            word_starts=_PLACE(self._word_starts),
            word_ends=_PLACE(self._word_ends),
            sentence_ends=_PLACE(self._sentence_ends),
        )
        self._engine = lib.RHVoice_new_tts_engine(ctypes.byref(params))
        if not self._engine:
            raise RuntimeError(f"RHVoice finds no voices in {data_path}")
        self.version = lib.RHVoice_get_version().decode()

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Synthesise. ``number``, from 1, tells texts under way apart. Raises RuntimeError when the library refuses."""
        data = text.encode(errors="replace")
        params = _SynthParams(voice.encode(), 0, 0, 0, rate, 1, 1, 0, None, 0, 0)
        message = self._lib.RHVoice_new_message(self._engine, data, len(data), _PLAIN_TEXT, ctypes.byref(params), number)
        if not message:
            raise RuntimeError(f"RHVoice refuses the text for voice {voice}")
        self._under_way[number] = listener, WordTimer(data, listener.word)
        try:
            self._lib.RHVoice_speak(message)
        finally:
            self._lib.RHVoice_delete_message(message)
            del self._under_way[number]

    def _set_sample_rate(self, rate: int, number: int) -> int:
        self._under_way[number][0].rate(rate)
        return 1

    def _play_speech(self, samples: Any, count: int, number: int) -> int:
        listener, words = self._under_way[number]
        listener.audio(ctypes.string_at(samples, count * 2))
        words.played(count)
        return int(listener.goes_on(count))

    def _word_starts(self, position: int, length: int, number: int) -> int:
        self._under_way[number][1].starts(position, length)
        return 1

    def _word_ends(self, position: int, length: int, number: int) -> int:
        self._under_way[number][1].ends(position, length)
        return 1

    def _sentence_ends(self, _position: int, _length: int, number: int) -> int:
        self._under_way[number][1].played(0)
        return 1
