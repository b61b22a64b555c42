import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.media.rtp import Packet, RtpError, build, parse
from ari_app.media.sequence import add16, add32, diff16, diff32, extend16

PACKETS = st.builds(
    Packet,
    payload_type=st.integers(0, 63),
    sequence=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=480),
    marker=st.booleans(),
)


@given(PACKETS)
def test_what_is_built_is_read_again(packet: Packet) -> None:
    assert parse(build(packet)) == packet


@given(st.binary(max_size=600))
def test_any_datagram_is_a_packet_or_an_rtp_error(datagram: bytes) -> None:
    try:
        packet = parse(datagram)
    except RtpError:
        return
    assert len(packet.payload) <= len(datagram) - 12


@given(PACKETS, st.data())
def test_a_damaged_packet_is_a_packet_or_an_rtp_error(packet: Packet, data: st.DataObject) -> None:
    datagram = bytearray(build(packet))
    for _ in range(data.draw(st.integers(1, 4))):
        datagram[data.draw(st.integers(0, len(datagram) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RtpError):
        parse(bytes(datagram[: data.draw(st.integers(0, len(datagram)))]))


def test_sources_extension_and_padding_are_taken_off() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 2, 0x80 | 8]) + bytes.fromhex("fffe 00000140 deadbeef")
    datagram = header + b"csrccsrc" + bytes.fromhex("bede 0001") + b"ext!" + b"audio" + b"\0\0\3"
    assert parse(datagram) == Packet(8, 0xFFFE, 0x140, 0xDEADBEEF, b"audio", True)


@pytest.mark.parametrize(
    ("datagram", "message"),
    [
        (b"\x80" * 11, "11 bytes are fewer than an RTP header has"),
        (b"\x40" + bytes(11), "RTP version is 1, not 2"),
        (b"\x80\xc8" + bytes(26), "packet type 200 is RTCP, not RTP"),
        (b"\x8f" + bytes(20), "the header is longer than the packet"),
        (b"\x90" + bytes(13), "the header extension is cut off"),
        (b"\x90" + bytes(13) + b"\x00\x09", "the header is longer than the packet"),
        (b"\xa0" + bytes(12), "padding of 0 bytes does not fit in 1"),
        (b"\xa0" + bytes(12) + b"\x05", "padding of 5 bytes does not fit in 2"),
    ],
)
def test_malformed_packets_are_named(datagram: bytes, message: str) -> None:
    with pytest.raises(RtpError) as caught:
        parse(datagram)
    assert str(caught.value) == message


@given(st.integers(0, 2**16 - 1), st.integers(-32768, 32767))
def test_sixteen_bits_wrap(value: int, step: int) -> None:
    assert diff16(add16(value, step), value) == step


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1))
def test_thirty_two_bits_wrap(value: int, step: int) -> None:
    assert diff32(add32(value, step), value) == step


@given(st.integers(0, 2**40), st.integers(-32768, 32767))
def test_a_sequence_number_is_extended_to_the_nearest(near: int, step: int) -> None:
    assert extend16((near + step) % 65536, near) == near + step
