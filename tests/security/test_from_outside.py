import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.ari.events import Channel, StasisStart, parse_channel, parse_event
from ari_app.ari.from_outside import LONGEST_NUMBER, LONGEST_TEXT, clean_number, clean_text

ATTACKS = (
    "555\r\nEvent: x",
    "555\x00\x1b[2J",
    "\u202e555",
    "<script>555</script>",
    "'; DROP TABLE calls; --",
    '"}],{"a":1',
    "${SHELL(id)}",
    "5" * 10_000,
    "\ud800",
    "\u2028\u2029\x85",
)


@given(st.text(max_size=300) | st.sampled_from(ATTACKS))
def test_a_number_is_one_word_that_means_nothing_to_anybody(text: str) -> None:
    made = clean_number(text)
    assert len(made) <= LONGEST_NUMBER
    assert made.isascii()
    assert not set(made) & set("\r\n\t <>\"'\\;,${}[]()=&|%/`!?:")
    assert clean_number(made) == made


@given(st.text(max_size=1500) | st.sampled_from(ATTACKS))
def test_a_text_is_one_line_that_can_be_written_everywhere(text: str) -> None:
    made = clean_text(text)
    assert len(made) <= LONGEST_TEXT
    assert len(made.splitlines()) <= 1
    assert made.isprintable()
    made.encode()
    assert clean_text(made) == made


@pytest.mark.parametrize("text", ["+39 06 555", "anonymous", "1001", "alice.smith_2", "*72#"])
def test_numbers_as_people_have_them_stay(text: str) -> None:
    assert clean_number(text) == text.replace(" ", "")


def test_names_of_all_scripts_stay() -> None:
    assert clean_text("Zoë  Ångström 東京\t李") == "Zoë Ångström 東京 李"


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_ari_tells_of_a_caller_is_clean_before_anybody_has_it(attack: str) -> None:
    told = {
        "id": "1.1",
        "name": "PJSIP/trunk-1",
        "state": "Ring",
        "caller": {"name": attack, "number": attack},
        "dialplan": {"exten": attack},
    }
    event = parse_event(json.dumps({"type": "StasisStart", "args": ["call", "front-desk", attack], "channel": told}))
    channel = parse_channel(told)
    assert isinstance(channel, Channel)
    assert (channel.caller_number, channel.dialled) == (clean_number(attack), clean_number(attack))
    assert isinstance(event, StasisStart)
    assert event.args == ("call", "front-desk", clean_text(attack))
