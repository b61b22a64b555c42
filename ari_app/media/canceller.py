"""Takes the agent's own voice, returned by the caller's speakerphone or hybrid, out of what a line hears. Pure; audio is 8 kHz, 16 bit.

Two answers to the same question. ``explains`` fits the last 128 ms that were received to what was played: it needs no time to learn, so
not even the first word of a call is taken for the caller. The first echo found that way fixes the delay; from then on an adaptive filter
(``speex_echo``), which learns at once from the audio kept here, takes the echo out, and ``residual`` quietens what it leaves.

A line whose caller returns nothing costs next to nothing: no filter runs, and what was received passes bit by bit. So it does on every
line when nothing was played for half a second.

Delays are kept as a distance between the numbers of samples received and played: packets that come early or late do not move it.

A leg uses it so: ``played`` with every frame that it sends; the listener is fed ``clean(pcm8, now)`` in place of ``pcm8``; and what
sounds like a voice while no talk spurt lasts counts only if not ``explains(now)``.
"""

from typing import Final

import numpy as np

from agents.audio import Pcm
from agents.transcript import JsonValue
from ari_app.media.echo_likeness import REACH, WINDOW, Likeness, explained, find_echo, line_noise
from ari_app.media.residual import ResidualGate
from ari_app.media.sample_track import KEPT, SampleTrack
from ari_app.media.speex_echo import BLOCK, SpeexFilter, SpeexLibrary

SILENT: Final = bytes(320)
"""20 ms of silence; recognised at once when it is given to ``played``."""
_NOTHING: Final = np.zeros(0, dtype=np.int16)
_RATE: Final = 8000
_TAIL_S: Final = 0.5
"""For so long after the last sound that was played there may be echo of it."""
_LEARNT: Final = 4800
"""Samples from which a filter learns when its delay is found: 0.6 s. It takes 12 dB away at once; a second pass adds nothing."""
_EXPLAINED: Final = 0.5
"""Share from which a window is echo."""
_ELSEWHERE: Final = 0.7
"""The same for another delay than the one that is known."""
_CERTAIN: Final = 0.75
"""Share that fixes a delay at once."""
_LIKELY: Final = 0.6
"""Share that fixes it when a window before says the same."""
_SAME: Final = 8
"""Samples by which two delays may differ and be the same."""
_EARLY: Final = 56
"""Samples of the filter in front of the strongest reflection: 7 ms."""
_USELESS: Final = 0.5
"""A filter that leaves this part of what was received may have the wrong delay."""
_PAUSE_S: Final = 0.25
"""Frames that left further apart had silence between them; the packet clock makes up for less."""


class EchoCanceller:
    """One line's. Without ``library`` nothing is taken out, and ``explains`` still tells an echo from the caller."""

    __slots__ = (
        "_answer",
        "_answered",
        "_done",
        "_echo_until",
        "_filter",
        "_gate",
        "_guess",
        "_library",
        "_out",
        "_played",
        "_played_at",
        "_received",
        "_residual",
        "_shift",
        "delay_ms",
        "found",
    )

    def __init__(self, library: SpeexLibrary | None) -> None:
        self._library = library
        self._filter: SpeexFilter | None = None
        self._gate = ResidualGate()
        self._played, self._received, self._residual = SampleTrack(), SampleTrack(), SampleTrack()
        self._played_at: float | None = None
        self._echo_until = float("-inf")
        self._shift = 0
        """Number of a played sample less that of the received one in which its strongest reflection is."""
        self._guess: int | None = None
        self._done = 0
        """Number of the first received sample that the filter has not seen."""
        self._out = _NOTHING
        self._answered, self._answer = -1, False
        """Count of received samples at the last question, and what was answered."""
        self.delay_ms: float | None = None
        """Of the echo found last; None when the caller's side has returned none."""
        self.found = 0
        """Times a delay was found; more than one means that the path has changed."""

    def played(self, pcm8: bytes, now: float) -> None:
        """A frame left for the caller at ``now``; every frame, silence included."""
        if self._played_at is not None and now - self._played_at > _PAUSE_S:
            missing = round((now - self._played_at) * _RATE) - len(pcm8) // 2
            self._played.add(np.zeros(min(max(0, missing), KEPT), dtype=np.int16))
        self._played_at = now
        self._played.add_bytes(pcm8)
        if pcm8 is not SILENT and pcm8 != bytes(len(pcm8)):
            self._echo_until = now + _TAIL_S

    def clean(self, pcm8: bytes, now: float) -> bytes:
        """What was received, in order, without the echo: as many bytes, and not delayed when packets are multiples of 5 ms."""
        self._received.add_bytes(pcm8)
        if self._filter is None or now > self._echo_until:
            self._done = self._received.count
            self._out = _NOTHING
            return pcm8
        return self._cancel(self._filter, len(pcm8) // 2).tobytes()

    def explains(self, now: float) -> bool:
        """Whether what was last given to ``clean`` is an echo of what was played.

        To be asked whenever it sounds like a voice, outside of a talk spurt: up to 0.8 ms of processor time while there may be an echo,
        nothing otherwise. Asked again before the next ``clean`` it answers the same.
        """
        if now > self._echo_until:
            return False
        if self._answered != self._received.count:
            self._answered = self._received.count
            self._answer = self._is_echo()
        return self._answer

    def close(self) -> None:
        """The line is over; nothing may be cleaned afterwards."""
        if self._filter is not None:
            self._filter.close()
            self._filter = None

    def statistics(self) -> dict[str, JsonValue]:
        """``echo_delay_ms`` of the echo found last (None: none), ``echo_found`` times."""
        return {"echo_delay_ms": self.delay_ms, "echo_found": self.found}

    def _is_echo(self) -> bool:
        if self._filter is not None and self._gate.as_expected:
            return True
        noise = line_noise(self._received.last(KEPT))
        played = self._played.last(WINDOW + REACH)
        if self._filter is not None:
            lag = self._played.count - self._received.count - self._shift
            if explained(self._residual.last(WINDOW), played, lag, noise) >= _EXPLAINED:
                self._gate.doubt()
                return True
            if self._gate.achieved < _USELESS:
                return False
        found = find_echo(self._received.last(WINDOW), played, noise)
        needed = _EXPLAINED if self._filter is None else _ELSEWHERE
        self._consider(found)
        return found.share >= needed

    def _consider(self, found: Likeness) -> None:
        """Fix the delay when it is certain."""
        if found.share < _EXPLAINED:
            return
        shift = self._played.count - self._received.count - found.lag
        again = self._guess is not None and abs(shift - self._guess) <= _SAME
        self._guess = shift
        if found.share < (_LIKELY if again else _CERTAIN) or (self.found and abs(shift - self._shift) <= _SAME):
            return
        self._shift = shift
        self.delay_ms = found.lag * 1000 / _RATE
        self.found += 1
        if self._library is not None:
            self._learn(self._library)

    def _learn(self, library: SpeexLibrary) -> None:
        """Let a filter learn the path with the new delay from what is remembered."""
        self._gate = ResidualGate()
        if self._filter is None:
            self._filter = SpeexFilter(library)
        else:
            self._filter.forget()
        self._done = self._received.count - _LEARNT
        self._step(self._filter, _LEARNT)
        self._gate.restart()
        self._out = self._out[:0]

    def _cancel(self, path: SpeexFilter, wanted: int) -> Pcm:
        """``wanted`` samples; when packets are no multiple of a block, up to 5 ms of silence go in front once."""
        ready = (self._received.count - self._done) // BLOCK * BLOCK
        out = np.concatenate((self._out, self._step(path, ready)))
        if len(out) < wanted:
            out = np.concatenate((np.zeros(wanted - len(out), dtype=np.int16), out))
        self._out = out[wanted:]
        return out[:wanted]

    def _step(self, path: SpeexFilter, samples: int) -> Pcm:
        """Filter the next ``samples``, a multiple of a block."""
        received = self._received.take(self._done, samples)
        residual = path.run(received, self._played.take(self._done + self._shift + _EARLY, samples))
        self._done += samples
        best, out = self._gate.step(received, residual)
        self._residual.add(best)
        return out
