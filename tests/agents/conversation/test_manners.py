"""What the agent does so as not to be rude: a word while a tool works, an "mm-hm" in a long story."""

from itertools import pairwise

import pytest

from agents.conversation.manners import MURMURS
from agents.transcript import Turn
from tests.agents.mind_doubles import Rig, converse, sound_of

MURMURING = {"speaking": {"backchannel": True, "backchannel_after_s": 2.0}}


def agent_turns(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent"]


async def ask_for_an_order(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("my order four five six seven eight")
    await rig.hears("Is that right?")
    await rig.says("yes")


def fillers(rig: Rig) -> list[Turn]:
    return [turn for turn in agent_turns(rig) if "still looking" in turn.text or "a moment longer" in turn.text]


@pytest.mark.parametrize("after_s", [0.4, 0.7, 2.0])
def test_a_tool_that_takes_long_is_excused_after_the_time_set(after_s: float) -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 2.95
        rig.layers = [{"speaking": {"filler_after_s": after_s}}]

    async def script(rig: Rig) -> None:
        await ask_for_an_order(rig)
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    turns = agent_turns(rig)
    moment = next(index for index, turn in enumerate(turns) if "One moment" in turn.text)
    silent_s = turns[moment + 1].started_at - turns[moment].ended_at
    if after_s < 1.0:
        assert fillers(rig)
        assert silent_s == pytest.approx(after_s + 0.1, abs=0.02), "and the tenth of a second that the voice takes"
    else:
        assert not fillers(rig), "the tool was quicker"


def test_a_quick_tool_needs_no_excuse() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 0.3

    async def script(rig: Rig) -> None:
        await ask_for_an_order(rig)
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert not fillers(rig)


def test_fillers_can_be_switched_off() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 2.95
        rig.layers = [{"speaking": {"filler": False}}]

    async def script(rig: Rig) -> None:
        await ask_for_an_order(rig)
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert not fillers(rig)


def test_no_filler_falls_into_the_callers_words_and_it_comes_after_them() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 60.0
        waits = {"min_delay_s": 0.2, "max_delay_s": 0.3, "unfinished_delay_s": 0.3}
        rig.layers = [{"speaking": {"filler_after_s": 0.3}, "endpointing": waits}]

    async def script(rig: Rig) -> None:
        await ask_for_an_order(rig)
        await rig.hears("One moment")
        await rig.line.speak(sound_of("take your time", 0.6))
        await rig.hears("looking")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    [caller] = [turn for turn in rig.notes.turns if turn.text == "take your time"]
    [filler] = fillers(rig)
    assert 0.2 <= filler.started_at - caller.ended_at <= 0.8


def test_the_excuses_become_rarer() -> None:
    def prepare(rig: Rig) -> None:
        rig.orders.takes_s = 60.0
        rig.layers = [{"speaking": {"filler_after_s": 0.3}}]

    async def script(rig: Rig) -> None:
        await ask_for_an_order(rig)

    _, rig = converse(script, prepare)
    turns = agent_turns(rig)
    first = next(index for index, turn in enumerate(turns) if "One moment" in turn.text)
    silences = [after.started_at - before.ended_at for before, after in pairwise(turns[first : first + 2 + len(fillers(rig))])]
    assert silences[: len(fillers(rig))] == [pytest.approx(0.3 * 2**count + 0.1, abs=0.02) for count in range(len(fillers(rig)))]


async def a_long_story(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("well i have been waiting for my", seconds=3.0)
    await rig.says("what are your opening hours", seconds=1.0, after_s=0.55)
    await rig.hears("We are open now")
    rig.line.hang_up()


def murmurs(rig: Rig) -> list[str]:
    return [clip for clip, _ in rig.line.played if clip.startswith("murmur")]


def test_a_long_story_gets_a_murmur_that_is_no_turn() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [MURMURING]

    _, rig = converse(a_long_story, prepare)
    assert murmurs(rig) == ["murmur-1"]
    assert rig.notes.kinds().count("agent_backchannel") == 1
    assert not any(turn.text in MURMURS for turn in rig.notes.turns)
    assert "caller: well i have been waiting for my what are your opening hours" in rig.notes.said()
    assert rig.line.told == [], "nothing to hold, nothing to stop"
    assert murmurs(rig)[0] in rig.line.must_be_heard


def test_nobody_murmurs_unasked() -> None:
    _, rig = converse(a_long_story)
    assert murmurs(rig) == []
    assert not set(MURMURS) & set(rig.speaker.asked)


def test_going_on_over_the_murmur_interrupts_nothing() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [MURMURING]

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("well i have been waiting for my", seconds=3.0)
        await rig.begins(after_s=0.1)
        await rig.line.speak(sound_of("what are your opening hours", 1.0))
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert murmurs(rig) == ["murmur-1"]
    assert rig.line.told == []


def test_a_voice_that_cannot_murmur_keeps_silent() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [MURMURING]
        rig.speaker.mute = set(MURMURS)

    _, rig = converse(a_long_story, prepare)
    assert murmurs(rig) == []
    assert "agent_backchannel" not in rig.notes.kinds()
