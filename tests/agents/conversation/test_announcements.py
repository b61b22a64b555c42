"""What somebody outside has said in between, and how a conversation is ended from outside."""

import asyncio

import pytest

from agents.conversation import Resume
from agents.conversation.company import OVER, place, wish_of
from agents.library import load_agent
from agents.transcript import Outcome
from tests.agents.conversation.line_talks import on_one_line, talk
from tests.agents.mind_doubles import FRONT_DESK, Rig, converse, sound_of
from tests.agents.virtual_time import virtual_clock

COMPANY = load_agent("waiting-room")


def company(rig: Rig) -> "asyncio.Task[Outcome]":
    return asyncio.create_task(talk(rig, COMPANY, Resume(anew=True)).run())


async def leave(rig: Rig, running: "asyncio.Task[Outcome]") -> None:
    rig.line.hang_up()
    await running


def test_an_announcement_is_made_with_its_facts() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("place", place(4, 300.0))
        await rig.hears("You are number four in line")
        await rig.hears("about five minutes")
        assert rig.conversation.known()["position"] == "4"
        await leave(rig, running)

    on_one_line(main)


def test_it_waits_for_the_caller_and_for_the_agent() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("connecting")
        await rig.begins(words="looking for a colleague")
        rig.conversation.announce("ringing")
        await rig.hears("looking for a colleague")
        await rig.hears("calling a colleague now")
        speaking = asyncio.create_task(rig.line.speak(sound_of("please add that I have photos", 3.0)))
        await asyncio.sleep(1.0)
        rig.conversation.announce("answered")
        await speaking
        await rig.hears("I will pass that on")
        await rig.hears("what this is about")
        await asyncio.sleep(1.0)
        await leave(rig, running)

    rig = on_one_line(main)
    assert not any(turn.interrupted for turn in rig.notes.turns)


def test_only_the_latest_of_a_name_is_made() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("connecting")
        await rig.begins(words="looking for a colleague")
        for position in (5, 4, 3):
            rig.conversation.announce("place", place(position, None))
        await rig.hears("You are number three in line")
        await asyncio.sleep(30.0)
        await leave(rig, running)

    rig = on_one_line(main)
    assert sum("in line" in line for line in rig.notes.said()) == 1


def test_a_question_of_the_agents_comes_first() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        await rig.says("call me back")
        await rig.hears("which number")
        assert rig.conversation
        rig.conversation.announce("place", place(2, None))
        await asyncio.sleep(3.0)
        await rig.says("I'd rather wait")
        await rig.hears("I keep looking")
        await rig.hears("You are number two in line")
        await leave(rig, running)

    on_one_line(main)


def test_speaking_over_it_stops_it_and_is_answered() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("connecting")
        await rig.begins(0.8, "looking for a colleague")
        await rig.line.speak(sound_of("what are your opening hours"))
        await rig.hears("We are open now")
        await leave(rig, running)

    rig = on_one_line(main)
    assert rig.notes.turns[0].interrupted


def test_one_that_is_urgent_interrupts() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("connecting")
        await rig.begins(0.5, "looking for a colleague")
        rig.conversation.announce("answered", at_once=True)
        await rig.hears("what this is about")
        await leave(rig, running)

    rig = on_one_line(main)
    assert rig.notes.turns[0].interrupted
    assert not rig.notes.turns[1].interrupted


def test_one_that_the_agent_does_not_have_is_told() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        assert rig.conversation
        rig.conversation.announce("weather")
        await asyncio.sleep(1.0)
        rig.line.hang_up()

    _, rig = converse(script)
    data = next(data for kind, _, data in rig.notes.events if kind == "announcement_not_possible")
    assert data == {"name": "weather", "reason": "unknown"}
    assert len(rig.notes.turns) == 1


# The end from outside


def test_the_company_is_over_at_once_when_somebody_takes_the_caller() -> None:
    async def main(rig: Rig) -> None:
        running = company(rig)
        assert rig.conversation
        rig.conversation.announce("connecting")
        await rig.begins(0.7, "looking for a colleague")
        rig.conversation.announce("place", place(2, None))
        at = virtual_clock()
        rig.conversation.end(OVER)
        outcome = await running
        assert (outcome.kind, outcome.reason) == ("goodbye", OVER)
        assert wish_of(outcome) is None
        assert virtual_clock() == at, "nothing is waited for"
        assert rig.line.quiet
        await asyncio.sleep(5.0)

    rig = on_one_line(main)
    assert len(rig.notes.turns) == 1
    assert rig.notes.turns[0].interrupted
    assert rig.notes.turns[0].heard.startswith("I am looking")


def test_a_supervisor_may_let_the_sentence_be_heard() -> None:
    async def main(rig: Rig) -> None:
        running = asyncio.create_task(talk(rig, FRONT_DESK).run())
        await rig.begins(0.7)
        assert rig.conversation
        rig.conversation.end("ended_by_supervisor", after_sentence=True)
        outcome = await running
        assert (outcome.kind, outcome.reason) == ("goodbye", "ended_by_supervisor")
        assert rig.line.quiet

    rig = on_one_line(main)
    assert rig.notes.turns[0].text == "Hello, this is the automated assistant. How can I help you?"
    assert rig.notes.turns[0].heard == "Hello, this is the automated assistant."


def test_a_sentence_that_never_ends_keeps_nobody() -> None:
    async def main(rig: Rig) -> None:
        running = asyncio.create_task(talk(rig, FRONT_DESK).run())
        await rig.begins(0.7)
        await rig.line.hold()
        assert rig.conversation
        rig.conversation.end("ended_by_supervisor", after_sentence=True)
        async with asyncio.timeout(10.0):
            assert (await running).reason == "ended_by_supervisor"

    on_one_line(main)


@pytest.mark.parametrize("after_sentence", [False, True])
def test_in_silence_it_ends_at_once(after_sentence: bool) -> None:
    async def main(rig: Rig) -> None:
        running = asyncio.create_task(talk(rig, FRONT_DESK).run())
        await rig.hears("How can I help")
        await asyncio.sleep(1.0)
        at = virtual_clock()
        assert rig.conversation
        rig.conversation.end("ended_by_supervisor", after_sentence=after_sentence)
        assert (await running).kind == "goodbye"
        assert virtual_clock() == at

    on_one_line(main)
