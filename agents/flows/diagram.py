"""An agent as a Mermaid flowchart, its subflows as groups."""

from collections.abc import Iterator, Mapping
from typing import Final

from agents.flows.definition import AgentDefinition
from agents.flows.outline import about, doors, groups, ways

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "say": ("[", "]"),
    "ask": ("(", ")"),
    "wait": ("(", ")"),
    "collect": ("(", ")"),
    "confirm": ("(", ")"),
    "branch": ("{", "}"),
    "set": ("[/", "/]"),
    "tool": ("[[", "]]"),
    "llm": ("{{", "}}"),
    "payment": ("[(", ")]"),
}
_LEAVING: Final = ("([", "])")
_LONGEST: Final = 60
"""Characters of a text in a box."""


def mermaid(agent: AgentDefinition) -> str:
    """Every node with what it says first, every way with what leads there. Deterministic."""
    ids = {name: f"n{i}" for i, name in enumerate(agent.nodes)}
    lines = ["flowchart TD", *_boxes(agent, ids, ())]
    for i, (door, target) in enumerate(doors(agent)):
        lines += [f"  d{i}>{_quoted(door)}]", f"  d{i} -.-> {ids[target]}"]
    for name, node in agent.nodes.items():
        lines += [f"  {ids[name]} -->{f'|{_quoted(label)}|' if label else ''} {ids[target]}" for target, label in ways(node)]
    return "\n".join(lines) + "\n"


def _boxes(agent: AgentDefinition, ids: Mapping[str, str], within: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * (len(within) + 1)
    inner: dict[str, None] = {}
    for name, node in agent.nodes.items():
        mine = tuple(groups(name))
        if mine == within:
            left, right = _SHAPES.get(node.do, _LEAVING)
            said = about(node, agent.language)
            yield f"{indent}{ids[name]}{left}{_quoted(name.rpartition('/')[2], node.do, said)}{right}"
        elif mine[: len(within)] == within:
            inner[mine[len(within)]] = None
    for group in inner:
        yield f"{indent}subgraph {ids.get(group, 'n')}g [{_quoted(group)}]"
        yield from _boxes(agent, ids, (*within, group))
        yield f"{indent}end"


def _quoted(*parts: str) -> str:
    """One label of several lines. Mermaid's entities start with ``#``."""
    return '"' + "<br/>".join(_escaped(part) for part in parts if part) + '"'


def _escaped(text: str) -> str:
    short = " ".join(text.split())
    short = short if len(short) <= _LONGEST else short[: _LONGEST - 1].rstrip() + "…"
    for sign, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;"), ("|", "#124;")):
        short = short.replace(sign, f"\0{entity[1:]}") if sign == "#" else short.replace(sign, entity)
    return short.replace("\0", "#")
