"""What a caller hears while they wait for a person: a loop made here, or a WAV file of the admin. Neither needs the network or a licence.

All of it is 16 kHz, mono, at -26 dBov on average, and joins its own beginning without a click.
"""

import functools
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

MEAN_DBOV: Final = -26.0
"""Under a voice at -20 to -23 dBov (ITU-T P.56 practice), so that nobody turns the volume down before a person speaks."""
LOW_HZ: Final = 300.0
HIGH_HZ: Final = 3400.0
"""The telephone's band: nothing above it can alias, nothing below it is lost."""

_Signal = NDArray[np.float64]
_FULL: Final = 32768.0
_EDGE_HZ: Final = 40.0
_CHORD_S: Final = 4.0
_ATTACK_S: Final = 1.2
_RELEASE_S: Final = 1.8
_CHORDS: Final = ((65, 69, 72, 76), (65, 69, 72, 74), (65, 70, 74, 81), (67, 72, 74, 79), (67, 69, 72, 76), (65, 67, 70, 72))
"""MIDI notes: F major 7, D minor 7, B flat major 7, C with a second, A minor 7, C 7 with a fourth, which leads back."""
_PAD_PARTIALS: Final = (1.0, 0.3, 0.12)
_CHORUS: Final = ((1.0, 1.0), (1.0012, 0.5))
"""Detuning and amplitude of the voices of one note."""


class _Bell(NamedTuple):
    at_s: float
    note: int


_BELLS: Final = tuple(
    _Bell(at_s, note)
    for at_s, note in (
        (1.0, 84),
        (2.5, 81),
        (5.5, 77),
        (7.0, 79),
        (9.0, 81),
        (10.5, 86),
        (13.5, 84),
        (15.0, 79),
        (17.0, 76),
        (18.5, 81),
        (21.5, 82),
        (23.0, 79),
    )
)
_BELL_S: Final = 3.0
_BELL_DECAY_S: Final = 0.7
_BELL_PARTIALS: Final = (1.0, 0.25)
_BELL_LEVEL: Final = 0.8


@functools.cache
def hold_music() -> Pcm:
    """24 s of slow chords with a few soft bells, the same every time; not to be written to. Made once a process: 0.3 s of the processor."""
    signal = np.zeros(round(len(_CHORDS) * _CHORD_S * RATE))
    pads = {note: _pad(_hertz(note)) for note in {note for chord in _CHORDS for note in chord}}
    for number, chord in enumerate(_CHORDS):
        for note in chord:
            _add(signal, number * _CHORD_S, pads[note])
    for bell in _BELLS:
        _add(signal, bell.at_s, _BELL_LEVEL * _bell(_hertz(bell.note)))
    made = at_level(_telephone_band(signal))
    made.setflags(write=False)
    return made


def at_level(signal: _Signal) -> Pcm:
    """``signal`` at MEAN_DBOV, softer if a peak would not fit; silence stays silence."""
    rms, peak = float(np.sqrt(np.mean(signal**2))), float(np.max(np.abs(signal)))
    if rms == 0.0:
        return np.zeros(len(signal), dtype=np.int16)
    gain = min(_FULL * 10 ** (MEAN_DBOV / 20) / rms, 0.9 * _FULL / peak)
    return np.asarray(np.rint(gain * signal), dtype=np.int16)


def _hertz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pad(hertz: float) -> _Signal:
    """One note of a chord, growing and dying away slowly."""
    time_s = np.arange(round((_CHORD_S + _RELEASE_S) * RATE)) / RATE
    sound = np.zeros(len(time_s))
    for detuned, amplitude in _CHORUS:
        for partial, share in enumerate(_PAD_PARTIALS, 1):
            sound += amplitude * share * np.sin(2 * np.pi * hertz * detuned * partial * time_s)
    rising = np.clip(time_s / _ATTACK_S, 0, 1)
    falling = np.clip((time_s[-1] - time_s) / _RELEASE_S, 0, 1)
    envelope: _Signal = np.sin(np.pi / 2 * rising) ** 2 * np.sin(np.pi / 2 * falling) ** 2
    return sound * envelope


def _bell(hertz: float) -> _Signal:
    time_s = np.arange(round(_BELL_S * RATE)) / RATE
    envelope = np.clip(time_s / 0.02, 0, 1) * np.exp(-time_s / _BELL_DECAY_S) * np.clip((time_s[-1] - time_s) / 0.3, 0, 1)
    sound = sum(share * np.sin(2 * np.pi * hertz * partial * time_s) for partial, share in enumerate(_BELL_PARTIALS, 1))
    return np.asarray(envelope * sound, dtype=np.float64)


def _add(circle: _Signal, at_s: float, sound: _Signal) -> None:
    """What reaches over the end is heard at the beginning, so the seam is no special place."""
    places = np.arange(round(at_s * RATE), round(at_s * RATE) + len(sound)) % len(circle)
    circle[places] += sound


def _telephone_band(circle: _Signal) -> _Signal:
    """Filtered round the circle, so that the seam stays whole."""
    spectrum = np.fft.rfft(circle)
    hertz = np.fft.rfftfreq(len(circle), 1 / RATE)
    edges = np.clip((hertz - LOW_HZ) / _EDGE_HZ, 0, 1) * np.clip((HIGH_HZ - hertz) / _EDGE_HZ, 0, 1)
    filtered: _Signal = np.fft.irfft(spectrum * np.sin(np.pi / 2 * edges) ** 2, len(circle))
    return filtered
