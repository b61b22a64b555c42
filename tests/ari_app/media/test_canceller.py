"""The echo canceller, fed as a leg feeds it, with the real listener behind it: real speech, synthetic rooms, G.711 both ways."""

from collections.abc import Iterator

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.media.canceller import EchoCanceller
from ari_app.media.g711 import FRAME, RATE
from ari_app.media.listen import SpurtStarted, SpurtSuspected
from ari_app.media.speex_echo import NoCanceller, SpeexLibrary
from tests.ari_app.media.echo_rig import Listened, Speakerphone, at_level, law, library, listen, reading, turns


@pytest.fixture(scope="module")
def speex() -> SpeexLibrary:
    found = library()
    if found is None:
        pytest.skip("libspeexdsp is not here: it comes with ./patchcord up")
    return found


@pytest.fixture
def canceller(speex: SpeexLibrary) -> Iterator[EchoCanceller]:
    made = EchoCanceller(speex)
    yield made
    made.close()


@pytest.fixture(scope="module")
def agent() -> Pcm:
    return at_level(reading("two_cities"), -18)


@pytest.fixture(scope="module")
def caller() -> Pcm:
    """Two seconds that begin with a word."""
    pcm = at_level(reading("beckett"), -24)
    loud = int(np.flatnonzero(np.abs(pcm.astype(int)) > 600)[0])
    return pcm[max(0, loud - 160) : loud + 2 * RATE]


def over(played: Pcm, caller: Pcm, at_s: float) -> Pcm:
    """``caller`` speaking ``at_s`` into the call, as long as ``played``."""
    near = np.zeros(len(played), np.int16)
    start = round(at_s * RATE)
    near[start : start + len(caller)] = caller[: len(played) - start]
    return near


def first_at(listened: Listened, after: float) -> float:
    return next(when for when in listened.times(SpurtStarted) if when >= after)


def level(pcm: Pcm) -> float:
    return float(10 * np.log10(np.mean(pcm.astype(float) ** 2) / 32768**2 + 1e-12))


def test_without_a_canceller_the_agent_hears_itself(agent: Pcm) -> None:
    played = turns(agent, 1)
    assert listen(played, Speakerphone().hears(played), None).times(SpurtStarted)


@pytest.mark.parametrize("delay_ms", [20, 100, 200])
@pytest.mark.parametrize("gain_db", [-15, -20, -30])
def test_the_agent_does_not_interrupt_itself_from_its_first_word_on(
    agent: Pcm, canceller: EchoCanceller, delay_ms: int, gain_db: int
) -> None:
    played = turns(agent, 2)
    heard = listen(played, Speakerphone(gain_db, delay_ms, seed=delay_ms).hears(played), canceller)
    assert heard.times(SpurtStarted) == []
    assert all(when < 2.0 for when in heard.times(SpurtSuspected)), "once the echo is known it does not even raise suspicion"
    assert canceller.delay_ms == pytest.approx(delay_ms, abs=8)


@pytest.mark.parametrize("loss", [0.01, 0.03])
def test_lost_packets_do_not_make_the_agent_interrupt_itself(agent: Pcm, canceller: EchoCanceller, loss: float) -> None:
    played = turns(agent, 3)
    assert listen(played, Speakerphone(loss=loss, seed=5).hears(played), canceller).times(SpurtStarted) == []


def test_the_filter_takes_most_of_the_echo_out(agent: Pcm, canceller: EchoCanceller) -> None:
    played = turns(agent, 1)
    received = Speakerphone(-12).hears(played)
    cleaned = listen(played, received, canceller).cleaned
    half, end = round(1.2 * RATE), round(4.2 * RATE)
    assert level(received[half:end]) - level(cleaned[half:end]) > 15


@pytest.mark.parametrize("gain_db", [-15, -25])
@pytest.mark.parametrize("at_s", [1.5, 6.5])
def test_a_caller_who_speaks_over_the_echo_is_heard(agent: Pcm, caller: Pcm, canceller: EchoCanceller, gain_db: int, at_s: float) -> None:
    played = turns(agent, 2)
    near = over(played, caller, at_s)
    alone = first_at(listen(played, law(near), None), at_s)
    heard = listen(played, Speakerphone(gain_db, seed=3).hears(played, near), canceller)
    assert [when for when in heard.times(SpurtStarted) if when < at_s] == []
    assert first_at(heard, at_s) <= alone + 0.1


def test_a_caller_without_an_echo_is_heard_as_if_there_were_no_canceller(agent: Pcm, caller: Pcm, canceller: EchoCanceller) -> None:
    played = turns(agent, 1)
    received = Speakerphone(delay_ms=0).hears(played, over(played, caller, 0.8))
    heard = listen(played, received, canceller)
    assert first_at(heard, 0.8) <= first_at(listen(played, received, None), 0.8) + 0.05
    assert canceller.delay_ms is None
    assert np.array_equal(heard.cleaned, received[: len(heard.cleaned)]), "no echo was found, so nothing is touched"


def test_an_echo_that_changes_its_delay_is_followed(agent: Pcm, canceller: EchoCanceller) -> None:
    first, second = turns(agent, 2), turns(agent[8 * RATE :], 2)
    received = np.concatenate((Speakerphone(delay_ms=180).hears(first), Speakerphone(delay_ms=60, seed=2).hears(second)))
    heard = listen(np.concatenate((first, second)), received, canceller)
    assert heard.times(SpurtStarted) == []
    assert canceller.found >= 2
    assert canceller.delay_ms == pytest.approx(60, abs=8)


def test_packets_that_come_late_change_nothing(agent: Pcm, speex: SpeexLibrary) -> None:
    """Up to 30 ms late, so that one or two more frames have left by then."""
    played = turns(agent, 1)
    received, sent = Speakerphone().hears(played), law(played)
    starts = range(0, round(4.5 * RATE), FRAME)
    outcome = []
    for lateness in (0.0, 0.03):
        rng = np.random.default_rng(7)
        each = EchoCanceller(speex)
        arrivals = np.maximum.accumulate([start / RATE + 0.021 + rng.uniform(0, lateness) for start in starts])
        out = b""
        left = 0
        for start, arrival in zip(starts, arrivals, strict=True):
            while left / RATE <= arrival:
                each.played(sent[left : left + FRAME].tobytes(), left / RATE)
                left += FRAME
            out += each.clean(received[start : start + FRAME].tobytes(), float(arrival))
            each.explains(float(arrival))
        outcome.append((out, each.found))
        each.close()
    assert outcome[0] == outcome[1]
    assert outcome[0][1] == 1


def test_nothing_played_is_bit_exact_and_asks_nothing(caller: Pcm, canceller: EchoCanceller) -> None:
    silence = bytes(2 * FRAME)
    for start in range(0, len(caller) - FRAME + 1, FRAME):
        pcm8 = caller[start : start + FRAME].tobytes()
        canceller.played(silence, start / RATE)
        assert canceller.clean(pcm8, start / RATE) is pcm8
        assert not canceller.explains(start / RATE)


def test_half_a_second_after_the_last_sound_audio_passes_untouched(agent: Pcm, caller: Pcm, canceller: EchoCanceller) -> None:
    played = np.concatenate((turns(agent, 1), np.zeros(2 * RATE, np.int16)))
    received = Speakerphone().hears(played, over(played, caller, 5.6))
    heard = listen(played, received, canceller)
    assert canceller.delay_ms is not None
    tail = slice(round(5.1 * RATE), len(heard.cleaned))
    assert np.array_equal(heard.cleaned[tail], received[tail])


@pytest.mark.parametrize("size", [80, 123, 240, 1000])
def test_any_packet_length_comes_back_as_long(agent: Pcm, canceller: EchoCanceller, size: int) -> None:
    played = turns(agent, 1)
    received, sent = Speakerphone().hears(played), law(played)
    for start in range(0, len(received) - size + 1, size):
        now = start / RATE
        canceller.played(sent[start : start + size].tobytes(), now)
        assert len(canceller.clean(received[start : start + size].tobytes(), now)) == 2 * size
        canceller.explains(now)
    assert canceller.found


def test_a_stall_of_the_sender_keeps_the_directions_in_step(agent: Pcm, canceller: EchoCanceller) -> None:
    """After a pause in which no frame left, the delay is what it was."""
    played = turns(agent, 2)
    received, sent = Speakerphone().hears(played), law(played)
    stalled = range(round(4.6 * RATE), round(5.4 * RATE))
    for start in range(0, len(received) - FRAME + 1, FRAME):
        now = (start + FRAME) / RATE
        if start not in stalled:
            canceller.played(sent[start : start + FRAME].tobytes(), now - 0.02)
        canceller.clean(received[start : start + FRAME].tobytes(), now)
        canceller.explains(now)
    assert canceller.found == 1


def test_without_the_library_an_echo_is_still_known_for_one(agent: Pcm) -> None:
    canceller = EchoCanceller(None)
    played = turns(agent, 2)
    received = Speakerphone(seed=3).hears(played)
    heard = listen(played, received, canceller)
    assert len(heard.times(SpurtStarted)) * 3 <= len(listen(played, received, None).times(SpurtStarted))
    assert np.array_equal(heard.cleaned, received[: len(heard.cleaned)])
    assert canceller.statistics()["echo_delay_ms"] == pytest.approx(100, abs=8)


def test_a_library_that_is_no_library_says_so() -> None:
    with pytest.raises(NoCanceller, match="cannot use"):
        SpeexLibrary("libm.so.6")
    with pytest.raises(NoCanceller, match="cannot use"):
        SpeexLibrary("/nowhere/libspeexdsp.so.1")
