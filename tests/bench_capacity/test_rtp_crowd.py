"""Many callers on real sockets: what each sends arrives as RTP, and what comes is told apart by where it comes from."""

import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.media.g711 import encode
from ari_app.media.rtp import Packet, build, parse
from tests.bench.capacity.arrivals import pacing
from tests.bench.capacity.rtp_crowd import RtpCrowd
from tests.bench.capacity.talk import sentences

LINES = 70  # more than one socket of the crowd carries


def tone(hertz: float, seconds: float) -> Pcm:
    wave: Pcm = (5000 * np.sin(2 * np.pi * hertz / 8000 * np.arange(round(seconds * 8000)))).astype(np.int16)
    return wave


@pytest.fixture
def crowd() -> Iterator[RtpCrowd]:
    with RtpCrowd(LINES, sentences([tone(300, 0.4)])) as made:
        yield made


@pytest.fixture
def far_ends() -> Iterator[list[socket.socket]]:
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(LINES)]
    for end in ends:
        end.bind(("127.0.0.1", 0))
        end.settimeout(2)
    yield ends
    for end in ends:
        end.close()


def test_every_caller_sends_its_own_stream_on_time_stamps_that_go_on(crowd: RtpCrowd, far_ends: list[socket.socket]) -> None:
    for slot, end in enumerate(far_ends):
        crowd.attach(slot, "127.0.0.1", end.getsockname()[1])
    senders = set()
    for end in far_ends:
        got = [end.recvfrom(2048) for _ in range(3)]
        packets = [parse(data) for data, _ in got]
        assert [(packet.payload_type, len(packet.payload)) for packet in packets] == [(0, 160)] * 3
        assert np.diff([packet.sequence for packet in packets]).tolist() == [1, 1]
        assert np.diff([packet.timestamp for packet in packets]).tolist() == [160, 160]
        senders.add(packets[0].ssrc)
        assert got[0][1][1] in {crowd.port(0), crowd.port(LINES - 1)}
    assert len(senders) == LINES
    crowd.detach(0)
    crowd.detach(0)


def test_what_comes_is_heard_by_the_caller_it_is_for(crowd: RtpCrowd, far_ends: list[socket.socket]) -> None:
    last = LINES - 1
    for slot in (0, 1, last):
        crowd.attach(slot, "127.0.0.1", far_ends[slot].getsockname()[1])
    crowd.take()
    hum = encode(tone(220, 0.4).tobytes(), "ulaw")
    for number in range(10):
        payload = hum[number * 160 : number * 160 + 160]
        for slot in (0, last):
            far_ends[slot].sendto(build(Packet(0, number, number * 160, 7, payload)), ("127.0.0.1", crowd.port(slot)))
        far_ends[5].sendto(build(Packet(0, number, 0, 7, payload)), ("127.0.0.1", crowd.port(5)))  # nobody's
        far_ends[0].sendto(b"no packet", ("127.0.0.1", crowd.port(0)))
        time.sleep(0.02)
    time.sleep(0.05)
    arrivals, _, own = crowd.take()
    assert sorted(set(arrivals.slots.tolist())) == [0, last]
    assert pacing(arrivals).packets == 20
    assert arrivals.timestamps[arrivals.slots == last].tolist() == [160 * number for number in range(10)]
    assert np.all(np.abs(arrivals.at_ns - time.monotonic_ns()) < 5e9), "kernel times are on the monotonic clock"
    assert crowd.tone(0, 220) > 0.9
    assert crowd.tone(0, 900) < 0.1
    assert crowd.tone(1, 220) == 0.0
    assert crowd.talk.heard_at(last) and not crowd.talk.heard_at(1)
    assert own.sent > 20 and own.cpu_s > 0


def test_after_hanging_up_nothing_is_sent(crowd: RtpCrowd, far_ends: list[socket.socket]) -> None:
    crowd.attach(0, "127.0.0.1", far_ends[0].getsockname()[1])
    far_ends[0].recv(2048)
    crowd.detach(0)
    far_ends[0].setblocking(False)
    while True:
        try:
            far_ends[0].recv(2048)
        except BlockingIOError:
            break
    time.sleep(0.1)
    with pytest.raises(BlockingIOError):
        far_ends[0].recv(2048)
