"""What a node is about, in a few words, and where it leads with what: for drawing an agent."""

from collections.abc import Iterator
from typing import Final

from agents.flows.definition import AgentDefinition, BranchNode, LlmNode, Node, PaymentNode, ReturnNode, SetNode, ToolNode
from agents.flows.routes import edges, entrances, targets

_WIDTH: Final = 100
"""Characters of a line in the terminal."""
_KEYS: Final = {"keys": "key ", "on": "", "exits": "", "change": "change "}


def about(node: Node, language: str) -> str:
    """Its first wording, or what it works with."""
    if isinstance(node, ToolNode):
        return f"{node.tool}({', '.join(node.arguments)})"
    if isinstance(node, SetNode):
        parts = [f"{slot} = {value.text}" for slot, value in node.values.items()]
        stated = [f"{name} = {value}" for name in ("language", "queue", "verified") if (value := getattr(node, name))]
        return ", ".join([*parts, *stated])
    if isinstance(node, LlmNode):
        return " ".join(node.goal.split())
    if isinstance(node, ReturnNode):
        return node.exit
    texts = getattr(node, "ask", None) or getattr(node, "say", None)
    said = texts.of(language)[0] if texts else ""
    return f"{said} ({node.amount})" if isinstance(node, PaymentNode) else said


def ways(node: Node) -> Iterator[tuple[str, str]]:
    """Target, and what leads there in words; all that leads to the same node is one way."""
    labels: dict[str, list[str]] = {}
    for path, target in edges(node):
        labels.setdefault(target, []).append(_label(node, path))
    yield from ((target, ", ".join(label for label in found if label)) for target, found in labels.items())


def _label(node: Node, path: tuple[str, ...]) -> str:
    if isinstance(node, BranchNode):
        condition = node.cases[int(path[1])].if_
        return condition.text if condition else "otherwise"
    if len(path) > 1:
        return f"{_KEYS.get(path[0], '')}{path[1]}"
    return "" if path[0] == "next" else {"keyed": "a number", "else": "anything else"}.get(path[0], path[0])


def groups(name: str) -> list[str]:
    """The subflows in which a node stands, the outermost first: ``a/b/ask`` stands in ``a`` and ``a/b``."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def doors(agent: AgentDefinition) -> Iterator[tuple[str, str]]:
    """How a conversation comes to a node other than from another one: in words, and the node."""
    for path, target in entrances(agent):
        match path:
            case ("start",):
                yield "start", target
            case ("resume",):
                yield "back from the queue", target
            case ("digressions", intent):
                yield f"digression: {intent}", target
            case ("announcements", name):
                yield f"announcement: {name}", target
            case (_, key):
                yield f"everywhere: {key.removeprefix('to_').replace('_', ' ')}", target


def outline(agent: AgentDefinition) -> str:
    """The agent as text for a terminal: every node, in the order in which a conversation meets them, with its ways out."""
    lines = [f"{agent.name} ({', '.join(agent.languages)}), {len(agent.nodes)} nodes", ""]
    lines += [f"{door} -> {target}" for door, target in doors(agent)]
    within: list[str] = []
    for name in _in_order(agent):
        mine = groups(name)
        for depth, group in enumerate(mine):
            if within[: depth + 1] != mine[: depth + 1]:
                lines += ["", f"{'  ' * depth}[{group}]"]
                within = mine[: depth + 1]
        within = mine
        lines += _node_lines(agent, name, "  " * len(mine))
    return "\n".join(lines) + "\n"


def _node_lines(agent: AgentDefinition, name: str, indent: str) -> Iterator[str]:
    node = agent.nodes[name]
    yield ""
    yield _cut(f"{indent}{name}  {node.do}  {about(node, agent.language)}".rstrip())
    yield from (_cut(f"{indent}    {f'{label} ' if label else ''}-> {target}", keep=f"-> {target}") for target, label in ways(node))


def _cut(line: str, keep: str = "") -> str:
    """At most _WIDTH characters where that is possible, ``keep`` at the end."""
    if len(line) <= _WIDTH:
        return line
    return line[: max(_WIDTH - len(keep) - 2, 20)].rstrip() + ("… " + keep if keep else "…")


def _in_order(agent: AgentDefinition) -> list[str]:
    """Nodes as they are met, depth first; those of one subflow stay together."""
    met: dict[str, None] = {}
    todo = [target for _, target in entrances(agent)][::-1]
    while todo:
        name = todo.pop()
        if name not in met and name in agent.nodes:
            met[name] = None
            todo += sorted(targets(agent.nodes[name]), key=list(agent.nodes).index, reverse=True)
    met.update(dict.fromkeys(agent.nodes))
    first = {group: i for i, name in reversed([*enumerate(met)]) for group in groups(name)}
    order = {name: i for i, name in enumerate(met)}
    return sorted(met, key=lambda name: [*(first[group] for group in groups(name)), order[name]])
