"""What a schema cannot say: that every name in an agent leads somewhere, and that no conversation can get stuck in it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from agents.flows.check_languages import language_problems
from agents.flows.check_paths import path_problems
from agents.flows.check_secrets import secret_problems
from agents.flows.check_tools import tool_problems
from agents.flows.check_values import names, value_problems
from agents.flows.definition import (
    AgentDefinition,
    AskNode,
    BranchNode,
    CallbackNode,
    CollectNode,
    ConfirmNode,
    Node,
    QueueNode,
    SayNode,
    SetNode,
    TransferNode,
    WaitNode,
)
from agents.flows.errors import Problem
from agents.flows.mentions import named_slots, own_intents
from agents.flows.names import nearest
from agents.flows.routes import Path, edges, entrances
from agents.tools.toolbox import ToolInfo

__all__ = ["Describe", "names", "problems"]

Describe: TypeAlias = Callable[[str], ToolInfo | None]
"""What a tool is, by its name; None: there is none. Such as ``Toolbox.describe``."""

_INTENTS: Final = ("person", "goodbye", "repeat", "back", "start_over", "help", "yes", "no")


def problems(agent: AgentDefinition, describe: Describe | None = None, *, alone: bool = True) -> Iterator[Problem]:
    """Everything that is wrong with ``agent``, whose subflows are in place.

    Without ``describe`` tools are taken on trust. ``alone`` is False for a flow that is read as a subflow: its slots may come from outside.
    """
    dangling = [*_references(agent)]
    yield from dangling
    yield from _slots(agent)
    yield from _intents(agent)
    yield from _nodes(agent)
    yield from value_problems(agent, alone=alone)
    yield from tool_problems(agent, describe)
    if not dangling:
        yield from path_problems(agent)
        yield from secret_problems(agent)
    yield from language_problems(agent)
    try:
        agent.hours.zone()
    except ValueError as error:
        yield Problem(("hours", "timezone"), str(error))


def _references(agent: AgentDefinition) -> Iterator[Problem]:
    for path, target in entrances(agent):
        yield from _known(path, target, agent.nodes, "node")
    for key in _INTENTS:
        if intent := getattr(agent.everywhere, key):
            yield from _known(("everywhere", key), intent, agent.intents, "intent")
    for intent in agent.digressions:
        yield from _known(("digressions", intent), intent, agent.intents, "intent")
    for name, node in agent.nodes.items():
        at = ("nodes", name)
        for path, target in edges(node):
            yield from _known((*at, *path), target, agent.nodes, "node")
        for path, intent in own_intents(node):
            yield from _known((*at, *path), intent, agent.intents, "intent")
        for path, slot in named_slots(node):
            yield from _known((*at, *path), slot, agent.slots, "slot")


def _known(path: Path, name: str, known: Mapping[str, object], kind: str) -> Iterator[Problem]:
    if name not in known:
        yield Problem(path, f"no {kind} {name!r}{nearest(name, known) or f'; add it under {kind}s'}")


def _slots(agent: AgentDefinition) -> Iterator[Problem]:
    for name, node in agent.nodes.items():
        at = ("nodes", name)
        if isinstance(node, CollectNode) and node.slot in node.also:
            yield Problem((*at, "also"), f"{node.slot!r} is the slot of this node itself; remove it here")
        if isinstance(node, AskNode) and node.keyed and node.keyed in agent.nodes and not isinstance(agent.nodes[node.keyed], CollectNode):
            yield Problem((*at, "keyed"), f"must name a collect node, and {node.keyed!r} is none")
        if isinstance(node, ConfirmNode):
            yield from _changes(agent, at, node)
        if isinstance(node, CallbackNode) and (slot := agent.slots.get(node.slot)) and slot.kind not in ("phone", "digits"):
            yield Problem((*at, "slot"), f"{node.slot!r} is of kind {slot.kind}; a callback needs one of kind phone or digits")


def _changes(agent: AgentDefinition, at: Path, node: ConfirmNode) -> Iterator[Problem]:
    for slot, target in node.change.items():
        collect = agent.nodes.get(target)
        if collect is not None and (not isinstance(collect, CollectNode) or collect.slot != slot):
            yield Problem((*at, "change", slot), f"{target!r} is no collect node for {slot!r}; name the one that asks for it")


def _intents(agent: AgentDefinition) -> Iterator[Problem]:
    everywhere = agent.everywhere
    if (everywhere.help is None) != (everywhere.to_help is None):
        given, missing = ("to_help", "help") if everywhere.help is None else ("help", "to_help")
        yield Problem(("everywhere", given), f"{given} does nothing without {missing}; add that too")
    if everywhere.yes == everywhere.no:
        yield Problem(("everywhere", "no"), f"{everywhere.no!r} is everywhere.yes already; one intent cannot mean both")
    taken = {getattr(everywhere, key): key for key in reversed(_INTENTS)}
    for intent in agent.digressions:
        if intent in taken:
            yield Problem(("digressions", intent), f"{intent!r} is everywhere.{taken[intent]} already; remove one of them")
    yield from _shared_examples(agent)


def _shared_examples(agent: AgentDefinition) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for name, part in agent.intents.items():
        for i, example in enumerate(part.examples):
            words = " ".join("".join(c if c.isalnum() or c == "'" else " " for c in example.casefold()).split())
            other = owner.setdefault(words, name)
            if other != name:
                yield Problem(("intents", name, "examples", str(i)), f"{example!r} is an example of {other!r} too; keep it in one of them")


def _nodes(agent: AgentDefinition) -> Iterator[Problem]:
    for key in ("give_up", "time_up", "tool_trouble"):
        node = agent.nodes.get(getattr(agent.everywhere, key))
        if node is not None and not isinstance(node, TransferNode | QueueNode) and not (key == "give_up" and _goes_on_waiting(agent, node)):
            yield Problem(("everywhere", key), "must be a transfer or queue node, so that a failing agent always ends with a person")
    for name, node in agent.nodes.items():
        yield from (Problem(("nodes", name, *path), what) for path, what in _node(agent, node))


def _goes_on_waiting(agent: AgentDefinition, node: Node) -> bool:
    """The caller waits for a person already."""
    return isinstance(node, SayNode) and isinstance(agent.nodes.get(node.next), WaitNode)


def _node(agent: AgentDefinition, node: Node) -> Iterator[tuple[Path, str]]:
    if isinstance(node, BranchNode):
        conditions = [case.if_ for case in node.cases]
        if conditions[-1] is not None:
            yield ("cases",), "the last case must have no condition, so that one always fits"
        for i, condition in enumerate(conditions[:-1]):
            if condition is None:
                yield ("cases", str(i)), "a case without a condition always fits, so those after it never do; put it last"
    if isinstance(node, AskNode | CollectNode | WaitNode) and "0" in node.keys:
        yield ("keys", "0"), "the key 0 always leads to a person; use another one"
    if isinstance(node, AskNode) and not (node.on or node.keys or node.keyed or node.else_):
        yield ("ask",), "no answer leads anywhere; name intents under on, keys, or a node under else"
    if isinstance(node, SetNode) and node.language and node.language not in agent.languages:
        yield ("language",), f"{node.language!r} is not among the languages {', '.join(agent.languages)}; add it there"
