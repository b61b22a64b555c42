"""The instruments on packet logs whose truth is known."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.caller.echo_delay import bursts, correlation_delays, frame_echo, unique_noise
from ari_app.caller.machine_stalls import Stall
from ari_app.caller.measures import Side, barge_ins, first_audible, interval_stats, longest_silence_ms, response_gaps
from ari_app.caller.packet_log import PacketLog, Received, Sent
from ari_app.caller.recording import sides
from ari_app.caller.rtp_frames import DIGITS, Playback, audio_frames, key_frames
from ari_app.caller.script import Spoken
from ari_app.caller.speech_level import LiveDetector, level, levels_of, spurts
from ari_app.media.g711 import encode

MS = 1_000_000
FRAME_NS = 20 * MS
START = 1_000_000 * MS
VOICE = [encode(unique_noise(0.02, -20, seed).tobytes(), "ulaw") for seed in range(10)]
SILENCE = b"\xff" * 160


def out(pattern: str, start: int = START) -> list[Sent]:
    """One packet per letter: v voice, . silence, k key event."""
    kinds = {"k": 101}
    return [
        Sent(start + index * FRAME_NS, start + index * FRAME_NS, index, index * 160, kinds.get(letter, 0), _payload(index, letter), False)
        for index, letter in enumerate(pattern)
    ]


def _payload(index: int, letter: str) -> bytes:
    return VOICE[index % 10] if letter == "v" else SILENCE


def back(pattern: str, start: int = START) -> list[Received]:
    """One packet per letter as it arrives; x is a packet that never came."""
    return [
        Received(
            start + index * FRAME_NS, (65_500 + index) % 65_536, index * 160, 7, 0, False, VOICE[index % 10] if letter == "v" else SILENCE
        )
        for index, letter in enumerate(pattern)
        if letter != "x"
    ]


def at(frame: int) -> int:
    return START + frame * FRAME_NS


def test_response_gap_is_last_speech_sent_to_first_speech_received() -> None:
    caller, agent = Side.of(out("....vvvvvvvvvv" + "." * 40)), Side.of(back("." * 39 + "v" * 10))
    (gap,) = response_gaps([Spoken("say", "hi", at(4), at(13))], caller, agent)
    assert gap.gap_ms == (39 - 13) * 20
    assert not gap.cut_in


def test_a_cut_in_is_no_response() -> None:
    caller, agent = Side.of(out("....vvvvvvvvvv" + "." * 20)), Side.of(back("........" + "v" * 10 + "." * 10))
    (gap,) = response_gaps([Spoken("say", "hi", at(4), at(13))], caller, agent)
    assert (gap.gap_ms, gap.cut_in) == (None, True)


def test_an_answer_after_the_next_utterance_does_not_count_for_the_first() -> None:
    caller, agent = Side.of(out("vvvvv" + "." * 25 + "vvvvv" + "." * 30)), Side.of(back("." * 50 + "vvvvv"))
    gaps = response_gaps([Spoken("say", "one", at(0), at(4)), Spoken("say", "two", at(30), at(34))], caller, agent)
    assert [gap.gap_ms for gap in gaps] == [None, (50 - 34) * 20]


def test_gap_after_keys_counts_from_the_last_event_packet() -> None:
    caller, agent = Side.of(out("....kkkkk" + "." * 30)), Side.of(back("." * 20 + "vvvvv"))
    (gap,) = response_gaps([Spoken("key", "1", at(4), at(12))], caller, agent)
    assert gap.gap_ms == (20 - 8) * 20


def test_barge_in_is_onset_to_last_agent_speech_over_short_pauses() -> None:
    caller, agent = Side.of(out("." * 20 + "v" * 30)), Side.of(back("vvvvvvvvvvvvvvvvvvvvvvvv" + "." * 20 + "vvvvv" + "." * 60 + "vvvv"))
    (stop,) = barge_ins([Spoken("interrupt", "stop", at(20), at(49))], caller, agent)
    assert stop.stop_ms == (48 - 20) * 20


def test_barge_in_during_a_pause_is_none() -> None:
    caller, agent = Side.of(out("." * 20 + "v" * 30)), Side.of(back("vvvvv" + "." * 60))
    (stop,) = barge_ins([Spoken("interrupt", "stop", at(20), at(49))], caller, agent)
    assert stop.stop_ms is None


def test_longest_silence_is_of_both_sides_and_counts_the_edges() -> None:
    caller, agent = Side.of(out("." * 30 + "vvvvv" + "." * 65)), Side.of(back("." * 10 + "vvvvv" + "." * 85))
    assert longest_silence_ms(at(0), at(99), caller, agent) == (99 - 34) * 20
    assert longest_silence_ms(at(0), at(40), caller, agent) == (30 - 14) * 20


def test_first_audible_ignores_a_click() -> None:
    assert first_audible(Side.of(back("..v......vvvvv"))) == at(9)
    assert first_audible(Side.of(back("......"))) is None


def test_intervals_count_lateness_and_missing_over_the_sequence_wrap() -> None:
    packets = back("." * 50 + "x" + "." * 49)
    late = packets[10]._replace(at_ns=packets[10].at_ns + 5 * MS)
    stats = interval_stats([*packets[:10], late, *packets[11:]])
    assert stats.packets == 99
    assert stats.missing == 1
    assert stats.worst_ms == 20
    assert stats.within_2ms == pytest.approx(1 - 3 / 98)


def test_what_was_late_while_the_machine_stood_still_does_not_count() -> None:
    packets = back("." * 50 + "x" + "." * 49)
    late = packets[10]._replace(at_ns=packets[10].at_ns + 5 * MS)
    packets = [*packets[:10], late, *packets[11:]]
    stalled = Stall(packets[10].at_ns - 4 * MS, packets[10].at_ns - 1 * MS)
    elsewhere = Stall(packets[30].at_ns + 5 * MS, packets[30].at_ns + 9 * MS)
    stats = interval_stats(packets, [stalled, elsewhere])
    assert (stats.packets, stats.left_out, stats.missing) == (99, 3, 1), "two around the first, whose end is felt in the next interval"
    assert stats.within_2ms == pytest.approx(1 - 1 / 95), "the missing one is late as before"
    assert interval_stats(packets, [Stall(0, 1 << 62)]).left_out == 98


def test_intervals_of_nothing() -> None:
    assert interval_stats([]).within_2ms == 1.0


def test_thirty_ms_packets_are_even_at_thirty_ms() -> None:
    packets = [Received(START + index * 30 * MS, index, index * 240, 7, 8, False, b"\xd5" * 240) for index in range(20)]
    assert interval_stats(packets).worst_ms == 0


@settings(max_examples=30)
@given(st.floats(0.1, 900.0), st.integers(0, 159))
def test_correlation_finds_any_delay_at_any_packet_phase(delay_ms: float, phase: int) -> None:
    pcm = bursts(1.2)
    frames = list(audio_frames(pcm.tobytes(), "ulaw", 20, Playback()))
    sent = [Sent(START, START + index * FRAME_NS, index, index * 160, 0, frame.payload, False) for index, frame in enumerate(frames)]
    shifted = np.concatenate((np.zeros(phase, dtype=np.int16), pcm))
    returned = list(audio_frames(shifted.tobytes(), "ulaw", 20, Playback()))
    received = [
        Received(START + index * FRAME_NS + round(delay_ms * MS), index, index * 160, 7, 0, False, frame.payload)
        for index, frame in enumerate(returned)
    ]
    received += [
        Received(START + index * FRAME_NS + round(delay_ms * MS), index, index * 160, 7, 0, False, SILENCE)
        for index in range(len(returned), 120)
    ]
    found = correlation_delays(sent, received)
    assert found
    assert found == pytest.approx([delay_ms + phase / 8] * len(found), abs=0.2)


def test_identical_packets_give_delay_and_loss() -> None:
    pcm = unique_noise(1.0)
    frames = list(audio_frames(pcm.tobytes(), "ulaw", 20, Playback()))
    sent = [Sent(START, START + index * FRAME_NS, index, index * 160, 0, frame.payload, False) for index, frame in enumerate(frames)]
    received = [Received(packet.at_ns + 3 * MS, packet.sequence, 0, 7, 0, False, packet.payload) for packet in sent if packet.sequence != 7]
    echo = frame_echo(sent, received)
    assert (echo.sent, echo.lost) == (50, 1)
    assert echo.delays_ms == [3.0] * 49


@given(st.lists(st.binary(max_size=240), max_size=12))
def test_many_levels_are_each_ones_level(payloads: list[bytes]) -> None:
    assert levels_of(payloads, ["ulaw"] * len(payloads)) == pytest.approx([level(payload, "ulaw") for payload in payloads])


def test_level_of_known_signals() -> None:
    square = np.tile(np.array([16_384, -16_384], dtype=np.int16), 80)
    assert level(encode(square.tobytes(), "alaw"), "alaw") == pytest.approx(-6.0, abs=0.2)
    assert level(SILENCE, "ulaw") == -100


@given(st.lists(st.booleans(), max_size=300), st.integers(0, 30))
def test_spurts_lie_in_order_apart_and_on_speech_frames(loud: list[bool], bridge: int) -> None:
    frames = [(at(index), -20.0 if voiced else -90.0) for index, voiced in enumerate(loud)]
    found = spurts(frames, -45, bridge * 20)
    times = {at(index) for index, voiced in enumerate(loud) if voiced}
    for spurt in found:
        assert spurt.start_ns <= spurt.end_ns
        assert {spurt.start_ns, spurt.end_ns} <= times
    for earlier, later in itertools.pairwise(found):
        assert later.start_ns - earlier.end_ns > min(bridge * 20 * MS, 0)


@pytest.mark.parametrize("noise_dbov", [-100.0, -60.0, -40.0, -31.0])
def test_the_live_detector_hears_speech_over_noise_and_no_speech_in_noise(noise_dbov: float) -> None:
    rng = np.random.default_rng(3)
    detector = LiveDetector()

    def feed(start: int, count: int, value: float) -> None:
        for index in range(start, start + count):
            detector.step(at(index), 10 * np.log10(10 ** (noise_dbov / 10) + 10 ** (value / 10)) + rng.normal(0, 0.6))

    feed(0, 150, -100)  # 3 s of the line alone
    before = detector.last_speech_ns
    assert before is None or before < at(60)  # in the first second nobody can know that it is noise
    feed(150, 60, -18)
    assert detector.spurt_start_ns == at(150)
    assert detector.last_speech_ns == at(209)
    feed(210, 100, -100)
    assert detector.last_speech_ns == at(209)


def test_both_sides_are_in_sync_and_a_new_ssrc_starts_anew() -> None:
    log = PacketLog(sent=out("." * 50 + "v" * 5 + "." * 45))
    log.received = back("." * 30, at(10)) + [
        packet._replace(ssrc=9, timestamp=packet.timestamp + 123_456) for packet in back("v" * 5, at(60))
    ]
    both = sides(log)
    assert len(both.caller) == len(both.agent) == 100 * 160
    assert np.flatnonzero(np.abs(both.caller) > 500)[0] // 160 == 50
    assert np.flatnonzero(np.abs(both.agent) > 500)[0] // 160 == 60
    assert len(both.cut(both.agent, at(60), at(65))) == 5 * 160


def test_recordings_of_nothing() -> None:
    assert len(sides(PacketLog()).caller) == 0


@given(st.text(DIGITS, min_size=1, max_size=6), st.sampled_from([20, 30]))
def test_every_key_has_a_beginning_one_duration_and_three_ends(digits: str, packet_ms: int) -> None:
    frames = list(key_frames(digits, "ulaw", packet_ms, Playback()))
    events = [frame for frame in frames if frame.event]
    assert sum(frame.first for frame in events) == len(digits)
    assert [frame.payload[0] for frame in events if frame.first] == [DIGITS.index(digit) for digit in digits]
    ends = [frame.payload for frame in events if frame.payload[1] & 0x80]
    assert len(ends) == 3 * len(digits)
    assert {int.from_bytes(payload[2:], "big") for payload in ends} == {-(-100 // packet_ms) * packet_ms * 8}
    assert [frame.last for frame in frames].count(True) == 1
    assert frames[-1].last


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="'x' is not a telephone key"):
        list(key_frames("1x", "ulaw", 20, Playback()))
