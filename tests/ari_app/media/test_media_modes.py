"""One line without a socket: the agent speaks, the caller's side returns it, or the caller speaks over it."""

import importlib.util
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.media.canceller import EchoCanceller
from ari_app.media.g711 import decode, encode
from ari_app.media.listen import SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.modes import AgentMode
from ari_app.media.playout import ClipPaused, ClipResumed, ClipStopped, PlayoutEvent
from ari_app.media.vad import shared_session

QUIET = bytes(320)


@pytest.fixture(scope="module")
def reading() -> Pcm:
    """Six seconds of a man reading, 16 kHz."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec and spec.origin, "the recogniser's package is missing"
    with wave.open(str(Path(spec.origin).parent / "assets" / "beckett.wav")) as file:
        return np.frombuffer(file.readframes(6 * 16_000), dtype=np.int16)


@dataclass
class Room:
    """The caller hears the agent through a loudspeaker and speaks; ``loss_db`` and ``delay_frames`` are the way back."""

    mode: AgentMode = field(init=False)
    seen: list[object] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    loss_db: float = 100.0
    delay_frames: int = 6
    echo_cancel: bool = True

    def __post_init__(self) -> None:
        self.mode = AgentMode(
            "ulaw",
            shared_session(),
            reflex=True,
            on_spurt=self._spurt,
            on_playout=self._playout,
            canceller=EchoCanceller(None) if self.echo_cancel else None,
        )

    def _spurt(self, heard: SpurtStarted | SpurtAudio | SpurtPaused, playing: int | None) -> None:
        if not isinstance(heard, SpurtAudio):
            self.seen.append(heard)

    def _playout(self, event: PlayoutEvent) -> None:
        self.seen.append(event)

    def say(self, pcm: Pcm) -> None:
        self.mode.playout.begin(1, True)
        self.mode.playout.append(1, pcm)
        self.mode.playout.end(1)

    def step(self, own: bytes = QUIET) -> bytes:
        """20 ms: a packet comes, a packet leaves."""
        number = len(self.frames)
        now = number * 0.02
        returned = self.frames[number - self.delay_frames] if number >= self.delay_frames else QUIET
        mixed = np.frombuffer(own, dtype=np.int16) + np.frombuffer(returned, dtype=np.int16) * 10 ** (-self.loss_db / 20)
        self.mode.heard(encode(np.clip(mixed, -32768, 32767).astype(np.int16).tobytes(), "ulaw"), now)
        frame, _ = self.mode.frame(now + 0.01)
        assert frame is not None
        self.frames.append(decode(frame, "ulaw"))
        return frame


def test_the_agent_does_not_interrupt_itself(reading: Pcm) -> None:
    room = Room(loss_db=15.0)
    room.say(reading)
    for _ in range(320):
        room.step()
    assert not any(isinstance(event, ClipPaused | SpurtStarted) for event in room.seen)


def test_without_the_canceller_it_would(reading: Pcm) -> None:
    room = Room(loss_db=15.0, echo_cancel=False)
    room.say(reading)
    for _ in range(320):
        room.step()
    assert any(isinstance(event, SpurtStarted) for event in room.seen)


def test_a_line_that_is_held_by_a_voice_waits_for_the_conversation(reading: Pcm) -> None:
    room = Room()
    room.say(np.tile((4000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16), 6))
    for _ in range(60):
        room.step()
    spoken = reading[8000:24_000:2].astype(np.int16).tobytes()
    for start in range(0, len(spoken), 320):
        room.step(spoken[start : start + 320])
    for _ in range(20):
        room.step()
    kinds = [type(event) for event in room.seen if isinstance(event, ClipPaused | ClipResumed | SpurtStarted)]
    assert kinds[:2] == [ClipPaused, SpurtStarted]
    assert ClipResumed not in kinds
    voices = kinds.count(SpurtStarted)
    now = len(room.frames) * 0.02
    room.mode.resume(now, voices - 1)
    assert not any(isinstance(event, ClipResumed) for event in room.seen)
    room.mode.resume(now, voices)
    room.mode.stop(now)
    assert [type(event) for event in room.seen[-2:]] == [ClipResumed, ClipStopped]
    room.step()
    statistics = room.mode.statistics()
    assert statistics["silenced"] == 2
    assert statistics["silenced_max_ms"] == pytest.approx(10.0, abs=0.2)


def test_an_answer_that_comes_while_the_caller_goes_on_waits_unheard(reading: Pcm) -> None:
    room = Room()
    spoken = reading[8000:24_000:2].astype(np.int16).tobytes()
    for start in range(0, 320 * 20, 320):
        room.step(spoken[start : start + 320])
    assert any(isinstance(event, SpurtStarted) for event in room.seen)
    tone = (4000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16)
    before = len(room.frames)
    room.mode.begin(1, True, before * 0.02)
    room.mode.playout.append(1, tone)
    room.mode.playout.end(1)
    for start in range(320 * 20, 320 * 30, 320):
        room.step(spoken[start : start + 320])
    assert not any(np.frombuffer(frame, dtype=np.int16).any() for frame in room.frames[before:])
    room.mode.resume(len(room.frames) * 0.02, 1)
    for _ in range(60):
        room.step()
    heard = np.concatenate([np.frombuffer(frame, dtype=np.int16) for frame in room.frames[before + 10 :]])
    assert np.count_nonzero(heard) > 0.95 * len(tone) / 2


def answered_at(room: Room, own: bytes) -> list[bytes]:
    """What leaves from the moment on at which an answer comes, with what the caller's side sends from then on (320 bytes a packet)."""
    before = len(room.frames)
    room.mode.begin(1, True, before * 0.02)
    room.mode.playout.append(1, (4000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16))
    room.mode.playout.end(1)
    for start in range(0, len(own), 320):
        room.step(own[start : start + 320])
    return room.frames[before:]


def sounding(frames: list[bytes]) -> list[bool]:
    return [bool(np.frombuffer(frame, dtype=np.int16).any()) for frame in frames]


@pytest.mark.parametrize("first", [0, 1], ids=["a packet before", "a packet after"])
def test_a_caller_who_goes_on_just_as_the_answer_comes_is_not_spoken_into(reading: Pcm, first: int) -> None:
    """Nothing of the answer is heard, although a voice is known to be one only 100 ms later."""
    room = Room()
    words = reading[8000:24_000:2].astype(np.int16).tobytes()
    for start in range(0, 320 * 20, 320):
        room.step(words[start : start + 320])
    for _ in range(35):
        room.step()
    onset = max(range(320 * 8), key=lambda at: -at if np.abs(np.frombuffer(words[2 * at :][:320], "<i2")).max() > 2000 else -(10**9))
    again = words[2 * onset : 2 * onset + 320 * 20]
    if not first:
        room.step(again[:320])
        again = again[320:]
    assert sounding(answered_at(room, again)) == [False] * (len(again) // 320)
    assert [type(event) for event in room.seen if isinstance(event, SpurtStarted | SpurtPaused)].count(SpurtStarted) == 2


@pytest.mark.parametrize(("heard_frames", "held"), [(0, True), (1, True), (2, False)])
def test_an_answer_gives_way_to_one_packet_only_while_it_can_hardly_have_been_heard(heard_frames: int, held: bool) -> None:
    """It begins with 60 ms that are all but silent, as voices do; from its third audible frame on a click no longer holds it."""
    room = Room()
    for _ in range(35):
        room.step()
    room.mode.begin(1, True, 0.7)
    tone = (4000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16)
    room.mode.playout.append(1, np.concatenate([np.full(3 * 320, 8, dtype=np.int16), tone]))
    room.mode.playout.end(1)
    for _ in range(3 + heard_frames):
        room.step()
    room.step(np.random.default_rng(1).normal(0, 3000, 160).astype("<i2").tobytes())
    assert any(isinstance(event, ClipPaused) for event in room.seen) == held


def test_a_click_delays_an_answer_by_a_moment_only() -> None:
    room = Room()
    for _ in range(35):
        room.step()
    click = (np.random.default_rng(1).normal(0, 3000, 160)).astype("<i2").tobytes()
    room.step(click)
    sounds = sounding(answered_at(room, QUIET * 70))
    assert not any(sounds[:2]) and all(sounds[5:50])


@pytest.mark.parametrize("delay_frames", [3, 5, 8])
def test_the_beginning_of_an_answer_that_comes_back_does_not_hold_it(reading: Pcm, delay_frames: int) -> None:
    room = Room(loss_db=15.0, delay_frames=delay_frames)
    for _ in range(50):
        room.step()
    room.mode.begin(1, True, len(room.frames) * 0.02)
    room.mode.playout.append(1, reading)
    room.mode.playout.end(1)
    for _ in range(40):
        room.step()
    assert not any(isinstance(event, ClipPaused | SpurtStarted) for event in room.seen)


def test_a_legal_text_begins_although_the_caller_speaks(reading: Pcm) -> None:
    room = Room()
    spoken = reading[8000:24_000:2].astype(np.int16).tobytes()
    for start in range(0, 320 * 20, 320):
        room.step(spoken[start : start + 320])
    before = len(room.frames)
    room.mode.begin(1, False, before * 0.02)
    room.mode.playout.append(1, (4000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16))
    for start in range(320 * 20, 320 * 30, 320):
        room.step(spoken[start : start + 320])
    assert any(np.frombuffer(frame, dtype=np.int16).any() for frame in room.frames[before:])
