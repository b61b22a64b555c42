"""Whose turn it is, on the wire: what ends the agent's sentence and what does not. How fast and how often: ``./patchcord bench turns``."""

from ari_app.caller.calling import Manner
from ari_app.caller.line_conditions import Echo, LineConditions
from ari_app.caller.script import AfterOnset, Hangup, Interrupt, Play, Say, Step, Wait
from tests.bench.turns.sounds_hums import hummed
from tests.bench.turns.sounds_noises import made
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk


async def test_what_is_no_interruption_leaves_the_agent_its_sentence(instance: Instance) -> None:
    hum, cough = Play(hummed("mm-hm", 130.0, 1), AfterOnset(0.5), "hum"), Play(made("cough", 1), label="cough")
    script: list[Step] = [
        hum,
        Wait(0.3),
        Say("okay", wait=False),
        Wait(0.3),
        cough,
        Wait(3),
        Say("no thank you, goodbye", wait=False),
        Wait(4),
    ]
    await talk(instance, "100", script)
    await settled(instance)
    call = newest_whole(instance)
    greeting = call["turns"][0]
    assert greeting["who"] == "agent"
    assert not greeting["interrupted"], greeting
    assert greeting["heard"] == greeting["text"]
    assert call["turns"][1]["who"] == "caller", call["turns"]
    assert "thank you" in call["turns"][1]["text"].lower()
    assert "backchannel" in [event["kind"] for event in call["events"]]


async def test_a_wish_in_the_middle_of_a_sentence_ends_it_and_is_answered(instance: Instance) -> None:
    report = await talk(instance, "100", [Interrupt(0.2, "What are your opening hours?"), Wait(5), Hangup()])
    await settled(instance)
    turns = newest_whole(instance)["turns"]
    assert turns[0]["interrupted"]
    assert len(turns[0]["heard"].split()) < 6, turns[0]
    assert turns[1]["who"] == "caller"
    assert "open" in turns[2]["text"].lower()
    assert report.barge_in_stops_ms
    assert all(stop is None or stop < 400 for stop in report.barge_in_stops_ms), "a loose bound: the bench measures it"


async def test_a_speakerphone_does_not_make_the_agent_interrupt_itself(instance: Instance) -> None:
    line = LineConditions(echo=Echo(attenuation_db=15, delay_ms=120), noise_dbov=-60, seed=3)
    await talk(
        instance, "100", [Say("When are you open?"), Wait(1), Say("no thank you, goodbye"), Hangup()], manner=Manner(conditions=line)
    )
    await settled(instance)
    call = newest_whole(instance)
    said = [turn for turn in call["turns"] if turn["who"] == "agent"]
    assert len(said) >= 3
    assert not any(turn["interrupted"] for turn in said), said
    assert len([turn for turn in call["turns"] if turn["who"] == "caller"]) == 2, call["turns"]
