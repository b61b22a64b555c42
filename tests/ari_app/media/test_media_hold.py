"""Holding a line: what leaves before and after a pause is the clip itself, sample by sample, but for two ramps of 5 ms."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import Pcm
from ari_app.media.g711 import SILENCE, decode, encode
from ari_app.media.playout import ClipFinished, ClipPaused, ClipResumed, ClipStarted, ClipStopped, Playout, PlayoutEvent
from ari_app.media.resample import Downsampler

QUIET = SILENCE["ulaw"] * 160
RAMP = 40


def sound(samples: int, seed: int = 1) -> Pcm:
    """Never silent at the telephone's end, so that silence in what leaves is the line's own: a loud low tone of odd shape."""
    position = np.arange(samples)
    shape = 9000 + 4000 * np.sin(position * 0.01 * (1 + seed / 7)) + 2000 * np.sin(position * 0.037)
    made: Pcm = shape.astype(np.int16)
    return made


def telephone(pcm: Pcm) -> bytes:
    """What of ``pcm`` leaves when nothing comes between."""
    down = Downsampler()
    return encode(np.concatenate((down.feed(pcm), down.flush())).tobytes(), "ulaw")


def queued(samples: int = 16_000, *, interruptible: bool = True) -> Playout:
    playout = Playout("ulaw")
    playout.begin(1, interruptible)
    playout.append(1, sound(samples))
    playout.end(1)
    return playout


def leave(playout: Playout, frames: int) -> tuple[bytes, list[PlayoutEvent]]:
    out, events = b"", []
    for _ in range(frames):
        frame, more = playout.frame(0.0)
        assert len(frame) == 160
        out += frame
        events += more
    return out, events


def linear(law: bytes) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.frombuffer(decode(law, "ulaw"), dtype=np.int16).astype(np.int32)


def test_a_pause_ends_at_the_exact_sample_before_it_without_a_click() -> None:
    source = telephone(sound(16_000))
    playout = queued()
    before, _ = leave(playout, 7)
    assert playout.hold(0.14) == [ClipPaused(1, 0.14, (7 * 160 + RAMP) / 8000)]
    assert playout.held
    pause, events = leave(playout, 20)
    assert events == []
    assert pause[RAMP:] == SILENCE["ulaw"] * (20 * 160 - RAMP)
    assert playout.resume(0.54) == [ClipResumed(1, 0.54)]
    after, events = leave(playout, 60)
    assert [type(event) for event in events] == [ClipFinished]
    assert playout.underruns == 0
    whole = before + pause[:RAMP] + after.rstrip(SILENCE["ulaw"])
    assert len(whole) == len(source)
    edge = 7 * 160 + RAMP
    assert whole[: edge - RAMP] == source[: edge - RAMP]
    assert whole[edge + RAMP :] == source[edge + RAMP :]
    down, up = np.linspace(1, 0, RAMP, endpoint=False), np.linspace(0, 1, RAMP, endpoint=False)
    expected = linear(source[edge - RAMP : edge + RAMP]) * np.concatenate((down, up))
    # Half a step of G.711 at this loudness.
    assert np.abs(linear(whole[edge - RAMP : edge + RAMP]) - expected).max() <= 300
    assert [(entry.start, entry.end) for entry in playout.ledger][6:9] == [(960, 1120), (1120, 1160), (1160, 1320)]


def test_hold_and_resume_twice_are_once_and_resume_alone_is_nothing() -> None:
    playout = queued()
    assert playout.resume(0.0) == []
    leave(playout, 3)
    assert len(playout.hold(0.1)) == 1
    assert playout.hold(0.1) == []
    assert len(playout.resume(0.1)) == 1
    assert playout.resume(0.1) == []


def test_a_resume_before_the_next_frame_loses_nothing() -> None:
    playout = queued(1600)
    source = telephone(sound(1600))
    first, _ = leave(playout, 1)
    for _ in range(3):
        playout.hold(0.02)
        playout.resume(0.02)
    rest, _ = leave(playout, 5)
    whole = (first + rest).rstrip(SILENCE["ulaw"])
    assert len(whole) == len(source)
    assert whole[240:] == source[240:]


def test_stop_while_held_tells_what_was_heard_at_the_pause_and_lets_go() -> None:
    playout = queued()
    leave(playout, 5)
    [paused] = playout.hold(0.1)
    assert isinstance(paused, ClipPaused)
    leave(playout, 4)
    assert playout.stop(0.2) == [ClipStopped(1, 0.2, paused.heard_s)]
    assert not playout.held
    assert leave(playout, 2) == (QUIET * 2, [])
    playout.begin(2, True)
    playout.append(2, sound(640))
    playout.end(2)
    _, events = leave(playout, 3)
    assert [type(event) for event in events] == [ClipStarted, ClipFinished]


def test_clips_that_have_not_begun_wait_without_an_event() -> None:
    playout = Playout("ulaw")
    assert playout.hold(0.0) == []
    playout.begin(1, True)
    playout.append(1, sound(640))
    playout.end(1)
    assert leave(playout, 3) == (QUIET * 3, [])
    assert playout.resume(0.1) == []
    out, events = leave(playout, 2)
    assert [type(event) for event in events] == [ClipStarted, ClipFinished]
    assert out == telephone(sound(640))


def test_what_may_not_be_interrupted_is_never_held_and_what_is_behind_it_waits() -> None:
    playout = queued(3200, interruptible=False)
    playout.begin(2, True)
    playout.append(2, sound(640))
    playout.end(2)
    leave(playout, 2)
    assert playout.hold(0.0) == []
    out, events = leave(playout, 15)
    assert [(type(event), event.clip) for event in events] == [(ClipFinished, 1)]
    assert out == telephone(sound(3200))[320:] + QUIET * 7
    playout.resume(0.0)
    assert leave(playout, 2)[0] == telephone(sound(640))


def test_what_may_not_be_interrupted_plays_when_it_is_queued_during_a_hold() -> None:
    playout = Playout("ulaw")
    playout.hold(0.0)
    playout.begin(1, False)
    playout.append(1, sound(640))
    playout.end(1)
    assert leave(playout, 2)[0] == telephone(sound(640))


def test_a_voice_that_is_late_is_no_underrun_while_held_and_goes_on_where_it_was() -> None:
    playout = Playout("ulaw")
    playout.begin(1, True)
    playout.append(1, sound(640))
    leave(playout, 4)
    starved = playout.underruns
    assert starved == 3
    [paused] = playout.hold(0.1)
    assert isinstance(paused, ClipPaused)
    assert paused.heard_s == 160 / 8000
    assert leave(playout, 3) == (QUIET * 3, [])
    playout.append(1, sound(640))
    playout.end(1)
    playout.resume(0.2)
    leave(playout, 4)
    assert playout.underruns == starved
    assert playout.ledger[1].start == 160


@dataclass
class Caller:
    """A random agent on a line, and what its caller hears."""

    playout: Playout = field(default_factory=lambda: Playout("ulaw"))
    events: list[PlayoutEvent] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    """Number n left at n seconds; what is done before it is done at n - 0.5."""
    given: dict[int, Pcm] = field(default_factory=dict)
    open: int = 0

    @property
    def now(self) -> float:
        return len(self.frames) - 0.5

    def begin(self, interruptible: bool) -> None:
        self.end()
        self.open = len(self.given) + 1
        self.given[self.open] = np.zeros(0, dtype=np.int16)
        self.playout.begin(self.open, interruptible)

    def append(self, samples: int) -> None:
        if self.open:
            piece = sound(samples, self.open)
            self.given[self.open] = np.concatenate((self.given[self.open], piece))
            self.playout.append(self.open, piece)

    def end(self) -> None:
        if self.open:
            self.playout.end(self.open)
            self.open = 0

    def stop(self) -> None:
        self.events += self.playout.stop(self.now)
        self.open = 0

    def do(self, step: tuple[str, int]) -> None:
        what, number = step
        if what == "begin":
            self.begin(bool(number % 4))
        elif what == "append":
            self.append(number)
        elif what == "end":
            self.end()
        elif what == "stop":
            self.stop()
        elif what == "hold":
            self.events += self.playout.hold(self.now)
        elif what == "resume":
            self.events += self.playout.resume(self.now)
        else:
            for _ in range(number % 6):
                frame, events = self.playout.frame(float(len(self.frames)))
                assert len(frame) == 160
                self.frames.append(frame)
                self.events += events


KINDS = st.sampled_from(["begin", "append", "append", "end", "hold", "resume", "frames", "frames", "stop"])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 900)), max_size=50)


@given(STEPS)
def test_no_sample_is_lost_doubled_or_out_of_order_whatever_is_held(steps: list[tuple[str, int]]) -> None:
    caller = Caller()
    for step in steps:
        caller.do(step)
    caller.end()
    caller.do(("resume", 0))
    for _ in range(60):
        caller.do(("frames", 5))
    _every_clip_ends_once(caller)
    _ledger_is_contiguous(caller)
    _what_was_heard_is_what_was_given(caller)


def _every_clip_ends_once(caller: Caller) -> None:
    over = [event.clip for event in caller.events if isinstance(event, ClipFinished | ClipStopped)]
    assert sorted(over) == list(caller.given)
    paused: set[int] = set()
    for event in caller.events:
        if isinstance(event, ClipPaused):
            assert event.clip not in paused
            paused.add(event.clip)
        elif isinstance(event, ClipResumed):
            paused.remove(event.clip)
        elif isinstance(event, ClipStopped):
            paused.discard(event.clip)
        else:
            assert event.clip not in paused
    assert not paused


def _ledger_is_contiguous(caller: Caller) -> None:
    sent = dict.fromkeys(caller.given, 0)
    for entry in caller.playout.ledger:
        assert entry.start == sent[entry.clip]
        sent[entry.clip] = entry.end
    for event in caller.events:
        if isinstance(event, ClipStopped):
            assert event.heard_s == sent[event.clip] / 8000
        elif isinstance(event, ClipFinished):
            assert sent[event.clip] == len(telephone(caller.given[event.clip]))


def _what_was_heard_is_what_was_given(caller: Caller) -> None:
    """Each frame is the samples that the ledger has for it and silence; only those that fade out, or in after a pause, are softer."""
    sources = {clip: telephone(pcm) for clip, pcm in caller.given.items()}
    resumed = [(event.clip, event.at) for event in caller.events if isinstance(event, ClipResumed)]
    rising = 0
    entries = list(caller.playout.ledger)
    for number, frame in enumerate(caller.frames):
        position = 0
        while entries and entries[0].at <= number:
            entry = entries.pop(0)
            while resumed and resumed[0][1] < entry.at:
                rising = RAMP if resumed.pop(0)[0] == entry.clip else 0
            source = sources[entry.clip][entry.start : entry.end]
            piece = frame[position : position + len(source)]
            soft = len(source) if entry.at < number else min(rising, len(source))
            assert np.all(np.abs(linear(piece[:soft])) <= np.abs(linear(source[:soft])))
            assert piece[soft:] == source[soft:]
            rising = 0
            position += len(source)
        assert frame[position:] == SILENCE["ulaw"] * (160 - position)
    assert not entries
