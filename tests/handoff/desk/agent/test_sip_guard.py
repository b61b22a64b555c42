"""What a browser may say on its SIP socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.desk.agent.sip_guard import Refused, check

ACCOUNT = "2001-web"


def message(
    start: str = "INVITE sip:200@patchcord SIP/2.0", sender: str = f"<sip:{ACCOUNT}@patchcord>;tag=1", body: str = "", **extra: str
) -> str:
    headers = {"Via": "SIP/2.0/WS a.invalid;branch=z9hG4bK1", "From": sender, "To": "<sip:200@patchcord>", **extra}
    lines = [start, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*lines, "", body])


@pytest.mark.parametrize(
    "sender",
    [
        f"<sip:{ACCOUNT}@patchcord>;tag=1",
        f'"Agent 2001" <sip:{ACCOUNT}@patchcord>;tag=1',
        f"<sip:{ACCOUNT}@abc123.invalid;transport=ws>;tag=9f",
    ],
)
def test_requests_in_the_own_name_pass(sender: str) -> None:
    check(message(sender=sender), ACCOUNT)
    check(message("REGISTER sip:patchcord SIP/2.0", sender), ACCOUNT)


def test_answers_pass_in_the_callers_name() -> None:
    check(message("SIP/2.0 180 Ringing", '"A caller" <sip:5550100@192.0.2.9>;tag=x'), ACCOUNT)


@pytest.mark.parametrize(
    "sender",
    [
        "<sip:5550100@patchcord>;tag=1",
        "<sip:2001@patchcord>;tag=1",
        f"<sip:{ACCOUNT}x@patchcord>;tag=1",
        "<sip:%32001-web@patchcord>;tag=1",
        "<tel:+15550100>;tag=1",
        f"<sip:{ACCOUNT}@patchcord>, <sip:trunk@patchcord>",
        f'"<sip:{ACCOUNT}@a>" <sip:trunk@patchcord>;tag=1',
        f"sip:{ACCOUNT}@patchcord",
        "",
    ],
)
def test_requests_in_another_name_do_not(sender: str) -> None:
    with pytest.raises(Refused):
        check(message(sender=sender), ACCOUNT)


@pytest.mark.parametrize(
    "spoilt",
    [
        message().replace("\r\nTo:", "\r\nf: <sip:trunk@patchcord>;tag=2\r\nTo:"),
        message().replace("\r\nTo:", "\r\nFROM : <sip:trunk@patchcord>;tag=2\r\nTo:"),
        message().replace("\r\nFrom:", "\r\nX: y\nFrom: <sip:trunk@patchcord>;tag=2\r\nFrom:"),
        message().replace("\r\nTo:", "\r\n ,<sip:trunk@patchcord>\r\nTo:"),
        message().replace("From:", "Ignored:"),
        message() + message(sender="<sip:trunk@patchcord>;tag=2"),
        message(body="v=0\r\n").replace("Content-Length: 5", "Content-Length: 0") + message(sender="<sip:trunk@patchcord>;tag=2"),
        message().replace("Content-Length: 0", "Content-Length: 0\r\nl: 0"),
        message().replace("Content-Length: 0\r\n", ""),
        "INVITE sip:200@patchcord SIP/2.0",
        message("GET / HTTP/1.1"),
        "",
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(spoilt: str) -> None:
    with pytest.raises(Refused):
        check(spoilt, ACCOUNT)


@given(st.text(alphabet='From: <sip:2001-web@x>;tag\r\n\t,"f%l0123 SIP/2.0INVITE', max_size=120))
def test_nothing_that_is_appended_to_a_header_brings_in_another_sender(noise: str) -> None:
    text = message(sender=f"<sip:{ACCOUNT}@patchcord>;tag=1{noise}")
    try:
        check(text, ACCOUNT)
    except Refused:
        return
    head = text.partition("\r\n\r\n")[0]
    senders = [line for line in head.replace("\r", "\n").split("\n") if line.lower().split(":")[0].strip() in ("from", "f")]
    assert len(senders) == 1 and f"<sip:{ACCOUNT}@patchcord>" in senders[0] and "," not in senders[0]
