"""What a line costs the media process without sockets: the load of ``media_capacity`` on a clock of our own, in processor time.

    python -m tests.bench.media_tick [--lines 100] [--seconds 20] [--rounds 5] [--speech FILE.wav ...] [--profile]

Only the media process's own work is counted: packets read, heard, judged, played and built. ``digest`` is that of everything that left, and
of what was reported: the same for two versions of the code means that they do the same.
"""

import argparse
import asyncio
import cProfile
import hashlib
import json
import pstats
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from ari_app.caller.script import read_wav
from ari_app.commands.up import RUNTIME
from ari_app.media import leg as leg_module
from ari_app.media import wire
from ari_app.media.canceller import EchoCanceller
from ari_app.media.leg import Leg
from ari_app.media.listen import SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.modes import AgentMode
from ari_app.media.pacer import SLOTS, Schedule
from ari_app.media.playout import ClipFinished, ClipStopped, PlayoutEvent
from ari_app.media.poller import Poller
from ari_app.media.rtp import Packet, build
from ari_app.media.speex_echo import NoCanceller, SpeexLibrary, find
from ari_app.media.vad import shared_session
from tests.bench.capacity.talk import Frames, Talk, powers, sentences
from tests.bench.media_capacity.command import ANSWER_S, hum

_STEP_S = 0.005
_THINKS_S = 0.3


class Clock:
    """Stands for the module ``time``."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Wire:
    """Stands for a line's socket: datagrams that wait, and the last one that left."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.left: bytes = b""

    def connect(self, _: tuple[str, int]) -> None:
        pass

    def recv(self, _: int) -> bytes:
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.popleft()

    def send(self, datagram: bytes) -> int:
        self.left = bytes(datagram)
        return len(datagram)


class Readers:
    """Stands for the poller."""

    def __init__(self) -> None:
        self.added: list[Callable[[], None]] = []

    def add(self, _: socket.socket, readable: Callable[[], None]) -> None:
        self.added.append(readable)

    def remove(self, _: socket.socket) -> None:
        pass


class Line:
    """One call: the leg, and a mind that says something when the caller has stopped."""

    def __init__(self, slot: int, schedule: Schedule, readers: Readers, library: SpeexLibrary | None, cancel: bool) -> None:
        self.slot = slot
        self.wire = Wire()
        self.reported = hashlib.sha256()
        self.turns = 0
        self._count = 0
        self._speaks = self._voice = False
        self.answer_at: float | None = 0.0
        self.mode = AgentMode(
            "ulaw",
            shared_session(),
            reflex=True,
            on_spurt=self._spurt,
            on_playout=self._playout,
            canceller=EchoCanceller(library) if cancel else None,
        )
        self.leg = Leg(
            f"call-{slot}",
            "ulaw",
            cast(socket.socket, self.wire),
            schedule,
            cast(Poller, readers),
            self.mode,
            on_stalled=lambda _: None,
        )
        self.leg.attach("127.0.0.1", 4000 + slot)

    def _spurt(self, heard: SpurtStarted | SpurtAudio | SpurtPaused, playing: int | None) -> None:
        if isinstance(heard, SpurtAudio):
            self.reported.update(wire.voice_audio(self.slot, heard.at, heard.pcm))
            return
        self.reported.update(f"{type(heard).__name__} {heard.at:.6f} {playing}".encode())
        self._voice = isinstance(heard, SpurtStarted)
        if not self._voice:
            self.turns += 1
            self.answer_at = heard.at + _THINKS_S

    def _playout(self, event: PlayoutEvent) -> None:
        self.reported.update(repr(event).encode())
        if isinstance(event, ClipFinished | ClipStopped):
            self._speaks = False

    def answer(self, now: float) -> None:
        """Say something when it is time."""
        if self.answer_at is None or now < self.answer_at:
            return
        self.answer_at = None
        if self._voice or self._speaks:
            return
        self._speaks = True
        self._count += 1
        self.mode.begin(self._count, False, now)
        for piece in _ANSWER:
            self.mode.playout.append(self._count, piece)
        self.mode.playout.end(self._count)


_ANSWER = [piece[start : start + 1600] for piece in hum(ANSWER_S) for start in range(0, len(piece), 1600)]


class World:
    """All lines and their callers."""

    def __init__(self, lines: int, clips: Sequence[Frames], library: SpeexLibrary | None, cancel: bool) -> None:
        self.clock = Clock()
        setattr(leg_module, "time", self.clock)  # noqa: B010
        self.talk = Talk(lines, clips)
        self._schedule = Schedule(self.clock.now)
        self._readers = Readers()
        self.lines = [Line(slot, self._schedule, self._readers, library, cancel) for slot in range(lines)]
        for line in self.lines:
            self.talk.join(line.slot, self._ns)
        self.spent_s = 0.0
        self.left = hashlib.sha256()
        self._steps = 0

    @property
    def _ns(self) -> int:
        return round(self.clock.now * 1e9)

    def step(self, profile: cProfile.Profile | None) -> None:
        """5 ms: a quarter of the callers send; what is due leaves, then what came is read."""
        self._steps += 1
        self.clock.now = 1000.0 + self._steps * _STEP_S + 0.0001
        slots = np.arange(self._steps % SLOTS, len(self.lines), SLOTS)
        number = self._steps // SLOTS
        for slot, payload in zip(slots, self.talk.payloads(slots, self._ns), strict=True):
            self.lines[slot].wire.waiting.append(build(Packet(0, number % 65536, number * 160, int(slot) + 1, payload.tobytes())))
        read = [self._readers.added[slot] for slot in slots]
        if profile:
            profile.enable()
        began = time.process_time()
        self._schedule.run_due(self.clock.monotonic)
        for readable in read:
            readable()
        for line in self.lines:
            if line.answer_at is not None:
                line.answer(self.clock.now)
        self.spent_s += time.process_time() - began
        if profile:
            profile.disable()
        self._callers_hear()

    def _callers_hear(self) -> None:
        sent = [line for line in self.lines if line.wire.left]
        if not sent:
            return
        payloads = np.frombuffer(b"".join(line.wire.left[12:] for line in sent), dtype=np.uint8).reshape(len(sent), -1)
        self.left.update(payloads.tobytes())
        for line in sent:
            line.wire.left = b""
        slots = np.array([line.slot for line in sent])
        self.talk.heard(slots, np.full(len(slots), self._ns), powers(payloads))


def once(
    lines: int, seconds: float, clips: Sequence[Frames], *, cancel: bool, profile: cProfile.Profile | None
) -> tuple[list[float], World]:
    """Processor seconds of each step after the first four seconds."""
    try:
        library = SpeexLibrary(find(RUNTIME / "root")) if cancel else None
    except NoCanceller:
        library = None
    world = World(lines, clips, library, cancel)
    while world.clock.now < 1004.0:
        world.step(None)
    spent = []
    for _ in range(round(seconds / _STEP_S)):
        before = world.spent_s
        world.step(profile)
        spent.append(world.spent_s - before)
    return spent, world


def measure(
    lines: int, seconds: float, rounds: int, clips: Sequence[Frames], *, cancel: bool, profile: cProfile.Profile | None
) -> dict[str, Any]:
    seen = []
    for _ in range(rounds):
        spent, world = once(lines, seconds, clips, cancel=cancel, profile=profile)
        seen.append(spent)
    for line in world.lines:
        world.left.update(line.reported.digest())
    # All rounds do the same: what a busy machine adds to a step by interrupts and cold caches is not ours.
    calm = float(np.min(np.array(seen), axis=0).sum())
    return {
        "lines": lines,
        "seconds": seconds,
        "percent_per_call": round(100 * calm / seconds / lines, 4),
        "percent_per_call_mean": round(100 * float(np.sum(seen)) / rounds / seconds / lines, 4),
        "turns": sum(line.turns for line in world.lines),
        "digest": world.left.hexdigest()[:16],
    }


async def _clips(speech: Sequence[Path]) -> list[Frames]:
    if speech:
        return sentences([read_wav(path) for path in speech])
    from tests.bench.media_capacity.command import _sentences

    return await _sentences(argparse.Namespace(speech=[]))


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--lines", type=int, default=100)
    made.add_argument("--seconds", type=float, default=20.0, help="of call; goes by as fast as it is done")
    made.add_argument("--rounds", type=int, default=5, help="the cheapest of so many counts, step by step")
    made.add_argument("--speech", type=Path, nargs="*", default=[], help="WAV files that the callers say; without them a machine's voice")
    made.add_argument("--no-canceller", action="store_true")
    made.add_argument("--profile", action="store_true")
    options = made.parse_args(argv)
    profile = cProfile.Profile() if options.profile else None
    clips = asyncio.run(_clips(options.speech))
    row = measure(options.lines, options.seconds, options.rounds, clips, cancel=not options.no_canceller, profile=profile)
    sys.stdout.write(json.dumps({"bench": "media_tick", **row}) + "\n")
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
