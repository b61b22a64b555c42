"""``Agent``: what it is made of, what it refuses, and how it behaves in a call."""

import asyncio
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agents import Agent, Call, EmotionTrigger, Escalation, IntentTrigger, Outcome, ToolError, ToolFailure, Turn, tool
from agents.flows.errors import AgentError
from agents.llm.config import ModelSettingsError
from agents.rehearsal.scripted_turns import ScriptedTurn, ScriptedTurns
from agents.sdk.bases import base_of, languages
from agents.sdk.compiling import AgentIncomplete
from agents.sdk.models import settings_of
from agents.tools import CallFacts
from agents.turns.knobs import layered

HOURS = ["when are you open", "what are your opening hours", "how late are you open today", "are you open on Sunday"]


def hours_agent(**parts: Any) -> Agent:
    agent = Agent("desk", **parts)

    @agent.intent("opening_hours", examples=HOURS)
    def hours(call: Call, text: str) -> str:
        return f"You asked: {text}. From nine to five."

    return agent


def chat(agent: Agent, *lines: str, **parts: Any) -> tuple[list[str], Outcome]:
    shown: list[str] = []
    outcome = agent.chat(lines=io.StringIO("".join(f"{line}\n" for line in lines)).readline, write=shown.append, **parts)
    return shown, outcome


def scripted(*turns: dict[str, Any]) -> ScriptedTurns:
    return ScriptedTurns([ScriptedTurn.model_validate(turn) for turn in turns])


def test_an_offline_agent_answers_its_intents_and_knows_its_manners() -> None:
    shown, outcome = chat(hours_agent(greeting="Harbor desk, hello."), "when are you open", "say that again", "help", "no thanks")
    assert shown[0] == "agent   Harbor desk, hello."
    assert "agent   You asked: when are you open. From nine to five." in shown
    assert "agent   Is there anything else I can do for you?" in shown
    assert sum("From nine to five" in line for line in shown) == 2
    assert any("You can simply tell me" in line for line in shown)
    assert outcome.kind == "goodbye"
    assert outcome.intent == "opening_hours"


def test_a_person_is_always_to_be_had() -> None:
    _, outcome = chat(hours_agent(queue="desk-people"), "I want to talk to a person")
    assert (outcome.kind, outcome.queue, outcome.reason) == ("handover", "desk-people", "caller_request")


def test_code_for_an_intent_may_be_async_and_short() -> None:
    agent = Agent("desk")

    @agent.intent("opening_hours", examples=HOURS)
    async def hours(call: Call) -> str:
        await asyncio.sleep(0)
        return f"Call {call.number}."

    shown, _ = chat(agent, "when are you open")
    assert "agent   Call terminal." in shown


@pytest.mark.parametrize("problem", [lambda call: 1 / 0, lambda call: None, lambda call: "", lambda call: 7])
def test_code_that_fails_or_says_nothing_ends_with_a_person(problem: Callable[[Call], object]) -> None:
    agent, failures = Agent("desk"), list[ToolFailure]()
    agent.intent("opening_hours", examples=HOURS)(problem)
    agent.on("tool_failed")(lambda call, failure: failures.append(failure))
    shown, outcome = chat(agent, "when are you open")
    assert outcome.kind == "handover"
    assert [failure.name for failure in failures] == ["intent.opening_hours"]
    assert any(line.startswith("tool    intent.opening_hours() -> failed") for line in shown)


def test_code_that_hangs_is_given_up() -> None:
    agent, free = Agent("desk"), threading.Event()

    @agent.intent("opening_hours", examples=HOURS, limit_s=0.05)
    def hangs(call: Call) -> str:
        free.wait(30)
        return "late"

    _, outcome = chat(agent, "when are you open")
    free.set()
    assert outcome.kind == "handover"


def test_a_model_uses_tools_and_exits() -> None:
    asked: list[str] = []

    @tool
    async def order_status(number: str) -> dict[str, str]:
        """Where an order is.

        Args:
            number: five digits.
        """
        asked.append(number)
        if number == "99999":
            raise ToolError("no such order")
        return {"status": "on its way"}

    model = scripted(
        {"tools": [{"name": "order_status", "with": {"number": "10482"}}], "says": ["It is {order_status.status}."]},
        {"tools": [{"name": "order_status", "with": {"number": "99999"}}], "says": ["I cannot find it."]},
        {"says": ["Goodbye then."], "exit": "goodbye"},
    )
    agent, failures = Agent("orders", instructions="Tell callers where their orders are.", tools=[order_status], model=model), list[str]()
    agent.on("tool_failed")(lambda call, failure: failures.append(failure.name))
    shown, outcome = chat(agent, "my order is 10482", "and 99999", "that was it for today my friend")
    assert "agent   It is on its way." in shown
    assert asked == ["10482", "99999"]
    assert failures == ["order_status"]
    assert (outcome.kind, outcome.reason) == ("goodbye", "done")
    task = model.tasks[0]
    assert task.instructions == "Tell callers where their orders are."
    assert task.tools == ("order_status",)
    assert set(task.exits) == {"person", "goodbye"}
    assert [turn.text for turn in task.turns] == ["Hello. How can I help you?", "my order is 10482"]


def test_an_intent_goes_before_the_model() -> None:
    agent = hours_agent(model=scripted({"says": ["The model answers."]}))
    shown, _ = chat(agent, "when are you open", "tell me a joke")
    assert "agent   You asked: when are you open. From nine to five." in shown
    assert "agent   The model answers." in shown


def test_a_model_that_fails_ends_with_a_person() -> None:
    _, outcome = chat(Agent("orders", model=scripted()), "hello there")
    assert outcome.kind == "handover"


def test_an_intent_trigger_leads_to_its_queue() -> None:
    trigger = IntentTrigger(
        "cancel_contract", examples=["I want to cancel", "please end my contract"], queue="retention", say="Let me get someone."
    )
    agent, escalations = hours_agent(triggers=[trigger, EmotionTrigger("anger", above=0.6, turns=2)]), list[Escalation]()
    agent.on("escalation_requested")(lambda call, escalation: escalations.append(escalation))
    shown, outcome = chat(agent, "I want to cancel")
    assert "agent   Let me get someone." in shown
    assert (outcome.queue, outcome.reason) == ("retention", "cancel_contract")
    assert escalations == [Escalation("cancel_contract", "retention")]
    assert agent.emotion_triggers == (EmotionTrigger("anger", 0.6, 2),)
    assert agent.intent_triggers == (trigger,)


def test_handlers_see_the_call_and_can_steer_it() -> None:
    agent, turns, ended = hours_agent(), list[Turn](), list[Outcome]()

    @agent.on("call_started")
    def started(call: Call) -> None:
        call.inject_context(tier="gold")

    @agent.on("turn")
    async def turn(call: Call, turn: Turn) -> None:
        turns.append(turn)
        if turn.text == "tell me your rank":
            await call.say(f"You are {call.context['tier']}.")
        if turn.text == "this is a disgrace":
            call.flag_for_review("angry")
            await call.transfer("care", "caller_angry")

    agent.on("call_ended")(lambda call, outcome: ended.append(outcome))
    shown, outcome = chat(agent, "tell me your rank", "this is a disgrace", verbose=True)
    assert "agent   You are gold." in shown
    assert "event   flagged reason='angry'" in shown
    assert (outcome.kind, outcome.queue, outcome.reason) == ("handover", "care", "caller_angry")
    assert ended == [outcome]
    assert outcome.slots["tier"] == "gold"
    assert [turn.who for turn in turns[:2]] == ["agent", "caller"]


def test_a_handler_that_fails_is_shown_to_its_author_and_the_call_goes_on() -> None:
    agent = hours_agent()

    @agent.on("turn")
    def broken(call: Call, turn: Turn) -> None:
        raise ZeroDivisionError

    shown, outcome = chat(agent, "when are you open", "goodbye")
    assert any(line.startswith("note    desk.broken[turn] failed at test_sdk_agent.py:") for line in shown)
    assert outcome.kind == "goodbye"


def test_a_caller_who_hangs_up_has_left() -> None:
    _, outcome = chat(hours_agent(), "/quit")
    assert outcome.kind == "caller_left"


def test_chatting_twice_are_two_calls() -> None:
    agent, ids = hours_agent(), set[str]()
    agent.on("call_started")(lambda call: ids.add(call.id))
    assert chat(agent, "goodbye")[1].kind == chat(agent, "goodbye")[1].kind == "goodbye"
    assert len(ids) == 2


def test_knobs_and_voice_are_those_of_the_definition() -> None:
    agent = hours_agent(turns={"endpointing": {"max_delay_s": 1.5}}, voice="rhvoice:slt", queue="desk")
    assert layered(agent.definition.turns).endpointing.max_delay_s == 1.5
    assert agent.definition.voices == {"en": "rhvoice:slt"}
    assert agent.definition.queue == "desk"


def test_an_intent_added_later_counts() -> None:
    agent = hours_agent()
    assert "parking" not in agent.definition.intents
    agent.intent("parking", examples=["where can I park"])(lambda call: "In the yard.")
    assert "parking" in agent.definition.intents


async def test_each_call_gets_its_own_tools_and_facts() -> None:
    seen: list[str] = []

    @tool
    def who(facts: CallFacts) -> None:
        """Who calls."""
        seen.append(facts.caller)

    agent = Agent("desk", tools=[who], model=scripted())
    for caller in ("5550101", "5550102"):
        attendance = agent.attend(CallFacts(f"c-{caller}", caller, "500", "desk"))
        await attendance.tools.call("who", {})
        assert (attendance.call.caller, attendance.call.number) == (caller, "500")
    assert seen == ["5550101", "5550102"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Agent("My Agent"), "cannot be the name of an agent"),
        (lambda: Agent("desk").definition, "can answer nothing: give it model=… or code of its own"),
        (lambda: Agent("desk", tools=[test_a_caller_who_hangs_up_has_left]).definition, "its tools are only used by a model"),
        (lambda: hours_agent(language="xx").definition, "no base texts in 'xx'"),
        (lambda: hours_agent(turns={"endpointing": {"max_delay": 1}}).definition, "max_delay"),
        (lambda: hours_agent().intent("opening_hours", examples=["x"]), "has the intent 'opening_hours' already"),
        (lambda: hours_agent().intent("parking"), "'parking' has no examples"),
        (lambda: hours_agent().intent("Parking lot", examples=["x"]), "cannot be the name of an intent"),
        (lambda: hours_agent().intent("parking", examples=["x"])(lambda: "y"), "<lambda> is called with"),
        (lambda: hours_agent(triggers=[IntentTrigger("opening_hours", examples=["x"])]).definition, "both an intent and a trigger"),
        (lambda: IntentTrigger("cancel"), "neither examples nor phrases"),
        (lambda: EmotionTrigger("anger", above=7), "give a level from 0 to 1"),
        (lambda: EmotionTrigger("anger", turns=0), "give 1 or more"),
        (lambda: hours_agent().on("turns"), "did you mean 'turn'"),
        (lambda: settings_of("#"), "cannot be used"),
    ],
)
def test_what_cannot_work_is_refused_with_the_remedy(make: Callable[[], object], message: str) -> None:
    with pytest.raises((ValueError, TypeError, AgentIncomplete, AgentError, ModelSettingsError)) as refused:
        make()
    assert message in str(refused.value)


def test_an_intent_may_not_hide_a_built_in_one() -> None:
    agent = Agent("desk")
    agent.intent("person", examples=["x"])(lambda call: "y")
    with pytest.raises(AgentIncomplete, match="'person' is built in"):
        _ = agent.definition


@pytest.mark.parametrize("language", languages())
def test_every_base_makes_an_agent(language: str) -> None:
    agent = Agent("desk", language=language)
    agent.intent("x", phrases=["xyz"])(lambda call: "y")
    assert agent.definition.language == language
    assert base_of(language)["texts"]["greeting"][0] in agent.definition.texts()


def test_a_model_is_named_by_name_or_address() -> None:
    (own,) = settings_of("http://127.0.0.1:8000/v1#qwen2.5-7b", {}).models
    assert (own.base_url, own.model, own.key_env) == ("http://127.0.0.1:8000/v1", "qwen2.5-7b", "")
    (cloud,) = settings_of("gpt-4o-mini", {"OPENAI_API_KEY": "x"}).models
    assert (cloud.base_url, cloud.model, cloud.key_env) == ("https://api.openai.com/v1", "gpt-4o-mini", "OPENAI_API_KEY")
    (proxy,) = settings_of("m", {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).models
    assert (proxy.base_url, proxy.key_env) == ("http://127.0.0.1:1/v1", "")
