"""The brief to a member, by ear: keys at any moment, words that count and hums that do not, machines that talk on."""

import asyncio

import pytest

from agents.conversation.company import answer_of, brief, place
from agents.library import load_agent
from agents.transcript import Outcome
from tests.agents.conversation.line_talks import on_one_line, talk
from tests.agents.mind_doubles import Rig, sound_of
from tests.agents.virtual_time import virtual_clock

BRIEFING = load_agent("briefing")
TEXT = "Ana Ruiz wants a refund for order 10482."
SPOKEN = "Ana Ruiz wants a refund for order one, zero, four, eight, two."


def briefed(rig: Rig, *, announced: bool = False) -> "asyncio.Task[Outcome]":
    return asyncio.create_task(talk(rig, BRIEFING, None, brief(TEXT, announced=announced)).run())


@pytest.mark.parametrize(("key", "answer"), [("1", "accept"), ("2", "decline")])
def test_a_key_counts_at_once_in_the_middle_of_the_brief(key: str, answer: str) -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(1.0, "Ana Ruiz")
        pressed_at = virtual_clock()
        rig.line.press(key)
        outcome = await running
        assert virtual_clock() == pressed_at, "nothing is waited for"
        assert answer_of(outcome) == answer
        assert rig.line.quiet

    rig = on_one_line(main)
    assert [turn.who for turn in rig.notes.turns] == ["caller", "agent"]
    assert rig.notes.turns[1].interrupted


def test_a_word_counts_as_soon_as_the_turn_is_over() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.hears("repeat")
        await rig.says("accept")
        said_at = virtual_clock()
        assert answer_of(await running) == "accept"
        assert virtual_clock() - said_at < 0.3

    rig = on_one_line(main)
    assert rig.notes.said()[0].startswith(f"agent: {SPOKEN} Press one or say accept")
    assert rig.notes.turns[-1].who == "caller", "no farewell"


@pytest.mark.parametrize("word", ["accept", "yes", "decline"])
def test_a_word_over_the_choice_is_an_answer(word: str) -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(1.5, "Press one")
        await rig.line.speak(sound_of(word))
        assert answer_of(await running) == ("decline" if word == "decline" else "accept")

    on_one_line(main)


@pytest.mark.parametrize("word", ["mm-hm", "okay", "yes", "hello", "Maria speaking"])
def test_who_listens_or_says_hello_hears_the_brief_go_on(word: str) -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(0.3, "Ana Ruiz")
        await rig.line.speak(sound_of(word))
        await rig.hears("Ana Ruiz")
        await rig.hears("repeat")
        rig.line.press("1")
        assert answer_of(await running) == "accept"

    rig = on_one_line(main)
    assert rig.notes.turns[-1].heard.startswith(SPOKEN) or rig.notes.turns[0].heard.startswith(SPOKEN)
    assert sum(SPOKEN in line for line in rig.notes.said()) == 1


def test_a_hum_after_the_choice_is_no_answer() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.hears("repeat")
        await rig.says("mm-hm")
        await asyncio.sleep(2.0)
        assert not running.done()
        await rig.says("okay")
        assert answer_of(await running) == "accept"

    on_one_line(main)


def test_silence_hears_the_choice_once_more() -> None:
    async def main(rig: Rig) -> None:
        outcome = await briefed(rig)
        assert (answer_of(outcome), outcome.reason) == ("none", "no_answer")

    rig = on_one_line(main)
    assert [SPOKEN in turn.text for turn in rig.notes.turns] == [True, False]
    assert rig.notes.turns[1].text.startswith("Press one or say accept")


@pytest.mark.parametrize("pause_s", [0.25, 1.2])
def test_an_answering_machine_makes_no_choice(pause_s: float) -> None:
    greeting = "hello you have reached the voice mailbox of sales we can not take your call please leave a message after the tone"

    async def machine(rig: Rig) -> None:
        while True:
            await rig.line.speak(sound_of(greeting, 9.0))
            await asyncio.sleep(pause_s)

    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await asyncio.sleep(0.2)
        talking = asyncio.create_task(machine(rig))
        async with asyncio.timeout(120.0):
            assert answer_of(await running) == "none"
        talking.cancel()

    on_one_line(main)


def test_the_announced_mode_ends_with_the_brief() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig, announced=True)
        await rig.hears(SPOKEN)
        assert answer_of(await running) == "accept"

    rig = on_one_line(main)
    assert rig.notes.said() == [f"agent: {SPOKEN}"]


def test_the_brief_is_repeated_on_request() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(1.0, "Press one")
        rig.line.press("3")
        await rig.hears("Once more")
        await rig.hears(SPOKEN)
        rig.line.press("2")
        assert answer_of(await running) == "decline"

    rig = on_one_line(main)
    assert "brief_repeated" in rig.notes.kinds()


def test_a_member_who_hangs_up_gives_no_answer() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(0.5, "Ana Ruiz")
        rig.line.hang_up()
        assert answer_of(await running) is None

    on_one_line(main)


def test_the_member_is_told_when_the_call_is_taken_away() -> None:
    async def main(rig: Rig) -> None:
        running = briefed(rig)
        await rig.begins(0.5, "Ana Ruiz")
        assert rig.conversation
        rig.conversation.announce("caller_left", at_once=True)
        await rig.hears("has just hung up")
        outcome = await running
        assert (answer_of(outcome), outcome.reason) == (None, "told")

    on_one_line(main)


@pytest.mark.parametrize(
    ("position", "wait_s", "facts"),
    [
        (None, None, {"position": "", "wait_minutes": ""}),
        (1, 10.0, {"position": "1", "wait_minutes": "0"}),
        (2, 40.0, {"position": "2", "wait_minutes": "1"}),
        (7, 149.0, {"position": "7", "wait_minutes": "2"}),
        (9, 1800.0, {"position": "9", "wait_minutes": "30"}),
        (40, 86400.0, {"position": "40", "wait_minutes": "31"}),
    ],
)
def test_a_place_in_line_as_facts(position: int | None, wait_s: float | None, facts: dict[str, str]) -> None:
    assert place(position, wait_s) == facts
