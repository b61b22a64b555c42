"""Figures from a packet log. All pure; times in ns on the monotonic clock unless a name says ms.

The conventions, chosen so that a figure is what a person on the line would notice:
- a packet's time is when it leaves or reaches the caller's socket; the audio in a sent packet has just been spoken, the audio in a
  received packet can be heard from then on;
- *response gap*: last speech frame sent -> first speech frame of the agent's next talk spurt received;
- *barge-in stop*: first speech frame sent -> last speech frame received of the agent's talk spurt that was being interrupted,
  where pauses under 600 ms belong to the spurt.
What a speech frame is, ``speech_level`` says. On a line with noise or echo a sent packet's level is that of the caller's own speech in it.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ari_app.caller.machine_stalls import Stall, disturbed
from ari_app.caller.packet_log import Received, Sent
from ari_app.caller.script import Spoken
from ari_app.caller.speech_level import Spurt, levels_of, spurts, threshold
from ari_app.media.g711 import LAW_OF_TYPE
from ari_app.media.sequence import diff16

GAP_BRIDGE_MS: Final = 300
STOP_BRIDGE_MS: Final = 600


@dataclass(frozen=True, slots=True)
class Side:
    """One side's audio packets with their levels, worked out once."""

    frames: list[tuple[int, float]]
    """Time in ns and dBov of each audio packet."""
    limit: float
    """The offline threshold, in dBov."""
    keys: list[int]
    """Times of event packets."""

    @classmethod
    def of(cls, packets: Sequence[Sent] | Sequence[Received]) -> "Side":
        audio = [packet for packet in packets if packet.payload_type in LAW_OF_TYPE]
        whole = levels_of([packet.payload for packet in audio], [LAW_OF_TYPE[packet.payload_type] for packet in audio])
        clean = [packet.clean_dbov if isinstance(packet, Sent) else None for packet in audio]
        values = [sent if own is None else own for sent, own in zip(whole, clean, strict=True)]
        frames = [(packet.at_ns, value) for packet, value in zip(audio, values, strict=True)]
        return cls(frames, threshold(values), [packet.at_ns for packet in packets if packet.payload_type not in LAW_OF_TYPE])

    def talk(self, bridge_ms: float) -> list[Spurt]:
        """Talk spurts; pauses shorter than ``bridge_ms`` do not divide them."""
        return spurts(self.frames, self.limit, bridge_ms)

    def speech(self, spoken: Spoken) -> list[int]:
        """Times of the speech frames (for keys: event packets) of one utterance."""
        start, end = spoken.start_ns - 1_000_000, spoken.end_ns
        if spoken.kind == "key":
            return [at for at in self.keys if start <= at <= end]
        return [at for at, value in self.frames if start <= at <= end and value > self.limit]


@dataclass(frozen=True, slots=True)
class IntervalStats:
    """Packet arrivals (or departures): how even, how complete."""

    packets: int
    within_2ms: float
    """Share of intervals within 2 ms of the packet length, 0 to 1; 1 when there are none."""
    p99_ms: float
    """99th percentile of the deviation from the packet length."""
    worst_ms: float
    missing: int
    """Sequence numbers never seen, per SSRC."""
    left_out: int = 0
    """Intervals in which the machine itself stood still: they count in no share and no time above, their packets do count."""


def interval_stats(packets: Sequence[Sent] | Sequence[Received], stalls: Sequence[Stall] = ()) -> IntervalStats:
    """Audio packets in the order given. The length of each packet is its payload's (8 bytes per ms).

    ``stalls`` of the machine on which it was measured: how late packets were meanwhile does not count; missing ones do.
    """
    audio = [packet for packet in packets if packet.payload_type in LAW_OF_TYPE]
    times = np.array([packet.at_ns for packet in audio], dtype=np.int64)
    lengths = np.array([len(packet.payload) / 8 for packet in audio])
    every = np.abs(np.diff(times) / 1e6 - lengths[:-1])
    deviations = every[~disturbed(times[:-1], times[1:], stalls)]
    missing = sum(_missing(numbers) for numbers in _by_stream(packets).values())
    if not len(deviations):
        return IntervalStats(len(audio), 1.0, 0.0, 0.0, missing, len(every))
    return IntervalStats(
        packets=len(audio),
        within_2ms=float((deviations <= 2.0).mean()),
        p99_ms=float(np.percentile(deviations, 99)),
        worst_ms=float(deviations.max()),
        missing=missing,
        left_out=len(every) - len(deviations),
    )


def _by_stream(packets: Sequence[Sent] | Sequence[Received]) -> dict[int, list[int]]:
    streams: dict[int, list[int]] = {}
    for packet in packets:
        streams.setdefault(packet.ssrc if isinstance(packet, Received) else 0, []).append(packet.sequence)
    return streams


def _missing(numbers: list[int]) -> int:
    seen = {0}
    position = highest = lowest = 0
    for earlier, later in itertools.pairwise(numbers):
        position += diff16(later, earlier)
        seen.add(position)
        highest, lowest = max(highest, position), min(lowest, position)
    return highest - lowest + 1 - len(seen)


@dataclass(frozen=True, slots=True)
class Gap:
    """One answer to one thing the caller said or keyed."""

    spoken: Spoken
    gap_ms: float | None
    """None: the agent said nothing before the caller's next step or the end."""
    cut_in: bool
    """The agent began while the caller was still speaking (never for an interruption)."""


def response_gaps(spoken: Sequence[Spoken], caller: Side, agent: Side) -> list[Gap]:
    """One entry per utterance with speech in it, in order."""
    answers = agent.talk(GAP_BRIDGE_MS)
    gaps: list[Gap] = []
    for index, item in enumerate(spoken):
        end = max(caller.speech(item), default=None)
        if end is None:
            continue
        until = spoken[index + 1].start_ns if index + 1 < len(spoken) else None
        answer = next((spurt.start_ns for spurt in answers if spurt.start_ns > end and (until is None or spurt.start_ns < until)), None)
        cut_in = item.kind == "say" and any(item.start_ns < spurt.start_ns <= end for spurt in answers)
        gaps.append(Gap(item, None if answer is None or cut_in else (answer - end) / 1e6, cut_in))
    return gaps


@dataclass(frozen=True, slots=True)
class BargeIn:
    spoken: Spoken
    stop_ms: float | None
    """None: the agent was in a pause at the onset, so there was nothing to stop."""


def barge_ins(spoken: Sequence[Spoken], caller: Side, agent: Side) -> list[BargeIn]:
    """One entry per interruption with speech in it."""
    turns = agent.talk(STOP_BRIDGE_MS)
    found: list[BargeIn] = []
    for item in spoken:
        onset = min(caller.speech(item), default=None) if item.kind == "interrupt" else None
        if onset is None:
            continue
        interrupted = next((spurt for spurt in turns if spurt.start_ns <= onset <= spurt.end_ns + 60_000_000), None)
        found.append(BargeIn(item, None if interrupted is None else max(0.0, (interrupted.end_ns - onset) / 1e6)))
    return found


def longest_silence_ms(start_ns: int, end_ns: int, caller: Side, agent: Side) -> float:
    """Longest stretch between two times in which neither side has a talk spurt; key presses of the caller count as sound."""
    keys = [Spurt(at, at) for at in caller.keys]
    sounds = sorted([*caller.talk(GAP_BRIDGE_MS), *agent.talk(GAP_BRIDGE_MS), *keys], key=lambda spurt: spurt.start_ns)
    longest, quiet_from = 0, start_ns
    for spurt in sounds:
        if spurt.start_ns > end_ns:
            break
        longest = max(longest, spurt.start_ns - quiet_from)
        quiet_from = max(quiet_from, spurt.end_ns)
    return max(longest, end_ns - quiet_from) / 1e6


def first_audible(agent: Side) -> int | None:
    """Time of the first speech frame of the agent's first talk spurt."""
    heard = agent.talk(GAP_BRIDGE_MS)
    return heard[0].start_ns if heard else None
