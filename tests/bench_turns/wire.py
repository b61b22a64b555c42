"""Calls that never were: packets at the caller whose truth is known to the sample."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.audio import Pcm
from ari_app.caller.packet_log import Received
from ari_app.media.g711 import RATE, decode, encode
from tests.bench.turns.alignment import Reference
from tests.bench.turns.capture import Capture, Played, Status
from tests.bench.turns.events import Event, Kind
from tests.bench.turns.measures import Scene
from tests.bench.turns.sounds import Pause, Sound

START_NS = 50_000_000_000
FRAME = RATE // 50
FADE = RATE * 5 // 1000


def over_the_line(pcm: Pcm) -> Pcm:
    return np.frombuffer(decode(encode(pcm.tobytes(), "ulaw"), "ulaw"), dtype=np.int16)


def voice(seconds: float, seed: int) -> Pcm:
    """Noise with the rhythm of speech: syllables of 180 ms with dips between, a silent gap of 120 ms after every eighth."""
    chance = np.random.default_rng(seed)
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    rhythm = np.abs(np.sin(np.pi * time / 0.18)) * (np.mod(time, 8 * 0.18) < 8 * 0.18 - 0.12)
    return over_the_line(np.asarray(chance.normal(0, 3000, count) * rhythm, dtype=np.int16))


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def faded(before: Pcm, after: Pcm, pause_s: float) -> Pcm:
    """A pause as the media process makes it: 5 ms down, silence, 5 ms up; nothing is left out and nothing comes twice."""
    down, up = before.copy(), after.copy()
    down[-FADE:] = (down[-FADE:] * np.linspace(1, 0, FADE, endpoint=False)).astype(np.int16)
    up[:FADE] = (up[:FADE] * np.linspace(0, 1, FADE, endpoint=False)).astype(np.int16)
    return over_the_line(np.concatenate((down, silence(pause_s), up)))


def packets(pcm: Pcm, start_ns: int = START_NS) -> list[Received]:
    """One packet every 20 ms; the last one is filled up."""
    whole = np.concatenate((pcm, np.zeros(-len(pcm) % FRAME, dtype=np.int16)))
    made = []
    for index in range(len(whole) // FRAME):
        payload = encode(whole[index * FRAME : (index + 1) * FRAME].tobytes(), "ulaw")
        made.append(Received(start_ns + index * 20_000_000, index % 65536, (7_000 + index * FRAME) % 2**32, 99, 0, index == 0, payload))
    return made


def capture(pcm: Pcm, played: Sequence[Played] = ()) -> Capture:
    return Capture.of(packets(pcm), number=1, caller_id="880000", invite_ns=START_NS, wall_minus_monotonic_ns=0, played=list(played))


def at_ns(seconds: float) -> int:
    return START_NS + round(seconds * 1e9)


@dataclass
class Staged:
    """An event over what the agent says; times in s from the call's first packet."""

    kind: Kind
    agent: Pcm
    references: list[Reference]
    turn_s: float = 0.0
    onset_s: float = 2.0
    end_s: float = 2.5
    until_s: float = 5.0
    pauses: tuple[Pause, ...] = field(default=())

    def scene(self) -> Scene:
        played = Played(
            "event-1", Status.PLAYED, at_ns(self.turn_s), at_ns(self.onset_s), at_ns(self.onset_s), at_ns(self.end_s), at_ns(self.until_s)
        )
        sound = Sound("sound-1", "sentence", "words", silence(1.0), "rhvoice:alan", "rhvoice", self.pauses, 0.0, self.end_s - self.onset_s)
        return Scene(capture(self.agent, [played]), played, Event("event-1", self.kind, "sound-1", 0.0), "clean", sound, self.references)
