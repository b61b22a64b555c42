"""What a node names besides other nodes: intents, slots, and the values in its texts and expressions."""

from collections.abc import Iterator

from agents.flows.definition import (
    AskNode,
    BranchNode,
    CallbackNode,
    CollectNode,
    LlmNode,
    Node,
    PaymentNode,
    SetNode,
    SubflowNode,
    ToolNode,
    texts_of,
)
from agents.flows.routes import Path, fields_among
from agents.flows.template import places


def used_values(node: Node) -> Iterator[tuple[Path, str]]:
    """Key path and name of every value that its texts, templates and expressions use."""
    for path, texts in texts_of(node):
        yield from ((path, name) for _, text in texts.every() for name, _ in places(text))
    if isinstance(node, ToolNode | PaymentNode):
        yield from ((("with", key), name) for key, text in node.arguments.items() for name, _ in places(text))
    if isinstance(node, PaymentNode):
        yield from ((("amount",), name) for name, _ in places(node.amount))
    if isinstance(node, BranchNode):
        yield from ((("cases", str(i), "if"), name) for i, case in enumerate(node.cases) if case.if_ for name in sorted(case.if_.names))
    if isinstance(node, SetNode):
        yield from ((("values", key), name) for key, value in node.values.items() for name in sorted(value.names))


def own_intents(node: Node) -> Iterator[tuple[Path, str]]:
    """Key path and name of the intents that a node listens for."""
    for field in fields_among(type(node), ("on",)):
        yield from (((field, intent), intent) for intent in getattr(node, field))
    if isinstance(node, CollectNode):
        yield from ((("set", intent), intent) for intent in node.set)


def named_slots(node: Node) -> Iterator[tuple[Path, str]]:
    """Key path and name of the slots that a node names as such: not those in its texts and expressions."""
    if isinstance(node, CollectNode | CallbackNode):
        yield ("slot",), node.slot
    for field in fields_among(type(node), ("fills", "also", "remembers")):
        yield from (((field, str(i)), slot) for i, slot in enumerate(getattr(node, field)))
    for field in fields_among(type(node), ("values", "change", "returns")):
        if field != "returns" or isinstance(node, SubflowNode):
            yield from (((field, slot), slot) for slot in getattr(node, field))


def filled_slots(node: Node) -> Iterator[str]:
    """The slots that get a value at a node."""
    if isinstance(node, CollectNode):
        yield node.slot
        yield from node.also
    if isinstance(node, AskNode):
        yield from node.fills
    if isinstance(node, LlmNode):
        yield from node.remembers
    if isinstance(node, SetNode):
        yield from (slot for slot, value in node.values.items() if value.names or value.value({}) not in (None, ""))
