# ruff: noqa: E501 - tables of sentences read best one case to a line
"""Sentences as callers say them, and as the recogniser garbles them, to the intent of the front desk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.intents import Intent, best_intent, compile_phrase
from agents.flows.words import normalise
from agents.nlu.slots.likeness import alike
from tests.agents.flows.small_desk import DESK

AGENT = DESK

SENTENCES = {
    "order_status": [
        "order status", "Order status.", "Where is my package?", "Where's my order?", "track my order", "I'd like to track my order please",
        "can you tell me the status of my order", "what's the status of my delivery", "I want to check on my order", "my parcel has not arrived",
        "I haven't received my order yet", "when will my order arrive", "has my order shipped", "it's about an order", "I'm calling about my order",
        "order statas", "other status of my order", "wheres my packet", "tracking number", "I have a question about my order",
        "I am waiting for my package", "orders status", "Order.", "um I ordered something and it has not come my order I mean",
    ],
    "opening_hours": [
        "what time do you open", "What are your opening hours?", "opening hours", "when do you close", "when are you open", "are you open today",
        "are you open on Sunday", "what are your hours", "business hours please", "opening ours", "what times are you open", "how late are you open",
        "until when are you open", "Ours,", "Your hours.", "Are you open now?", "do you open on weekends", "tell me your opening times", "open in hours",
    ],
    "person": [
        "speak to a person", "I want to speak to a person", "agent", "operator", "Operator, please.", "representative", "human", "a human please",
        "can I talk to someone", "let me talk to somebody", "give me a real person", "talk to a human being", "customer service",
        "put me through to an agent", "connect me with an operator", "I don't want to talk to a machine", "why can't I speak to a person",
        "transfer me", "speak to parson", "I need an agent", "reprasentative", "no I want to speak to a person", "speak to a representative about my order",
        "get me a human", "Agent.", "Waiting to speak with a representative.", "Press zero to be to an operator.", "I would like to speak with someone please",
    ],
    "goodbye": [
        "goodbye", "Good bye.", "bye", "bye bye", "Bye-bye!", "that's all", "That's all, thanks.", "that is all thank you", "nothing else", "Good-by,",
        "that will be all", "I'm done", "have a nice day", "thank you", "thanks", "hang up",
    ],
    "repeat": [
        "repeat", "can you repeat that", "say that again", "Sorry?", "pardon", "what", "What did you say?", "come again", "one more time please",
        "I didn't hear you", "I did not catch that", "could you say it again please",
    ],
    "yes": ["yes", "Yeah.", "yep", "yup", "correct", "that's right", "Right.", "sure", "exactly", "uh-huh", "mm-hmm", "yes please", "ok", "yes it is",
            "that is correct", "of course", "yes that's correct thank you"],
    "no": ["no", "Nope.", "nah", "no thanks", "no thank you", "that's wrong", "that's not right", "incorrect", "wrong", "not correct", "no it isn't",
           "that is not correct", "not really", "no that's wrong"],
    "": ["purple elephants dance", "I like turtles", "the weather is fine", "", "hmm", "banana", "now and then"],
}  # fmt: skip

CASES = [(sentence, intent) for intent, sentences in SENTENCES.items() for sentence in sentences]


@pytest.mark.parametrize(("said", "intent"), CASES)
def test_the_right_intent_among_all(said: str, intent: str) -> None:
    candidates = ["yes", "no", "order_status", "opening_hours", "person", "repeat", "goodbye"]
    found = best_intent(said, AGENT.compiled, candidates) or ""
    assert found == intent


@pytest.mark.parametrize(
    "said", ["I don't have it", "I don't know", "no I don't have the number", "I lost my order number", "no idea", "I forgot it"]
)
def test_a_missing_number(said: str) -> None:
    assert best_intent(said, AGENT.compiled, ["no_number", "person", "repeat", "goodbye"]) == "no_number"


@pytest.mark.parametrize("said", ["I do not want to speak to a person", "I don't need an agent", "no need for a human"])
def test_a_refusal_is_no_request(said: str) -> None:
    assert best_intent(said, AGENT.compiled, ["person"]) is None


@given(st.text(max_size=100))
def test_any_text_is_survived(text: str) -> None:
    best_intent(text, AGENT.compiled, AGENT.compiled)


def test_more_specific_phrases_win() -> None:
    intents = {
        "order": Intent("order", (compile_phrase("order"),)),
        "cancel": Intent("cancel", (compile_phrase("cancel my? order"),)),
    }
    assert best_intent("please cancel the order", intents, ["order", "cancel"]) == "cancel"


@pytest.mark.parametrize(
    ("heard", "wanted", "fits"),
    [
        ("packag", "package", True),
        ("statas", "status", True),
        ("now", "no", False),
        ("incorrect", "correct", False),
        ("person", "prison", False),
    ],
)
def test_only_small_misspellings_of_long_words_pass(heard: str, wanted: str, fits: bool) -> None:
    assert (alike(heard, wanted) > 0) is fits


def test_contractions_are_opened() -> None:
    assert normalise("I'd say that's what's wrong, isn't it? Can't!") == [
        "i",
        "would",
        "say",
        "that",
        "is",
        "what",
        "is",
        "wrong",
        "is",
        "not",
        "it",
        "can",
        "not",
    ]
