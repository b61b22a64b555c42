"""What callers make of recognised words."""

import pytest

from tests.bench.scenarios.heard import (
    days_of_month,
    heard_digits,
    hours,
    like_address,
    plain_address,
    runs_of_digits,
    same_address,
    says_digits,
    sentences,
)
from tests.bench.scenarios.questions import Question, Topic, question
from tests.bench.scenarios.second_hearing import mended
from tests.bench.scenarios.visits import Offer, offer


def asked(text: str) -> Question:
    found = question(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Hello, this is the automated assistant. How can I help you?", Topic.REQUEST),
        ("I'm sorry, I did not understand. You can ask for an order status or for our opening hours.", Topic.REQUEST),
        ("Please tell me in a few words: what is it about?", Topic.REQUEST),
        ("Which day would suit you?", Topic.VISIT_DAY),
        ("Press one if it suits you, or two to hear another time.", Topic.VISIT_OFFER),
        ("Your visit is on Friday. Shall I move your visit to Monday?", Topic.VISIT_OFFER),
        ("What colour is its light, and is it flashing?", Topic.LIGHT),
        ("Is it flashing, or steady?", Topic.PATTERN),
        ("The hub has lost its connection. Shall I tell you what to do?", Topic.ADVICE),
        ("Unplug the hub. Did that help?", Topic.HELPED),
        ("Nobody can say yet when it is over; shall we call you then?", Topic.CALL_WHEN_BACK),
        ("That is twelve dollars for a lamp. Do you want to pay it by card now?", Topic.PAY_NOW),
        ("I'm sorry, this card was not accepted. Please enter the number again, or that of another card.", Topic.CARD),
        ("I heard four, seven. Is that right?", Topic.READ_BACK),
        ("Is four, seven right? Please say yes or no.", Topic.READ_BACK),
        ("Shall I use the number you are calling from?", Topic.OWN_PHONE),
        ("Which phone number is your account under?", Topic.PHONE),
        ("You have reached Harbor Home, the shop for smart homes. Did you want to call us?", Topic.WANT_US),
        ("Para español, pulse dos. For English, press one.", Topic.WHICH_LANGUAGE),
        ("What colour do you like best?", Topic.LIGHT),
        ("Do you like cheese?", Topic.UNCLEAR),
    ],
)
def test_questions_are_told_apart(text: str, topic: Topic) -> None:
    assert asked(text).topic is topic


@pytest.mark.parametrize("text", ["", "Thank you. One moment please.", "Your visit is on Tuesday, December first."])
def test_what_asks_for_nothing_is_no_question(text: str) -> None:
    assert question(text) is None


def test_a_menu_gives_keys_their_meanings() -> None:
    found = asked("Press one for the hub, two for a lamp, three for the lock, or four for the thermostat.")
    assert found.by_keys
    assert found.menu() == {"1": "the hub", "2": "a lamp", "3": "the lock", "4": "the thermostat"}


def test_digits_in_what_was_recognised() -> None:
    assert runs_of_digits("I heard four, eight, 21 three is that right") == ["48213"]
    assert runs_of_digits("then it is 766-0.") == ["7660"]
    assert "47664" in runs_of_digits("I heard for 7664", doubtful=True)
    assert says_digits("is free, eight, eight, three, four right", "38834")
    assert not says_digits("I heard four eight", "48213")
    assert heard_digits("I heard 48219. Press one if it is right.", "48213") == "48219"
    assert heard_digits("Press one if it is right, or two.", "48213") == ""


def test_sentences_end_with_their_marks() -> None:
    assert sentences("One moment. Is that 12.50 dollars? Yes!") == ["One moment.", "Is that 12.50 dollars?", "Yes!"]


def test_addresses_are_compared_by_their_words() -> None:
    assert plain_address("Seventeen Maple St., 40217") == plain_address("17 Maple Street, 40217")
    assert plain_address("forty-two Mill Road") == ["42", "mill", "road"]
    assert like_address("I heard seventy-four Bridge Street.", "74 Bridge Street")
    assert like_address("I heard 74 Brige Street.", "74 Bridge Street")
    assert like_address("I heard 74 Bridge Street, Newport, four, four, one, zero, six.", "74 Bridge Street, Newport, 44106")
    assert not like_address("I heard 74 Bridge Street, Newport, four, four, one, zero, Sick.", "74 Bridge Street, Newport, 44106")
    assert same_address("49 Maple Street, Bridge Water, 49965", "49 maple st, bridgewater 49965")
    assert not like_address("I heard Seventy-four Bridge Street, seventy-four Bridge Street.", "74 Bridge Street")
    assert not like_address("I heard forty-eight Part Avenue.", "48 Park Avenue")
    assert not like_address("I heard seventy Bridge Street.", "74 Bridge Street")
    assert not like_address("I heard seventy-four Church Street.", "74 Bridge Street")


def test_days_and_hours() -> None:
    assert days_of_month("Tuesday, December twenty-first at nine") == {21}
    assert days_of_month("November 23 at 3") == {23}
    assert days_of_month("the 3rd, or the thirtieth") == {3, 30}
    assert hours("at three in the afternoon, or 9 o'clock, or 11 a.m., or one p.m.") == {15, 9, 11, 13}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tuesday, December first at nine in the morning", Offer.FITS),
        ("Tuesday, December 1st at 9 in the morning", Offer.FITS),
        ("Shall I book it?", Offer.FITS),
        ("on Tuesday at nine in the morning", Offer.FITS),
        ("Tuesday, December first at three in the afternoon", Offer.OTHER_TIME),
        ("Tuesday, December eighth at nine in the morning", Offer.OTHER_DAY),
        ("on Friday at nine in the morning", Offer.OTHER_DAY),
    ],
)
def test_offers_of_a_visit(text: str, found: Offer) -> None:
    assert offer(text, "2026-12-01T09:00") is found


def test_words_are_mended_by_what_was_said_but_never_added_to() -> None:
    turns = ["What is your order number? It has five digits.", "I'm sorry, that is not free. Would Tuesday suit you?"]
    assert mended("I'm sorry that is not free what do's they suit you.", turns) == turns[1]
    assert mended("what is your order lumber", turns) == "What is your order number?"
    assert mended("music and nothing else", turns) == "music and nothing else"
    assert mended("anything", []) == "anything"
    assert mended("that is six nine two four one", ["That is six, nine, two, four, one. Correct?"]).endswith("Correct?")
    assert mended("I have refunded it", ["I have refunded it.", "Is there anything else I can do for you?"]) == "I have refunded it."
