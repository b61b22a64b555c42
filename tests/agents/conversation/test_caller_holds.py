"""A caller who puts the call on hold is neither asked nor heard; what would have been asked is asked when they are back."""

import asyncio

from tests.agents.mind_doubles import Rig, converse, sound_of

HELD_S = 100.0


def spoken(rig: Rig, who: str) -> list[str]:
    return [turn.text for turn in rig.notes.turns if turn.who == who]


async def _holds(rig: Rig, on: bool) -> None:
    assert rig.conversation is not None
    rig.conversation.held(on)
    await asyncio.sleep(0.1)


def test_nobody_is_asked_while_they_hold_and_all_goes_on_afterwards() -> None:
    asked: list[int] = []

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await _holds(rig, True)
        await asyncio.sleep(HELD_S)
        asked.append(len(spoken(rig, "agent")))
        await _holds(rig, False)
        asked.append(len(await rig.begins()))
        await rig.says("goodbye")

    outcome, rig = converse(script)
    assert outcome.kind == "goodbye"
    assert asked[0] == 1
    assert asked[1] > 0
    assert [dict(data) for kind, data in ((event[0], event[2]) for event in rig.notes.events) if kind == "caller_holds"] == [
        {"on": True},
        {"on": False},
    ]


def test_the_music_of_their_telephone_is_no_answer() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await _holds(rig, True)
        await rig.line.speak(sound_of("what are your opening hours"))
        await asyncio.sleep(2)
        await _holds(rig, False)
        await rig.says("goodbye")

    outcome, rig = converse(script)
    assert outcome.kind == "goodbye"
    assert spoken(rig, "caller") == ["goodbye"]


def test_a_short_hold_leaves_the_question_as_it_was() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await _holds(rig, True)
        await asyncio.sleep(1)
        await _holds(rig, False)
        await rig.says("goodbye")

    outcome, rig = converse(script)
    assert outcome.kind == "goodbye"
    assert not any(event[0] == "no_input" for event in rig.notes.events)
