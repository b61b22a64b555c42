"""The values in an agent: placeholders and expressions name what exists."""

import keyword
from collections.abc import Iterator
from typing import Final

from agents.flows.definition import AgentDefinition, CollectNode, PaymentNode, ToolNode, texts_of
from agents.flows.errors import Problem
from agents.flows.expressions import WORDS
from agents.flows.mentions import filled_slots, named_slots, used_values
from agents.flows.names import nearest
from agents.flows.routes import Path
from agents.flows.template import places

FACTS: Final = (
    "open_now",
    "closes_at",
    "opens_next",
    "came_back",
    "queue_status",
    "language",
    "today",
    "now",
    "call_seconds",
    "caller",
    "card_last_four",
)
"""Names that the engine itself provides to texts and expressions, next to slots, ``has.<slot>`` and ``result.<field>``."""
PARTIAL: Final = "partial"
"""In the ``partial`` texts of a collect node: what there is of the value so far."""


def names(agent: AgentDefinition) -> set[str]:
    """Every name that a text or an expression may use."""
    results = {f"result.{field}" for node in agent.nodes.values() if isinstance(node, ToolNode | PaymentNode) for field in node.returns}
    return {*FACTS, *agent.slots, *(f"has.{slot}" for slot in agent.slots), *results}


def value_problems(agent: AgentDefinition, *, alone: bool) -> Iterator[Problem]:
    """``alone``: slots can only be filled by the flow itself."""
    yield from _taken(agent)
    known, used = names(agent), [*_used(agent)]
    for path, name in used:
        if name not in known and not (name == PARTIAL and _in_partial(agent, path)):
            hint = nearest(name, known) or "; name a slot, has.<slot>, or result.<field> with the field under a tool's returns"
            yield Problem(path, f"no value named {name!r}{hint}")
    if alone:
        yield from _unfilled(agent, used)


def _in_partial(agent: AgentDefinition, path: Path) -> bool:
    return path[2:3] == (PARTIAL,) and isinstance(agent.nodes.get(path[1]), CollectNode)


def _taken(agent: AgentDefinition) -> Iterator[Problem]:
    for slot in agent.slots:
        if slot in (*FACTS, *WORDS, PARTIAL, "result", "has") or keyword.iskeyword(slot):
            yield Problem(("slots", slot), f"the name {slot!r} has a meaning of its own in expressions; choose another")


def _used(agent: AgentDefinition) -> Iterator[tuple[Path, str]]:
    """Path and name of every value that texts, templates and expressions use."""
    for path, texts in texts_of(agent.everywhere):
        yield from ((("everywhere", *path), name) for _, text in texts.every() for name, _ in places(text))
    for node_name, node in agent.nodes.items():
        yield from ((("nodes", node_name, *path), name) for path, name in used_values(node))


def _unfilled(agent: AgentDefinition, used: list[tuple[Path, str]]) -> Iterator[Problem]:
    """A slot that is used, filled by no node and never tested with ``has.``: a text with a hole in it."""
    filled = {slot for node in agent.nodes.values() for slot in filled_slots(node)}
    tested = {name.removeprefix("has.") for _, name in used if name.startswith("has.")}
    needed = [*used, *((("nodes", name, *path), slot) for name, node in agent.nodes.items() for path, slot in named_slots(node))]
    reported: set[str] = set()
    for path, slot in needed:
        if slot in agent.slots and slot not in filled | tested | reported:
            reported.add(slot)
            yield Problem(path, f"nothing ever fills the slot {slot!r}; collect it, or test has.{slot} if it comes from outside")
