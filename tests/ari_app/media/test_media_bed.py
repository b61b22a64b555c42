"""The bed frame by frame: loops, fades, what a clip loses by it (nothing), ducking, the canceller's reference."""

import importlib.util
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from agents.bed import DUCKED, BedPlayer, Leaving
from ari_app.media.bed import Bed, Loop, Loops
from ari_app.media.canceller import EchoCanceller
from ari_app.media.errors import MediaRefused
from ari_app.media.g711 import SILENCE, Law, decode, encode, level_dbov
from ari_app.media.listen import SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.modes import AgentMode
from ari_app.media.playout import PlayoutEvent
from ari_app.media.silence import LongestSilence
from ari_app.media.vad import shared_session
from tests.ari_app.media.bed_contract import LEVEL, music

QUIET = SILENCE["ulaw"] * 160


def loop_of(pcm: Pcm, piece: int = 1600) -> Loop:
    loop = Loop()
    for start in range(0, len(pcm), piece):
        assert loop.add(pcm[start : start + piece])
    loop.close()
    return loop


def linear(pcm8: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm8, dtype=np.int16).astype(np.float64)


@given(st.integers(1, 3000))
def test_a_loop_has_no_seam_however_it_comes(piece: int) -> None:
    loop = loop_of(music(0.25, 1000.0), piece)
    assert len(loop) == 2000
    round_thrice = linear(loop.piece(1990, 6000))
    position = np.arange(1990, 1990 + 6000)
    tone = 32768 * 10 ** (LEVEL / 20) * np.sqrt(2) * np.sin(2 * np.pi * 1000 * position / 8000)
    assert np.abs(round_thrice - tone).max() <= 2.0


def test_a_loop_is_at_most_two_minutes_and_at_least_a_frame() -> None:
    loop, minute = Loop(), np.zeros(60 * RATE, dtype=np.int16)
    assert [loop.add(minute), loop.add(minute), loop.add(minute)] == [True, True, False]
    for samples in (318, 1601):
        short = Loop()
        short.add(np.zeros(samples, dtype=np.int16))
        with pytest.raises(MediaRefused, match=f"a bed of {samples} samples"):
            short.close()


def test_unknown_and_unfinished_loops_are_refused_and_the_room_is_bounded() -> None:
    loops = Loops()
    assert loops.add(1, music())
    with pytest.raises(MediaRefused, match="bed 1 is unknown"):
        loops.named(1)
    loops.close(1)
    assert len(loops.named(1)) == 4000
    assert [loops.add(number, music()) for number in range(2, 18)] == [True] * 15 + [False]
    loops.forget(1)
    assert loops.add(17, music())
    with pytest.raises(MediaRefused, match="bed 1 is unknown"):
        loops.named(1)


LEAVING = st.sampled_from(list(Leaving))
STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "none", "keep", "keep", "keep"]), LEAVING, st.booleans(), st.integers(1, 90)), max_size=25
)


@given(STEPS)
def test_no_course_of_events_makes_a_click_or_leaves_a_silence(steps: list[tuple[str, Leaving, bool, int]]) -> None:
    """Gains join, change no faster than in 60 ms, and are up again in time; a loop only begins when it cannot be heard."""
    sounds = {"a": music(0.5), "b": music(0.3)}
    player: BedPlayer[Pcm] = BedPlayer(8000)
    wanted: Pcm | None = None
    loop: Pcm | None = None
    place, gain, silent_s = 0, 0.0, 0.0
    for what, leaving, speaking, frames in steps:
        if what != "keep":
            wanted = sounds.get(what)
            player.set(wanted)
        for _ in range(frames):
            heard = player.step(160, leaving, speaking)
            if heard is None:
                assert gain == 0.0
            else:
                assert heard.gain == gain
                assert 0.0 <= heard.until <= 1.0
                assert abs(heard.until - heard.gain) <= 0.02 / 0.06 + 1e-9
                if loop is heard.loop and heard.start:
                    assert heard.start == place
                else:
                    assert (heard.start, heard.gain) == (0, 0.0) or (loop is heard.loop and place == 0)
                loop, place = heard.loop, (heard.start + 160) % len(heard.loop)
            gain = heard.until if heard else 0.0
            audible = leaving is Leaving.CLIP or gain > 0.06
            silent_s = 0.0 if audible or wanted is None else silent_s + 0.02
            assert silent_s <= 1.5
            if wanted is not None:
                assert not player.idle


def test_without_a_bed_a_frame_passes_as_it_is() -> None:
    bed = Bed("ulaw")
    frame = bytes(range(160))
    assert bed.under(frame, Leaving.CLIP, False) is frame
    bed.set(loop_of(music()))
    for _ in range(20):
        bed.under(QUIET, Leaving.NOTHING, False)
    for _ in range(4):
        bed.under(frame, Leaving.CLIP, False)
    assert bed.under(frame, Leaving.CLIP, False) is frame


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_fades_are_even_and_as_long_as_promised(law: Law) -> None:
    bed, silence = Bed(law), SILENCE[law] * 160
    bed.set(loop_of(np.full(RATE, 8000, dtype=np.int16)))
    rise = np.concatenate([linear(decode(bed.under(silence, Leaving.NOTHING, False), law)) for _ in range(15)])
    fall = np.concatenate([linear(decode(bed.under(silence, Leaving.CLIP, False), law)) for _ in range(5)])
    assert np.abs(rise[:1600] - 8000 * np.arange(1600) / 1600).max() < 300
    assert np.abs(rise[1600:] - 8000).max() < 300
    assert np.abs(fall[:480] - 8000 * (1 - np.arange(480) / 480)).max() < 300
    assert not np.any(np.abs(fall[480:]) > 8)


@dataclass
class Leg:
    """A line without a socket."""

    canceller: EchoCanceller | None = None
    mode: AgentMode = field(init=False)
    spurts: list[tuple[SpurtStarted, int | None]] = field(default_factory=list)
    events: list[PlayoutEvent] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mode = AgentMode(
            "ulaw",
            shared_session(),
            reflex=True,
            on_spurt=self._spurt,
            on_playout=self.events.append,
            canceller=self.canceller,
        )

    def _spurt(self, heard: SpurtStarted | SpurtAudio | SpurtPaused, playing: int | None) -> None:
        if isinstance(heard, SpurtStarted):
            self.spurts.append((heard, playing))

    def step(self, own: bytes = bytes(320)) -> bytes:
        """20 ms: a packet comes, a packet leaves; what left, linear."""
        now = len(self.frames) * 0.02
        self.mode.heard(encode(own, "ulaw"), now)
        frame, _ = self.mode.frame(now + 0.01)
        assert frame is not None
        self.frames.append(decode(frame, "ulaw"))
        return self.frames[-1]

    def say(self, pcm: Pcm) -> None:
        self.mode.begin(1, True, len(self.frames) * 0.02)
        self.mode.playout.append(1, pcm)
        self.mode.playout.end(1)

    def level(self, first: int, last: int) -> float:
        return level_dbov(b"".join(self.frames[first:last]))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(200, 4000))
def test_a_clip_is_neither_moved_nor_changed_by_a_bed(before: int, between: int, samples: int) -> None:
    """With and without a bed the same events at the same times, and the same bytes but for the 60 ms in which the bed dies away."""
    with_bed, without = Leg(), Leg()
    with_bed.mode.bed.set(loop_of(music()))
    sound = (3000 * np.sin(np.arange(samples) * 0.07)).astype(np.int16)
    for leg in (with_bed, without):
        for _ in range(before):
            leg.step()
        leg.say(sound)
        for number in range(60):
            if number == between:
                leg.mode.hold(len(leg.frames) * 0.02)
            if number == between + 5:
                leg.mode.resume(len(leg.frames) * 0.02, 0)
            leg.step()
    assert with_bed.events == without.events
    first = before + 3
    last = before + min(between, samples // 320)
    assert with_bed.frames[first:last] == without.frames[first:last]
    for number in range(before, min(first, last)):
        bed = linear(with_bed.frames[number]) - linear(without.frames[number])
        assert np.abs(bed).max() <= 32768 * 10 ** (LEVEL / 20) * np.sqrt(2) * (1 - (number - before) / 3) + 260


@pytest.fixture(scope="module")
def speech() -> Pcm:
    """Two seconds of a man reading, 8 kHz."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec and spec.origin, "the recogniser's package is missing"
    with wave.open(str(Path(spec.origin).parent / "assets" / "beckett.wav")) as file:
        pcm: Pcm = np.frombuffer(file.readframes(3 * 16_000), dtype=np.int16)[8000::2]
    return pcm


def test_under_the_callers_voice_the_bed_is_12_db_softer_and_nothing_is_held(speech: Pcm) -> None:
    leg = Leg()
    leg.mode.bed.set(loop_of(music()))
    for _ in range(50):
        leg.step()
    spoken = speech.tobytes()
    for start in range(0, len(spoken) - 319, 320):
        leg.step(spoken[start : start + 320])
    quiet_from = len(leg.frames)
    for _ in range(80):
        leg.step()
    assert leg.level(20, 50) == pytest.approx(LEVEL, abs=0.5)
    assert leg.spurts
    assert all(playing is None for _, playing in leg.spurts)
    assert not leg.mode.playout.held
    heard = round((leg.spurts[0][0].at + 0.4) / 0.02)
    assert leg.level(heard, quiet_from) == pytest.approx(LEVEL + 20 * np.log10(DUCKED), abs=1.0)
    assert leg.level(quiet_from + 60, quiet_from + 80) == pytest.approx(LEVEL, abs=0.5)
    assert leg.events == []


def test_the_bed_returned_by_a_speakerphone_is_known_for_an_echo(speech: Pcm) -> None:
    """A bed like a voice, so that only the canceller's reference can tell; without the reference it is taken for the caller."""
    bed = loop_of(np.repeat(speech, 2)[: len(speech) * 2 // 4 * 4])
    taken = []
    for canceller in (EchoCanceller(None), None):
        leg = Leg(canceller)
        leg.mode.bed.set(bed)
        for number in range(150):
            returned = linear(leg.frames[number - 6]) if number >= 6 else np.zeros(160)
            leg.step((returned * 10 ** (-15 / 20)).astype(np.int16).tobytes())
        taken.append(bool(leg.spurts))
    assert taken == [False, True]


def test_silence_counts_only_under_a_bed_and_a_stall_is_silence() -> None:
    sound, hiss, silence = [(amplitude * np.sin(np.arange(160))).astype(np.int16).tobytes() for amplitude in (2000, 60, 0)]
    longest = LongestSilence()
    for number in range(200):
        longest.left(silence, number * 0.02, counts=False)
    told = [longest.longest_ms]
    course = [*[hiss] * 10, sound, *[silence] * 25, *[sound] * 5]
    for number, frame in enumerate(course):
        longest.left(frame, 4.0 + number * 0.02, counts=True)
    told.append(longest.longest_ms)
    longest.left(sound, 4.0 + len(course) * 0.02 + 0.7, counts=True)
    told.append(longest.longest_ms)
    longest.left(silence, 6.0, counts=False)
    longest.left(silence, 60.0, counts=True)
    told.append(longest.longest_ms)
    assert told == [None, 500, 700, 700]


def test_a_line_that_had_no_bed_tells_of_no_silence() -> None:
    without, beside = Leg(), Leg()
    beside.mode.bed.set(loop_of(music()))
    for leg in (without, beside):
        for _ in range(50):
            leg.step()
    assert without.mode.statistics()["silence_longest_ms"] is None
    assert beside.mode.statistics()["silence_longest_ms"] == 20, "the first packet of the fade"
