"""The agent that the measurement talks to: ``agent.yaml``, its places and what is said at each of them."""

from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

from agents.flows.definition import AgentDefinition, AskNode, CollectNode, SayNode
from agents.library import load_agent

_LANGUAGE: Final = "en"
FILE: Final = Path(__file__).with_name("agent.yaml")


class Place(Enum):
    """Where a scene plays. The value is the key that leads there; the greeting is where a call begins."""

    GREETING = ""
    LONG = "1"
    """The agent speaks for about 15 s."""
    SHORT = "2"
    """The agent speaks for about 4 s."""
    CHOICE = "3"
    """A question for yes or no."""
    NUMBER = "4"
    """A question for a number."""
    DIGIT = "5"
    """A question for one digit."""
    ADDRESS = "6"
    """A question for an address."""
    LEGAL = "7"
    """A text that must be heard to its end."""
    HOME = "8"
    """The caller has the floor for anything."""


HOME_KEY: Final = "0"
"""Leads home even from where a number is collected."""
COLLECTING: Final = frozenset({Place.NUMBER, Place.DIGIT})
_NODES: Final = {
    Place.GREETING: "greeting",
    Place.LONG: "long",
    Place.SHORT: "short",
    Place.CHOICE: "choice",
    Place.NUMBER: "number",
    Place.DIGIT: "digit",
    Place.ADDRESS: "place",
    Place.LEGAL: "legal",
    Place.HOME: "home",
}


@cache
def bench_agent() -> AgentDefinition:
    return load_agent(FILE)


def said_at(place: Place) -> tuple[str, ...]:
    """The texts of a place, each with the question that follows it; they take turns, the first one first."""
    nodes = bench_agent().nodes
    node = nodes[_NODES[place]]
    if isinstance(node, SayNode):
        following = nodes[node.next]
        question = following.ask.of(_LANGUAGE)[0] if isinstance(following, AskNode) else ""
        return tuple(f"{text} {question}".strip() for text in node.say.of(_LANGUAGE))
    return node.ask.of(_LANGUAGE) if isinstance(node, AskNode | CollectNode) else ()
