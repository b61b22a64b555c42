"""A card by keypad: checked, passed on, wiped, and never said."""

import pickle
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conversation.dialogue_steps import DialogueSteps
from agents.flows.acts import CallTool, Handover, Listen, Say
from agents.flows.card import Card, is_card_number, is_expiry
from tests.agents.flows.flow_talk import NOON, Result, Talk, visits

NUMBER, EXPIRY, CODE = "4111111111111111", "0128", "737"


def paying(*keys: str, result: Result = None) -> Talk:
    talk = Talk(visits(), results={"payments.charge": result, "orders.find": {"found": True, "amount": "12.50"}})
    talk("order status", "<12345>", "<1>", "pay my bill", *keys)
    return talk


def test_a_card_is_charged() -> None:
    talk = paying(f"<{NUMBER}>", f"<{EXPIRY}>", f"<{CODE}>", result={"approved": True, "reference": "P1"})
    arguments = {"card": NUMBER, "expiry": EXPIRY, "cvc": CODE, "amount": "12.50", "order": "12345"}
    assert talk.calls[-1] == CallTool("payments.charge", arguments, 10.0, secret=True)
    assert talk.said[0] == "Paid, P1."
    assert talk.node == "anything_else"


def test_only_the_last_four_digits_are_ever_said() -> None:
    talk = paying(f"<{NUMBER}>")
    assert talk.said == ["The card ends in one, one, one, one. Its expiry, please."]


def test_every_entry_is_secret_and_has_its_length() -> None:
    talk = paying()
    assert (talk.listen.secret, talk.listen.max_keys) == (True, 19)
    talk(f"<{NUMBER}>")
    assert (talk.listen.secret, talk.listen.max_keys) == (True, 4)
    talk(f"<{EXPIRY}>")
    assert (talk.listen.secret, talk.listen.max_keys) == (True, 4)


@pytest.mark.parametrize(
    "leaving",
    [["operator"], ["<0>"], ["goodbye"], ["go back"], ["start over"], ["when are you open"], ["...", "...", "..."], [f"<{CODE}>"]],
)
def test_nothing_of_the_card_outlives_its_entry(leaving: Sequence[str]) -> None:
    talk = paying(f"<{NUMBER}>", f"<{EXPIRY}>", *leaving)
    state = talk.dialogue.state
    assert NUMBER.encode() not in pickle.dumps([getattr(state, name) for name in state.__slots__])
    assert state.card.number == state.card.expiry == ""


def test_a_state_with_a_card_shows_nothing_of_it() -> None:
    talk = paying(f"<{NUMBER}>", f"<{EXPIRY}>")
    assert talk.dialogue.state.card.number == NUMBER
    for shown in (repr(talk.dialogue.state), repr(talk.dialogue.state.card), str(talk.acts)):
        assert NUMBER not in shown
        assert EXPIRY not in shown
    assert talk.dialogue.without_secrets().state.card.number == ""


def test_a_step_back_in_time_knows_no_card() -> None:
    steps = DialogueSteps(visits(), lambda: NOON, lambda: 0.0)
    steps.begin()
    steps.heard(1, 1, "pay my bill", unheard=False)
    for keys in (NUMBER, EXPIRY, CODE):
        acts = steps.keyed(keys)
    assert isinstance(acts[-1], CallTool)
    assert NUMBER.encode() not in pickle.dumps([d.state.card for d in vars(steps).values() if hasattr(d, "state")])


@pytest.mark.parametrize("said", ["four one one one one one one one", "my card number is 4111111111111111", "yes", "banana", "?"])
def test_spoken_digits_are_refused_with_words_that_ask_for_the_keypad(said: str) -> None:
    talk = paying(said)
    assert talk.said == ["Please use the keypad."]
    assert talk.dialogue.state.card.number == ""


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["<4111111111111112>"], "That card is not accepted. The number again, please."),
        (["<4111>"], "That card is not accepted. The number again, please."),
        ([f"<{NUMBER}>", "<1326>"], "Please use the keypad."),
        ([f"<{NUMBER}>", "<1026>"], "Please use the keypad."),
        ([f"<{NUMBER}>", f"<{EXPIRY}>", "<12>"], "Please use the keypad."),
        (["<4111*4111111111111111>"], "The card ends in one, one, one, one. Its expiry, please."),
    ],
)
def test_wrong_entries_are_asked_for_again(keys: Sequence[str], said: str) -> None:
    talk = paying(*keys)
    assert talk.said == [said]
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize("result", [{"approved": False}, {}, {"approved": "yes"}])
def test_three_refusals_lead_on(result: Result) -> None:
    talk = paying(result=result)
    for _ in range(2):
        assert talk(f"<{NUMBER}>", f"<{EXPIRY}>", f"<{CODE}>") == "That card is not accepted. The number again, please."
    talk(f"<{NUMBER}>", f"<{EXPIRY}>", f"<{CODE}>")
    assert talk.end == Handover("payment_failed", "accounts", "blind")


def test_a_charge_without_an_answer_is_not_tried_again() -> None:
    talk = paying(f"<{NUMBER}>", f"<{EXPIRY}>", f"<{CODE}>")
    assert talk.end == Handover("tool_error", "accounts", "blind")
    assert len([call for call in talk.calls if call.secret]) == 1


@given(st.from_regex(r"[0-9]{11,18}", fullmatch=True))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    assert sum(is_card_number(digits + str(last)) for last in range(10)) == 1


@given(st.text(max_size=25))
def test_any_text_is_no_card_or_digits(text: str) -> None:
    assert not is_card_number(text) or (text.isascii() and text.isdigit())


def test_an_expiry_is_this_month_or_later() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    assert [is_expiry(text, now) for text in ("1126", "1026", "1226", "0127", "0026", "1326", "1147", "112", "11 6")] == [
        True, False, True, True, False, False, False, False, False,
    ]  # fmt: skip


def test_a_card_is_compared_and_copied_by_value() -> None:
    card = Card("code", NUMBER, EXPIRY, "1111")
    assert card.wiped() == Card(last_four="1111")
    assert "1111" not in repr(card)


def test_the_agent_says_nothing_that_holds_the_number() -> None:
    talk = paying(f"<{NUMBER}>", f"<{EXPIRY}>", f"<{CODE}>", "repeat that", result={"approved": True, "reference": "P1"})
    assert all(NUMBER not in act.text for act in talk.acts if isinstance(act, Say))
