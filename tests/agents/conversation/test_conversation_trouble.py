"""Conversations in which something goes wrong or takes long: parts that fail, tools that hang, endless talk. In virtual time."""

import asyncio

import pytest

from agents.transcript import Turn
from agents.turns.knobs import WaitLimits
from tests.agents.mind_doubles import Rig, converse, sound_of


def agent_turns(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent"]


def test_nothing_interrupts_the_handover_and_the_last_words_are_kept() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("i want to speak to a person")
        await rig.begins(after_s=0.8)
        await rig.line.speak(sound_of("it is about my kettle"))

    outcome, rig = converse(script)
    assert outcome.kind == "handover"
    assert not rig.notes.turns[-2].interrupted or not rig.notes.turns[-1].interrupted
    assert "caller: it is about my kettle" in rig.notes.said()


def test_a_noise_in_a_pause_does_not_restart_the_wait_for_ever() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        for _ in range(3):
            await asyncio.sleep(2)
            await rig.coughs()
        await rig.hears("did not hear you")
        rig.line.hang_up()

    _, rig = converse(script)
    first, second = agent_turns(rig)[:2]
    assert second.started_at - first.ended_at < 9.5


def test_a_failing_recogniser_apologises_once_and_then_hands_over() -> None:
    def prepare(rig: Rig) -> None:
        rig.transcriber.down = True

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("where is my order")
        await rig.hears("did not understand")
        await rig.says("where is my order")

    outcome, rig = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "pipeline_error")
    assert "not working on my side" in rig.notes.turns[-1].text


def test_a_recogniser_that_hangs_counts_as_failed() -> None:
    def prepare(rig: Rig) -> None:
        rig.transcriber.takes_s = 1000
        rig.limits = WaitLimits(transcriber_s=2)

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("where is my order")
        await rig.hears("did not understand")
        await rig.says("where is my order")

    outcome, _ = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "pipeline_error")


@pytest.mark.parametrize("sentences", [0, 1, 3])
def test_without_a_voice_a_person_takes_over_at_once(sentences: int) -> None:
    def prepare(rig: Rig) -> None:
        rig.speaker.fail_after = sentences

    async def script(rig: Rig) -> None:
        if sentences >= 2:
            await rig.hears("How can I help")
            await rig.says("where is my order")

    outcome, _ = converse(script, prepare)
    assert (outcome.kind, outcome.reason, outcome.queue) == ("handover", "pipeline_error", "support")


def test_a_voice_that_hangs_counts_as_failed() -> None:
    def prepare(rig: Rig) -> None:
        rig.speaker.hang = True

    async def script(rig: Rig) -> None:
        """Says nothing."""

    outcome, _ = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "pipeline_error")


@pytest.mark.parametrize("takes_s", [0.02, 60.0])
def test_a_tool_that_fails_or_hangs_leads_to_a_person(takes_s: float) -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.fail, rig.orders.takes_s = True, takes_s

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right")
        await rig.says("yes")

    outcome, rig = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "tool_error")
    assert "cannot look up" in rig.notes.turns[-1].text


def test_a_slow_tool_does_not_leave_silence() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 2.9

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right")
        await rig.says("yes")
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    turns = agent_turns(rig)
    moment = next(index for index, turn in enumerate(turns) if "One moment" in turn.text)
    assert turns[moment + 1].started_at - turns[moment].ended_at <= 1.5


def test_a_question_for_a_person_while_the_tool_works_wins() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 2.9

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right")
        await rig.says("yes")
        await rig.begins(after_s=0.3)
        await rig.line.speak(sound_of("let me talk to someone"))

    outcome, rig = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "caller_request")
    assert not any("desk lamp" in turn.text for turn in rig.notes.turns)


def test_words_while_the_tool_works_do_not_lose_its_answer() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 1.0

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right")
        await rig.says("yes")
        await rig.begins(after_s=0.3)
        await rig.line.speak(sound_of("take your time"))
        await rig.hears("desk lamp")
        rig.line.hang_up()

    converse(script, prepare)


def test_a_very_long_call_is_handed_over_politely() -> None:
    def prepare(rig: Rig) -> None:
        rig.limits = WaitLimits(max_call_s=20)

    async def script(rig: Rig) -> None:
        for _ in range(3):
            await rig.hears("you")
            await rig.says("what are your opening hours")

    outcome, rig = converse(script, prepare)
    assert (outcome.kind, outcome.reason) == ("handover", "time_limit")
    assert "quite a while" in agent_turns(rig)[-1].heard


def test_endless_talk_is_cut_and_answered() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [{"listening": {"max_utterance_s": 5}}]

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("where is my order", seconds=8)
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert "agent: What is your order number? It has five digits." in rig.notes.said()


@pytest.mark.parametrize("after_s", [0.0, 0.5, 2.0, 5.0])
def test_hanging_up_at_any_moment_ends_cleanly(after_s: float) -> None:
    async def script(rig: Rig) -> None:
        await asyncio.sleep(after_s)
        rig.line.hang_up()

    outcome, _ = converse(script)
    assert (outcome.kind, outcome.reason) == ("caller_left", "hangup")


def test_a_cough_over_one_moment_please_does_not_call_the_tool_twice() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 2.5

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right")
        await rig.says("yes")
        await rig.begins(after_s=0.3)
        await rig.coughs()
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert len(rig.orders.asked) == 1


def test_two_answers_at_once_are_said_one_after_the_other() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right?")
        await rig.keys("45")
        await rig.says("no that is wrong")  # ends the keys too
        await asyncio.sleep(30)
        rig.line.hang_up()

    _, rig = converse(script)
    order = [tuple(map(int, clip.split("."))) for clip, _ in rig.line.played]
    assert order == sorted(order)
    assert [turn.via for turn in rig.notes.turns if turn.who == "caller"] == ["speech", "keypad", "speech"]


def test_the_last_words_are_heard_although_others_come_before_them() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("my order four five six seven eight")
        await rig.hears("Is that right?")
        await rig.keys("45")
        await rig.says("let me talk to a person")

    outcome, rig = converse(script)
    assert outcome.kind == "handover"
    assert "put you through" in agent_turns(rig)[-1].heard
    assert agent_turns(rig)[-1].heard == agent_turns(rig)[-1].text
