"""Session descriptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.caller import sdp
from ari_app.media.g711 import Law


@pytest.mark.parametrize("laws", [("ulaw",), ("alaw",), ("alaw", "ulaw")])
@pytest.mark.parametrize("ptime", [20, 30])
@pytest.mark.parametrize("event_type", [None, 101])
def test_what_is_built_is_parsed_the_same(laws: tuple[Law, ...], ptime: int, event_type: int | None) -> None:
    body = sdp.build("127.0.0.1", 4000, laws, event_type=event_type, ptime=ptime, direction="sendonly")
    assert sdp.parse(body) == sdp.RemoteAudio("127.0.0.1", 4000, laws, event_type, ptime, "sendonly")


def test_media_level_connection_wins_and_static_types_need_no_rtpmap() -> None:
    body = (
        b"v=0\r\nc=IN IP4 10.0.0.1\r\nm=video 9 RTP/AVP 96\r\nc=IN IP4 10.0.0.9\r\nm=audio 5000 RTP/AVP 18 8 0\r\nc=IN IP4 10.0.0.2/127\r\n"
    )
    audio = sdp.parse(body)
    assert (audio.host, audio.codecs, audio.event_type, audio.direction) == ("10.0.0.2", ("alaw", "ulaw"), None, "sendrecv")
    assert audio.select(("ulaw", "alaw")) == "alaw"
    assert audio.select(("ulaw",)) == "ulaw"


def test_no_common_codec() -> None:
    with pytest.raises(sdp.SdpError, match="no common codec"):
        sdp.parse(sdp.build("127.0.0.1", 4000, (), extra_formats=((9, "G722/8000"),))).select(("ulaw",))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "no audio stream"),
        (b"v=0\r\nnonsense\r\n", "not 'x=value'"),
        (b"v=0\r\nm=audio 1 RTP/AVP 0\r\n", "connection line"),
        (b"v=0\r\nc=IN IP4 h\r\nm=audio x RTP/AVP 0\r\n", "malformed"),
        (b"v=0\r\nc=IN IP4 h\r\nm=audio 70000 RTP/AVP 0\r\n", "malformed"),
        (b"v=0\r\nc=IN IP4 h\r\nm=audio 1 TCP 0\r\n", "not plain RTP"),
    ],
)
def test_what_cannot_be_used_is_named(body: bytes, problem: str) -> None:
    with pytest.raises(sdp.SdpError, match=problem):
        sdp.parse(body)


@given(st.binary(max_size=200), st.integers(0, 150), st.integers(0, 20))
def test_any_body_parses_or_raises_the_one_error(junk: bytes, at: int, drop: int) -> None:
    good = sdp.build("127.0.0.1", 4000, ("ulaw", "alaw"))
    for body in (junk, good[:at] + junk + good[at + drop :]):
        try:
            sdp.parse(body)
        except sdp.SdpError:
            continue


def test_directions_are_answered_as_rfc_3264_says() -> None:
    assert [sdp.answer_direction(each) for each in ("sendrecv", "sendonly", "recvonly", "inactive")] == [
        "sendrecv",
        "recvonly",
        "sendonly",
        "inactive",
    ]
