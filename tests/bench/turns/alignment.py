"""Where received audio lies in a reference recording of the same answer, sample by sample. Pure.

The same answer comes as the very same G.711 samples each time (one clip, one conversion), so what was really played can be told exactly:
``trace`` cuts what was received into pieces of the reference and into sound that is none; ``seam`` says what became of the samples
between two pieces. Positions and lengths are samples at 8 kHz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.media.g711 import RATE

SILENT: Final = 16
"""Amplitude up to which a sample counts as silence: the least step of G.711 is 8."""
TEMPLATE: Final = RATE // 5
SHORTEST: Final = RATE * 30 // 1000
"""Sound shorter than this cannot be told apart and is left out."""
LEAST_SCORE: Final = 0.9
_LEAST_EXPECTED: Final = RATE // 100
FADE: Final = RATE * 6 // 1000
"""A pause fades out and in over 5 ms each: these samples were heard, but not as they are."""
_TEMPLATES: Final = 8
_GIVE_UP: Final = 12
"""Samples in a row that differ end a piece."""


@dataclass(frozen=True, eq=False)
class Reference:
    """An answer as it sounds when nobody disturbs it."""

    name: str
    text: str
    pcm: Pcm

    @cached_property
    def _spectrum(self) -> NDArray[np.complex128]:
        return np.asarray(np.fft.rfft(self.pcm.astype(np.float64), self._size))

    @cached_property
    def _size(self) -> int:
        return 1 << (len(self.pcm) + TEMPLATE).bit_length()

    @cached_property
    def _energy(self) -> NDArray[np.float64]:
        return np.concatenate(([0.0], np.cumsum(self.pcm.astype(np.float64) ** 2)))

    def find(self, template: Pcm, least: float = LEAST_SCORE) -> int | None:
        """Where the template (at most ``TEMPLATE`` samples) fits best; None when nowhere well enough (normalised correlation)."""
        wanted = template.astype(np.float64)
        power = float(wanted @ wanted)
        places = len(self.pcm) - len(wanted) + 1
        if places < 1 or power <= 0:
            return None
        products = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(wanted, self._size)), self._size)[:places]
        energy = self._energy[len(wanted) :] - self._energy[: -len(wanted)]
        scores = products / np.sqrt(np.maximum(energy * power, 1.0))
        best = int(np.argmax(scores))
        return best if scores[best] >= least else None


@dataclass(frozen=True, slots=True)
class Piece:
    """``length`` samples of the reference from ``told`` on were received from ``heard`` on, unaltered."""

    heard: int
    told: int
    length: int

    @property
    def heard_end(self) -> int:
        return self.heard + self.length

    @property
    def told_end(self) -> int:
        return self.told + self.length


@dataclass(frozen=True, slots=True)
class Foreign:
    """Sound that is not in the reference."""

    heard: int
    heard_end: int


@dataclass(frozen=True, slots=True)
class Trace:
    pieces: tuple[Piece, ...]
    foreign: tuple[Foreign, ...]


@dataclass(frozen=True, slots=True)
class Seam:
    """What lies between two pieces that follow each other."""

    silence: int
    """Longest run of silence between them, whatever of the reference's own belongs to it."""
    inserted: int
    """Samples that were put in: the length of the pause."""
    lost: int
    """Samples of the reference that were not heard, fades of up to ``2 * FADE`` not counted."""
    repeated: int
    """Samples of the reference that were heard twice."""

    @property
    def exact(self) -> bool:
        """The reference went on with the sample after the pause."""
        return self.lost == 0 and self.repeated <= FADE and self.inserted >= 0


def trace(heard: Pcm, start: int, end: int, reference: Reference) -> Trace:
    """What of ``heard[start:end]`` is the reference and what is something else."""
    pieces: list[Piece] = []
    foreign: list[Foreign] = []
    position = start
    while (sound := _next_sound(heard, position, end)) is not None:
        first, last = sound
        piece = _piece(heard, max(first, position), last, end, reference, pieces[-1] if pieces else None)
        if piece is None:
            if last - first >= SHORTEST:
                foreign.append(Foreign(first, last))
            position = last
        else:
            pieces.append(piece)
            position = max(piece.heard_end, first + 1)
    return Trace(tuple(pieces), _joined(foreign))


def _next_sound(heard: Pcm, position: int, end: int) -> tuple[int, int] | None:
    """The next stretch of sound from ``position`` on: at most a template long, ended by 15 ms of silence."""
    loud = np.flatnonzero(np.abs(heard[position:end].astype(np.int32)) > SILENT)
    if not len(loud):
        return None
    first = position + int(loud[0])
    inside = loud[loud < loud[0] + TEMPLATE]
    breaks = np.flatnonzero(np.diff(inside) > RATE * 15 // 1000)
    last = int(inside[breaks[0]] if len(breaks) else inside[-1])
    return first, position + last + 1


def _piece(heard: Pcm, first: int, last: int, end: int, reference: Reference, before: Piece | None) -> Piece | None:
    """The piece that this sound belongs to, as long as it gets; None when it is not in the reference."""
    expected = before.told_end if before is not None else 0
    skip = min(2 * FADE, max(0, last - first - SHORTEST))  # the fade after a pause is left out of what is looked for
    template = heard[first + skip : last]
    if len(template) < SHORTEST // 2:
        return None
    near = _near(template, reference.pcm, max(0, expected - TEMPLATE), expected + (RATE if before is None else TEMPLATE))
    place = near - skip if near is not None else _continued(heard[first:last], reference.pcm, expected)
    if place is not None:
        piece = _extended(heard, first, place, end, reference)
        # Where it is expected, little is enough: an answer that goes on and is paused again within two packets.
        if piece.length >= min(_LEAST_EXPECTED, last - first):
            return piece
    anywhere = reference.find(template) if len(template) >= SHORTEST else None
    if anywhere is not None:
        piece = _extended(heard, first, anywhere - skip, end, reference)
        if piece.length >= min(SHORTEST, last - first):
            return piece
    return None


def _continued(sound: Pcm, pcm: Pcm, expected: int) -> int | None:
    """Where a sound that is hardly more than its two fades goes on, within 50 ms of where it should: what is between the fades agrees."""
    edge = FADE + 8
    core = sound[edge:-edge].astype(np.int32)
    if not 40 <= len(core) <= TEMPLATE // 2:
        return None
    start = max(0, expected - edge)
    window = pcm[start + edge : start + edge + RATE // 20 + len(core)].astype(np.int32)
    if len(window) < len(core):
        return None
    there = np.lib.stride_tricks.sliding_window_view(window, len(core))
    agreement = (np.abs(there - core) <= 4 + np.abs(there) // 32).mean(axis=1)
    best = int(np.argmax(agreement))
    return start + best if agreement[best] >= LEAST_SCORE else None


def _near(template: Pcm, pcm: Pcm, start: int, end: int) -> int | None:
    """Like ``Reference.find`` between two places."""
    window = pcm[start : end + len(template)].astype(np.float64)
    wanted = template.astype(np.float64)
    if len(window) < len(wanted):
        return None
    energy = np.convolve(window**2, np.ones(len(wanted)), "valid")
    scores = np.correlate(window, wanted, "valid") / np.sqrt(np.maximum(energy * float(wanted @ wanted), 1.0))
    best = int(np.argmax(scores))
    return start + best if scores[best] >= 0.95 else None


def _extended(heard: Pcm, first: int, place: int, end: int, reference: Reference) -> Piece:
    """From inside a sound at ``first`` (``place`` in the reference) as far as samples agree, both ways."""
    middle = 2 * FADE
    forward = _agreeing(heard[first + middle : end], reference.pcm[place + middle :]) if place + middle >= 0 else 0
    reach = min(first + middle, place + middle)
    backward = _agreeing(heard[first + middle - reach : first + middle][::-1], reference.pcm[place + middle - reach : place + middle][::-1])
    return Piece(first + middle - backward, place + middle - backward, forward + backward)


def _agreeing(heard: Pcm, told: Pcm) -> int:
    """How many samples agree from the beginning on; a few that do not are forgiven, as a lost packet would not be."""
    count = min(len(heard), len(told))
    one, other = heard[:count].astype(np.int32), told[:count].astype(np.int32)
    differs = np.abs(one - other) > 4 + np.abs(other) // 32
    if not differs.any():
        return count
    runs = np.convolve(differs, np.ones(_GIVE_UP, dtype=np.int32), "valid")
    ends = np.flatnonzero(runs >= _GIVE_UP - 2)
    return int(ends[0]) if len(ends) else count


def seam(heard: Pcm, before: Piece, after: Piece) -> Seam:
    """Between two pieces of one trace, in order."""
    inserted = (after.heard - after.told) - (before.heard - before.told)
    # The reference's own silence beside the pause may have been counted to either piece.
    slack = RATE // 2
    silence = _longest_silence(heard[max(before.heard, before.heard_end - slack) : min(after.heard_end, after.heard + slack)])
    return Seam(silence, inserted, max(0, after.told - before.told_end - 2 * FADE), max(0, inserted - silence))


def _longest_silence(pcm: Pcm) -> int:
    loud = np.flatnonzero(np.concatenate(([True], np.abs(pcm.astype(np.int32)) > SILENT, [True])))
    return int(np.diff(loud).max()) - 1 if len(loud) > 1 else 0


def _joined(foreign: Sequence[Foreign]) -> tuple[Foreign, ...]:
    """Neighbours less than 300 ms apart are one."""
    joined: list[Foreign] = []
    for each in foreign:
        if joined and each.heard - joined[-1].heard_end < RATE * 3 // 10:
            joined[-1] = Foreign(joined[-1].heard, each.heard_end)
        else:
            joined.append(each)
    return tuple(joined)


def best_reference(heard: Pcm, start: int, end: int, references: Sequence[Reference]) -> Reference | None:
    """The reference that this sound begins with; where several begin alike, the one with more of what follows. None: none of them."""
    templates: list[Pcm] = []
    position = start
    while len(templates) < _TEMPLATES and (sound := _next_sound(heard, position, end)) is not None:
        first, last = sound
        if last - first >= SHORTEST:
            templates.append(heard[first:last])
        position = last
    if not templates:
        return None
    likely = [reference for reference in references if reference.find(templates[0]) is not None]
    return max(likely, key=lambda each: sum(each.find(template) is not None for template in templates), default=None)
