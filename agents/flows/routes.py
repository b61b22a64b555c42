"""The ways from node to node: what a flow looks like as a graph."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from agents.flows.definition import (
    AgentDefinition,
    BranchNode,
    CallbackNode,
    EndNode,
    LlmNode,
    Node,
    QueueNode,
    ReturnNode,
    SubflowNode,
    TransferNode,
)
from agents.flows.parts import Part

Path = tuple[str, ...]
"""Keys below a node."""

LEAVING = TransferNode | QueueNode | CallbackNode | EndNode | ReturnNode
"""Nodes from which the flow goes nowhere else."""
_SINGLE = ("next", "failed", "yes", "no", "keyed", "else_")
_MAPPED = ("on", "keys", "change")


@lru_cache
def fields_among(kind: type[Part], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``names`` that this kind of node has; asking a node for one that it lacks is slow."""
    return tuple(name for name in names if name in kind.model_fields)


def edges(node: Node) -> Iterator[tuple[Path, str]]:
    """Key path and target of every way out of a node."""
    for field in fields_among(type(node), _SINGLE):
        if target := getattr(node, field):
            yield (field.rstrip("_"),), target
    for field in fields_among(type(node), _MAPPED):
        targets: Mapping[str, str] = getattr(node, field)
        yield from (((field, key), target) for key, target in targets.items())
    if isinstance(node, BranchNode):
        yield from ((("cases", str(i), "next"), case.next) for i, case in enumerate(node.cases))
    if isinstance(node, LlmNode):
        yield from ((("exits", name, "next"), way.next) for name, way in node.exits.items())
    if isinstance(node, SubflowNode):
        yield from ((("exits", name), target) for name, target in node.exits.items())


def targets(node: Node) -> set[str]:
    return {target for _, target in edges(node)}


def entrances(agent: AgentDefinition) -> Iterator[tuple[Path, str]]:
    """Key path (from the top of the file) and node of every point where a conversation can enter."""
    yield ("start",), agent.start
    yield ("resume",), agent.resume
    for key in ("to_person", "to_goodbye", "to_help", "to_anything_else", "give_up", "time_up", "tool_trouble"):
        if target := getattr(agent.everywhere, key):
            yield ("everywhere", key), target
    yield from ((("digressions", intent), target) for intent, target in agent.digressions.items())
    yield from ((("announcements", name), target) for name, target in agent.announcements.items())


def reached(nodes: Mapping[str, Node], starts: Iterable[str]) -> set[str]:
    """The nodes on some way from ``starts``, themselves included."""
    seen: set[str] = set()
    todo = [start for start in starts if start in nodes]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [target for target in targets(nodes[name]) if target in nodes]
    return seen
