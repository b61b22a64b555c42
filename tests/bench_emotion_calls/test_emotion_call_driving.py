"""A planned call goes through the service's own watch: it ends where a person takes over, and the records say why."""

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.stt.transcriber import Transcript
from tests.bench.emotion_calls.call import Call, Line, Utterance
from tests.bench.emotion_calls.driving import run
from tests.bench.emotion_calls.watching import Watches

TEXTS = ("Hello, I have a question about my bill.", "I want to speak to a person, please.", "Thank you.")


def call(*texts: str) -> Call:
    said = tuple(Utterance(text, False, -24.0) for text in texts)
    return Call("calm-0", "calm", "bank", "rhvoice:bdl", "usual", Line("none", float("inf")), 1, said)


async def script(utterance: Utterance, sound: Pcm | None) -> Transcript:
    del sound
    return Transcript(utterance.text, 0.0)


async def test_the_call_ends_where_a_person_takes_over() -> None:
    with Watches("text") as watches:
        made = await run(call(*TEXTS), None, watches, script)
    assert made.reached_after == 1 and made.reason == "asks_person"
    assert made.texts == TEXTS[:2]
    decisions = [event for event in made.told if event["kind"] == "escalation_rule"]
    assert [(each["utterance"], each["act"]) for each in decisions] == [(1, "escalate")]


async def test_a_call_that_gives_no_reason_is_heard_to_its_end() -> None:
    with Watches("text") as watches:
        made = await run(call(TEXTS[0], TEXTS[2]), None, watches, script)
    assert made.reached_after is None and made.texts == (TEXTS[0], TEXTS[2])
    assert [event["utterance"] for event in made.told if event["kind"] == "emotion"] == [0, 1]


@pytest.mark.parametrize(("mode", "method"), [("audio", "audio"), ("text", "text")])
async def test_the_voice_is_judged_in_mode_audio_only(mode: str, method: str) -> None:
    t = np.arange(2 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    sound = np.asarray(np.rint(2500 * buzz * (0.2 + np.sin(2 * np.pi * 2 * t) ** 2)), dtype=np.int16)
    with Watches("audio" if mode == "audio" else "text") as watches:
        made = await run(call(TEXTS[0]), [sound], watches, script)
    assert [event["method"] for event in made.told if event["kind"] == "emotion"] == [method]


async def test_the_watch_is_told_how_sure_the_recogniser_was() -> None:
    async def unsure(utterance: Utterance, sound: Pcm | None) -> Transcript:
        del sound
        return Transcript(utterance.text, 0.0, 0.35)

    furious = call("This is ridiculous, I am fed up with your terrible service!")
    with Watches("text") as watches:
        sure = await run(furious, None, watches, script)
        badly_heard = await run(furious, None, watches, unsure)
    assert sure.reached_after == 0
    assert badly_heard.reached_after is None
