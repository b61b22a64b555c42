"""``subflow``: another flow, put in the place of the node that names it, so that the engine only ever sees one flat agent.

- Its nodes are those that its ``start`` leads to; each becomes ``<node>/<its name>``.
- Its slots: one that the calling flow declares too, with the same content, is shared (what the caller said once is known in both); the
  same name with another content is an error. All others belong to the subflow alone: they become ``<node>__<slot>`` and are emptied
  whenever it is entered. ``with`` gives its slots a value on the way in, ``returns`` takes values over on the way out.
- Its intents, where its nodes listen for them, are added; the same name with another content is an error.
- Its ``return`` nodes lead to the ``exits``, every one of which must be named; with ``transfers`` those that would pass the caller to a
  person lead there, unspoken.
- Everything else in its file (hours, queue, everywhere, digressions, turns, llm) counts only when it is dialled alone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from agents.flows.definition import (
    AgentDefinition,
    ConfirmPart,
    IntentPart,
    Node,
    QueueNode,
    ReturnNode,
    SetNode,
    SlotPart,
    SubflowNode,
    Texts,
    TransferNode,
)
from agents.flows.errors import AgentError, Place
from agents.flows.expressions import Expression
from agents.flows.mentions import named_slots, own_intents, used_values
from agents.flows.names import nearest
from agents.flows.routes import reached
from agents.flows.template import rename
from agents.flows.yaml_tree import place_of

MAX_NODES: Final = 3000


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """A flow with its subflows in place, and where its parts were written."""

    agent: AgentDefinition
    tree: yaml.MappingNode
    origins: Mapping[str, tuple[yaml.MappingNode, str]] = field(default_factory=dict)
    """Nodes that come from a subflow: its tree and their name there."""

    def place(self, path: tuple[str, ...]) -> Place:
        if len(path) > 1 and path[0] == "nodes" and path[1] in self.origins:
            tree, name = self.origins[path[1]]
            return place_of(tree, ("nodes", name, *path[2:]))
        return place_of(self.tree, path)


def inlined(agent: AgentDefinition, tree: yaml.MappingNode, read: Callable[[str, Place], ReadFlow]) -> ReadFlow:
    """``agent`` without subflow nodes. ``read`` gives the flow of a name, for the place that asks. Raises AgentError."""
    flow = _Inlining(agent, tree)
    for name, node in agent.nodes.items():
        if isinstance(node, SubflowNode):
            flow.put(name, node, read(node.flow, place_of(tree, ("nodes", name, "flow"))))
    return flow.done()


class _Inlining:
    def __init__(self, agent: AgentDefinition, tree: yaml.MappingNode) -> None:
        self._agent, self._tree = agent, tree
        self._nodes: dict[str, Node] = dict(agent.nodes)
        self._slots: dict[str, SlotPart] = dict(agent.slots)
        self._intents: dict[str, IntentPart] = dict(agent.intents)
        self._origins: dict[str, tuple[yaml.MappingNode, str]] = {}
        self._intents_from: dict[str, Place] = {}
        self._problems: list[str] = []

    def done(self) -> ReadFlow:
        if self._problems:
            raise AgentError("\n".join(dict.fromkeys(self._problems)))
        if not self._origins:
            return ReadFlow(self._agent, self._tree)
        fields = {key: getattr(self._agent, key) for key in AgentDefinition.model_fields}
        agent = AgentDefinition.model_construct(**{**fields, "nodes": self._nodes, "slots": self._slots, "intents": self._intents})
        return ReadFlow(agent, self._tree, self._origins)

    def put(self, name: str, node: SubflowNode, flow: ReadFlow) -> None:
        theirs = flow.agent
        reachable = reached(theirs.nodes, [theirs.start])
        own = {key: part for key, part in theirs.nodes.items() if key in reachable}
        slots = _slots_of(node, theirs, own)
        self._check(name, node, flow, own)
        self._check_shared(slots, flow)
        if self._problems:
            return
        if len(self._nodes) + len(own) > MAX_NODES:
            raise AgentError(f"{self._place(name)}: more than {MAX_NODES} nodes with all subflows; use fewer")
        local = {slot: f"{name.replace('/', '__')}__{slot}" for slot in slots if slot not in self._agent.slots}
        moved = _Moved(name, local, theirs.language if theirs.languages != self._agent.languages else "")
        self._add_slots(name, {new: theirs.slots[old] for old, new in local.items()})
        self._add_intents(flow, own)
        values = {local.get(slot, slot): value for slot, value in node.arguments.items()}
        entering = {**dict.fromkeys(local.values(), Expression("none")), **values}
        self._nodes[name] = SetNode.model_construct(do="set", values=entering, language=None, next=moved.node(theirs.start))
        for key, part in own.items():
            new = moved.node(key)
            if isinstance(part, ReturnNode):
                self._nodes[new] = self._returned(node, part, local)
            elif isinstance(part, TransferNode | QueueNode) and node.transfers:
                self._nodes[new] = SetNode.model_construct(do="set", values={}, language=None, next=node.transfers)
            else:
                self._nodes[new] = moved.moved(part)
            self._origins[new] = flow.origins.get(key, (flow.tree, key))

    def _returned(self, node: SubflowNode, part: ReturnNode, local: Mapping[str, str]) -> SetNode:
        values = {ours: Expression(local.get(theirs, theirs)) for ours, theirs in node.returns.items()}
        return SetNode.model_construct(do="set", values=values, language=None, next=node.exits[part.exit])

    def _check(self, name: str, node: SubflowNode, flow: ReadFlow, own: Mapping[str, Node]) -> None:
        exits = {part.exit for part in own.values() if isinstance(part, ReturnNode)}
        for missing in sorted(exits - set(node.exits)):
            self._complain(name, f"{node.flow} can end in {missing!r}; say under exits where that leads", "exits")
        for unknown in sorted(set(node.exits) - exits):
            hint = nearest(unknown, exits) or f"; it has {', '.join(sorted(exits)) or 'none: end it with do: return'}"
            self._complain(name, f"{node.flow} has no exit {unknown!r}{hint}", "exits", unknown)
        for key, target in node.exits.items():
            if target not in self._agent.nodes:
                self._complain(name, f"no node {target!r}{nearest(target, self._agent.nodes)}", "exits", key)
        if node.transfers and node.transfers not in self._agent.nodes:
            self._complain(name, f"no node {node.transfers!r}{nearest(node.transfers, self._agent.nodes)}", "transfers")
        for slot in node.returns:
            if slot not in self._agent.slots:
                self._complain(name, f"no slot {slot!r}{nearest(slot, self._agent.slots)}", "returns", slot)
        self._check_slots(name, node, flow)

    def _check_slots(self, name: str, node: SubflowNode, flow: ReadFlow) -> None:
        known = flow.agent.slots
        for key, slot in [
            *((("with", slot), slot) for slot in node.arguments),
            *((("returns", ours), slot) for ours, slot in node.returns.items()),
        ]:
            if slot not in known:
                self._complain(name, f"{node.flow} has no slot {slot!r}{nearest(slot, known)}", *key)

    def _check_shared(self, slots: Collection[str], flow: ReadFlow) -> None:
        for slot in slots:
            part = flow.agent.slots[slot]
            if slot in self._agent.slots and self._agent.slots[slot] != part:
                here, there = place_of(self._tree, ("slots", slot)), place_of(flow.tree, ("slots", slot))
                what = f"{there} has a slot of this name that is different; make them the same to share it, or rename one"
                self._problems.append(f"{here}: slots.{slot}: {what}")

    def _add_slots(self, name: str, slots: Mapping[str, SlotPart]) -> None:
        for slot, part in slots.items():
            if slot in self._agent.slots:
                self._complain(name, f"its slots become {name}__<slot>, and {slot!r} is taken; rename that slot or this node")
            self._slots[slot] = part

    def _add_intents(self, flow: ReadFlow, own: Mapping[str, Node]) -> None:
        used = dict.fromkeys(intent for part in own.values() for _, intent in own_intents(part))
        for intent in used:
            theirs, there = flow.agent.intents[intent], place_of(flow.tree, ("intents", intent))
            if intent in self._intents and self._intents[intent] != theirs:
                here = self._intents_from.get(intent) or place_of(self._tree, ("intents", intent))
                self._problems.append(
                    f"{here}: intents.{intent}: {there} has an intent of this name that is different; make them the same, or rename one"
                )
            elif intent not in self._intents:
                self._intents[intent], self._intents_from[intent] = theirs, there

    def _place(self, name: str, *path: str) -> Place:
        return place_of(self._tree, ("nodes", name, *path))

    def _complain(self, name: str, what: str, *path: str) -> None:
        self._problems.append(f"{self._place(name, *path)}: {'.'.join(('nodes', name, *path))}: {what}")


def _slots_of(node: SubflowNode, theirs: AgentDefinition, own: Mapping[str, Node]) -> list[str]:
    """The slots of a flow that its nodes or the subflow node have to do with."""
    named = {slot for part in own.values() for _, slot in named_slots(part)}
    used = {name.removeprefix("has.") for part in own.values() for _, name in used_values(part)}
    return [slot for slot in theirs.slots if slot in {*named, *used, *node.arguments, *node.returns.values()}]


@dataclass(frozen=True, slots=True)
class _Moved:
    """The nodes of a subflow as they are called in the flow that uses it."""

    prefix: str
    slots: Mapping[str, str]
    language: str
    """That of its plain lists of texts; empty: the same as here."""

    def node(self, name: str) -> str:
        return f"{self.prefix}/{name}"

    def moved(self, node: Node) -> Node:
        changed = {key: self._field(key, getattr(node, key)) for key in type(node).model_fields}
        return node.model_copy(update=changed)

    def _field(self, key: str, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Texts):
            return self._texts(value)
        if isinstance(value, ConfirmPart):
            return value.model_copy(update={part: self._texts(getattr(value, part)) for part in ConfirmPart.model_fields})
        if key in ("next", "failed", "yes", "no", "keyed", "else_"):
            return self.node(value)
        if key in ("on", "keys"):
            return {name: self.node(target) for name, target in value.items()}
        return self._slotted(key, value)

    def _slotted(self, key: str, value: Any) -> Any:
        match key:
            case "slot":
                return self._slot(value)
            case "fills" | "also" | "remembers":
                return tuple(self._slot(slot) for slot in value)
            case "change":
                return {self._slot(slot): self.node(target) for slot, target in value.items()}
            case "values":
                return {self._slot(slot): expression.renamed(self.slots) for slot, expression in value.items()}
            case "arguments":
                return {name: rename(template, self.slots) for name, template in value.items()}
            case "amount":
                return rename(value, self.slots)
            case "cases":
                return tuple(
                    case.model_copy(update={"if_": case.if_ and case.if_.renamed(self.slots), "next": self.node(case.next)})
                    for case in value
                )
            case "exits":
                return {name: way.model_copy(update={"next": self.node(way.next)}) for name, way in value.items()}
        return value

    def _slot(self, name: str) -> str:
        return self.slots.get(name, name)

    def _texts(self, texts: Texts) -> Texts:
        return (texts.in_first(self.language) if self.language else texts).renamed(self.slots)
