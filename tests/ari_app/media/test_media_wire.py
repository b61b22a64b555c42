import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.media import wire
from ari_app.media.errors import MediaFull
from ari_app.media.ports import PortPool
from tests.free_ports import free_block

FIELDS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)
SAMPLES = st.integers(0, 99).map(lambda count: np.arange(count, dtype=np.int16))
HANDLES = st.integers(0, 2**32 - 1)
MESSAGES = st.one_of(
    st.builds(wire.control, HANDLES, FIELDS),
    st.builds(wire.clip_audio, HANDLES, st.integers(0, 9), SAMPLES),
    st.builds(wire.bed_audio, st.integers(0, 9), SAMPLES),
    st.builds(wire.voice_audio, HANDLES, st.floats(0, 1e6), SAMPLES),
)


@given(st.lists(MESSAGES, max_size=6), st.integers(1, 40))
def test_messages_arrive_whole_in_any_pieces(messages: list[bytes], piece: int) -> None:
    stream = b"".join(messages)
    decoder, whole = wire.Decoder(), wire.Decoder()
    seen = [message for start in range(0, len(stream), piece) for message in decoder.feed(stream[start : start + piece])]
    assert seen == whole.feed(stream)
    assert len(seen) == len(messages)


@given(st.binary(max_size=300))
def test_any_bytes_are_messages_or_a_wire_error(data: bytes) -> None:
    try:
        messages = wire.Decoder().feed(data)
    except wire.WireError:
        return
    for message in messages:
        for read in (wire.read_control, wire.read_clip, wire.read_voice):
            try:
                read(message)
            except wire.WireError:
                continue


def test_what_is_written_is_read() -> None:
    pcm = np.array([-32768, -1, 0, 1, 32767], dtype=np.int16)
    [control, clip, voice, bed] = wire.Decoder().feed(
        wire.control(7, {"do": "x"}) + wire.clip_audio(8, 3, pcm) + wire.voice_audio(9, 1.25, pcm) + wire.bed_audio(5, pcm)
    )
    assert (control.handle, wire.read_control(control)) == (7, {"do": "x"})
    number, samples = wire.read_clip(clip)
    assert (clip.handle, number, samples.tolist()) == (8, 3, pcm.tolist())
    at, samples = wire.read_voice(voice)
    assert (voice.handle, at, samples.tolist()) == (9, 1.25, pcm.tolist())
    number, samples = wire.read_clip(bed)
    assert (bed.kind, bed.handle, number, samples.tolist()) == (wire.Kind.BED, 0, 5, pcm.tolist())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xff\xff\xff\x01" + bytes(4), "is longer than 65536"),
        (b"\0\0\0\1\x09" + bytes(5), "message kind 9 is unknown"),
    ],
)
def test_what_is_no_message_is_named(data: bytes, message: str) -> None:
    with pytest.raises(wire.WireError, match=message):
        wire.Decoder().feed(data)


def test_deep_json_is_refused() -> None:
    [message] = wire.Decoder().feed(b"\0\0\xea\x60\x01\0\0\0\0" + b"[" * 60_000)
    with pytest.raises(wire.WireError, match="not JSON"):
        wire.read_control(message)
    with pytest.raises(wire.WireError, match="longer than"):
        wire.control(1, {"text": json.dumps("x" * 70_000)})


def test_ports_are_even_bound_and_bounded() -> None:
    first = free_block(8)
    pool = PortPool("127.0.0.1", first + 1, first + 7)
    taken = [pool.take() for _ in range(3)]
    assert [port for port, _ in taken] == [first + 2, first + 4, first + 6]
    assert all(bound.getsockname() == ("127.0.0.1", port) for port, bound in taken)
    with pytest.raises(MediaFull, match="none of the 3 even RTP ports"):
        pool.take()
    pool.give_back(*taken[1])
    pool.give_back(*taken[1])
    assert (pool.used, pool.total) == (2, 3)
    port, bound = pool.take()
    assert port == first + 4
    for each in (taken[0], taken[2], (port, bound)):
        pool.give_back(*each)
    assert pool.used == 0


def test_a_port_that_another_program_has_is_passed_over() -> None:
    first = free_block(4)
    other = PortPool("127.0.0.1", first, first)
    theirs = other.take()
    pool = PortPool("127.0.0.1", first, first + 3)
    port, bound = pool.take()
    assert port == first + 2
    with pytest.raises(MediaFull, match="taken by other programs"):
        pool.take()
    pool.give_back(port, bound)
    other.give_back(*theirs)


def test_an_empty_range_is_said() -> None:
    with pytest.raises(ValueError, match="no even port"):
        PortPool("127.0.0.1", 21001, 21001)
