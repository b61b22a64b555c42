"""From an agent written in Python to the same definition that a flow file gives: so that turns, records and transfers are alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from agents.flows.definition import AgentDefinition
from agents.flows.loader import parse_agent
from agents.sdk.bases import base_of
from agents.sdk.triggers import IntentTrigger, Trigger

MOST_TURNS: Final = 60
"""Answers of the caller that a model may give before a person takes over: what a node may have at most."""
GOAL: Final = "Help the caller with what they call about, within your instructions and with your tools only."
EXITS: Final = {
    "person": ("The caller asks for a person, or you cannot help.", "to_person"),
    "goodbye": ("The caller has said goodbye or needs nothing more.", "farewell"),
}
ANSWER: Final = "text"
"""Field of an intent handler's result that is spoken."""


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """Something that callers say, answered by code."""

    name: str
    examples: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    limit_s: float = 5.0

    @property
    def tool(self) -> str:
        """How the flow calls the code."""
        return f"intent.{self.name}"


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """What an agent in Python is made of, without its code."""

    name: str
    instructions: str
    language: str
    greeting: str
    queue: str
    voice: str
    with_model: bool
    tools: tuple[str, ...]
    intents: tuple[IntentSpec, ...]
    triggers: tuple[Trigger, ...]
    turns: Mapping[str, Any]


class AgentIncomplete(Exception):
    """The agent cannot run as it is; the message says what is missing."""


def compile_agent(spec: AgentSpec) -> AgentDefinition:
    """Raises AgentIncomplete, ValueError for a language without base texts, AgentError for texts and knobs that no flow may have."""
    if not spec.with_model and not spec.intents:
        hint = "its tools are only used by a model: " if spec.tools else ""
        raise AgentIncomplete(f"agent {spec.name!r} can answer nothing: {hint}give it model=… or code of its own with @agent.intent(…)")
    tree = _tree(spec)
    # Through the loader, so that one place checks every agent.
    return parse_agent(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), f"agent {spec.name}")


def _tree(spec: AgentSpec) -> dict[str, Any]:
    base = base_of(spec.language)
    triggers = [trigger for trigger in spec.triggers if isinstance(trigger, IntentTrigger)]
    own = {intent.name: _intent(intent.examples, intent.phrases) for intent in spec.intents}
    own |= {trigger.name: _intent(trigger.examples, trigger.phrases) for trigger in triggers}
    if taken := sorted(own.keys() & base["intents"].keys()):
        raise AgentIncomplete(f"agent {spec.name!r}: the intent {taken[0]!r} is built in; give yours another name")
    if doubled := sorted({intent.name for intent in spec.intents} & {trigger.name for trigger in triggers}):
        raise AgentIncomplete(f"agent {spec.name!r}: {doubled[0]!r} is both an intent and a trigger; rename one of them")
    routes = {**{intent.name: f"run_{intent.name}" for intent in spec.intents}, **{one.name: f"trigger_{one.name}" for one in triggers}}
    texts = base["texts"]
    greeting = [spec.greeting] if spec.greeting else texts["greeting"]
    nodes = {
        "main": _main(spec, routes, texts, greeting, first=True),
        "more": _main(spec, routes, texts, texts["anything_else"], first=False),
        **{name: node for intent in spec.intents for name, node in _run(intent, texts).items()},
        **{f"trigger_{trigger.name}": _leave(trigger, base) for trigger in triggers},
        **base["nodes"],
    }
    return {
        "format": 2,
        "name": spec.name,
        "languages": [spec.language],
        **({"voices": {spec.language: spec.voice}} if spec.voice else {}),
        "queue": spec.queue,
        "start": "main",
        "resume": "nobody_free",
        "everywhere": base["everywhere"],
        "turns": dict(spec.turns),
        **({"llm": {"instructions": spec.instructions}} if spec.with_model and spec.instructions else {}),
        "intents": {**base["intents"], **own},
        "nodes": nodes,
    }


def _intent(examples: Sequence[str], phrases: Sequence[str]) -> dict[str, Any]:
    return {**({"examples": list(examples)} if examples else {}), **({"phrases": list(phrases)} if phrases else {})}


def _main(spec: AgentSpec, routes: Mapping[str, str], texts: Mapping[str, Any], opening: Sequence[str], *, first: bool) -> dict[str, Any]:
    """The question that everything comes back to: answered by the model, or by intents alone."""
    if spec.with_model:
        return {
            "do": "llm",
            "goal": GOAL,
            "opening": list(opening),
            "tools": list(spec.tools),
            "exits": {name: {"when": when, "next": node} for name, (when, node) in EXITS.items()},
            "max_turns": MOST_TURNS,
            "silent": texts["silent"],
            "on": dict(routes),
            "failed": "trouble",
        }
    answers = {} if first else {"yes": "main", "no": "farewell"}
    return {"do": "ask", "ask": list(opening), "again": texts["again"], "silent": texts["silent"], "on": {**routes, **answers}}


def _run(intent: IntentSpec, texts: Mapping[str, Any]) -> dict[str, Any]:
    run, say = f"run_{intent.name}", f"answer_{intent.name}"
    return {
        run: {"do": "tool", "tool": intent.tool, "limit_s": intent.limit_s, "returns": [ANSWER], "next": say, "failed": "trouble"},
        say: {"do": "say", "say": [f"{{result.{ANSWER}}}"], "next": "more"},
    }


def _leave(trigger: IntentTrigger, base: Mapping[str, Any]) -> dict[str, Any]:
    say = [trigger.say] if trigger.say else base["nodes"]["to_person"]["say"]
    return {"do": "transfer", "say": say, "reason": trigger.name, **({"queue": trigger.queue} if trigger.queue else {})}
