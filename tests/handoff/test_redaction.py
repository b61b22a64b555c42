"""Recall and precision over labelled lines, and what must hold for any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transcript import Turn
from handoff.redaction import HIDDEN, CallRedaction, luhn_valid, mask_card_numbers, redact
from tests.handoff.card_doubles import turns_of
from tests.handoff.redaction_lines import CARD, CODE, PLAIN, SECRET


def leaks(secret: str, text: str, redacted: str) -> bool:
    """Whether the whole secret, or more than its last four words or digits, can still be read."""
    if redacted == text or secret in redacted:
        return True
    parts = [part for part in re.split(r"[^\w]+", secret) if part]
    digits = re.sub(r"\D", "", secret)
    if len(digits) > 4 and digits[:-4] in re.sub(r"\D", "", redacted):
        return True
    return len(parts) > 4 and " ".join(parts[:-4]) in " ".join(re.split(r"[^\w]+", redacted))


def test_set_is_large_enough() -> None:
    assert len(SECRET) + len(PLAIN) >= 120
    assert all(secret in text for _, text, secret in SECRET)


def test_recall_and_precision() -> None:
    missed = [text for asked, text, secret in SECRET if leaks(secret, text, redact(text, asked))]
    touched = [text for asked, text in PLAIN if redact(text, asked) != text]
    found = len(SECRET) - len(missed)
    assert missed == []
    assert touched == []
    assert found / len(SECRET) == 1.0
    assert found / (found + len(touched)) == 1.0


@pytest.mark.parametrize(("asked", "text", "secret"), SECRET)
def test_call_hides_what_the_text_alone_hides(asked: str, text: str, secret: str) -> None:
    hide = CallRedaction()
    if asked:
        hide.turn(Turn(1, "agent", asked, asked, 0, 1))
    assert not leaks(secret, text, hide.turn(Turn(2, "caller", text, text, 1, 2)).text)


@given(text=st.text(max_size=80))
def test_twice_is_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(
    words=st.lists(
        st.sampled_from(
            [
                "four",
                "one",
                "two",
                "double",
                "oh",
                "forty",
                "eleven",
                "and",
                "then",
                "code",
                "is",
                "my",
                "password",
                "the",
                "4111",
                "10482",
                ",",
                ".",
                "1",
                "card",
                "pin",
            ]
        ),
        max_size=30,
    )
)
def test_twice_is_once_where_it_is_hardest(words: list[str]) -> None:
    once = mask_card_numbers(" ".join(words))
    assert mask_card_numbers(once) == once


@given(digits=st.text(alphabet="0123456789", min_size=12, max_size=18), spoken=st.booleans())
def test_every_card_number_goes_but_its_last_four(digits: str, spoken: bool) -> None:
    whole = next(digits + str(check) for check in range(10) if luhn_valid(digits + str(check)))
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    text = " ".join(words[int(digit)] for digit in whole) if spoken else whole
    masked = mask_card_numbers(f"so {text} it is")
    assert masked == (f"so **** {whole[-4:]} it is" if spoken else f"so {'*' * (len(whole) - 4)}{whole[-4:]} it is")


def told(*lines: str) -> list[str]:
    hide = CallRedaction()
    return [hide.turn(turn).text for turn in turns_of(*lines)]


def test_question_stays_open_until_another_thing_is_asked() -> None:
    assert told(f"agent: {CODE}", "caller: hold on", "agent: Take your time.", "caller: 493027")[-1] == HIDDEN
    assert told(f"agent: {CODE}", "caller: forget it", "agent: What is your order number?", "caller: 10482")[-1] == "10482"
    asked_long_ago = [f"agent: {CODE}", *["agent: Hm.", "caller: well"] * 4, "caller: 10482"]
    assert told(*asked_long_ago)[-1] == "10482"


def test_card_in_pieces() -> None:
    said = told(f"agent: {CARD}", "caller: four one one one", "agent: Yes?", "caller: one one one one", "caller: one one one one")
    assert said[1::2] == [HIDDEN, HIDDEN]
    said = told(
        "caller: my card number is four one one one", "caller: one one one one", "agent: What is your order number?", "caller: 10482"
    )
    assert said[1] == HIDDEN
    assert said[-1] == "10482"


def test_secret_that_is_repeated_later_goes_too() -> None:
    said = told(f"agent: {CODE}", "caller: four nine three zero two seven", "agent: Did you say 493027?", "caller: yes, 4 9 3 0 2 7")
    assert all("7" not in line and "seven" not in line for line in said[1:])


def test_what_the_caller_heard_is_hidden_too() -> None:
    hide = CallRedaction()
    turn = hide.turn(Turn(1, "agent", "Your code is 493027, thank you.", "Your code is 493027", 0, 1))
    assert (turn.text, turn.heard) == (f"Your code is {HIDDEN}, thank you.", f"Your code is {HIDDEN}")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("order_number", "10482", "10482"),
        ("code", "493027", HIDDEN),
        ("pin", "4421", HIDDEN),
        ("password", "tulip", HIDDEN),
        ("new_password", "tulip", HIDDEN),
        ("reset__code", "493027", HIDDEN),
        ("postcode", "40221", "40221"),
        ("card_number", "4111111111111111", "************1111"),
        ("card", "4111 1111 11", HIDDEN),
        ("card", "1111", "1111"),
        ("password", "", ""),
        ("note", "my pin is 4421", f"my pin is {HIDDEN}"),
    ],
)
def test_slots(name: str, value: str, expected: str) -> None:
    assert CallRedaction().slot(name, value) == expected


def test_data_of_events_all_the_way_down() -> None:
    data = {
        "error": "pin is 4421",
        "code": "busy",
        "otp": "493027",
        "list": [{"card": "4111111111111111"}, 7, None],
        "ms": 4111111111111111,
    }
    assert CallRedaction().data(data) == {  # type: ignore[arg-type]
        "error": f"pin is {HIDDEN}",
        "code": "busy",
        "otp": HIDDEN,
        "list": [{"card": "************1111"}, 7, None],
        "ms": 4111111111111111,
    }
