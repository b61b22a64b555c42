"""Noise, echo, gain and loss against what they promise, packet by packet."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.audio import Pcm
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.impaired_line import EchoPath, ImpairedLine, LossModel, noise
from ari_app.caller.line_conditions import BurstLoss, Echo, LineConditions
from ari_app.caller.speech_level import level
from ari_app.media.g711 import decode, encode

FRAME_NS = 20_000_000
START = 5_000_000_000_000 + 7
SILENCE = b"\xff" * 160


def samples(payload: bytes) -> Pcm:
    return np.frombuffer(decode(payload, "ulaw"), dtype=np.int16)


@pytest.mark.parametrize("shape", ["white", "pink"])
@pytest.mark.parametrize("dbov", [-25.0, -38.0, -50.0])
def test_noise_has_its_level_in_the_packets_and_is_the_same_every_time(shape: str, dbov: float) -> None:
    conditions = LineConditions(noise_dbov=dbov, noise_shape=shape, seed=3)  # type: ignore[arg-type]
    line, again = ImpairedLine(conditions, "ulaw", 20), ImpairedLine(conditions, "ulaw", 20)
    sent = [line.packet(SILENCE, START + index * FRAME_NS) for index in range(600)]
    assert sent == [again.packet(SILENCE, START + index * FRAME_NS) for index in range(600)]
    power = float((np.concatenate([samples(payload) for payload in sent]).astype(np.float64) ** 2).mean()) / 32768**2
    assert 10 * np.log10(power) == pytest.approx(dbov, abs=0.5)
    assert len({bytes(payload) for payload in sent}) == 500, "ten seconds before it repeats"


def test_pink_noise_falls_three_db_an_octave_and_has_no_seam() -> None:
    pink = noise(-30, 80_000, "pink", 1)
    power = np.abs(np.fft.rfft(pink)) ** 2
    hertz = np.fft.rfftfreq(80_000, 1 / 8000)
    octaves = [10 * np.log10(power[(hertz >= low) & (hertz < 2 * low)].mean()) for low in (125, 250, 500, 1000, 2000)]
    assert np.diff(octaves) == pytest.approx([-3.0] * 4, abs=0.5)
    assert abs(pink[0] - pink[-1]) < 5 * np.abs(np.diff(pink)).mean()


def test_a_quiet_caller_is_quieter_by_the_gain() -> None:
    line = ImpairedLine(LineConditions(speech_gain_db=-14), "alaw", 20)
    loud = encode(unique_noise(0.02, -20).tobytes(), "alaw")
    assert level(line.packet(loud, START), "alaw") == pytest.approx(level(loud, "alaw") - 14, abs=0.3)


def echoed(echo: Echo, received: list[tuple[int, int, bytes]], packets: int) -> Pcm:
    """``received``: offset to START in ns, time stamp, payload. What is sent in ``packets`` packets, the first one due at START."""
    path = EchoPath(echo)
    waiting = sorted(received)
    out = []
    for index in range(packets):
        due = START + index * FRAME_NS
        while waiting and START + waiting[0][0] <= due:
            offset, timestamp, payload = waiting.pop(0)
            path.heard(START + offset, timestamp, 7, 0, payload)
        out.append(path.spoken(due, 160).copy())
    return np.concatenate(out)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 20 * 8 - 1),
    st.integers(20 * 8, 250 * 8),
    st.floats(10, 30),
    st.lists(st.floats(0, 15), min_size=50, max_size=50),
)
def test_an_echo_is_late_and_weak_to_the_sample_whatever_the_jitter(
    phase: int, delay: int, attenuation: float, jitter: list[float]
) -> None:
    voice = unique_noise(1.0, -20, 5)
    payloads = [encode(voice[start : start + 160].tobytes(), "ulaw") for start in range(0, 8000, 160)]
    arrivals = [phase * 125_000 + index * FRAME_NS + round(late * 1e6) * (index > 0) for index, late in enumerate(jitter)]
    received = [
        (at, (2**32 - 800 + index * 160) % 2**32, payload) for index, (at, payload) in enumerate(zip(arrivals, payloads, strict=True))
    ]
    sent = echoed(Echo(attenuation, delay / 8), received, 70)
    # The packet due at START holds the 20 ms before it.
    first = 160 + phase + delay
    expected = np.zeros(len(sent))
    expected[first : first + 8000] = np.concatenate([samples(payload) for payload in payloads])[: len(sent) - first]
    assert sent == pytest.approx(expected * 10 ** (-attenuation / 20), abs=0.01)


def test_a_room_smears_the_echo_without_making_it_louder() -> None:
    voice = unique_noise(1.0, -20, 5)
    received = [(index * FRAME_NS, index * 160, encode(voice[index * 160 :][:160].tobytes(), "ulaw")) for index in range(50)]
    room = tuple(np.random.default_rng(1).normal(size=64) * 0.9 ** np.arange(64))
    plain, smeared = (echoed(Echo(15, 60, response), received, 60).astype(np.float64) for response in ((1.0,), room))
    assert (smeared**2).sum() == pytest.approx((plain**2).sum(), rel=0.1)
    assert not np.allclose(plain, smeared, atol=100)
    expected = np.convolve(plain, np.array(room) / np.sqrt((np.array(room) ** 2).sum()))[: len(plain)]
    assert smeared == pytest.approx(expected, abs=0.1)


def test_an_echo_ends_with_what_was_received_and_never_comes_again() -> None:
    received = [(index * FRAME_NS, index * 160, encode(unique_noise(0.02, -20, index).tobytes(), "ulaw")) for index in range(5)]
    sent = echoed(Echo(10, 200), received, 400)
    assert np.flatnonzero(sent).max() // 160 <= 1 + (200 + 100) // 20


def test_a_packet_too_late_for_its_echo_is_left_out_and_a_new_stream_starts_anew() -> None:
    loud = encode(unique_noise(0.02, -20, 1).tobytes(), "ulaw")
    sent = echoed(Echo(0, 20), [(0, 0, loud), (20_000_000 + 80_000_000, 160, loud), (600_000_000, 4_000_000_000, loud)], 60)
    packets = {int(index) // 160 for index in np.flatnonzero(np.abs(sent) > 500)}
    assert packets == {1 + 1, 1 + 31}


@given(st.floats(0.01, 0.03), st.floats(1.0, 6.0), st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_loss_has_its_share_and_its_bursts(share: float, burst: float, seed: int) -> None:
    model = LossModel(BurstLoss(share, burst), seed)
    lost = [model.step() for _ in range(60_000)]
    runs = [len(list(group)) for gone, group in itertools.groupby(lost) if gone]
    # Each burst is an independent event: the deviation of the mean of n of them is below 1.5 burst / sqrt(n).
    assert sum(lost) / len(lost) == pytest.approx(share, rel=6 / np.sqrt(len(runs)))
    assert np.mean(runs) == pytest.approx(burst, rel=6 / np.sqrt(len(runs)))
    again = LossModel(BurstLoss(share, burst), seed)
    assert [again.step() for _ in range(1000)] == lost[:1000]


def test_conditions_cost_a_packet_less_than_a_hundredth_of_its_time() -> None:
    room = tuple(0.9**tap for tap in range(64))
    line = ImpairedLine(LineConditions(-14, -38, "pink", Echo(15, 200, room)), "ulaw", 20)
    payload = encode(unique_noise(0.02).tobytes(), "ulaw")
    assert line.echo is not None
    began = time.thread_time()
    for index in range(1000):
        line.echo.heard(START + index * FRAME_NS, index * 160, 7, 0, payload)
        line.packet(payload, START + index * FRAME_NS)
    assert (time.thread_time() - began) / 1000 < 0.2e-3


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 400 ms, not 500"):
        Echo(10, 500)
    with pytest.raises(ValueError, match="impulse response"):
        Echo(10, 50, (0.0,))
    with pytest.raises(ValueError, match=r"not 0\.9"):
        BurstLoss(0.9)
    assert not LineConditions(loss=BurstLoss(0.02)).changes_audio
