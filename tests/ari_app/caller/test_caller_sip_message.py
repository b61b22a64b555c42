"""Parsing and building SIP: examples, then whatever hypothesis can think of."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ari_app.caller.sip_address import NameAddr, SipUri, Via, parse_cseq
from ari_app.caller.sip_message import Headers, SipParseError, SipRequest, SipResponse, canonical, parse, split_list

INVITE = (
    b"INVITE sip:100@127.0.0.1:5060 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:40000;rport;branch=z9hG4bKabc, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKdef\r\n"
    b'f: "Ann, \\"A\\"" <sip:1001@host>;tag=1\r\n'
    b"t: <sip:100@host>\r\n"
    b"i: call-1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Subject: folded\r\n over two\r\n\tlines\r\n"
    b"Record-Route: <sip:p1;lr>,<sip:p2;lr>\r\n"
    b"Record-Route: <sip:p3;lr>\r\n"
    b"l: 4\r\n\r\nbodyrest"
)


def test_compact_folded_and_multiple_values() -> None:
    message = parse(INVITE)
    assert isinstance(message, SipRequest)
    assert message.method == "INVITE"
    assert message.headers.get("Call-ID") == "call-1"
    assert message.headers.get("subject") == "folded over two lines"
    assert [Via.parse(via).host for via in message.headers.all("Via")] == ["127.0.0.1", "10.0.0.1"]
    assert message.headers.all("Record-Route") == ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    assert message.body == b"body"
    sender = NameAddr.parse(message.headers.require("From"))
    assert (sender.display, sender.uri, sender.tag) == ('Ann, "A"', "sip:1001@host", "1")


def test_a_response_without_a_reason() -> None:
    message = parse(b"SIP/2.0 200\r\n\r\n")
    assert isinstance(message, SipResponse)
    assert (message.status, message.reason) == (200, "")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no end of headers"),
        (b"INVITE sip:a SIP/2.0\r\n", "no end of headers"),
        (b"GET / HTTP/1.1\r\n\r\n", "neither a request nor a status"),
        (b"SIP/2.0 999 Odd\r\n\r\n", "neither a request nor a status"),
        (b"OPTIONS sip:a SIP/2.0\r\nno colon\r\n\r\n", "not 'Name: value'"),
        (b"OPTIONS sip:a SIP/2.0\r\n folded first\r\n\r\n", "continuation"),
        (b"OPTIONS sip:a SIP/2.0\r\nA: b\rC: d\r\n\r\n", "bare carriage return"),
        (b"OPTIONS sip:a SIP/2.0\r\nA: b\r\n folded\rC: d\r\n\r\n", "bare carriage return"),
        (b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 9\r\n\r\nabc", "Content-Length says 9"),
        (b"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n", "not a number"),
        (b"OPTIONS sip:a SIP/2.0\r\n" + b"A: b\r\n" * 300 + b"\r\n", "more than 256"),
        (b"x" * 70_000, "longer than a datagram"),
    ],
)
def test_what_is_not_sip_is_named(data: bytes, problem: str) -> None:
    with pytest.raises(SipParseError, match=problem):
        parse(data)


@given(st.binary(max_size=400))
def test_any_bytes_parse_or_raise_the_one_error(data: bytes) -> None:
    try:
        parse(data)
    except SipParseError:
        return


@given(st.integers(0, len(INVITE)), st.binary(max_size=12), st.integers(0, 30))
@example(at=238, junk=b"\r\n\r\n", drop=0)
def test_a_damaged_invite_parses_or_raises_the_one_error(at: int, junk: bytes, drop: int) -> None:
    damaged = INVITE[:at] + junk + INVITE[at + drop :]
    try:
        message = parse(damaged)
        for name in ("From", "To"):
            NameAddr.parse(message.headers.require(name))
        for via in message.headers.all("Via"):
            Via.parse(via)
        parse_cseq(message.headers.require("CSeq"))
    except SipParseError:
        return
    again = parse(message.build())
    assert again.body == message.body
    assert _without_length(again) == _without_length(message)


@given(st.text(max_size=80))
def test_any_text_as_an_address_parses_or_raises_the_one_error(text: str) -> None:
    for reader in (NameAddr.parse, SipUri.parse, Via.parse, parse_cseq):
        try:
            reader(text)
        except SipParseError:
            continue


def _without_length(message: SipRequest | SipResponse) -> list[tuple[str, str]]:
    return [item for item in message.headers.items() if item[0] != "Content-Length"]


_TOKEN = st.from_regex(r"[A-Za-z][A-Za-z0-9\-]{0,12}", fullmatch=True).filter(lambda name: canonical(name) != "Content-Length")
_VALUE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=30)


@given(st.lists(st.tuples(_TOKEN, _VALUE), max_size=8), st.binary(max_size=50), st.integers(100, 699))
def test_what_is_built_is_parsed_the_same(fields: list[tuple[str, str]], body: bytes, status: int) -> None:
    for message in (SipRequest("OPTIONS", "sip:a@b", Headers(fields), body), SipResponse(status, "Reason", Headers(fields), body)):
        parsed = parse(message.build())
        assert _without_length(parsed) == list(message.headers.items())
        assert parsed.body == body


def test_a_header_value_cannot_smuggle_a_line() -> None:
    with pytest.raises(SipParseError, match="line break"):
        Headers().add("X-Name", "a\r\nX-Evil: b")


def test_lists_split_outside_quotes_and_brackets() -> None:
    assert split_list('"a, b" <sip:x,y>, <sip:z>') == ['"a, b" <sip:x,y>', "<sip:z>"]


@pytest.mark.parametrize(
    ("text", "user", "address"),
    [
        ("sip:100@127.0.0.1:5070;transport=udp", "100", ("127.0.0.1", 5070)),
        ("sip:host", "", ("host", 5060)),
        ("sip:a%40b:secret@[::1]:5", "a@b", ("::1", 5)),
    ],
)
def test_uris(text: str, user: str, address: tuple[str, int]) -> None:
    uri = SipUri.parse(text)
    assert (uri.user, uri.address) == (user, address)


@pytest.mark.parametrize("text", ["tel:123", "sip:", "sip:a@b:0", "sip:a@b:70000", "sip:a b@c"])
def test_bad_uris(text: str) -> None:
    with pytest.raises(SipParseError):
        SipUri.parse(text)
