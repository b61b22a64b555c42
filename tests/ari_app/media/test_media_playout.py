import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import Pcm
from agents.bed import Leaving
from ari_app.media.g711 import SILENCE, decode
from ari_app.media.playout import ClipFinished, ClipStarted, ClipStopped, Playout, PlayoutEvent
from ari_app.media.resample import PAST, Downsampler, raised, to_pcm

QUIET = SILENCE["ulaw"] * 160


def tone(samples: int, hertz: float = 400, rate: int = 16_000) -> Pcm:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)).astype(np.int16)


def play_out(playout: Playout, frames: int, start: float = 0.0) -> tuple[bytes, list[PlayoutEvent]]:
    out = b""
    events: list[PlayoutEvent] = []
    for number in range(frames):
        frame, more = playout.frame(start + number * 0.02)
        assert len(frame) == 160
        out += frame
        events += more
    return out, events


def queue(playout: Playout, number: int, samples: int, *, interruptible: bool = True, end: bool = True) -> None:
    playout.begin(number, interruptible)
    playout.append(number, tone(samples))
    if end:
        playout.end(number)


def test_idle_is_silence() -> None:
    assert play_out(Playout("ulaw"), 3) == (QUIET * 3, [])


def test_clips_follow_each_other_within_a_frame() -> None:
    playout = Playout("ulaw")
    queue(playout, 1, 320 + 100)
    queue(playout, 2, 320)
    _, events = play_out(playout, 4)
    assert events == [ClipStarted(1, 0.0), ClipFinished(1, 0.02), ClipStarted(2, 0.02), ClipFinished(2, 0.04)]
    assert [(entry.clip, entry.start, entry.end) for entry in playout.ledger] == [(1, 0, 160), (1, 160, 210), (2, 0, 110), (2, 110, 160)]


def test_a_clip_whose_piece_ends_with_a_frame_is_not_cut_there() -> None:
    for samples in range(300, 400):
        playout = Playout("ulaw")
        playout.begin(1, True)
        for size in (samples, 640, 640):
            playout.append(1, tone(size))
        playout.end(1)
        play_out(playout, 12)
        assert playout.ledger[-1].end == (samples + 1281) // 2


def test_a_late_stream_is_silence_and_counted_and_goes_on_where_it_was() -> None:
    playout = Playout("ulaw")
    queue(playout, 1, 960, end=False)
    _, events = play_out(playout, 6)
    assert events == [ClipStarted(1, 0.0)]
    assert playout.underruns == 4
    playout.append(1, tone(640))
    playout.end(1)
    _, events = play_out(playout, 4, 1.0)
    assert [type(event) for event in events] == [ClipFinished]
    assert playout.ledger[-1].end == 800


def test_what_leaves_is_told_of_each_frame() -> None:
    playout = Playout("ulaw")
    told = []
    queue(playout, 1, 640, end=False)
    for number, act in enumerate(("", "", "", "late", "hold", "", "resume", "stop", "")):
        if act == "late":
            playout.append(1, tone(3200))
        elif act == "hold":
            playout.hold(number * 0.02)
        elif act == "resume":
            playout.resume(number * 0.02)
        elif act == "stop":
            playout.stop(number * 0.02)
        playout.frame(number * 0.02)
        told.append(playout.leaving)
    clip, broken, nothing = Leaving.CLIP, Leaving.BROKEN, Leaving.NOTHING
    # The first frame behind a hold or a stop holds the 5 ms that die away.
    assert told == [clip, broken, broken, clip, clip, broken, clip, clip, nothing]
    queue(playout, 2, 640, end=False)
    playout.hold(1.0)
    playout.frame(1.0)
    assert playout.leaving is nothing, "what is held before it has begun breaks nothing off"


def test_stop_fades_for_5_ms_and_reports_what_was_heard() -> None:
    playout = Playout("ulaw")
    queue(playout, 1, 16_000)
    queue(playout, 2, 16_000)
    play_out(playout, 10)
    assert playout.stop(0.2) == [ClipStopped(1, 0.2, 0.205), ClipStopped(2, 0.2, 0.0)]
    frame, _ = playout.frame(0.2)
    samples = np.abs(np.frombuffer(decode(frame, "ulaw"), dtype=np.int16).astype(int))
    assert samples[:10].max() > 2000
    assert samples[36:40].max() < 1000
    assert frame[40:] == QUIET[40:]
    assert play_out(playout, 3) == (QUIET * 3, [])
    playout.append(1, tone(320))
    playout.end(1)
    assert play_out(playout, 3) == (QUIET * 3, [])


def test_something_gives_way_when_any_clip_begun_or_queued_may_be_interrupted() -> None:
    playout = Playout("ulaw")
    told = [playout.interruptible]
    queue(playout, 1, 640, interruptible=False)
    told.append(playout.interruptible)
    queue(playout, 2, 640)
    told.append(playout.interruptible)
    play_out(playout, 5)
    told.append(playout.interruptible)
    assert told == [False, False, True, False]


def test_a_runaway_clip_is_cut_at_ten_minutes() -> None:
    playout = Playout("ulaw")
    playout.begin(1, True)
    minute = np.zeros(60 * 16_000, dtype=np.int16)
    assert all(playout.append(1, minute) for _ in range(9))
    assert not playout.append(1, np.concatenate((minute, minute)))


@given(st.lists(st.sampled_from(["begin", "append", "end", "stop", "frame"]), max_size=60))
def test_each_clip_ends_once_and_the_ledger_adds_up(steps: list[str]) -> None:
    playout = Playout("alaw")
    events: list[PlayoutEvent] = []
    begun = 0
    for step in [*steps, "stop"]:
        if step == "begin":
            begun += 1
            playout.begin(begun, begun % 2 == 0)
        elif step == "append" and begun:
            playout.append(begun, tone(500))
        elif step == "end" and begun:
            playout.end(begun)
        elif step == "stop":
            events += playout.stop(0.0)
        elif step == "frame":
            frame, more = playout.frame(0.0)
            assert len(frame) == 160
            events += more
    over = [event.clip for event in events if not isinstance(event, ClipStarted)]
    assert sorted(over) == list(range(1, begun + 1))
    for event in events:
        if isinstance(event, ClipStopped):
            left = sum(entry.end - entry.start for entry in playout.ledger if entry.clip == event.clip)
            assert event.heard_s == left / 8000


@given(st.lists(st.integers(0, 700), min_size=1, max_size=12))
def test_the_downsampler_loses_no_sample_in_any_chunking(chunks: list[int]) -> None:
    signal = tone(sum(chunks))
    down, whole = Downsampler(), Downsampler()
    pieces = []
    start = 0
    for chunk in chunks:
        pieces.append(down.feed(signal[start : start + chunk]))
        start += chunk
    out = np.concatenate([*pieces, down.flush()])
    assert len(out) == (len(signal) + 1) // 2
    assert np.array_equal(out, np.concatenate([whole.feed(signal), whole.flush()]))


def test_speech_band_survives_both_ways_and_what_lies_above_does_not() -> None:
    for hertz in (300, 1000, 3400):
        up = raised(np.concatenate((np.zeros(PAST, dtype=np.int16), tone(8000, hertz, 8000))))
        delayed = tone(16_000, hertz)
        assert np.abs(to_pcm(up)[2000:15000].astype(int) - delayed[1964:14964]).max() < 30
        down = Downsampler().feed(tone(16_000, hertz))
        assert np.abs(down[1000:7000].astype(int) - tone(8000, hertz, 8000)[1000:7000]).max() < 30
    for hertz in (4600, 6000, 7000):
        assert np.abs(Downsampler().feed(tone(16_000, hertz))[100:]).max() < 10
