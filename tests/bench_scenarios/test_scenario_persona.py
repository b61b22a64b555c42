"""The simulated caller, with an agent that says what agents say."""

from datetime import date

import pytest

from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.moves import Leave, Move, Press, PressCode, Speak
from tests.bench.scenarios.persona import PATIENCE, Caller
from tests.bench.scenarios.wordings import Wordings, text_of

TODAY = date(2026, 11, 23)
WORDINGS = Wordings.load("report")
ORDER = {"order": "48213", "status": "delivered", "total": "34.50", "item": "a reading lamp"}


def caller(scenario: Scenario, **facts: str) -> Caller:
    return Caller(Case(scenario, 0, "seed", "rhvoice:slt", "5571234", facts), WORDINGS, TODAY)


def said(move: Move | None) -> str:
    assert isinstance(move, Speak), move
    return text_of(move.parts).lower()


def test_a_refund_from_greeting_to_goodbye() -> None:
    one = caller(Scenario.REFUND, **ORDER)
    assert one.hear("Hello, this is the automated assistant.") is None
    assert "refund" in said(one.hear("How can I help you?"))
    given = one.hear("What is your order number? It has five digits.")
    assert isinstance(given, Speak)
    assert any(getattr(part, "digits", "") == "48213" for part in given.parts)
    assert said(one.hear("I heard four, eight, two, one, three. Is that right?")).startswith(("ye", "that's", "right"))
    assert one.hear("Thank you. One moment please.") is None
    assert said(one.hear("Shall I refund thirty-four dollars and fifty cents for a reading lamp?")).startswith(("yes", "sure"))
    before = one.belief
    assert said(one.hear("I have refunded thirty-four dollars. Is there anything else I can do for you?")).startswith(("no", "nothing"))
    assert (before, one.belief) == (False, True)
    assert one.hear("Thank you for calling. Goodbye.") == Leave("farewell", 4.0)


@pytest.mark.parametrize(
    ("read_back", "right"),
    [
        ("I heard 4 8 2 1 3. Is that right?", True),
        ("I heard for 8213 is that right.", True),
        ("I heard four, eight, to one, three. Is that right?", True),
        ("I heard four, eight, two, one, nine. Is that right?", False),
        ("That is 48218. Correct?", False),
    ],
)
def test_a_number_read_back_is_confirmed_or_corrected(read_back: str, right: bool) -> None:
    one = caller(Scenario.REFUND, **ORDER)
    one.hear("What is your order number?")
    answer = one.hear(read_back)
    assert isinstance(answer, Speak)
    repeated = any(getattr(part, "digits", "") == "48213" for part in answer.parts)
    assert repeated is not right


def test_half_a_number_is_gone_on_with() -> None:
    one = caller(Scenario.REFUND, **ORDER)
    one.hear("What is your order number?")
    rest = one.hear("I have four, eight, two. What comes next?")
    assert isinstance(rest, Speak)
    assert [part.digits for part in rest.parts if not isinstance(part, str)] == ["13"]


def test_keys_are_pressed_where_they_are_asked_for() -> None:
    one = caller(Scenario.REFUND, **ORDER)
    one.hear("What is your order number?")
    assert one.hear("Please use the keys of your phone to enter the five digits.") == Press("48213")
    assert one.hear("The number is four, eight, two, one, three. Press one if it is right, or two if it is wrong.") == Press("1")
    assert one.hear("The number is nine, nine, two, one, three. Press one if it is right, or two if it is wrong.") == Press("2")
    assert one.hear("Press one for an order, two for a refund, or zero for a person.") == Press("2")


def test_a_card_goes_by_keys_and_is_marked_as_secret() -> None:
    one = caller(Scenario.PAYMENT, **ORDER, card="4242424242424242", expiry="1228", cvc="123")
    card = one.hear("Please enter the number of your card with the keys of your phone, then press the hash key.")
    assert card == Press("4242424242424242#", secret=True)
    assert one.hear("Thank you. Now the month and the year of its expiry, four digits.") == Press("1228", secret=True)
    assert one.hear("And the security code on the card, then the hash key.") == Press("123#", secret=True)


def test_the_code_is_keyed_when_it_is_asked_for() -> None:
    one = caller(Scenario.PASSWORD_RESET)
    assert said(one.hear("Is your account under the number you are calling from?")).startswith(("yes", "sure"))
    asked = "I have sent a code to your phone ending in one, two. Please enter its six digits with the keys of your phone."
    assert one.hear(asked) == PressCode()


def test_five_digits_mean_what_was_spoken_of() -> None:
    facts = ORDER | {"postcode": "40215", "street": "17 Maple Street"}
    one = caller(Scenario.ADDRESS_CHANGE, **facts)
    assert "seventeen maple street" in said(one.hear("What is the new address? Please say number, street, town and postcode."))
    given = one.hear("For your safety: what is the postcode of the address that we have? It has five digits.")
    assert isinstance(given, Speak)
    assert any(getattr(part, "digits", "") == "40215" for part in given.parts)


def test_an_address_read_back() -> None:
    facts = ORDER | {"postcode": "40215", "street": "17 Maple Street"}
    one = caller(Scenario.ADDRESS_CHANGE, **facts)
    one.hear("What is the new address?")
    assert not said(one.hear("I heard seventeen Maple Street. Is that right?")).startswith("no")
    assert "seventeen" in said(one.hear("I heard seventy Maple Street. Is that right?"))


def test_only_the_wanted_visit_is_taken() -> None:
    one = caller(Scenario.APPOINTMENT, wish="book", at="2026-12-01T13:00", purpose="repair")
    assert "first" in said(one.hear("Which day would suit you?")) or "tuesday" in said(one.hear("Which day would suit you?"))
    morning = said(one.hear("I have Tuesday, December first at nine in the morning. Does that suit you?"))
    assert morning.startswith("no")
    assert "one" in morning
    assert "first" in said(one.hear("I'm sorry, that is not free. Would Monday, November 30th at one in the afternoon suit you?"))
    assert said(one.hear("I have Tuesday, December 1st at 1 in the afternoon. Does that suit you?")).startswith(("yes", "sure"))


def test_a_person_is_accepted_only_by_those_who_came_for_one() -> None:
    asked = "Shall I put you through to a colleague?"
    assert said(caller(Scenario.ANGRY).hear(asked)).startswith(("yes", "sure"))
    assert said(caller(Scenario.REFUND, **ORDER).hear(asked)).startswith("no")
    assert caller(Scenario.ANGRY).hear("I will put you through to a colleague. Please hold.") == Leave("put through", 4.0)


def test_the_same_question_again_and_again_ends_the_call() -> None:
    one = caller(Scenario.REFUND, **ORDER)
    moves = [one.hear("What is your order number?") for _ in range(PATIENCE + 1)]
    assert all(isinstance(move, Speak) for move in moves[:-1])
    assert moves[-1] == Leave("asked too often: order")


def test_a_silent_agent_is_spoken_to_and_then_left() -> None:
    one = caller(Scenario.REFUND, **ORDER)
    moves = [one.silence() for _ in range(4)]
    assert isinstance(moves[0], Speak)
    assert moves[-1] == Leave("the agent fell silent")


def test_who_says_nothing_says_nothing() -> None:
    one = caller(Scenario.SILENCE)
    assert one.hear("How can I help you?") is None
    assert one.silence() is None
    assert one.hear("I will put you through to a colleague. Please hold.") == Leave("put through", 4.0)


def test_once_done_the_caller_does_not_begin_again() -> None:
    one = caller(Scenario.ORDER_STATUS, **ORDER)
    one.hear("Your order, a reading lamp, has been delivered. Is there anything else I can do for you?")
    confused = one.hear("I'm sorry, I did not understand. You can ask for an order, for our opening hours, or for a person.")
    assert said(confused).startswith(("no", "nothing"))
    assert one.hear("I'm sorry, I did not understand. You can ask for an order, or for a person.") == Leave("done")
