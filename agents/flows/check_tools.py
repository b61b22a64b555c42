"""Tools, language models and payments: what they may and must name."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from agents.flows.definition import AgentDefinition, LlmNode, PaymentNode, ToolNode
from agents.flows.errors import Problem
from agents.flows.names import nearest
from agents.flows.routes import Path
from agents.flows.template import is_constant, places
from agents.llm.task import FAILED
from agents.tools.toolbox import ToolInfo

OF_THE_CARD: Final = frozenset({"card", "expiry", "cvc", "amount"})
"""Arguments that a payment node gives its tool by itself."""


def tool_problems(agent: AgentDefinition, describe: Callable[[str], ToolInfo | None] | None) -> Iterator[Problem]:
    """``describe`` None: tools are taken on trust."""
    if describe is not None:
        yield from _unknown(agent, describe)
    charging = {node.tool: name for name, node in agent.nodes.items() if isinstance(node, PaymentNode)}
    for path, tool in _offered(agent):
        if tool in charging:
            yield Problem(
                path, f"{tool!r} charges cards for the payment node {charging[tool]!r}; a language model may not call it, remove it here"
            )
    for name, node in agent.nodes.items():
        if isinstance(node, LlmNode):
            yield from _model(name, node)
        if isinstance(node, PaymentNode):
            yield from _payment(agent, name, node)


def _offered(agent: AgentDefinition) -> Iterator[tuple[Path, str]]:
    """Tools that a language model may call."""
    yield from ((("llm", "tools", str(i)), tool) for i, tool in enumerate(agent.llm.tools))
    for name, node in agent.nodes.items():
        if isinstance(node, LlmNode):
            yield from ((("nodes", name, "tools", str(i)), tool) for i, tool in enumerate(node.tools))


def _unknown(agent: AgentDefinition, describe: Callable[[str], ToolInfo | None]) -> Iterator[Problem]:
    named = [
        *_offered(agent),
        *((("nodes", name, "tool"), node.tool) for name, node in agent.nodes.items() if isinstance(node, ToolNode | PaymentNode)),
    ]
    known = {tool for _, tool in named if describe(tool)}
    for path, tool in named:
        if tool not in known:
            yield Problem(path, f"no tool {tool!r}{nearest(tool, known) or '; add it to the tools of the agent, or mend its name'}")
    for name, node in agent.nodes.items():
        info = describe(node.tool) if isinstance(node, ToolNode | PaymentNode) else None
        if isinstance(node, ToolNode | PaymentNode) and info:
            yield from _arguments(name, node, info)


def _arguments(name: str, node: ToolNode | PaymentNode, info: ToolInfo) -> Iterator[Problem]:
    properties, required = info.parameters.get("properties"), info.parameters.get("required")
    given = OF_THE_CARD if isinstance(node, PaymentNode) else frozenset[str]()
    if isinstance(required, list):
        for argument in required:
            if argument not in node.arguments and argument not in given:
                yield Problem(("nodes", name, "tool"), f"{node.tool} needs {argument!r}; give it under with")
    if isinstance(properties, dict):
        for argument in node.arguments:
            if argument not in properties:
                hint = nearest(argument, properties) or f"; it takes {', '.join(sorted(properties)) or 'none'}"
                yield Problem(("nodes", name, "with", argument), f"{node.tool} takes no {argument!r}{hint}")
        for argument in sorted(given - properties.keys()) if properties else ():
            yield Problem(("nodes", name, "tool"), f"{node.tool} takes no {argument!r}, which a payment gives it; name a tool that does")


def _model(name: str, node: LlmNode) -> Iterator[Problem]:
    if not node.exits:
        yield Problem(("nodes", name, "exits"), "a language model without a way out; say when the goal is reached and where that leads")
    if FAILED in node.exits:
        yield Problem(
            ("nodes", name, "exits", FAILED),
            f"the exit {FAILED!r} is taken when no model answers; name the node under failed, next to exits",
        )


def _payment(agent: AgentDefinition, name: str, node: PaymentNode) -> Iterator[Problem]:
    at = ("nodes", name)
    for argument in sorted(OF_THE_CARD & node.arguments.keys()):
        yield Problem((*at, "with", argument), f"{argument!r} is what the caller keys in, or the node's own amount; remove it here")
    if is_constant(node.amount):
        try:
            fits = Decimal(node.amount) > 0 and Decimal(node.amount).is_finite()
        except InvalidOperation:
            fits = False
        if not fits:
            yield Problem((*at, "amount"), f'{node.amount!r} is no amount; write "12.50", or name a slot or result: "{{amount}}"')
    for used, form in places(node.amount):
        slot = agent.slots.get(used)
        if slot is not None and slot.kind not in ("amount", "number"):
            yield Problem((*at, "amount"), f"{used!r} is of kind {slot.kind}; use a slot of kind amount, or a field of a result")
        if form:
            yield Problem((*at, "amount"), f"{{{used}|{form}}}: the tool gets the plain amount; write {{{used}}}")
    if node.failed == name or node.next == name:
        yield Problem(
            (*at, "failed" if node.failed == name else "next"), "a payment cannot lead back to itself; it has attempts of its own"
        )
