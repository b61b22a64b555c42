"""The flite library by its C API, that of flite.h 2.2. For the Python of the unpacked tree."""

import ctypes
import re
from typing import Any, Final

from agents.tts.helper_engine import Listener

LIBRARY: Final = "libflite.so.1"
LANGUAGE: Final = ("libflite_usenglish.so.1", "libflite_cmulex.so.1")
_STARTS: Final = b"daughter1.R:SylStructure.daughter1.daughter1.R:Segment.p.end"
_ENDS: Final = b"daughtern.R:SylStructure.daughtern.daughtern.end"
"""Of a token: seconds at which the sound before its first one ends, and its last one."""
_PIECE: Final = 1600
"""Samples in one frame; no other text gets its turn between them, as this one cost its time already."""


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class FliteEngine:
    """A text is synthesised as a whole, then handed on."""

    def __init__(self) -> None:
        lib = ctypes.CDLL(LIBRARY, ctypes.RTLD_GLOBAL)
        for name in LANGUAGE:  # the voices expect to find their symbols
            ctypes.CDLL(name, ctypes.RTLD_GLOBAL)
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float
        for name, result, arguments in (
            ("flite_synth_text", pointer, [text, pointer]),
            ("delete_utterance", None, [pointer]),
            ("utt_wave", ctypes.POINTER(_Wave), [pointer]),
            ("utt_relation", pointer, [pointer, text]),
            ("relation_head", pointer, [pointer]),
            ("item_next", pointer, [pointer]),
            ("flite_ffeature_string", text, [pointer, text]),
            ("flite_ffeature_float", number, [pointer, text]),
        ):
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
        lib.flite_init()
        self._lib = lib
        self._voices: dict[str, Any] = {}
        self.version = LIBRARY

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Raises RuntimeError; ``number`` and ``rate`` have no meaning here."""
        self._lib.srand(1)  # the breath in a voice is random: begin as a fresh process does, so that a text always sounds the same
        utterance = self._lib.flite_synth_text(text.encode(errors="replace"), self._voice(voice))
        if not utterance:
            raise RuntimeError(f"flite refuses the text for voice {voice}")
        try:
            wave = self._lib.utt_wave(utterance).contents
            listener.rate(wave.sample_rate)
            words = self._words(utterance, text, wave)
            for start in range(0, wave.num_samples, _PIECE):
                end = min(start + _PIECE, wave.num_samples)
                listener.audio(ctypes.string_at(ctypes.addressof(wave.samples.contents) + start * 2, (end - start) * 2))
            for word in words:
                listener.word(*word)
            listener.goes_on(wave.num_samples)
        finally:
            self._lib.delete_utterance(utterance)

    def _voice(self, name: str) -> Any:
        if name not in self._voices:
            register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
            register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
            self._voices[name] = register(None)
        return self._voices[name]

    def _words(self, utterance: Any, text: str, wave: Any) -> list[tuple[int, int, int, int]]:
        tokens: list[tuple[str, float, float]] = []
        item = self._lib.relation_head(self._lib.utt_relation(utterance, b"Token"))
        while item:
            name = self._lib.flite_ffeature_string(item, b"name").decode(errors="replace")
            tokens.append((name, self._lib.flite_ffeature_float(item, _STARTS), self._lib.flite_ffeature_float(item, _ENDS)))
            item = self._lib.item_next(item)
        whole = wave.num_samples
        return [
            (start, end, min(round(starts * wave.sample_rate), whole), min(round(ends * wave.sample_rate), whole))
            for start, end, starts, ends in placed(text, tokens, whole / wave.sample_rate)
        ]


def placed(text: str, tokens: list[tuple[str, float, float]], whole_s: float) -> list[tuple[int, int, float, float]]:
    """Every word of ``text`` between blanks with the times of the ``tokens`` (name, start, end) found in it, in order.

    A token without sounds of its own, such as a dash, has the time 0: it gets the time between its neighbours.
    """
    times: list[tuple[int, int, float, float]] = []
    at, behind = 0, 0.0
    for index, (name, own_start, own_end) in enumerate(tokens):
        found = text.find(name, at) if name else -1
        if found < 0:
            continue
        at = found + len(name)
        starts = max(own_start, behind)
        later = (start for _, start, end in tokens[index + 1 :] if end > 0)
        behind = own_end if own_end > starts else max(starts, next(later, whole_s))
        times.append((found, at, starts, behind))
    return _joined(text, times)


def _joined(text: str, times: list[tuple[int, int, float, float]]) -> list[tuple[int, int, float, float]]:
    words: list[tuple[int, int, float, float]] = []
    for piece in re.finditer(r"\S+", text):
        inside = [time for time in times if piece.start() <= time[0] < piece.end()]
        if inside:
            words.append((piece.start(), piece.end(), inside[0][2], inside[-1][3]))
    return words
