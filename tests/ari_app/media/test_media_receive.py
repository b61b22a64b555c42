import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.media.g711 import SILENCE, decode, encode, scale, transcode
from ari_app.media.receive import HOLD_S, ReceiveBuffer
from ari_app.media.rtp import COMFORT_NOISE, Packet

QUIET = SILENCE["ulaw"]


def stream(count: int, *, size: int = 160, first: int = 65_500, ssrc: int = 7, timestamp: int = 2**32 - 1000) -> list[Packet]:
    """Packets over both wraps, each with a payload of its own."""
    return [Packet(0, (first + n) % 65536, (timestamp + n * size) % 2**32, ssrc, bytes([1 + n % 120]) * size) for n in range(count)]


def receive(buffer: ReceiveBuffer, arrivals: list[tuple[float, Packet]]) -> bytes:
    return b"".join(piece for at, packet in arrivals for piece in buffer.push(packet, at))


@pytest.mark.parametrize("size", [80, 160, 240, 480])
def test_in_order_packets_of_any_length_pass_at_once(size: int) -> None:
    buffer = ReceiveBuffer("ulaw")
    for number, packet in enumerate(stream(200, size=size)):
        assert buffer.push(packet, number * size / 8000) == [packet.payload]
    assert (buffer.statistics.received, buffer.statistics.lost, buffer.concealed) == (200, 0, 0)
    assert buffer.statistics.jitter_ms < 0.01


def test_neighbours_that_changed_places_are_put_right_without_loss() -> None:
    packets = stream(6)
    order = [0, 2, 1, 4, 3, 5]
    buffer = ReceiveBuffer("ulaw")
    out = receive(buffer, [(0.02 * step, packets[index]) for step, index in enumerate(order)])
    assert out == b"".join(packet.payload for packet in packets)
    assert (buffer.statistics.reordered, buffer.statistics.lost, buffer.concealed) == (2, 0, 0)


def test_duplicates_are_dropped_and_counted() -> None:
    packets = stream(5)
    buffer = ReceiveBuffer("ulaw")
    out = receive(buffer, [(0.02 * step, packet) for step, packet in enumerate(packets) for _ in range(2)])
    assert out == b"".join(packet.payload for packet in packets)
    assert (buffer.statistics.duplicates, buffer.statistics.received, buffer.statistics.lost) == (5, 5, 0)


def test_a_lost_packet_is_concealed_after_the_hold_and_counted_late_when_it_comes() -> None:
    packets = stream(6)
    buffer = ReceiveBuffer("ulaw")
    receive(buffer, [(0.0, packets[0]), (0.02, packets[1])])
    assert buffer.push(packets[3], 0.06) == []
    assert buffer.overdue(0.06 + HOLD_S - 0.001) == []
    concealed, following = buffer.overdue(0.06 + HOLD_S)
    assert concealed == scale(packets[1].payload, "ulaw", 0.8)
    assert following == packets[3].payload
    assert buffer.push(packets[2], 0.11) == []
    assert buffer.push(packets[2], 0.12) == []
    assert (buffer.statistics.late, buffer.statistics.duplicates, buffer.concealed) == (1, 1, 160)


def test_concealment_fades_to_silence_within_60_ms() -> None:
    packets = stream(20)
    buffer = ReceiveBuffer("ulaw")
    receive(buffer, [(0.0, packets[0])])
    buffer.push(packets[11], 0.22)
    concealed, _ = buffer.overdue(0.3)
    assert len(concealed) == 10 * 160
    assert concealed[480:] == QUIET * 1120
    levels = [max(abs(sample) for sample in memoryview(decode(concealed[n * 160 : n * 160 + 160], "ulaw")).cast("h")) for n in range(3)]
    assert levels == sorted(levels, reverse=True)
    assert levels[2] > 0


def test_a_changed_ssrc_in_mid_call_goes_on_at_once() -> None:
    old, new = stream(5), stream(5, ssrc=8, first=100, timestamp=5)
    buffer = ReceiveBuffer("ulaw")
    arrivals = [(0.02 * step, packet) for step, packet in enumerate(old + new)]
    assert receive(buffer, arrivals) == b"".join(packet.payload for packet in old + new)
    assert (buffer.statistics.streams, buffer.statistics.received, buffer.statistics.lost) == (2, 10, 0)


def test_a_sender_that_restarts_its_numbers_goes_on_at_once() -> None:
    old, new = stream(5, first=10), stream(5, first=40_000)
    buffer = ReceiveBuffer("ulaw")
    assert len(receive(buffer, [(0.02 * step, packet) for step, packet in enumerate(old + new)])) == 1600


def test_the_other_law_is_transcoded_and_telephone_events_are_no_audio() -> None:
    buffer = ReceiveBuffer("ulaw")
    assert buffer.push(Packet(8, 1, 0, 1, b"\x12" * 160), 0.0) == [transcode(b"\x12" * 160, "alaw", "ulaw")]
    assert buffer.push(Packet(101, 2, 160, 1, b"\x05\x80\x03\xc0"), 0.02) == []
    assert buffer.push(Packet(0, 3, 320, 1, b"\x21" * 160), 0.04)[-1] == b"\x21" * 160
    assert (buffer.ignored, buffer.statistics.lost) == (1, 0)


def test_a_peer_that_falls_silent_is_replaced_by_silence_in_real_time() -> None:
    buffer = ReceiveBuffer("ulaw")
    receive(buffer, [(0.02 * n, packet) for n, packet in enumerate(stream(5))])
    made = b"".join(piece for tick in range(50) for piece in buffer.idle(0.08 + 0.02 * tick))
    assert 0.85 <= len(made) / 8000 <= 1.0
    assert set(made) == set(QUIET)


def test_comfort_noise_sounds_at_its_level() -> None:
    buffer = ReceiveBuffer("ulaw")
    buffer.push(Packet(0, 1, 0, 1, QUIET * 160), 0.0)
    assert buffer.push(Packet(COMFORT_NOISE, 2, 160, 1, b"\x32"), 0.02) == []
    made = b"".join(piece for tick in range(50) for piece in buffer.idle(0.02 + 0.02 * tick))
    samples = memoryview(decode(made, "ulaw")).cast("h")
    rms = (sum(sample * sample for sample in samples) / len(samples)) ** 0.5
    assert len(made) >= 6400
    assert 32768 * 10 ** (-53 / 20) < rms < 32768 * 10 ** (-47 / 20)


@given(st.integers(0, 2**32), st.sampled_from([80, 160, 240]))
def test_under_loss_reordering_and_duplicates_audio_stays_in_order_and_in_time(seed: int, size: int) -> None:
    """5 % loss, jitter of up to 35 ms, 2 % duplicates: order kept, length kept, nothing held longer than the hold."""
    rng = random.Random(seed)
    packets = stream(150, size=size)
    arrivals: list[tuple[float, int]] = []
    for number in range(len(packets)):
        if number in (0, len(packets) - 1) or rng.random() > 0.05:
            arrivals.append((number * size / 8000 + rng.random() * 0.035, number))
            if rng.random() < 0.02:
                arrivals.append((number * size / 8000 + rng.random() * 0.035, number))
    buffer = ReceiveBuffer("ulaw")
    out: list[bytes] = []
    clock = 0.0
    for at, number in sorted(arrivals):
        while clock + 0.02 < at:
            clock += 0.02
            out += buffer.overdue(clock)
        out += buffer.push(packets[number], at)
    out += buffer.overdue(clock + 1)
    # The very first packets may arrive in the wrong order: then the earlier one has no place any more.
    assert abs(len(b"".join(out)) - len(packets) * size) <= 4 * size
    number_of = {id(packet.payload): number for number, packet in enumerate(packets)}
    positions = [number_of[id(piece)] for piece in out if id(piece) in number_of]
    assert len(positions) == len(set(positions)) >= 100
    assert positions == sorted(positions)
    assert buffer.statistics.received <= len(packets)


def test_both_laws_keep_a_sample_within_their_step() -> None:
    samples = memoryview(bytearray(2 * 2001)).cast("h")
    for index in range(2001):
        samples[index] = (index - 1000) * 32
    for law in ("ulaw", "alaw"):
        back = memoryview(decode(encode(samples.tobytes(), law), law)).cast("h")
        assert all(abs(a - b) <= max(16, abs(a) // 16) for a, b in zip(samples, back, strict=True))
