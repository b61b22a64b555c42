"""What the caller's voice does to the agent's: it pauses at once, and goes on or gives way. Whole conversations in virtual time."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from agents.audio import RATE
from agents.conversation.heard import heard_words
from agents.transcript import Turn
from tests.agents.mind_doubles import Rig, converse, sound_of

GREETING = "Hello, this is the automated assistant. How can I help you?"


def agent_turns(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent"]


def event(rig: Rig, kind: str) -> Mapping[str, object]:
    """The data of the one event of this kind."""
    [data] = [data for name, _, data in rig.notes.events if name == kind]
    return data


def heard_s(rig: Rig, clip: str) -> float:
    """Seconds of ``clip`` that left the line."""
    return len(rig.line.left(clip)) / RATE


def paused_s(rig: Rig, clip: str) -> list[float]:
    """The length of each pause in the middle of ``clip``, on the line."""
    stretches = [stretch for stretch in rig.line.sounded if stretch.clip == clip]
    gaps = [after.begun_at - before.ended_at for before, after in pairwise(stretches)]
    return [gap for gap in gaps if gap > 0.01]


@pytest.mark.parametrize("words", ["mm hmm", "okay", "yeah right", "uh huh"])
def test_a_backchannel_pauses_the_agent_and_the_same_answer_goes_on_from_the_same_sample(words: str) -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of(words, 0.4))
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    clip = rig.line.played[0][0]
    assert np.array_equal(rig.line.left(clip), sound_of("Hello, this is the automated assistant."))
    [gap] = paused_s(rig, clip)
    assert gap - 0.4 <= 0.6, "seconds from the end of the backchannel"
    assert not [turn for turn in rig.notes.turns if turn.who == "caller"]
    assert [turn.heard for turn in agent_turns(rig)] == [GREETING]
    assert event(rig, "backchannel") == {"ms": 400}, "its words are nobody's business"


@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.35])
def test_a_cough_pauses_the_agent_and_it_goes_on(seconds: float) -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.coughs(seconds)
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    [gap] = paused_s(rig, rig.line.played[0][0])
    assert gap - seconds <= 0.6
    assert rig.line.played[0][1].tolist() == sound_of("Hello, this is the automated assistant.").tolist()
    assert event(rig, "noise") == {"ms": round(seconds * 1000)}
    assert [turn.who for turn in rig.notes.turns] == ["agent"]


def test_a_sound_that_the_line_itself_takes_for_no_voice_leaves_no_trace() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.click(0.1)
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    assert rig.notes.events == []
    assert paused_s(rig, rig.line.played[0][0]) == [pytest.approx(0.1, abs=0.01)]


@pytest.mark.parametrize("after_s", [0.05, 0.4, 1.0, 1.9, 2.6])
def test_an_interruption_stops_the_agent_at_once_and_history_holds_what_was_heard(after_s: float) -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=after_s)
        await rig.line.speak(sound_of("what are your opening hours"))
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    [caller] = [turn for turn in rig.notes.turns if turn.who == "caller"]
    greeting = agent_turns(rig)[0]
    clips = [clip for clip in rig.line.given if clip.startswith("1.")]
    assert sum(heard_s(rig, clip) for clip in clips) == pytest.approx(after_s, abs=0.001), "nothing leaves after the onset"
    parts = [heard_words(rig.text_of(clip), (), heard_s(rig, clip), len(rig.line.source(clip)) / RATE) for clip in clips]
    assert greeting.heard == " ".join(part for part in parts if part)
    assert greeting.text == GREETING, "what was not heard is known all the same"
    assert greeting.interrupted
    assert greeting.ended_at == pytest.approx(caller.started_at)
    assert caller.text == "what are your opening hours"


@pytest.mark.parametrize("word", ["stop", "wait", "no", "operator"])
def test_one_word_is_enough_when_it_is_one_of_those(word: str) -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of(word, 0.35))
        await rig.begins(words="", after_s=0.5)
        rig.line.hang_up()

    _, rig = converse(script)
    assert agent_turns(rig)[0].interrupted
    assert f"caller: {word}" in rig.notes.said()


def test_a_decision_while_the_caller_still_speaks_needs_no_pause() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("i would like to know when you open tomorrow", 4.0))
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    [caller] = [turn for turn in rig.notes.turns if turn.who == "caller"]
    [stopped_at, *_] = [at for told, at in rig.line.told if told == "stop"]
    assert stopped_at - caller.started_at < 1.0


def test_digits_are_an_answer_when_digits_were_asked_for() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("order status")
        await rig.begins(words="What is your order number", after_s=0.8)
        await rig.line.speak(sound_of("four five six seven eight"))
        await rig.hears("four, five, six, seven, eight")
        rig.line.hang_up()

    _, rig = converse(script)
    assert agent_turns(rig)[1].heard == "What is your order"


async def _up_to_confirmation(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("my order four five six seven eight")


def test_a_yes_at_the_end_of_a_question_is_its_answer() -> None:
    async def script(rig: Rig) -> None:
        await _up_to_confirmation(rig)
        await rig.begins(words="Is that right?", after_s=0.6)
        await rig.line.speak(sound_of("yes"))
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script)
    assert "caller: yes" in rig.notes.said()
    assert "backchannel" not in rig.notes.kinds()


def test_a_yes_before_the_question_is_none() -> None:
    async def script(rig: Rig) -> None:
        await _up_to_confirmation(rig)
        await rig.begins(words="I heard", after_s=0.8)
        await rig.line.speak(sound_of("yes"))
        await rig.hears("Is that right?")
        await rig.says("yes")
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script)
    assert "backchannel" in rig.notes.kinds()
    assert not any(turn.interrupted for turn in agent_turns(rig)[:2])


def test_a_long_noise_that_stopped_the_agent_is_not_answered_the_rest_is_said() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.coughs(3.5)
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    assert not any("did not understand" in turn.text for turn in agent_turns(rig))
    assert "noise" in rig.notes.kinds()


def test_the_agents_own_words_come_back_and_do_not_stop_it() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("this is", 0.5))
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    assert event(rig, "echo") == {"ms": 500}
    assert [turn.who for turn in rig.notes.turns] == ["agent"]
    assert rig.line.played[0][1].tolist() == sound_of("Hello, this is the automated assistant.").tolist()


def test_an_echo_right_after_the_agent_is_no_turn_of_the_caller() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("help you", after_s=0.1)
        await rig.hears("did not hear you")
        rig.line.hang_up()

    _, rig = converse(script)
    assert "echo" in rig.notes.kinds()
    assert not [turn for turn in rig.notes.turns if turn.who == "caller"]


def test_who_takes_up_the_agents_words_later_means_them() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("purple elephants dance")
        await rig.hears("our opening hours.")
        await rig.says("opening hours", after_s=0.5)
        await rig.hears("We are open now")
        rig.line.hang_up()

    converse(script)


def test_who_takes_up_the_agents_words_over_the_next_ones_means_them_too() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("purple elephants dance")
        await rig.begins(words="You can ask for an order status or", after_s=2.4)  # at "or for our"
        await rig.line.speak(sound_of("an order status"))
        await rig.hears("What is your order number")
        rig.line.hang_up()

    converse(script)


def test_what_must_be_heard_is_heard_and_the_words_meanwhile_are_answered_after_it() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [{"bargein": {"greeting_interruptible": False}}]

    async def script(rig: Rig) -> None:
        await rig.begins(after_s=0.5)
        await rig.line.speak(sound_of("what are your opening hours"))
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    greeting = agent_turns(rig)[0]
    assert greeting.heard == GREETING
    assert not greeting.interrupted
    assert rig.line.told == [], "neither held nor stopped"
    assert "caller: what are your opening hours" in rig.notes.said()


def test_where_the_voice_may_not_interrupt_keys_still_do() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [{"bargein": {"enabled": False}}]

    async def script(rig: Rig) -> None:
        await rig.begins(after_s=0.5)
        await rig.line.speak(sound_of("stop", 0.4))
        await rig.begins(after_s=0.3)
        await rig.keys("1", gap_s=0.1)
        await rig.begins(words="order number")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert agent_turns(rig)[0].interrupted
    assert agent_turns(rig)[0].heard == "Hello, this is the automated"


def test_nothing_lets_the_caller_cut_off_the_last_sentence_by_a_key() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [{"bargein": {"enabled": False}}]

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.keys("0")
        await rig.begins(words="put you through", after_s=0.3)
        await rig.keys("5")

    outcome, rig = converse(script, prepare)
    assert outcome.kind == "handover"
    assert agent_turns(rig)[-1].heard == agent_turns(rig)[-1].text


def test_fewer_words_than_asked_for_are_a_remark() -> None:
    def prepare(rig: Rig) -> None:
        rig.layers = [{"bargein": {"min_words": 3}}]

    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("good morning", 0.6))
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert event(rig, "remark") == {"ms": 600}
    assert [turn.heard for turn in agent_turns(rig)] == [GREETING]


@pytest.mark.parametrize(("seconds", "stops"), [(0.3, False), (1.2, True)])
def test_without_a_recogniser_the_length_of_the_voice_decides(seconds: float, stops: bool) -> None:
    def prepare(rig: Rig) -> None:
        rig.transcriber.down = True

    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("what are your hours", seconds))
        await rig.begins(after_s=0.2)
        await rig.hears("you")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert agent_turns(rig)[0].interrupted is stops


def test_hanging_up_while_the_agent_is_paused_ends_cleanly() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("mm hmm", 0.1))
        rig.line.hang_up()

    outcome, rig = converse(script)
    assert outcome.kind == "caller_left"
    assert agent_turns(rig)[0].heard == "Hello, this is the"


def test_a_key_while_the_agent_is_paused_interrupts() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("Hello")
        await rig.begins(words="How can I help", after_s=0.3)
        await rig.line.speak(sound_of("mm hmm", 0.1))
        await rig.keys("2", gap_s=0.01)
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    assert agent_turns(rig)[0].interrupted


def test_a_stop_that_crosses_the_voice_does_not_let_the_agent_speak_into_it() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.keys("#")
        await rig.begins(after_s=0.2)
        rig.line.press("#")
        await rig.line.speak(sound_of("what are your opening hours", 1.5))  # the line reports it before it is told to stop for the key
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    [(begun, ended)] = rig.line.voices
    assert not [stretch for stretch in rig.line.sounded if begun < stretch.begun_at < ended]
