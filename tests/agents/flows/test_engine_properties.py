# ruff: noqa: E501 - tables of sentences read best as they are
"""What must hold whatever a caller, the tools and the models do: over the agents that ship and the one with every kind of node."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.flows.acts import Act, AskModel, CallTool, Handover, HangUp, Listen, ModelResult, Say
from agents.flows.definition import AgentDefinition, WaitNode
from agents.flows.dialogue import Dialogue
from agents.library import load_agent, names
from agents.llm.task import FAILED
from agents.transcript import JsonValue
from tests.agents.flows.flow_talk import NOON, visits

LAST = (Listen, CallTool, AskModel, Handover, HangUp)
SILENCES = 40
"""More than any agent listens to before it ends the call."""

WORDS = [
    "yes", "no", "order status", "one two three", "one zero four eight two", "four five", "no, seven four", "tomorrow at three pm", "next Friday",
    "two people", "book a visit", "the light is flashing", "red", "pay my bill", "call me back", "spanish", "when are you open",
    "what does it cost", "go back", "start over", "help", "repeat that", "operator", "goodbye", "actually the order number is 10482",
    "change the visit day", "my name is Ada", "ada at example dot com", "twelve oak street springfield", "let us chat", "banana",
    "I don't know", "no thanks", "I forgot my password", "I want a refund and then a technician", "B as in bravo four seven X", "fifty euros",
]  # fmt: skip
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5000), st.sampled_from(["", "shipped", "2026-11-27", "12.50", "7"]))
FIELDS = ["found", "status", "amount", "approved", "reference", "expected_on", "item", "ok", "name"]
KEYS = st.one_of(
    st.sampled_from(["1", "2", "0", "*", "10482", "4111111111111111", "0128", "737", ""]), st.from_regex(r"[0-9*]{0,20}", fullmatch=True)
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("heard"), st.one_of(st.sampled_from(WORDS), st.text(max_size=40))),
        st.tuples(st.just("keyed"), KEYS),
        st.tuples(st.just("silent"), st.none()),
        st.tuples(st.just("tool"), st.one_of(st.none(), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))),
        st.tuples(st.just("model"), st.tuples(st.sampled_from(["", "done", "solved", "visit", FAILED]), st.dictionaries(st.sampled_from(["visit_day", "visitors"]), st.sampled_from(WORDS)))),
        st.tuples(st.just("outside"), st.sampled_from(["time_up", "trouble", "transfer", "learn", "announce"])),
    ),
    max_size=30,
)  # fmt: skip
AGENTS = ["visits", *names()]


def agent_of(name: str) -> AgentDefinition:
    return visits() if name == "visits" else _shipped(name)


@cache
def _shipped(name: str) -> AgentDefinition:
    return load_agent(name)


def step(dialogue: Dialogue, event: tuple[str, object]) -> list[Act]:
    kind, data = event
    match kind, data:
        case "heard", str(text):
            return dialogue.heard(text, NOON)
        case "keyed", str(keys):
            return dialogue.keyed(keys, NOON)
        case "silent", _:
            return dialogue.silent(NOON)
        case "tool", None | dict():
            result: dict[str, JsonValue] | None = data
            return dialogue.tool_result(result, NOON)
        case "model", (str(way), dict(facts)):
            return dialogue.model_result(ModelResult(way, facts, "Well."), NOON)
        case "outside", "learn":
            return dialogue.learn({"light": "red", "vip": "yes"})
        case "outside", "announce":
            return next((acts for name in dialogue.agent.announcements if (acts := dialogue.announce(name, NOON))), [])
        case "outside", "transfer":
            return dialogue.transfer("vip", "angry", NOON)
        case "outside", "time_up":
            return dialogue.time_up(NOON)
    return dialogue.trouble(NOON)


def check(dialogue: Dialogue, acts: Sequence[Act], *, ended_before: bool) -> None:
    if ended_before:
        assert acts == []
        return
    if not acts:
        return
    assert isinstance(acts[-1], LAST)
    assert not any(isinstance(act, LAST) for act in acts[:-1])
    for act in acts:
        if isinstance(act, Say):
            assert act.text.strip()
            assert "{" not in act.text
    assert isinstance(acts[-1], Handover | HangUp) is dialogue.state.ended
    assert isinstance(acts[-1], CallTool | AskModel) is bool(dialogue.state.waiting_for)
    if dialogue.state.ended:
        assert dialogue.state.card.number == dialogue.state.card.expiry == ""
        assert all(not act.interruptible for act in acts if isinstance(act, Say)), "last words are heard to their end"


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=40, deadline=None)
@given(events=EVENTS, back=st.booleans())
def test_every_step_ends_with_the_floor_a_call_or_an_ending(name: str, events: list[tuple[str, object]], back: bool) -> None:
    dialogue = Dialogue(agent_of(name))
    acts = dialogue.resume({}, "TIMEOUT", NOON) if back else dialogue.start(NOON)
    check(dialogue, acts, ended_before=False)
    for event in events:
        ended = dialogue.state.ended
        text = event[1] if event[0] == "heard" else ""
        dialogue.grasp(str(text))
        acts = step(dialogue, event)
        check(dialogue, acts, ended_before=ended)


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=15, deadline=None)
@given(events=EVENTS)
def test_whoever_stays_silent_is_not_kept(name: str, events: list[tuple[str, object]]) -> None:
    """From anywhere: silence, tools and models that fail lead to an ending in finite steps, or to where somebody is meant to wait."""
    dialogue = Dialogue(agent_of(name))
    dialogue.start(NOON)
    for event in events:
        step(dialogue, event)
    for _ in range(SILENCES):
        if dialogue.state.ended:
            return
        dialogue.tool_result(None, NOON)
        dialogue.model_result(ModelResult(FAILED), NOON)
        dialogue.silent(NOON)
    assert dialogue.state.ended or isinstance(dialogue.agent.nodes[dialogue.state.node], WaitNode)


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=15, deadline=None)
@given(events=EVENTS, others=EVENTS)
def test_a_copy_lives_its_own_life_at_any_point(name: str, events: list[tuple[str, object]], others: list[tuple[str, object]]) -> None:
    dialogue = Dialogue(agent_of(name))
    dialogue.start(NOON)
    for event in events:
        step(dialogue, event)
    copy, before = dialogue.copy(), dialogue.state.copy()
    for event in others:
        step(copy, event)
    assert dialogue.state == before
    again = dialogue.copy()
    for event in others:
        step(again, event)
    assert again.state == copy.state, "the same events lead to the same end"


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=15, deadline=None)
@given(events=EVENTS, text=st.one_of(st.sampled_from(WORDS), st.text(max_size=80)))
def test_grasping_changes_nothing(name: str, events: list[tuple[str, object]], text: str) -> None:
    dialogue = Dialogue(agent_of(name))
    dialogue.start(NOON)
    for event in events:
        step(dialogue, event)
    before = dialogue.state.copy()
    dialogue.grasp(text)
    assert dialogue.state == before
