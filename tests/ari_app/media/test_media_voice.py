"""The caller's voice: state machine, detector, and the whole way through RTP. Real speech: a recording that comes with the recogniser."""

import asyncio
import importlib.util
import itertools
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import Pcm
from agents.line import (
    CallerAudio,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)
from ari_app.media.g711 import decode, encode
from ari_app.media.link import MediaLine, MediaLink
from ari_app.media.listen import Heard, Listener, SpurtAudio, SpurtDoubted, SpurtPaused, SpurtStarted, SpurtSuspected
from ari_app.media.resample import Downsampler
from ari_app.media.vad import shared_session
from ari_app.media.voice import Paused, Started, VoiceTracker
from tests.ari_app.media.line_contract import clip
from tests.ari_app.media.media_rig import RtpPeer, media_process, rtp_peer

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def speech() -> Pcm:
    """Four seconds of a man reading, 8 kHz, about -20 dBov; the voice begins within the first 100 ms."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec and spec.origin, "the recogniser's package is missing"
    with wave.open(str(Path(spec.origin).parent / "assets" / "beckett.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        rate = file.getframerate()
    assert rate == 16_000
    down = Downsampler()
    telephone: Pcm = np.concatenate([down.feed(samples), down.flush()])
    loud = int(np.flatnonzero(np.abs(telephone.astype(int)) > 600)[0])
    start = max(0, int(loud) - 400)
    reading: Pcm = telephone[start : start + 32_000]
    return reading


def at_level(pcm: Pcm, dbov: float) -> Pcm:
    active = pcm[np.abs(pcm.astype(int)) > 200].astype(float)
    factor = 32768 * 10 ** (dbov / 20) / np.sqrt(np.mean(active**2))
    scaled: Pcm = np.clip(pcm * factor, -32768, 32767).astype(np.int16)
    return scaled


def noise(seconds: float, dbov: float) -> Pcm:
    return (RNG.standard_normal(int(8000 * seconds)) * 32768 * 10 ** (dbov / 20)).clip(-32768, 32767).astype(np.int16)


def listen(pcm: Pcm, size: int = 160) -> list[tuple[float, Heard]]:
    """Feed 8 kHz audio through G.711 as packets; what was heard, and when it was said (seconds from the start)."""
    listener = Listener(shared_session())
    law = decode(encode(pcm.tobytes(), "ulaw"), "ulaw")
    return [
        (now, heard)
        for start in range(0, len(law) - 2 * size + 1, 2 * size)
        for now in [(start // 2 + size) / 8000]
        for heard in listener.feed(law[start : start + 2 * size], now)
    ]


def test_windows_of_voice_start_a_spurt_at_the_first() -> None:
    tracker = VoiceTracker()
    assert [tracker.step(p) for p in (0.1, 0.9, 0.9)] == [None, None, Started(1)]
    assert [tracker.step(p) for p in (0.9, 0.1, 0.1, 0.1)] == [None, None, None, Paused(4)]
    assert [tracker.step(p) for p in (0.0, 0.7, 0.7)] == [None, None, Started(8)]


def test_a_soft_word_starts_a_spurt_later_and_a_click_does_not() -> None:
    tracker = VoiceTracker()
    assert [tracker.step(0.5) for _ in range(5)] == [None, None, None, None, Started(0)]
    tracker = VoiceTracker()
    for _ in range(20):
        assert [tracker.step(p) for p in (0.95, 0.1, 0.1, 0.1, 0.1, 0.0)] == [None] * 6


def test_a_voice_that_goes_on_after_a_pause_needs_less() -> None:
    steps = (0.7, 0.7)
    tracker = VoiceTracker()
    assert [tracker.step(p) for p in steps] == [None, None]
    for p in (0.9, 0.9, 0.0, 0.0, 0.0):
        tracker.step(p)
    assert [isinstance(tracker.step(p), Started) for p in steps] == [False, True]
    for p in (0.0,) * 30:
        tracker.step(p)
    assert [tracker.step(p) for p in steps] == [None, None]


@given(st.lists(st.floats(0, 1), max_size=200))
def test_starts_and_pauses_alternate_and_windows_never_go_back(probabilities: list[float]) -> None:
    tracker = VoiceTracker()
    changes = [change for change in map(tracker.step, probabilities) if change]
    assert [type(change) for change in changes] == [(Started, Paused)[n % 2] for n in range(len(changes))]
    windows = [change.window for change in changes]
    assert windows == sorted(windows)
    assert all(window < len(probabilities) for window in windows)


@pytest.mark.parametrize("dbov", [-14.0, -26.0, -34.0, -40.0])
@pytest.mark.parametrize("floor", [-70.0, -58.0])
def test_a_caller_is_heard_soon_at_any_level(speech: Pcm, dbov: float, floor: float) -> None:
    audio = np.concatenate((np.zeros(8000, np.int16), at_level(speech, dbov)))
    events = listen(audio + noise(len(audio) / 8000, floor))
    decided, started = next((now, heard) for now, heard in events if isinstance(heard, SpurtStarted))
    assert 0.95 <= started.at <= 1.25
    assert decided <= 1.0 + 0.3
    first = next(heard for _, heard in events if isinstance(heard, SpurtAudio))
    assert started.at - 0.36 <= first.at <= started.at - 0.25
    held = next(now for now, heard in events if isinstance(heard, SpurtSuspected | SpurtStarted))
    assert held <= 1.0 + 0.16


def test_the_audio_of_a_spurt_is_in_order_without_overlap_and_pauses_follow(speech: Pcm) -> None:
    audio = np.concatenate([noise(0.5, -65), speech[:12_000], noise(0.6, -65), speech[:12_000], noise(0.6, -65)])
    events = listen(audio)
    pieces = [heard for _, heard in events if isinstance(heard, SpurtAudio)]
    for before, after in itertools.pairwise(pieces):
        assert after.at >= before.at + len(before.pcm) / 16_000 - 0.005
    kinds = [type(heard) for _, heard in events if isinstance(heard, SpurtStarted | SpurtPaused)]
    assert kinds[0] is SpurtStarted
    assert kinds == [(SpurtStarted, SpurtPaused)[n % 2] for n in range(len(kinds))]
    last_pause = [heard for _, heard in events if isinstance(heard, SpurtPaused)][-1]
    assert 0.5 + 1.5 + 0.6 < last_pause.at < 0.5 + 1.5 + 0.6 + 1.5 + 0.15


@pytest.mark.parametrize("dbov", [-60.0, -50.0, -38.0, -30.0])
def test_noise_is_no_voice(dbov: float) -> None:
    assert listen(np.concatenate((np.zeros(8000, np.int16), noise(8, dbov)))) == []


def test_clicks_and_thumps_are_no_voice_and_hold_nobody_for_long() -> None:
    audio = noise(10, -65)
    for start in range(4000, len(audio) - 4000, 4000):
        audio[start] = 25_000
        audio[start + 1000 : start + 1800] += (RNG.standard_normal(800) * 6000 * np.exp(-np.arange(800) / 200)).astype(np.int16)
    events = listen(audio)
    assert [heard for _, heard in events if isinstance(heard, SpurtStarted)] == []
    held = [now for now, heard in events if isinstance(heard, SpurtSuspected)]
    released = [now for now, heard in events if isinstance(heard, SpurtDoubted)]
    assert all(0 < after - before <= 0.25 for before, after in zip(held, released, strict=True))


def test_the_agents_own_voice_coming_back_is_no_voice(speech: Pcm) -> None:
    asked: list[float] = []

    def is_echo(now: float) -> bool:
        asked.append(now)
        return now < 3.0

    audio = np.concatenate((noise(1, -65), at_level(speech, -30)))
    listener = Listener(shared_session(), is_echo=is_echo)
    heard = [
        (k * 0.02, each) for k in range(len(audio) // 160) for each in listener.feed(audio[k * 160 : k * 160 + 160].tobytes(), k * 0.02)
    ]
    assert asked
    assert min(now for now, _ in heard) >= 3.0
    assert any(isinstance(each, SpurtStarted) for _, each in heard)


def test_the_model_is_not_asked_during_silence() -> None:
    listener = Listener(shared_session())
    listener.feed(bytes(16_000 * 10), 10.0)
    assert listener.judged == 0


@pytest.fixture
async def link(tmp_path: Path) -> AsyncIterator[MediaLink]:
    async with media_process(tmp_path) as media:
        link = await MediaLink.connect(media.socket)
        yield link
        await link.close()


async def collect(line: MediaLine, into: list[LineEvent]) -> None:
    async for event in line.events():
        into.append(event)


async def speak_over(line: MediaLine, peer: RtpPeer, speech: Pcm, *, interruptible: bool) -> tuple[list[LineEvent], float]:
    """Play a long clip, let the caller begin after a second; the events and the moment of the caller's onset."""
    await line.attach("127.0.0.1", peer.port)
    events: list[LineEvent] = []
    reader = asyncio.create_task(collect(line, events))
    quiet = encode(bytes(16_000), "ulaw")
    playing = asyncio.create_task(line.play("long", clip(100, gap_s=0.02), interruptible=interruptible))
    await peer.speak(quiet)
    onset = time.monotonic()
    await peer.speak(encode(speech[:12_000].tobytes(), "ulaw") + quiet[:4800])
    await playing
    await asyncio.sleep(0.7)
    await line.close()
    await reader
    return events, onset


async def test_the_callers_voice_holds_the_agent_and_the_mind_lets_it_go_on(link: MediaLink, speech: Pcm) -> None:
    line = await link.open("barge-in", law="ulaw")
    async with rtp_peer(line.port) as peer:
        events, onset = await speak_over(line, peer, speech, interruptible=True)
    loud = [arrival.at for arrival in peer.arrivals if set(arrival.packet.payload) != {0xFF}]
    assert loud[-1] - onset <= 0.2
    paused = next(event for event in events if isinstance(event, PlaybackPaused))
    started = next(event for event in events if isinstance(event, VoiceStarted))
    assert events.index(paused) < events.index(started)
    assert (paused.clip, started.playing) == ("long", "long")
    assert abs(started.at - onset) <= 0.15
    # Nobody decided: held until the line was closed.
    assert not any(isinstance(event, PlaybackResumed | PlaybackFinished) for event in events)
    [stopped] = [event for event in events if isinstance(event, PlaybackStopped)]
    assert (stopped.clip, stopped.heard_s) == ("long", paused.heard_s)
    voice = [event for event in events if isinstance(event, VoiceAudio)]
    alone = listen(np.concatenate((np.zeros(8000, np.int16), speech[:12_000], np.zeros(4800, np.int16))))
    expected = sum(len(heard.pcm) for _, heard in alone if isinstance(heard, SpurtAudio))
    assert abs(sum(len(event.pcm) for event in voice) - expected) <= 0.1 * 16_000
    assert any(isinstance(event, VoicePaused) for event in events)


async def test_a_sound_that_is_no_voice_holds_the_agent_only_while_it_lasts(link: MediaLink, speech: Pcm) -> None:
    line = await link.open("a blip", law="ulaw")
    blip = np.concatenate((speech[4400:4880], np.zeros(11_000, np.int16)))
    async with rtp_peer(line.port) as peer:
        events, _ = await speak_over(line, peer, blip, interruptible=True)
    assert [type(event) for event in events] == [PlaybackStarted, PlaybackPaused, PlaybackResumed, PlaybackFinished, LineClosed]
    _, paused, resumed, *_ = events
    assert isinstance(paused, PlaybackPaused)
    assert isinstance(resumed, PlaybackResumed)
    assert resumed.at - paused.at <= 0.3


@pytest.mark.parametrize("alone", [False, True])
async def test_only_a_line_that_its_owner_vouches_for_tags_the_voice_as_the_callers(link: MediaLink, speech: Pcm, alone: bool) -> None:
    line = await link.open("whose voice", law="ulaw")
    assert not line.caller_alone, "nobody is believed to be the caller unless told"
    line.caller_alone = alone
    async with rtp_peer(line.port) as peer:
        events, _ = await speak_over(line, peer, speech, interruptible=False)
    kinds = {type(event) for event in events if isinstance(event, VoiceAudio)}
    assert kinds == {CallerAudio if alone else VoiceAudio}


async def test_an_uninterruptible_clip_is_heard_to_the_end(link: MediaLink, speech: Pcm) -> None:
    line = await link.open("keep", law="ulaw")
    async with rtp_peer(line.port) as peer:
        events, _ = await speak_over(line, peer, speech, interruptible=False)
    assert any(isinstance(event, VoiceStarted) and event.playing == "long" for event in events)
    assert any(isinstance(event, PlaybackFinished) for event in events)


async def test_without_the_reflex_the_mind_decides(link: MediaLink, speech: Pcm) -> None:
    line = await link.open("no reflex", law="ulaw", reflex=False)
    async with rtp_peer(line.port) as peer:
        events, _ = await speak_over(line, peer, speech, interruptible=True)
    playback = [type(event) for event in events if isinstance(event, PlaybackStarted | PlaybackFinished | PlaybackStopped)]
    assert playback == [PlaybackStarted, PlaybackFinished]
    assert any(isinstance(event, VoiceStarted) for event in events)
