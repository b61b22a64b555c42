"""The head of an AGI session, as Asterisk writes it and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.agi.head import Head, HeadError, read_head

USUAL = (
    b"agi_network: yes\nagi_network_script: patchcord_route\nagi_request: agi://127.0.0.1:4573/patchcord_route\nagi_channel: PJSIP/a-1\n"
    b"agi_callerid: 15550100\nagi_calleridname: Mallory: or not\nagi_callingpres: 0\nagi_extension: 5550100\nagi_enhanced: 0.0\n"
    b"agi_accountcode: \nagi_arg_1: +442079460000\nagi_arg_2: anonymous"
)


def test_what_asterisk_says_is_read() -> None:
    assert read_head(USUAL) == Head("patchcord_route", ("+442079460000", "anonymous"), "5550100", "15550100")


@pytest.mark.parametrize(
    ("presentation", "caller"), [("0", "15550100"), ("32", ""), ("35", ""), ("67", "15550100"), ("", "15550100"), ("x", "15550100")]
)
def test_a_caller_who_withholds_the_number_has_none(presentation: str, caller: str) -> None:
    assert read_head(USUAL.replace(b"agi_callingpres: 0", f"agi_callingpres: {presentation}".encode())).caller == caller


def test_an_unknown_caller_has_no_number() -> None:
    assert read_head(USUAL.replace(b"15550100", b"unknown")).caller == ""


@pytest.mark.parametrize("script", ["", "../etc/passwd", "Patchcord_Route", "a b", "x" * 50, "patchcord_route\u00e9"])
def test_a_path_that_is_no_command_is_none(script: str) -> None:
    head = USUAL.replace(b"agi_network_script: patchcord_route", b"agi_network_script: " + script.encode())
    assert read_head(head).command == ""


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1", "is not 'agi_name: value'"),
        (b"", "is not 'agi_name: value'"),
        (USUAL + b"\nagi_arg_1: 999", "says agi_arg_1 twice"),
        (USUAL.replace(b"Mallory", b"x\nagi_arg_3: forged"), "an argument is not at the end"),
        (b"\n".join(b"agi_x%d: y" % number for number in range(65)), "more than 64 lines"),
    ],
)
def test_a_foul_head_is_told_without_repeating_it(head: bytes, why: str) -> None:
    with pytest.raises(HeadError) as raised:
        read_head(head)
    assert why in str(raised.value) and "Mallory" not in str(raised.value)


def test_arguments_end_where_one_lacks() -> None:
    assert read_head(b"agi_arg_1: a\nagi_arg_3: c").arguments == ("a",)
    assert len(read_head(b"\n".join(b"agi_arg_%d: x" % number for number in range(1, 20))).arguments) == 8


@given(st.binary(max_size=300))
def test_anything_is_a_head_or_a_head_error(data: bytes) -> None:
    try:
        head = read_head(data)
    except HeadError:
        return
    assert head.command == "" or head.command.islower()
