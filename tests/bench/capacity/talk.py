"""Many callers who listen, speak and listen again, as arrays: who speaks in this packet, and what was heard. Pure; times in ns.

A caller waits until the other side has spoken and then been quiet for ``QUIET_S``, and says its next sentence. The response gap is that
of ``ari_app.caller.measures``: last speech frame sent to the first of three speech frames in a row that come after it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.caller.speech_level import LEAST_DBOV
from ari_app.media.g711 import FRAME, SILENCE, decode, encode

QUIET_S: Final = (0.6, 0.9)
"""Least and most; chosen anew for each turn."""
PATIENCE_S: Final = 8.0
"""A caller who is not answered for so long says the next sentence."""
_SPURT: Final = 3
_ULAW: Final = np.frombuffer(decode(bytes(range(256)), "ulaw"), dtype=np.int16)
_SQUARES: Final = (_ULAW.astype(np.float32)) ** 2
LOUD: Final = float(32768.0**2 * 10 ** (LEAST_DBOV / 10))

Slots = NDArray[np.int64]
Frames = NDArray[np.uint8]


def decoded(payload: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Samples of mu-law bytes."""
    return _ULAW[payload].astype(np.float64)


def powers(payloads: Frames) -> NDArray[np.float32]:
    """Mean square of each row of mu-law bytes."""
    found: NDArray[np.float32] = _SQUARES[payloads].mean(axis=1)
    return found


def sentences(clips: Sequence[Pcm]) -> list[Frames]:
    """Each clip (int16, 8 kHz) in packets of mu-law, from its first speech frame to its last. Raises ValueError when it has none."""
    found = []
    for clip in clips:
        encoded = encode(clip.astype(np.int16).tobytes(), "ulaw")
        encoded += SILENCE["ulaw"] * (-len(encoded) % FRAME)
        frames = np.frombuffer(encoded, dtype=np.uint8).reshape(-1, FRAME)
        loud = np.flatnonzero(powers(frames) > LOUD)
        if not len(loud):
            raise ValueError("a sentence for the callers has no speech in it")
        found.append(frames[loud[0] : loud[-1] + 1])
    return found


class Talk:
    """``size`` callers; a slot is silent and deaf until ``join``. ``talkative``: False only listens."""

    def __init__(self, size: int, clips: Sequence[Frames], seed: int = 1) -> None:
        silence = np.full((1, FRAME), SILENCE["ulaw"][0], dtype=np.uint8)
        self._table: Frames = np.concatenate([silence, *clips])
        lengths = np.array([len(clip) for clip in clips])
        self._starts = 1 + np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self._ends = self._starts + lengths
        self._chance = np.random.default_rng(seed)
        self._joined = np.zeros(size, dtype=bool)
        self._talkative = np.zeros(size, dtype=bool)
        self._cursor = np.zeros(size, dtype=np.int64)
        self._clip = np.zeros(size, dtype=np.int64)
        self._turn = np.zeros(size, dtype=np.int64)
        self._run = np.zeros(size, dtype=np.int64)
        self._run_from = np.zeros(size, dtype=np.int64)
        self._heard_at = np.zeros(size, dtype=np.int64)
        self._said_at = np.zeros(size, dtype=np.int64)
        self._waits = np.zeros(size, dtype=bool)
        """For an answer to what was said."""
        self._spoken_to = np.zeros(size, dtype=bool)
        """Since the caller's last sentence."""
        self._quiet_ns = np.zeros(size, dtype=np.int64)
        self._gaps: list[tuple[Slots, NDArray[np.int64]]] = []
        self.unanswered = 0
        self.said = 0
        self.cut_ins = 0

    def join(self, slot: int, now: int, *, talkative: bool = True) -> None:
        """A caller at the beginning of its call."""
        self._joined[slot], self._talkative[slot] = True, talkative
        self._cursor[slot] = self._run[slot] = self._heard_at[slot] = 0
        self._turn[slot] = slot
        self._said_at[slot] = now
        self._waits[slot] = self._spoken_to[slot] = False
        self._quiet_ns[slot] = self._patience()

    def leave(self, slot: int) -> None:
        self._joined[slot] = False
        self._cursor[slot] = 0

    def first_heard(self, slot: int) -> int | None:
        """When the other side last began to speak or sound; None when it never did."""
        return int(self._run_from[slot]) if self._heard_at[slot] else None

    def heard_at(self, slot: int) -> int:
        """When anything was heard last; 0: never."""
        return int(self._heard_at[slot])

    def speaking(self) -> int:
        """Callers who speak now."""
        return int(np.count_nonzero(self._cursor))

    def payloads(self, slots: Slots, now: int) -> Frames:
        """What each of ``slots`` sends now, one row of 160 bytes each."""
        self._begin(slots[self._may_speak(slots, now)])
        cursor = self._cursor[slots]
        frames = self._table[cursor]
        speaking = slots[cursor > 0]
        done = speaking[self._cursor[speaking] + 1 == self._ends[self._clip[speaking]]]
        self._cursor[speaking] += 1
        self._cursor[done] = 0
        self._said_at[done] = now
        self._waits[done] = True
        self._spoken_to[done] = False
        return frames

    def _may_speak(self, slots: Slots, now: int) -> NDArray[np.bool_]:
        idle = self._joined[slots] & self._talkative[slots] & (self._cursor[slots] == 0)
        turn = self._spoken_to[slots] & (now - self._heard_at[slots] >= self._quiet_ns[slots])
        tired = now - np.maximum(self._said_at[slots], self._heard_at[slots]) > PATIENCE_S * 1e9
        found: NDArray[np.bool_] = idle & (turn | tired)
        return found

    def _begin(self, slots: Slots) -> None:
        if not len(slots):
            return
        self.unanswered += int(np.count_nonzero(self._waits[slots]))
        self.said += len(slots)
        self._waits[slots] = False
        self._clip[slots] = self._turn[slots] % len(self._starts)
        self._turn[slots] += 1
        self._cursor[slots] = self._starts[self._clip[slots]]
        self._quiet_ns[slots] = self._chance.uniform(*QUIET_S, len(slots)) * 1e9

    def heard(self, slots: Slots, at_ns: NDArray[np.int64], power: NDArray[np.float32]) -> None:
        """A packet for each of ``slots``, in order of arrival; a slot may be there more than once."""
        while len(slots):
            _, first = np.unique(slots, return_index=True)
            if len(first) == len(slots):
                self._hear(slots, at_ns, power > LOUD)
                return
            self._hear(slots[first], at_ns[first], power[first] > LOUD)
            rest = np.ones(len(slots), dtype=bool)
            rest[first] = False
            slots, at_ns, power = slots[rest], at_ns[rest], power[rest]

    def _hear(self, slots: Slots, at: NDArray[np.int64], loud: NDArray[np.bool_]) -> None:
        run = np.where(loud, self._run[slots] + 1, 0)
        self._run[slots] = run
        begun = run == 1
        self._run_from[slots[begun]] = at[begun]
        sure = run >= _SPURT
        self._heard_at[slots[sure]] = at[sure]
        speaking = self._cursor[slots] > 0
        self.cut_ins += int(np.count_nonzero((run == _SPURT) & speaking & (self._run_from[slots] > self._said_at[slots])))
        after = sure & ~speaking & (self._run_from[slots] > self._said_at[slots])
        self._spoken_to[slots[after]] = True
        answered = slots[after & self._waits[slots]]
        if len(answered):
            self._gaps.append((answered, self._run_from[answered] - self._said_at[answered]))
            self._waits[answered] = False

    def take_gaps_ms(self) -> list[tuple[int, float]]:
        """Slots with their response gaps since the last call."""
        taken, self._gaps = self._gaps, []
        return [(int(slot), float(gap) / 1e6) for slots, gaps in taken for slot, gap in zip(slots, gaps, strict=True)]

    def _patience(self) -> int:
        return int(self._chance.uniform(*QUIET_S) * 1e9)
