"""What works at every question: repeat, back, start over, help, a person, goodbye, and digressions."""

from collections.abc import Sequence

import pytest

from agents.flows.acts import AskModel, Handover, HangUp, Listen, ModelResult
from tests.agents.flows.flow_talk import Result, Talk, visits

FOUND: dict[str, Result] = {"orders.find": {"found": True, "amount": 40}, "visits.book": {"reference": "V7"}}
MODEL = [ModelResult(said="Is it red?")]
PLACES: dict[str, Sequence[str]] = {
    "ask": [],
    "collect digits": ["order status"],
    "read-back": ["order status", "one two three four five"],
    "half a number": ["order status", "one two three"],
    "collect a day": ["book a visit"],
    "confirm": ["book a visit", "tomorrow", "three pm", "two"],
    "collect a name": ["call me back", "oh one seven one five five five one two three four"],
    "choice": ["the light is flashing"],
    "payment": ["pay my bill"],
    "card half entered": ["pay my bill", "<4111111111111111>"],
    "model": ["my dog barked at it"],
}


def at(place: str) -> Talk:
    talk = Talk(visits(), results=FOUND)
    talk.models = list(MODEL)
    talk(*PLACES[place])
    assert isinstance(talk.end, Listen), place
    return talk


@pytest.mark.parametrize("place", PLACES)
def test_a_person_everywhere(place: str) -> None:
    for words in ("operator", "<0>"):
        talk = at(place)
        talk(words)
        assert talk.end == Handover("caller_request", "support")


@pytest.mark.parametrize("place", PLACES)
def test_goodbye_everywhere(place: str) -> None:
    talk = at(place)
    assert talk("goodbye") == "Goodbye."
    assert talk.end == HangUp("done")


@pytest.mark.parametrize("place", PLACES)
def test_repeat_everywhere(place: str) -> None:
    talk = at(place)
    before, node = talk.dialogue.state.last, talk.node
    assert talk("repeat that") == " ".join(["Once more.", *before])
    assert talk("say that again") == " ".join(["Once more.", *before])
    assert talk.node == node


@pytest.mark.parametrize("place", PLACES)
def test_help_everywhere_and_then_the_question_again(place: str) -> None:
    talk = at(place)
    node, confirming = talk.node, talk.dialogue.state.confirming
    said = talk("help")
    assert said.startswith("You can say go back or operator.")
    assert len(talk.said) >= 2, "the question follows"
    assert (talk.node, talk.dialogue.state.confirming, talk.dialogue.state.detours) == (node, confirming, ())
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize("place", PLACES)
def test_start_over_everywhere_forgets_everything_but_what_came_from_outside(place: str) -> None:
    talk = at(place)
    talk.dialogue.learn({"due": "12.50"})
    assert talk("start over") == "What can I do for you?"
    assert talk.slots == {"due": "12.50"}
    assert talk.dialogue.state.card.last_four == ""


@pytest.mark.parametrize("place", PLACES)
def test_a_digression_is_answered_and_the_very_question_asked_again(place: str) -> None:
    talk = at(place)
    state = talk.dialogue.state
    before = (state.node, state.confirming, state.candidate, state.partial, dict(state.slots))
    assert talk("when are you open").startswith("We open at nine. ")
    assert (state.node, state.confirming, state.candidate, state.partial, state.slots) == before
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize(
    ("lines", "question"),
    [
        (["order status", "when are you open"], "We open at nine. The order number, please?"),
        (["order status", "one two three four five", "when are you open"], "We open at nine. Is it one, two, three, four, five?"),
        (["order status", "one two three", "when are you open"], "We open at nine. So far one, two, three."),
        (["book a visit", "what does it cost"], "For a visit or a repair?"),
        (["book a visit", "what does it cost", "yes"], "Fifty euros. On which day?"),
        (["book a visit", "what does it cost", "when are you open"], "We open at nine. For a visit or a repair?"),
        (["book a visit", "what does it cost", "when are you open", "yes"], "Fifty euros. On which day?"),
        (["book a visit", "what does it cost", "go back"], "On which day?"),
        (["my dog barked at it", "when are you open"], "We open at nine. Is it red?"),
        (["pay my bill", "<4111111111111111>", "when are you open"], "We open at nine. Key in your card number."),
    ],
)
def test_the_way_back_from_a_digression(lines: Sequence[str], question: str) -> None:
    talk = Talk(visits(), results=FOUND)
    talk.models = list(MODEL)
    assert talk(*lines) == question


def test_digressions_are_never_more_than_three_deep() -> None:
    talk = Talk(visits())
    talk("book a visit")
    for _ in range(6):
        talk("what does it cost")
        assert len(talk.dialogue.state.detours) <= 3
    answers = [talk("yes") for _ in range(3)]
    assert answers[-1] == "Fifty euros. On which day?"
    assert talk.dialogue.state.detours == ()


@pytest.mark.parametrize(
    ("lines", "node", "slots"),
    [
        (["go back"], "main", {}),
        (["order status", "go back"], "main", {}),
        (["order status", "one two three four five", "go back"], "order_number", {}),
        (["order status", "one two three", "go back"], "order_number", {}),
        (["order status", "one two three four five", "yes", "go back"], "order_number", {"due": "40"}),
        (["book a visit", "tomorrow", "go back"], "visit_day", {}),
        (["book a visit", "tomorrow", "three pm", "go back"], "visit_time", {"visit_day": "2026-11-21"}),
        (["book a visit", "tomorrow", "three pm", "go back", "go back"], "visit_day", {}),
        (
            ["book a visit", "tomorrow at three pm for two people", "go back"],
            "visitors",
            {"visit_day": "2026-11-21", "visit_time": "15:00"},
        ),
        (
            ["book a visit", "tomorrow", "three pm", "two", "yes", "go back"],
            "anything_else",
            {"visit_day": "2026-11-21", "visit_time": "15:00", "visitors": "2"},
        ),
    ],
)
def test_back_goes_to_the_question_before_and_undoes_its_answer(lines: Sequence[str], node: str, slots: dict[str, str]) -> None:
    talk = Talk(visits(), results=FOUND)
    talk(*lines)
    assert talk.node == node
    assert {name: value for name, value in talk.slots.items() if name != "due" or "due" in slots} == slots


def test_back_may_be_said_as_often_as_one_likes() -> None:
    talk = Talk(visits(), results=FOUND)
    talk("book a visit", "tomorrow", "three pm", "two", *["go back"] * 12)
    assert talk.node == "main"
    assert talk("book a visit", "tomorrow", "three pm", "two").startswith("2 people on")


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("operator", Handover),
        ("goodbye", HangUp),
        ("repeat that", None),
        ("go back", None),
        ("when are you open", None),
        ("banana", None),
        ("", None),
    ],
)
def test_while_a_model_works_only_what_ends_the_call_is_obeyed(words: str, ends: type | None) -> None:
    talk = Talk(visits())
    talk("my dog barked at it")
    assert isinstance(talk.end, AskModel)
    acts = talk.dialogue.heard(words, talk.now)
    assert (type(acts[-1]) if acts else None) is ends
    assert talk.dialogue.silent(talk.now) == []
    late = talk.dialogue.model_result(ModelResult(said="late"), talk.now)
    assert (late == []) is (ends is not None)
