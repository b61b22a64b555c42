"""What a schema cannot say: that every name in an agent leads somewhere, and that no path turns in circles without listening."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from agents.flows.definition import AgentDefinition, AskNode, CallNode, ChooseNode, CollectNode, HandoverNode, Node, SayNode, texts_of
from agents.flows.template import places

Problem = tuple[tuple[str, ...], str]
"""Where (a path of keys) and what."""

FACTS = ("open_now", "closes_at", "opens_next", "partial", "queue_status", "came_back")
"""Names that the engine itself provides to texts and cases, next to slots, ``has.<slot>`` and ``result.<field>``."""


def problems(agent: AgentDefinition) -> Iterator[Problem]:
    """Every dangling reference, unknown name and endless loop."""
    yield from _references(agent)
    yield from _templates(agent)
    yield from _slots(agent)
    yield from _loops(agent)
    try:
        agent.hours.zone()
    except ValueError as error:
        yield ("hours", "timezone"), str(error)


def nearest(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` or nothing."""
    match = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def edges(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """Key path and target of every way out of a node."""
    if isinstance(node, SayNode | CollectNode | CallNode):
        yield ("next",), node.next
    if isinstance(node, AskNode | CollectNode):
        yield from ((("on", intent), target) for intent, target in node.on.items())
    if isinstance(node, AskNode):
        yield from ((("keys", key), target) for key, target in node.keys.items())
        if node.keyed:
            yield ("keyed",), node.keyed
    if isinstance(node, CallNode):
        yield ("failed",), node.failed
    if isinstance(node, ChooseNode):
        yield from ((("cases", str(i), "next"), case.next) for i, case in enumerate(node.cases))


def _references(agent: AgentDefinition) -> Iterator[Problem]:
    for key in ("start", "resume"):
        yield from _known((key,), getattr(agent, key), agent.nodes, "node")
    everywhere = agent.everywhere
    for key in ("to_person", "to_goodbye", "give_up", "time_up", "tool_trouble"):
        yield from _known(("everywhere", key), getattr(everywhere, key), agent.nodes, "node")
    for key in ("give_up", "time_up", "tool_trouble"):
        if not isinstance(agent.nodes.get(getattr(everywhere, key)), HandoverNode):
            yield ("everywhere", key), "must be a handover node, so that a failing agent always ends with a person"
    for key in ("person", "goodbye", "repeat", "yes", "no"):
        yield from _known(("everywhere", key), getattr(everywhere, key), agent.intents, "intent")
    for name, node in agent.nodes.items():
        for path, target in edges(node):
            yield from _known(("nodes", name, *path), target, agent.nodes, "node")
        intents = [*node.on, *(node.set if isinstance(node, CollectNode) else ())] if isinstance(node, AskNode | CollectNode) else []
        for intent in intents:
            yield from _known(("nodes", name, "on", intent), intent, agent.intents, "intent")


def _known(path: tuple[str, ...], name: str, known: Mapping[str, object], kind: str) -> Iterator[Problem]:
    if name not in known:
        yield path, f"no {kind} {name!r}{nearest(name, known)}"


def names(agent: AgentDefinition) -> set[str]:
    """Every name that a text or a case may use."""
    results = {f"result.{field}" for node in agent.nodes.values() if isinstance(node, CallNode) for field in node.returns}
    return {*FACTS, *agent.slots, *(f"has.{slot}" for slot in agent.slots), *results}


def _templates(agent: AgentDefinition) -> Iterator[Problem]:
    known = names(agent)
    for name, node in agent.nodes.items():
        texts = [*texts_of(node), *(node.arguments.values() if isinstance(node, CallNode) else ())]
        used = [place for text in texts for place, _ in places(text)]
        used += [fact for case in node.cases for fact in case.when] if isinstance(node, ChooseNode) else []
        for place in used:
            if place not in known:
                yield ("nodes", name), f"no value named {place!r}{nearest(place, known)}"


def _slots(agent: AgentDefinition) -> Iterator[Problem]:
    for slot_name, slot in agent.slots.items():
        if slot.shortest > slot.longest:
            yield ("slots", slot_name), f"shortest {slot.shortest} is more than longest {slot.longest}"
    for name, node in agent.nodes.items():
        if isinstance(node, CollectNode):
            yield from _known(("nodes", name, "slot"), node.slot, agent.slots, "slot")
        if isinstance(node, AskNode) and node.keyed and not isinstance(agent.nodes.get(node.keyed), CollectNode):
            yield ("nodes", name, "keyed"), "must name a collect node"
        if isinstance(node, ChooseNode) and node.cases[-1].when:
            yield ("nodes", name, "cases"), "the last case must have no condition, so that one always fits"


def _loops(agent: AgentDefinition) -> Iterator[Problem]:
    for name in agent.nodes:
        if name in _reached_without_waiting(agent, name):
            yield ("nodes", name), "leads back to itself without ever listening to the caller"


def _reached_without_waiting(agent: AgentDefinition, start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = agent.nodes.get(todo.pop())
        if isinstance(node, SayNode | ChooseNode):
            fresh = {target for _, target in edges(node)} - seen
            seen |= fresh
            todo += fresh
    return seen
