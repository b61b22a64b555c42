"""Whole conversations in memory and in virtual time."""

from itertools import pairwise

import pytest

from agents.conversation.loop import Resume
from agents.stt.transcriber import Hint
from agents.transcript import Turn
from tests.agents.mind_doubles import Rig, converse, sound_of


async def order_by_voice(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("where is my order")
    await rig.hears("five digits")
    await rig.says("four five six seven eight")
    await rig.hears("Is that right")
    await rig.says("yes that is right")
    await rig.hears("anything else")
    await rig.says("no thanks goodbye")


def test_an_order_is_found_by_voice() -> None:
    outcome, rig = converse(order_by_voice)
    assert (outcome.kind, outcome.reason, outcome.intent) == ("goodbye", "done", "order_status")
    assert outcome.slots == {"order_number": "45678"}
    assert rig.orders.asked == [("orders.find", {"number": "45678"})]
    assert rig.notes.said() == [
        "agent: Hello, this is the automated assistant. How can I help you?",
        "caller: where is my order",
        "agent: What is your order number? It has five digits.",
        "caller: four five six seven eight",
        "agent: I heard four, five, six, seven, eight. Is that right?",
        "caller: yes that is right",
        "agent: Thank you. One moment please.",
        "agent: Your order, a desk lamp, is on its way. It should arrive on Friday, November twenty-seventh. "
        "Is there anything else I can do for you?",
        "caller: no thanks goodbye",
        "agent: Thank you for calling. Goodbye.",
    ]
    assert [turn.number for turn in rig.notes.turns] == list(range(1, 11))


def test_whoever_watches_sees_the_step_and_the_open_question() -> None:
    _, rig = converse(order_by_voice)
    nodes, questions = zip(*rig.notes.questions, strict=True)
    assert list(dict.fromkeys(nodes)) == ["main", "order_number", "anything_else"]
    assert questions[:2] == ("How can I help you?", "What is your order number? It has five digits.")


@pytest.mark.parametrize("confidence", [0.7314, None])
def test_how_sure_the_recogniser_was_is_noted_where_it_says_so(confidence: float | None) -> None:
    async def sure(rig: Rig) -> None:
        rig.transcriber.confidence = confidence
        await order_by_voice(rig)

    _, rig = converse(sure)
    noted = [data["confidence"] for kind, _, data in rig.notes.events if kind == "recognised"]
    assert noted == ([0.731] * 4 if confidence else [])


def test_the_recogniser_is_told_when_a_number_is_expected() -> None:
    _, rig = converse(order_by_voice)
    hints = [hint for hint, before in zip(rig.transcriber.hints, [None, *rig.transcriber.hints], strict=False) if hint is not before]
    assert hints == [Hint.SPEECH, Hint.DIGITS, Hint.SPEECH]


def test_the_reply_is_ready_when_the_turn_ends() -> None:
    _, rig = converse(order_by_voice)
    answers = [turn for turn in rig.notes.turns if turn.who == "agent" and turn.latency_ms]
    assert len(answers) == 4
    for turn in answers:
        assert turn.latency_ms["end_of_turn"] == pytest.approx(turn.latency_ms["wait"], abs=5)
        assert turn.latency_ms["stt"] == pytest.approx(50)
        assert turn.latency_ms["gap"] == pytest.approx(max(turn.latency_ms["wait"], 250), abs=10), "pause, transcript, voice; no more"
        assert {"dialogue", "tts", "speculation"} <= turn.latency_ms.keys()
    assert all(turn.heard == turn.text and not turn.interrupted for turn in rig.notes.turns)


def agent_turns(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent"]


def test_speaking_over_the_agent_stops_it_and_history_holds_what_was_heard() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("what are your opening hours"))
        await rig.hears("anything else")
        await rig.says("goodbye")

    _, rig = converse(script)
    greeting = agent_turns(rig)[0]
    assert greeting.interrupted
    assert greeting.heard == "Hello, this is the"
    assert greeting.ended_at - greeting.started_at == pytest.approx(1.0, abs=0.01)
    assert any("We are open now" in line for line in rig.notes.said())


def test_a_pause_inside_a_number_is_not_its_end() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("track my order")
        await rig.hears("five digits")
        await rig.says("four five")
        await rig.says("six seven eight", after_s=0.65)
        await rig.hears("four, five, six, seven, eight")
        rig.line.hang_up()

    outcome, rig = converse(script)
    assert (outcome.kind, outcome.reason) == ("caller_left", "hangup")
    assert "caller: four five six seven eight" in rig.notes.said()


def test_going_on_after_the_turn_ended_joins_both_halves() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("i would like to know")
        await rig.says("when you open", after_s=0.45)  # the answer to the first half has begun, but none of it was heard
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    assert not any("did not understand" in turn.heard for turn in agent_turns(rig))


def test_a_number_keyed_over_the_prompt_is_taken_and_the_prompt_stops() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("order status")
        await rig.begins(after_s=0.5)
        await rig.keys("45678")
        await rig.hears("four, five, six, seven, eight")
        await rig.keys("1")
        await rig.hears("desk lamp")
        rig.line.hang_up()

    outcome, rig = converse(script)
    assert outcome.slots == {"order_number": "45678"}
    assert [turn.text for turn in rig.notes.turns if turn.via == "keypad"] == ["45678", "1"]
    assert agent_turns(rig)[1].interrupted


def test_a_person_is_reached_by_zero_and_the_sentence_is_heard_to_its_end() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=0.5)
        await rig.keys("0")

    outcome, rig = converse(script)
    assert (outcome.kind, outcome.reason, outcome.queue) == ("handover", "caller_request", "support")
    last = rig.notes.turns[-1]
    assert last.who == "agent"
    assert last.heard == last.text
    assert "put you through" in last.text


def test_words_during_the_farewell_are_answered() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("goodbye")
        await rig.begins(after_s=0.5)
        await rig.line.speak(sound_of("wait what are your opening hours"))
        await rig.hears("We are open now")
        await rig.hears("anything else")
        await rig.says("bye")

    outcome, _ = converse(script)
    assert outcome.kind == "goodbye"


def test_three_silences_end_with_a_person() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")

    outcome, rig = converse(script)
    assert (outcome.kind, outcome.reason) == ("handover", "no_input")
    texts = [turn.text for turn in agent_turns(rig)]
    assert len(set(texts)) == len(texts) == 4
    gaps = [after.started_at - before.ended_at for before, after in pairwise(agent_turns(rig))]
    assert gaps == [pytest.approx(7.6, abs=0.05)] * 3


def test_three_misunderstandings_end_with_a_person() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("purple elephants dance")
        await rig.hears("opening hours")
        await rig.says("i like turtles very much")
        await rig.hears("zero")
        await rig.says("blah blah blah")

    outcome, rig = converse(script)
    assert (outcome.kind, outcome.reason) == ("handover", "repeated_failure")
    assert len({turn.text for turn in agent_turns(rig)}) == 4


def test_back_from_the_queue_a_callback_number_is_taken() -> None:
    def prepare(rig: Rig) -> None:
        earlier = Turn(7, "caller", "speak to a person", "speak to a person", 1.0, 2.0)
        rig.resume = Resume([earlier], {"order_number": "45678"}, "TIMEOUT")

    async def script(rig: Rig) -> None:
        await rig.hears("nobody was free")
        await rig.hears("order four, five, six, seven, eight")
        await rig.hears("call you back")
        await rig.says("yes please")
        await rig.hears("which number")
        await rig.says("oh one seven one")
        await rig.says("five five five twelve thirty four", after_s=0.6)
        await rig.hears("zero, one, seven, one, five, five, five, one, two, three, four")
        await rig.hears("Is that right")
        await rig.says("correct")

    outcome, rig = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("goodbye", "callback")
    assert outcome.slots == {"order_number": "45678", "callback_number": "01715551234"}
    assert rig.notes.turns[0].number == 8


def test_the_callback_may_go_to_this_number_or_be_keyed() -> None:
    def prepare(rig: Rig) -> None:
        rig.resume = Resume()

    async def this(rig: Rig) -> None:
        await rig.hears("call you back")
        await rig.says("yes on this number")

    async def keyed(rig: Rig) -> None:
        await rig.hears("call you back")
        await rig.keys("1")
        await rig.hears("which number")
        await rig.keys("01715551234#")
        await rig.hears("Is that right")
        await rig.keys("1")

    assert converse(this, prepare)[0].slots == {"callback_number": "this number"}
    assert converse(keyed, prepare)[0].slots == {"callback_number": "01715551234"}
