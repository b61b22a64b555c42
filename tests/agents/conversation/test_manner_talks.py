"""Whole conversations in virtual time whose manner changes: what is heard sounds otherwise, what is recorded as said stays the same."""

import numpy as np
import pytest

from agents.audio import RATE
from agents.conversation.attention import Advice, Heard
from agents.conversation.heard import heard_words
from agents.flows.definition import AgentDefinition, AskNode
from agents.flows.texts import Texts
from agents.manner import Manner
from agents.transcript import Turn
from tests.agents.conversation.test_model_turns import Model, talker
from tests.agents.mind_doubles import FRONT_DESK, Rig, converse, sound_of

SLOW = Manner(pace=0.8)
ONE_BY_ONE = Manner(slow_readback=True)
NUMBER = "I heard four, five, six, seven, eight."


def set_manner(rig: Rig, manner: Manner) -> None:
    assert rig.conversation is not None
    rig.conversation.manner.set(manner)


async def order_status(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("my order four five six seven eight")
    await rig.hears("Is that right?")
    await rig.says("yes")
    await rig.hears("desk lamp")
    rig.line.hang_up()


def seconds_of(rig: Rig, words: str) -> float:
    """Of the clip with ``words``, as it left the line."""
    return next(len(pcm) / RATE for clip, pcm in rig.line.played if words in rig.text_of(clip))


@pytest.mark.parametrize("manner", [SLOW, Manner(pace=1.1), ONE_BY_ONE, Manner(0.7, True, True, "The caller is confused.")])
def test_the_same_words_are_recorded_whatever_the_manner(manner: Manner) -> None:
    async def script(rig: Rig) -> None:
        set_manner(rig, manner)
        await order_status(rig)

    (usual, before), (outcome, rig) = converse(order_status), converse(script)
    assert rig.notes.said() == before.notes.said()
    assert [turn.heard for turn in rig.notes.turns] == [turn.heard for turn in before.notes.turns]
    assert outcome == usual


@pytest.mark.parametrize("pace", [0.7, 0.85, 1.1])
def test_a_pace_makes_clips_longer_or_shorter_and_the_usual_one_leaves_them_alone(pace: float) -> None:
    async def script(rig: Rig) -> None:
        set_manner(rig, Manner(pace=pace))
        await order_status(rig)

    (_, usual), (_, rig) = converse(order_status), converse(script)
    for words in ("How can I help", NUMBER, "desk lamp"):
        assert seconds_of(rig, words) == pytest.approx(seconds_of(usual, words) / pace, abs=1 / RATE)
    greeting = "Hello, this is the automated assistant."
    assert np.array_equal(next(pcm for clip, pcm in usual.line.played if usual.text_of(clip) == greeting), sound_of(greeting))


@pytest.mark.parametrize("after_s", [0.5, 1.35, 2.2])
def test_what_was_heard_of_a_slow_sentence_is_counted_at_its_pace(after_s: float) -> None:
    async def script(rig: Rig) -> None:
        set_manner(rig, SLOW)
        await rig.begins(after_s=after_s)
        await rig.line.speak(sound_of("what are your opening hours"))
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    greeting, clip = rig.notes.turns[0], next(iter(rig.line.given))
    text = "Hello, this is the automated assistant."
    whole_s = len(sound_of(text)) / RATE / SLOW.pace
    assert len(rig.line.left(clip)) / RATE == pytest.approx(after_s, abs=0.001)
    assert greeting.heard == heard_words(text, (), after_s, whole_s)


def test_only_the_number_that_is_read_back_gets_pauses() -> None:
    async def script(rig: Rig) -> None:
        set_manner(rig, ONE_BY_ONE)
        await order_status(rig)

    _, rig = converse(script)
    clip = next(clip for clip, _ in rig.line.played if "I heard" in rig.text_of(clip))
    assert rig.text_of(clip) == "I heard four, five, six, seven, eight."
    assert {"four,", "five,", "eight."} <= set(rig.speaker.asked)
    assert "How can I help you?" in rig.speaker.asked
    silent = [not part.any() for part in np.array_split(rig.line.left(clip), round(len(rig.line.left(clip)) / 160))]
    assert sum(silent) / 100 == pytest.approx(5 * 0.22, abs=0.1)


def test_a_number_that_was_made_ahead_in_the_old_manner_is_made_anew_and_a_new_pace_needs_nothing_anew() -> None:
    class Eager:
        """Changes the manner between the guess and the answer."""

        def __init__(self, rig: Rig, manner: Manner) -> None:
            self._rig, self._manner = rig, manner

        def notice(self, language: str) -> str:
            return ""

        def announced(self, at: float) -> None:
            """Nothing was to be told."""

        def glance(self, heard: Heard) -> None:
            """Nothing to begin."""

        async def answer(self, heard: Heard, turn: Turn, known: object) -> Advice:
            set_manner(self._rig, self._manner)
            return Advice(first="I'm sorry about this.")

    def talk(manner: Manner) -> Rig:
        _, rig = converse(order_status, lambda rig: setattr(rig, "attention", Eager(rig, manner)))
        return rig

    slow, one_by_one = talk(SLOW), talk(ONE_BY_ONE)
    assert slow.speaker.asked.count(NUMBER) == 1, "the pace is that of the moment in which it is played"
    assert seconds_of(slow, NUMBER) == pytest.approx(len(sound_of(NUMBER)) / RATE / 0.8, abs=1 / RATE)
    assert one_by_one.speaker.asked.count(NUMBER) == 1
    assert "seven," in one_by_one.speaker.asked
    for rig in (slow, one_by_one):
        answer = next(turn for turn in rig.notes.turns if "I heard" in turn.text)
        assert answer.text == f"I'm sorry about this. {NUMBER} Is that right?"
        assert answer.heard == answer.text
        order = [rig.text_of(clip) for clip, _ in rig.line.played]
        assert order.index("I'm sorry about this.") < next(place for place, text in enumerate(order) if "I heard" in text)


def brief_desk() -> AgentDefinition:
    main = FRONT_DESK.nodes["main"]
    assert isinstance(main, AskNode)
    again = Texts.model_validate({"en": ["I did not understand you at all, please say it again."], "short": {"en": ["Sorry, once more?"]}})
    return FRONT_DESK.model_copy(update={"nodes": {**FRONT_DESK.nodes, "main": main.model_copy(update={"again": again})}})


@pytest.mark.parametrize(("short", "wanted"), [(True, "Sorry, once more?"), (False, "I did not understand you at all")])
def test_short_forms_are_said_to_a_caller_with_whom_the_agent_is_brief(short: bool, wanted: str) -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        set_manner(rig, Manner(short=short))
        await rig.says("purple monkey dishwasher")
        await rig.hears(wanted)
        rig.line.hang_up()

    _, rig = converse(script, lambda rig: setattr(rig, "agent", brief_desk()))
    assert wanted in rig.notes.turns[-1].text


def test_a_model_is_told_how_to_meet_the_caller_from_the_next_turn_on() -> None:
    model = Model({"my lamp is dark": ["Is it new?"], "no": ["Then it is the bulb."]})

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("my lamp is dark")
        await rig.hears("Is it new")
        set_manner(rig, Manner(short=True, tone="The caller is confused: go step by step."))
        await rig.says("no")
        await rig.hears("the bulb")
        rig.line.hang_up()

    def prepare(rig: Rig) -> None:
        rig.agent, rig.models = talker(), model

    _, rig = converse(script, prepare)
    first, last = model.tasks[0].instructions, model.tasks[-1].instructions
    assert "step by step" not in first
    assert "brief" not in first.lower()
    assert "step by step" in last
    assert "short sentence" in last
    assert all("step by step" not in turn.text for turn in rig.notes.turns), "nobody hears of it"
