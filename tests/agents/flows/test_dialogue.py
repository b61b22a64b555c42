# ruff: noqa: E501 - tables of sentences read best one case to a line
"""The front desk as a pure dialogue: what is heard and keyed, and what the caller gets."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Act, CallTool, Handover, HangUp, Listen, Say
from agents.flows.dialogue import Dialogue
from agents.transcript import JsonValue
from agents.turns.events import Expected
from tests.agents.flows.small_desk import DESK

AGENT = DESK
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FOUND: dict[str, JsonValue] = {"found": True, "status": "shipped", "item": "a desk lamp", "expected_on": "2026-11-27"}


class Talk:
    """A dialogue driven line by line; ``<keys>`` are pressed, ``...`` is silence, the rest is said."""

    def __init__(self, now: datetime = NOON, result: dict[str, JsonValue] | None = FOUND) -> None:
        self.dialogue = Dialogue(AGENT)
        self.now = now
        self.result = result
        self.acts: list[Act] = self.dialogue.start(now)
        self.calls: list[CallTool] = []

    def __call__(self, *lines: str) -> str:
        for line in lines:
            if line == "...":
                self.acts = self.dialogue.silent(self.now)
            elif line.startswith("<"):
                self.acts = self.dialogue.keyed(line.strip("<>"), self.now)
            else:
                self.acts = self.dialogue.heard(line, self.now)
            if self.acts and isinstance(call := self.acts[-1], CallTool):
                self.calls.append(call)
                self.acts = self.dialogue.tool_result(self.result, self.now)
        return self.text

    @property
    def text(self) -> str:
        return " ".join(act.text for act in self.acts if isinstance(act, Say))

    @property
    def end(self) -> Act:
        return self.acts[-1]

    @property
    def listen(self) -> Listen:
        assert isinstance(self.end, Listen)
        return self.end

    @property
    def slots(self) -> dict[str, str]:
        return self.dialogue.state.slots


@pytest.mark.parametrize("keys", ["<2>", "<10482>"])
def test_a_number_half_said_may_be_keyed_to_its_end_or_as_a_whole(keys: str) -> None:
    talk = Talk()
    assert "What comes next" in talk("where is my order", "one zero four eight")
    assert isinstance(talk.end, Listen)
    assert (talk.end.max_keys, talk.end.enough) == (5, 1)
    assert "one, zero, four, eight, two" in talk(keys)


@pytest.mark.parametrize("said", ["The number I have is one zero four eight two.", "10482", "one zero four eight two please"])
def test_an_order_number_said_before_it_was_asked_for_is_read_back(said: str) -> None:
    talk = Talk()
    assert "one, zero, four, eight, two" in talk(said)
    talk("yes")
    assert talk.slots == {"order_number": "10482"}


def test_the_greeting_says_that_it_is_a_machine() -> None:
    talk = Talk()
    assert "automated assistant" in talk.text
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["order status", "four five six seven eight", "yes"], "desk lamp"),
        (["order status", "<45678>", "<1>"], "desk lamp"),
        (["<1>", "<45678>", "yes"], "desk lamp"),
        (["<45678>", "yes"], "desk lamp"),
        (["where is order four five six seven eight", "correct"], "desk lamp"),
        (["where is my order", "four five six", "seven eight", "yes"], "desk lamp"),
        (["where is my order", "four five", "six", "seven eight", "yes"], "desk lamp"),
        (["where is my order", "<456>", "<78>", "yes"], "desk lamp"),
        (["where is my order", "four five six", "<78>", "yes"], "desk lamp"),
        (["where is my order", "four five six", "no, four five six seven eight", "yes"], "desk lamp"),
        (["my order number is four five six seven", "eight", "that's right"], "desk lamp"),
        (["order status", "four five six seven nine", "no, four five six seven eight", "yes"], "desk lamp"),
        (["order status", "four five six seven nine", "no, it is four five six seven eight.", "Yes."], "desk lamp"),
        (["order status", "four five six seven nine", "four five six seven eight", "yes"], "desk lamp"),
        (["order status", "four five six seven nine", "no, the last digit is eight", "yes"], "desk lamp"),
        (["order status", "four five six seven nine", "not nine, eight", "yes"], "desk lamp"),
        (["order status", "four five six seven nine", "no", "four five six seven eight", "yes"], "desk lamp"),
        (["order status", "four five six seven nine", "<2>", "<45678>", "<1>"], "desk lamp"),
        (["order status", "four five six seven nine", "<45678>", "<1>"], "desk lamp"),
        (["order status", "four five six seven eight", "yes, four five six seven eight"], "desk lamp"),
        (["order status", "four five six seven eight", "sorry?", "yes"], "desk lamp"),
        (["order status", "four five six seven eight", "blub", "yes"], "desk lamp"),
        (["order status", "...", "for five six seven ate", "yep"], "desk lamp"),
        (["what time do you open", "yes", "an order", "four five six seven eight", "yes"], "desk lamp"),
        (["order status", "what are your opening hours", "order status", "four five six seven eight", "yes"], "desk lamp"),
        (["order status", "I don't have it", "no", "order status", "four five six seven eight", "yes"], "desk lamp"),
    ],
)
def test_ways_to_an_order(lines: Sequence[str], expected: str) -> None:
    talk = Talk()
    assert expected in talk(*lines)
    assert [call.arguments for call in talk.calls] == [{"number": "45678"}]
    assert talk.dialogue.state.intent in {"order_status", ""}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (FOUND, "Your order, a desk lamp, is on its way. It should arrive on Friday, November twenty-seventh."),
        ({**FOUND, "expected_on": ""}, "Your order, a desk lamp, is on its way."),
        (
            {**FOUND, "status": "processing"},
            "Your order, a desk lamp, is being prepared. It should arrive on Friday, November twenty-seventh.",
        ),
        ({**FOUND, "status": "processing", "expected_on": None}, "Your order, a desk lamp, is being prepared."),
        ({**FOUND, "status": "delivered"}, "Your order, a desk lamp, has been delivered."),
        ({**FOUND, "status": "cancelled"}, "Your order, a desk lamp, was cancelled."),
        ({"found": False}, "I'm sorry, I cannot find an order with the number four, five, six, seven, eight."),
        ({**FOUND, "status": "teleported"}, "I'm sorry, I cannot look up orders right now."),
        (None, "I'm sorry, I cannot look up orders right now."),
        ({}, "I'm sorry, I cannot look up orders right now."),
    ],
)
def test_what_is_said_of_an_order(result: dict[str, JsonValue] | None, expected: str) -> None:
    assert Talk(result=result)("order status", "four five six seven eight", "yes").startswith(expected)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["speak to a person"], "caller_request"),
        (["<0>"], "caller_request"),
        (["order status", "operator"], "caller_request"),
        (["order status", "<0>"], "caller_request"),
        (["order status", "four five six seven eight", "I want an agent"], "caller_request"),
        (["order status", "four five six seven eight", "<0>"], "caller_request"),
        (["order status", "I don't have the number", "yes"], "caller_request"),
        (["what are your opening hours", "human please"], "caller_request"),
        (["...", "...", "..."], "no_input"),
        (["order status", "...", "...", "..."], "no_input"),
        (["banana", "...", "cucumber"], "repeated_failure"),
        (["banana", "cucumber", "pineapple"], "repeated_failure"),
        (["order status", "banana", "cucumber", "pineapple"], "repeated_failure"),
        (["order status", "four five six seven eight", "banana", "cucumber", "pineapple"], "repeated_failure"),
        (["order status", "four five six seven eight nine ten", "one two three four five six", "<123456>"], "repeated_failure"),
        (["order status", *(["four five six seven eight", "no"] * 3)], "repeated_failure"),
    ],
)
def test_ways_to_a_person(lines: Sequence[str], reason: str) -> None:
    talk = Talk()
    talk(*lines)
    assert talk.end == Handover(reason, "support")
    assert all(not act.interruptible for act in talk.acts if isinstance(act, Say))
    assert "put you through" in talk.text


def test_a_number_that_is_never_found_leads_to_a_person() -> None:
    talk = Talk(result={"found": False})
    first = talk("order status", "four five six seven eight", "yes")
    second = talk("four five six seven nine", "yes")
    assert first != second
    talk("four five six seven seven", "yes")
    assert talk.end == Handover("repeated_failure", "support")


def test_a_failing_tool_leads_to_a_person() -> None:
    talk = Talk(result=None)
    talk("order status", "<45678>", "<1>")
    assert talk.end == Handover("tool_error", "support")


@pytest.mark.parametrize(
    "lines", [["goodbye"], ["what are your hours", "no thanks"], ["order status", "bye"], ["what are your hours", "that's all"]]
)
def test_ways_to_goodbye(lines: Sequence[str]) -> None:
    talk = Talk()
    talk(*lines)
    assert talk.end == HangUp("done")
    assert "Goodbye" in talk.text


@pytest.mark.parametrize("opening", [[], ["order status"], ["order status", "four five six seven eight"], ["what are your hours"]])
def test_reprompts_differ_and_the_keypad_is_offered(opening: Sequence[str]) -> None:
    for failure in ("...", "banana"):
        talk = Talk()
        texts = [talk(*opening) or talk.text]
        texts += [talk(failure), talk(failure)]
        assert len(set(texts)) == 3
        assert "ress" in texts[2] or "keys of your phone" in texts[2]


def test_understanding_resets_the_count() -> None:
    talk = Talk()
    talk("banana", "...", "order status", "banana", "...")
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize(
    "opening", [[], ["order status"], ["order status", "four five six"], ["order status", "four five six seven eight"]]
)
def test_repeat_says_the_same_again(opening: Sequence[str]) -> None:
    talk = Talk()
    before = talk(*opening) or talk.text
    assert talk("can you repeat that").endswith(before)
    assert isinstance(talk.end, Listen)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "We are open now, until five thirty in the afternoon."),
        (datetime(2026, 11, 20, 8, 59, tzinfo=UTC), "closed now and open again today at nine in the morning."),
        (datetime(2026, 11, 20, 17, 30, tzinfo=UTC), "closed now and open again tomorrow at ten in the morning."),
        (datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "closed now and open again on Monday at nine in the morning."),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "closed now and open again tomorrow at nine in the morning."),
    ],
)
def test_opening_hours_know_the_time(now: datetime, expected: str) -> None:
    assert expected in Talk(now)("when are you open")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["yes", "oh one seven one five five five one two three four", "yes"], "01715551234"),
        (["yes please", "oh one seven one", "five five five", "yes"], "0171555"),
        (["yes", "<01715551234>", "<1>"], "01715551234"),
        (["<01715551234>", "yes"], "01715551234"),
        (["yes", "this number", ], "this number"),
        (["yes, on this number"], "this number"),
        (["call me on this number"], "this number"),
        (["yes", "oh one seven one five five five one two three four", "no, the last digit is five", "right"], "01715551235"),
        (["yes", "oh one seven one five five five", "and one two three four", "yes"], "01715551234"),
    ],
)  # fmt: skip
def test_ways_to_a_callback(lines: Sequence[str], number: str) -> None:
    talk = Talk()
    talk.acts = talk.dialogue.resume({"order_number": "45678"}, "TIMEOUT", NOON)
    assert "nobody was free" in talk.text
    assert "four, five, six, seven, eight" in talk.text
    talk(*lines)
    assert talk.end == HangUp("callback")
    assert talk.slots == {"order_number": "45678", "callback_number": number}


def test_back_from_the_queue_other_wishes_are_served() -> None:
    talk = Talk()
    talk.acts = talk.dialogue.resume({}, "JOINEMPTY", NOON)
    assert "order" not in talk.text
    assert "What can I do" in talk("no") or "How can I help" in talk.text
    assert "open now" in talk("opening hours")


def test_grasp_tells_half_a_number_and_what_can_be_answered() -> None:
    talk = Talk()
    assert talk.dialogue.grasp("where is order four five") is Grasp.PARTIAL
    assert talk.dialogue.grasp("where is my order") is Grasp.COMPLETE
    assert talk.dialogue.grasp("the weather has been fine") is Grasp.UNKNOWN
    talk("order status")
    for text, grasp in [
        ("four five", Grasp.PARTIAL),
        ("my number is", Grasp.PARTIAL),
        ("four five six seven eight", Grasp.COMPLETE),
        ("I don't know", Grasp.COMPLETE),
        ("the thing is that", Grasp.UNKNOWN),
        ("", Grasp.UNKNOWN),
    ]:
        assert talk.dialogue.grasp(text) is grasp, text
    talk("four five")
    assert talk.dialogue.grasp("six seven eight") is Grasp.COMPLETE


def test_what_is_expected_follows_the_question() -> None:
    talk = Talk()
    expected = [talk.listen.expected]
    for line in ("order status", "four five six seven eight"):
        talk(line)
        expected.append(talk.listen.expected)
    assert expected == [Expected.OPEN, Expected.DIGITS, Expected.YES_NO]
    assert talk.dialogue.grasp("yes") is Grasp.COMPLETE
    assert talk.dialogue.grasp("the weather has been fine") is Grasp.UNKNOWN


def test_a_copy_lives_its_own_life() -> None:
    talk = Talk()
    copy = talk.dialogue.copy()
    first = copy.heard("order status", NOON)
    assert talk.dialogue.state.node == "main"
    assert talk.dialogue.heard("order status", NOON) == first


def test_while_a_tool_works_only_the_way_out_is_heard() -> None:
    dialogue = Dialogue(AGENT)
    dialogue.start(NOON)
    dialogue.heard("order four five six seven eight", NOON)
    assert isinstance(dialogue.heard("yes", NOON)[-1], CallTool)
    assert dialogue.heard("banana", NOON) == []
    assert dialogue.silent(NOON) == []
    assert dialogue.keyed("1", NOON) == []
    assert dialogue.copy().heard("goodbye", NOON)[-1] == HangUp("done")
    assert isinstance(dialogue.heard("operator", NOON)[-1], Handover)
    assert dialogue.tool_result(FOUND, NOON) == []


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["order status", "yes", "no", "four five", "four five six seven eight", "repeat", "opening hours", "banana", "...", "<45678>", "<1>",
             "<2>", "<45>", "<>", "I don't know", "this number", "no, the last digit is nine", "thanks"]
        ),
        st.text(max_size=30),
        st.from_regex(r"<[0-9]{0,8}>", fullmatch=True),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LINES, st.booleans())
def test_every_step_leaves_the_caller_with_something(lines: list[str], back: bool) -> None:
    """Whatever is said: every answer speaks and then listens or ends; nothing is left unfilled; the end is final."""
    talk = Talk()
    if back:
        talk.acts = talk.dialogue.resume({}, "TIMEOUT", NOON)
    for line in lines:
        ended = talk.dialogue.state.ended
        talk(line)
        if ended:
            assert talk.acts == []
            continue
        assert isinstance(talk.end, Listen | Handover | HangUp)
        assert talk.text
        assert "{" not in talk.text
        assert "  " not in talk.text
