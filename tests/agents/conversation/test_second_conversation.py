"""Two conversations on one line, the second taking over where the first put the caller through."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.audio import RATE, Pcm
from agents.conversation import Conversation, Resume
from agents.conversation.company import following, place, slots_of, wish_of
from agents.library import load_agent
from agents.transcript import Outcome
from tests.agents.conversation.line_talks import on_one_line, talk
from tests.agents.mind_doubles import FRONT_DESK, Rig, sound_of

COMPANY = load_agent("waiting-room")
WAIT = place(2, 120.0)


async def put_through(rig: Rig) -> tuple[Conversation, Outcome]:
    """The desk, until it has said that it puts the caller through."""
    first = talk(rig, FRONT_DESK)
    running = asyncio.create_task(first.run())
    await rig.hears("How can I help")
    await rig.says("I want to speak to a person")
    return first, await running


def company_after(rig: Rig, first: Conversation, outcome: Outcome) -> "asyncio.Task[Outcome]":
    second = talk(rig, COMPANY, following(first, list(rig.notes.turns), outcome.slots), WAIT)
    return asyncio.create_task(second.run())


def test_the_first_is_heard_to_its_end_and_the_second_goes_on_counting() -> None:
    async def main(rig: Rig) -> None:
        first, outcome = await put_through(rig)
        assert (outcome.kind, outcome.reason) == ("handover", "caller_request")
        assert rig.line.quiet, "the last sentence has been heard"
        running = company_after(rig, first, outcome)
        await rig.hears("about two minutes")
        await rig.says("how much longer")
        await rig.hears("about two minutes")
        await rig.says("never mind")
        assert wish_of(await running) == "stop"

    rig = on_one_line(main)
    assert [turn.number for turn in rig.notes.turns] == list(range(1, len(rig.notes.turns) + 1))
    assert all(turn.heard == turn.text and not turn.interrupted for turn in rig.notes.turns)
    assert sum("How can I help" in line for line in rig.notes.said()) == 1
    assert len({clip for clip, _ in rig.line.played}) == len(rig.line.played)


def test_a_key_pressed_between_the_two_counts() -> None:
    async def main(rig: Rig) -> None:
        first, outcome = await put_through(rig)
        rig.line.press("2")
        await asyncio.sleep(0.5)
        running = company_after(rig, first, outcome)
        await rig.hears("which number")
        await rig.keys("5550123#")
        await rig.hears("Is that right")
        await rig.keys("1")
        ended = await running
        assert wish_of(ended) == "callback"
        assert slots_of(ended) == {"callback_number": "5550123"}

    rig = on_one_line(main)
    assert [turn.text for turn in rig.notes.turns if turn.via == "keypad"] == ["2", "5550123", "1"]


@pytest.mark.parametrize("into_s", [0.4, 1.5, 2.5], ids=lambda s: f"{s}s_before_the_end")
def test_words_begun_under_the_first_are_answered_by_the_second_once(into_s: float) -> None:
    async def main(rig: Rig) -> None:
        first = talk(rig, FRONT_DESK)
        running = asyncio.create_task(first.run())
        await rig.hears("How can I help")
        await rig.says("speak to a person")
        clip = await rig.begins(words="put you through")
        await asyncio.sleep(max(0.0, len(rig.text_of(clip)) * 0.06 - into_s))
        speaking = asyncio.create_task(rig.line.speak(sound_of("where is my order please", 4.0)))
        outcome = await running
        assert not speaking.done()
        second = company_after(rig, first, outcome)
        await rig.hears("order number")
        await speaking
        rig.line.hang_up()
        await second

    rig = on_one_line(main)
    assert sum("where is my order please" in line for line in rig.notes.said()) == 1


def test_words_said_whole_under_the_last_sentence_are_answered_by_the_second() -> None:
    async def main(rig: Rig) -> None:
        first = talk(rig, FRONT_DESK)
        running = asyncio.create_task(first.run())
        await rig.hears("How can I help")
        await rig.says("speak to a person")
        await rig.begins(0.3, "put you through")
        await rig.line.speak(sound_of("how much longer does it take"))
        outcome = await running
        assert outcome.kind == "handover"
        second = company_after(rig, first, outcome)
        await rig.hears("number two in line")
        await rig.hears("number two in line")
        rig.line.hang_up()
        await second

    rig = on_one_line(main)
    assert rig.notes.said().count("caller: how much longer does it take") == 1


def test_a_key_under_the_last_sentence_is_taken_up() -> None:
    async def main(rig: Rig) -> None:
        first = talk(rig, FRONT_DESK)
        running = asyncio.create_task(first.run())
        await rig.hears("How can I help")
        await rig.says("speak to a person")
        await rig.begins(0.3, "put you through")
        rig.line.press("2")
        second = company_after(rig, first, await running)
        await rig.hears("which number")
        rig.line.hang_up()
        await second

    rig = on_one_line(main)
    assert [turn.text for turn in rig.notes.turns if turn.via == "keypad"] == ["2"]


def test_the_rest_of_a_half_heard_turn_is_not_lost() -> None:
    """The first ends by an outside decision while the caller speaks; nothing of the words goes missing."""

    async def main(rig: Rig) -> None:
        first = talk(rig, FRONT_DESK)
        running = asyncio.create_task(first.run())
        await rig.hears("How can I help")
        speaking = asyncio.create_task(rig.line.speak(sound_of("please add that the parcel is wet", 2.0)))
        await asyncio.sleep(1.0)
        first.end("taken_over")
        outcome = await running
        assert (outcome.kind, outcome.reason) == ("goodbye", "taken_over")
        second = company_after(rig, first, outcome)
        await rig.hears("I will pass that on")
        await speaking
        rig.line.hang_up()
        await second

    rig = on_one_line(main)
    assert rig.notes.said().count("caller: please add that the parcel is wet") == 1


def test_a_line_that_closed_in_between_ends_the_second() -> None:
    async def main(rig: Rig) -> None:
        first, outcome = await put_through(rig)
        rig.line.hang_up()
        assert (await company_after(rig, first, outcome)).kind == "caller_left"

    on_one_line(main)


def test_somebody_elses_sentence_is_not_left_held() -> None:
    async def forever() -> AsyncIterator[Pcm]:
        yield sound_of("a notice of somebody else", 4.0)

    async def main(rig: Rig) -> None:
        first, outcome = await put_through(rig)
        notice = asyncio.create_task(rig.line.play("notice", forever()))
        second = talk(rig, COMPANY, following(first, rig.notes.turns, outcome.slots))
        running = asyncio.create_task(second.run())
        await rig.begins(words="notice")
        await rig.coughs(0.3)
        await rig.hears("a notice of somebody else")
        await notice
        rig.line.hang_up()
        await running

    rig = on_one_line(main)
    assert "notice" in [clip for clip, _ in rig.line.played]
    assert len(rig.line.left("notice")) == 4.0 * RATE


def test_a_line_left_held_is_let_go() -> None:
    async def main(rig: Rig) -> None:
        first, outcome = await put_through(rig)
        await rig.line.hold()
        running = company_after(rig, first, outcome)
        await rig.hears("number two in line")
        rig.line.hang_up()
        await running

    on_one_line(main)


def test_silence_is_left_in_peace_for_as_long_as_it_lasts() -> None:
    async def main(rig: Rig) -> None:
        running = asyncio.create_task(talk(rig, COMPANY, Resume(anew=True), WAIT).run())
        await rig.hears("about two minutes")
        await asyncio.sleep(1800.0)
        await rig.says("how much longer")
        await rig.hears("about two minutes")
        await asyncio.sleep(200.0)
        rig.line.press("3")
        assert wish_of(await running) == "agent"

    rig = on_one_line(main)
    assert [turn.who for turn in rig.notes.turns] == ["agent", "caller", "agent", "caller", "agent"]
    assert "no_input" not in rig.notes.kinds()


def test_what_is_learnt_before_the_first_word_is_known_at_it() -> None:
    async def main(rig: Rig) -> None:
        running = asyncio.create_task(talk(rig, COMPANY, None, place(1, None)).run())
        await rig.hears("You are next in line")
        rig.line.hang_up()
        await running

    on_one_line(main)
