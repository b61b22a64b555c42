"""Outage, device help, password reset, appointments and language: each alone, and all of them inside another agent."""

import asyncio
import re
from pathlib import Path

import pytest

from agents.flows.definition import AgentDefinition, texts_of
from agents.flows.loader import parse_agent
from agents.flows.sentences import split
from agents.library import FOLDER, load_agent
from agents.rehearsal.conversation_file import read_conversation
from agents.rehearsal.runner import Agents, StandingClock, run_file
from agents.rehearsal.scripted_tools import ScriptedAnswer, ScriptedTools
from agents.rehearsal.text_call import TextCall
from agents.rehearsal.typed_line import Input, Keys, Words
from handoff.card_facts import verified_in
from handoff.grounding import Transcript

FLOWS = ("outage", "device-help", "password-reset", "appointments", "language")
FILES = sorted(path for flow in FLOWS for path in (FOLDER / "conversations").glob(f"{flow}-*.yaml"))
AGENTS = Agents()
LEAST_FILES = 6
MOST_SENTENCES = 2

DESK = """
format: 2
name: small-desk
extends: harbor-base
languages: [en, es]
slots: {phone: {kind: phone}}
nodes:
  afresh: {next: first}
  first:
    do: ask
    ask: ["How can I help you?"]
    again: ["Pardon?"]
    silent: ["Hello?"]
    on: {outage: outage, device_help: device_help, password_reset: password_reset, cancel_visit: visit, spanish: spanish}
  outage: {do: subflow, flow: outage, with: {inside: "'yes'"}, exits: {done: over}}
  device_help: {do: subflow, flow: device-help, with: {inside: "'yes'"}, exits: {done: over}}
  password_reset: {do: subflow, flow: password-reset, with: {inside: "'yes'"}, exits: {done: over}}
  visit: {do: subflow, flow: appointments, with: {inside: "'yes'", wish: "'cancel'"}, exits: {done: over}}
  spanish: {do: subflow, flow: language, with: {inside: "'yes'"}, exits: {done: over}}
"""


@pytest.fixture(scope="module")
def desk() -> AgentDefinition:
    return parse_agent(DESK, "small-desk.yaml", FOLDER)


def the_call(agent: AgentDefinition, **answers: dict[str, object]) -> TextCall:
    tools = ScriptedTools({name.replace("__", "."): (ScriptedAnswer(gives=gives),) for name, gives in answers.items()})
    clock = StandingClock(read_conversation(FILES[0]).file.moment())
    return TextCall(agent, tools, now=clock.now, clock=clock.seconds)


async def talk(call: TextCall, *given: str) -> str:
    """What the agent said to the last of ``given``; digits are keys."""
    async for _ in call.start():
        pass
    for line in given:
        one: Input = Keys(line) if re.fullmatch(r"[0-9*]+", line) else Words(line)
        async for _ in call.take(one):
            pass
    return call.turns[-1].text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_conversation(path: Path) -> None:
    result = await run_file(path, AGENTS)
    assert result.passed, "\n".join([result.error, *(f"{miss.expected}: {miss.got}" for miss in result.failures)])


@pytest.mark.parametrize("flow", FLOWS)
def test_each_flow_has_conversations_enough(flow: str) -> None:
    assert sum(path.stem.startswith(f"{flow}-") for path in FILES) >= LEAST_FILES


@pytest.mark.parametrize("flow", FLOWS)
def test_texts_are_short(flow: str) -> None:
    """At most two sentences in a text; only handovers, which nobody answers, may have three."""
    agent = load_agent(flow)
    tree = (FOLDER / f"{flow}.yaml").read_text("utf-8")
    own = {name for name in agent.nodes if f"\n  {name}:" in tree}
    for name in own:
        for path, texts in texts_of(agent.nodes[name]):
            if path[-1] in ("ask", "say") and agent.nodes[name].do not in ("transfer", "end"):
                assert all(len(split(text)) <= MOST_SENTENCES for _, text in texts.every()), name


async def test_a_flow_inside_another_does_not_greet_again(desk: AgentDefinition) -> None:
    call = the_call(desk)
    said = await talk(call, "my whole smart home is offline")
    assert "postcode" in said
    assert "assistant" not in said


async def test_a_flow_inside_another_comes_back(desk: AgentDefinition) -> None:
    found = {"found": True, "message": "Signing in fails.", "expected_back": "", "area": "Old Mill"}
    said = await talk(the_call(desk, outages__find=found), "is there an outage", "40217", "yes", "no")
    assert "anything else" in said


async def test_the_wish_is_taken_along(desk: AgentDefinition) -> None:
    found = {"found": True, "reference": "7001", "at": "2026-11-23T11:00", "purpose": "repair"}
    said = await talk(the_call(desk, appointments__find=found), "please cancel the visit", "5550101", "1")
    assert "Shall I cancel it" in said


async def test_the_telephone_number_is_told_once(desk: AgentDefinition) -> None:
    call = the_call(
        desk,
        appointments__find={"found": True, "reference": "7001", "at": "2026-11-23T11:00", "purpose": "repair"},
        appointments__cancel={"cancelled": True},
        accounts__send_code={"sent": True, "reason": "", "to": "0101"},
    )
    said = await talk(call, "please cancel the visit", "5550101", "1", "yes", "yes", "I forgot my password")
    assert "zero, one, zero, one" in said
    assert "phone number" not in said


@pytest.mark.parametrize("correct", [True, False])
async def test_who_had_the_right_code_is_verified_for_whoever_takes_over(desk: AgentDefinition, correct: bool) -> None:
    call = the_call(
        desk,
        accounts__send_code={"sent": True, "reason": "", "to": "0101"},
        accounts__check_code={"correct": correct, "reason": "" if correct else "wrong", "tries_left": 2},
    )
    await talk(call, "I forgot my password", "5550101", "1", "493027")
    noted = [(each.kind, 100.0, each.data) for each in call.events]
    level = verified_in(noted, (), {}, Transcript(())).level
    assert level == ("otp" if correct else "none")


async def test_a_one_time_code_is_kept_nowhere(desk: AgentDefinition) -> None:
    call = the_call(
        desk,
        accounts__send_code={"sent": True, "reason": "", "to": "0101"},
        accounts__check_code={"correct": True, "reason": "", "tries_left": 3},
    )
    said = await talk(call, "I forgot my password", "5550101", "1", "493027")
    assert "new password" in said
    kept = [
        *map(str, call.turns),
        *map(str, call.events),
        *map(str, call.calls),
        *call.lines,
        str(call.known()),
        str(call.dialogue.state.slots),
    ]
    assert not [text for text in kept if "493027" in text]


async def test_spanish_inside_another_agent_goes_to_those_who_speak_it(desk: AgentDefinition) -> None:
    call = the_call(desk)
    said = await talk(call, "do you speak Spanish")
    assert "español" in said
    assert call.dialogue.state.language == "es"
    async for _ in call.take(Keys("3")):
        pass
    assert call.ended is not None
    assert call.ended.outcome.queue == "support-es"


async def test_the_key_for_a_person_leads_to_somebody_who_speaks_spanish(desk: AgentDefinition) -> None:
    call = the_call(desk)
    await talk(call, "do you speak Spanish", "0")
    assert call.ended is not None
    assert call.ended.outcome.queue == "support-es"


async def test_the_agents_can_be_used_at_the_same_time(desk: AgentDefinition) -> None:
    """Nothing of one call is seen in another of the same agent."""
    first, second = the_call(desk), the_call(desk)
    await asyncio.gather(talk(first, "my hub is flashing red"), talk(second, "my thermostat shows a strange colour"))
    assert first.known().get("device_help__device") == "hub"
    assert second.known().get("device_help__device") == "thermostat"
