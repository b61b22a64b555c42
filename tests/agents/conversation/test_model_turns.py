"""Conversations in which a language model speaks: sentence by sentence, interrupted, given up, with tools and ways out."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping

import pytest

from agents.flows.definition import AgentDefinition, LlmExit, LlmNode
from agents.flows.texts import Texts
from agents.llm.task import FAILED, Finished, ModelEvent, ModelTask, Sentence, ToolUsed, Usage
from agents.tools import Toolbox
from agents.transcript import JsonValue, Turn
from tests.agents.mind_doubles import FRONT_DESK, Rig, converse, sound_of

Answer = Callable[[ModelTask, Toolbox], AsyncGenerator[ModelEvent, None]]


def talker(**changes: object) -> AgentDefinition:
    """The front desk, with a language model at its front."""
    talk = LlmNode(
        do="llm",
        goal="Help with anything about lamps.",
        opening=Texts.model_validate(["Hello, what about lamps?"]),
        exits={"hours": LlmExit(when="asks for opening hours", next="hours")},
        failed="giving_up",
    )
    return FRONT_DESK.model_copy(update={"nodes": {**FRONT_DESK.nodes, "talk": talk.model_copy(update=changes)}, "start": "talk"})


class Model:
    """Answers by the caller's words. ``first_s``: seconds to the first sentence, ``next_s`` between sentences."""

    def __init__(
        self, answers: Mapping[str, list[str]], way_out: Mapping[str, str] | None = None, first_s: float = 0.2, next_s: float = 0.2
    ):
        self.answers = answers
        self.way_out = way_out or {}
        self.first_s = first_s
        self.next_s = next_s
        self.tasks: list[ModelTask] = []
        self.closed = 0

    async def run(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        self.tasks.append(task)
        try:
            await asyncio.sleep(self.first_s)
            if task.said not in self.answers:
                yield Finished(FAILED)
                return
            for sentence in self.answers[task.said]:
                if sentence.startswith("tool:"):
                    name = sentence.removeprefix("tool:")
                    arguments: dict[str, JsonValue] = {"number": "45678"}
                    yield ToolUsed(name, arguments, await tools.call(name, arguments), 0.02)
                    continue
                yield Sentence(sentence)
                await asyncio.sleep(self.next_s)
            yield Finished(self.way_out.get(task.said, ""), usage=Usage(model="m", input_tokens=7, output_tokens=3))
        finally:
            self.closed += 1

    async def close(self) -> None:
        """Nothing to give back."""


def with_model(model: Model, **changes: object) -> Callable[[Rig], None]:
    def prepare(rig: Rig) -> None:
        rig.agent, rig.models = talker(**changes), model

    return prepare


def agent_turns(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent"]


LAMPS = {"do you sell lamps": ["Yes, many of them.", "Brass ones and glass ones.", "Which do you like?"], "brass": ["A good choice."]}


def test_sentences_are_one_turn_and_the_first_is_heard_before_the_last_is_made() -> None:
    model = Model(LAMPS, next_s=2.0)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.begins(words="many of them")
        assert model.closed == 0, "the model is still at work"
        await rig.hears("Which do you like")
        await rig.says("brass")
        await rig.hears("good choice")
        await asyncio.sleep(2)
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    assert rig.notes.said() == [
        "agent: Hello, what about lamps?",
        "caller: do you sell lamps",
        "agent: Yes, many of them. Brass ones and glass ones. Which do you like?",
        "caller: brass",
        "agent: A good choice.",
    ]
    assert [task.said for task in model.tasks] == ["do you sell lamps", "brass"]
    assert [turn.text for turn in model.tasks[1].turns][-1].startswith("Yes, many of them.")
    assert [data["output_tokens"] for kind, _, data in rig.notes.events if kind == "model"] == [3, 3]


def test_the_model_begins_before_the_turn_is_over() -> None:
    model = Model(LAMPS, first_s=0.3)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.hears("Which do you like")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    turn = agent_turns(rig)[1]
    assert len(model.tasks) == 1
    # pause noticed, transcript, model, voice: all of it runs from the pause on, and not from the end of the turn on
    assert turn.latency_ms["gap"] == pytest.approx(max(turn.latency_ms["end_of_turn"] + 100, 100 + 50 + 300 + 100), abs=15)


def test_words_over_the_model_stop_it_and_it_knows_what_was_heard() -> None:
    model = Model(LAMPS)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.begins(words="Brass ones", after_s=0.6)
        await rig.line.speak(sound_of("brass"))
        await rig.hears("good choice")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    cut = agent_turns(rig)[1]
    assert cut.interrupted
    assert cut.heard.startswith("Yes, many of them. Brass")
    assert "Which" not in cut.heard
    assert model.tasks[-1].turns[-1].heard == cut.heard
    assert model.closed == len(model.tasks)


def test_going_on_before_the_model_has_said_anything_is_one_question() -> None:
    model = Model({"do you sell": ["Sell what?"], "do you sell brass lamps": ["We do."]}, first_s=1.5)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell")
        await rig.says("brass lamps", after_s=1.2)
        await rig.hears("We do")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    assert model.tasks[-1].said == "do you sell brass lamps"
    assert not any("Sell what" in turn.heard for turn in agent_turns(rig))
    assert model.closed == len(model.tasks)


def test_a_slow_model_is_bridged_by_words() -> None:
    model = Model(LAMPS, first_s=4.0)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.hears("still looking")
        await rig.hears("Which do you like")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    assert "many of them" in agent_turns(rig)[1].text
    assert agent_turns(rig)[1].latency_ms["gap"] < 2500


def test_a_way_out_leads_on_in_the_flow() -> None:
    model = Model({"when do you open": ["Let me see."]}, {"when do you open": "hours"})

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("when do you open")
        await rig.hears("We are open now")
        await rig.hears("anything else")
        await rig.says("no goodbye")

    outcome, _ = converse(script, with_model(model))
    assert outcome.kind == "goodbye"


def test_a_failing_model_leads_to_a_person_with_words() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("something that it cannot answer")
        await rig.hears("I will put you through")

    outcome, _ = converse(script, with_model(Model(LAMPS)))
    assert outcome.kind == "handover"


def test_without_any_model_the_flow_goes_on() -> None:
    def prepare(rig: Rig) -> None:
        rig.agent = talker()

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.hears("I will put you through")

    outcome, _ = converse(script, prepare)
    assert outcome.kind == "handover"


def test_tools_of_the_model_are_told_of_and_a_person_can_be_had_at_any_time() -> None:
    model = Model({"where is my lamp": ["I look.", "tool:orders.find", "It is on its way."]})

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("where is my lamp")
        await rig.hears("on its way")
        await rig.says("i want to speak to a person")
        await rig.hears("I will put you through")

    outcome, rig = converse(script, with_model(model, tools=("orders.find",)))
    assert (outcome.kind, outcome.reason) == ("handover", "caller_request")
    assert rig.orders.asked == [("orders.find", {"number": "45678"})]
    assert [data["name"] for kind, _, data in rig.notes.events if kind == "tool"] == ["orders.find"]


def test_code_beside_the_call_can_speak_and_transfer() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        assert rig.conversation is not None
        rig.conversation.say("By the way, lamps are cheap today.")
        await rig.hears("cheap today")
        rig.conversation.transfer("sales", "vip")

    outcome, rig = converse(script, with_model(Model(LAMPS)))
    assert (outcome.kind, outcome.queue, outcome.reason) == ("handover", "sales", "vip")
    assert "agent: By the way, lamps are cheap today." in rig.notes.said()


def test_hanging_up_ends_the_model() -> None:
    model = Model(LAMPS, first_s=5.0)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await asyncio.sleep(2)
        rig.line.hang_up()

    outcome, _ = converse(script, with_model(model))
    assert outcome.kind == "caller_left"
    assert model.closed == len(model.tasks)
