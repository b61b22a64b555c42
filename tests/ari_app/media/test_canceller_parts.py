"""The parts of the echo canceller: what is remembered, what looks like an echo, what is quietened, and that memory stays what it is."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import Pcm
from ari_app.media.canceller import EchoCanceller
from ari_app.media.echo_likeness import REACH, WINDOW, explained, find_echo, line_noise
from ari_app.media.g711 import FRAME, RATE
from ari_app.media.residual import ResidualGate
from ari_app.media.sample_track import KEPT, SampleTrack
from ari_app.media.speex_echo import BLOCK, SpeexFilter, find
from tests.ari_app.media.echo_rig import Speakerphone, at_level, law, library, reading, turns


def noise(samples: int, amplitude: float = 1000.0, seed: int = 1) -> Pcm:
    return (np.random.default_rng(seed).standard_normal(samples) * amplitude).astype(np.int16)


@given(st.lists(st.integers(0, 2 * KEPT), min_size=1, max_size=12), st.integers(-2 * KEPT, 9 * KEPT), st.integers(0, 3000))
def test_a_track_gives_back_what_it_still_has_and_zeros_for_the_rest(sizes: list[int], first: int, samples: int) -> None:
    track = SampleTrack()
    whole = np.arange(sum(sizes), dtype=np.int64).astype(np.int16)
    place = 0
    for size in sizes:
        track.add(whole[place : place + size])
        place += size
    expected = np.array(
        [whole[n] if max(0, len(whole) - KEPT) <= n < len(whole) else 0 for n in range(first, first + samples)], dtype=np.int16
    )
    assert track.count == len(whole)
    assert np.array_equal(track.take(first, samples), expected)
    assert np.array_equal(track.last(KEPT)[-min(KEPT, len(whole)) :], whole[-KEPT:]) or not len(whole)


@pytest.mark.parametrize("lag", [0, 57, 160, 1600, 2390])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_echo_is_found_at_its_lag(lag: int, sign: int) -> None:
    played = noise(WINDOW + REACH)
    echo = sign * 0.2 * np.concatenate((np.zeros(lag), played.astype(float)))[: len(played)]
    received = echo[-WINDOW:].astype(np.int16)
    quiet = line_noise(np.zeros(KEPT, np.int16))
    found = find_echo(received, played, quiet)
    assert found.lag == lag
    assert found.share > 0.97
    assert explained(received, played, lag, quiet) > 0.97
    assert explained(received, played, (lag + 800) % REACH, quiet) < 0.2


def test_another_voice_is_no_echo_and_a_noisy_echo_is_one() -> None:
    agent, caller = at_level(reading("two_cities"), -18), at_level(reading("beckett"), -24)
    heard = Speakerphone(gain_db=-18, delay_ms=90, noise_dbov=-55).hears(agent)
    mistaken: list[bool] = []
    known: list[bool] = []
    for end in range(2 * RATE, 9 * RATE, 800):
        played = agent[end - WINDOW - REACH : end]
        for pcm, least, found in ((caller, 300, mistaken), (heard, 160, known)):
            window = pcm[end - WINDOW : end]
            if np.abs(window.astype(int)).mean() >= least:
                found.append(find_echo(window, played, line_noise(pcm[end - KEPT : end])).share >= 0.5)
    assert min(len(mistaken), len(known)) > 15
    assert sum(mistaken) <= 0.05 * len(mistaken)
    assert sum(known) >= 0.95 * len(known)


def test_silence_is_explained_by_nothing() -> None:
    silent = np.zeros(WINDOW, np.int16)
    quiet = line_noise(np.zeros(KEPT, np.int16))
    assert find_echo(silent, noise(WINDOW + REACH), quiet).share == 0.0
    assert find_echo(noise(WINDOW, seed=2), np.zeros(WINDOW + REACH, np.int16), quiet).share == 0.0


def test_the_gate_quietens_what_is_left_and_opens_for_a_caller() -> None:
    gate = ResidualGate()
    out = piece = noise(0)
    echo = noise(RATE, 1000)
    left = (echo * 0.1).astype(np.int16)
    for start in range(0, RATE, 4 * BLOCK):
        _, out = gate.step(echo[start : start + 4 * BLOCK], left[start : start + 4 * BLOCK])
    settled = gate.as_expected
    assert np.abs(out.astype(int)).mean() < 0.3 * np.abs(left.astype(int)).mean()
    caller = noise(RATE // 5, 1500, seed=2)
    for start in range(0, len(caller), 4 * BLOCK):
        piece = caller[start : start + 4 * BLOCK]
        _, out = gate.step(echo[start : start + 4 * BLOCK] + piece, left[start : start + 4 * BLOCK] + piece)
    assert (settled, gate.as_expected) == (True, False)
    assert np.abs(out.astype(int)).mean() > 0.8 * np.abs(piece.astype(int)).mean()


def test_the_filter_never_makes_it_worse() -> None:
    received, residual = noise(2 * BLOCK, 100), noise(2 * BLOCK, 1000, seed=2)
    residual[:BLOCK] = received[:BLOCK] // 2
    best, _ = ResidualGate().step(received, residual)
    assert np.array_equal(best, np.concatenate((residual[:BLOCK], received[BLOCK:])))


def test_the_gate_gives_as_much_as_it_takes_at_any_level() -> None:
    gate = ResidualGate()
    for amplitude in (0, 1, 32767):
        samples = np.full(2 * BLOCK, amplitude, np.int16)
        assert [len(piece) for piece in gate.step(samples, -samples)] == [2 * BLOCK, 2 * BLOCK]


def test_a_long_call_keeps_its_memory() -> None:
    speex = library()
    canceller = EchoCanceller(speex)
    played = turns(at_level(reading("two_cities"), -18), 4)
    received, sent = Speakerphone().hears(played), law(played)

    def call(seconds: float, begin: float) -> float:
        now = begin
        for number in range(round(seconds * 50)):
            start = number * FRAME % (len(played) - FRAME)
            now = begin + number * 0.02
            canceller.played(sent[start : start + FRAME].tobytes(), now)
            canceller.clean(received[start : start + FRAME].tobytes(), now)
            if not number % 25:
                canceller.explains(now)
        return now

    end = call(30, 0.0)
    tracemalloc.start()
    end = call(30, end)
    before = tracemalloc.get_traced_memory()[0]
    call(60, end)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    canceller.close()
    assert after - before < 20_000


def test_lines_give_their_filters_back() -> None:
    speex = library()
    if speex is None:
        pytest.skip("libspeexdsp is not here: it comes with ./patchcord up")
    status = Path("/proc/self/statm")
    for _ in range(200):
        SpeexFilter(speex).close()
    block = noise(BLOCK)
    before = int(status.read_text().split()[1])
    for _ in range(2000):
        path = SpeexFilter(speex)
        path.run(block, block)
        path.close()
        path.close()
    assert int(status.read_text().split()[1]) - before < 500, "pages of 4 kB"


def test_the_library_of_the_packages_goes_before_the_systems(tmp_path: Path) -> None:
    folder = tmp_path / "usr/lib/some-linux-gnu"
    folder.mkdir(parents=True)
    (folder / "libspeexdsp.so.1").touch()
    assert find(tmp_path) == str(folder / "libspeexdsp.so.1")
