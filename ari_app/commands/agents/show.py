"""``patchcord agents show``: a flow as text or as a Mermaid diagram."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agents.flows.definition import AgentDefinition, Node, texts_of
from agents.flows.routes import Path as KeyPath
from agents.flows.routes import edges, entrances
from agents.library import load_agent
from ari_app.commands.agents.places import find_agent

_TEXT_SHOWN: Final = 60
"""Characters of a text in the diagram."""
_DETAILS: Final = ("slot", "tool", "goal", "queue", "reason", "flow", "exit")
_SHAPES: Final = {
    "ask": ("(", ")"),
    "collect": ("[/", "/]"),
    "confirm": ("(", ")"),
    "branch": ("{", "}"),
    "tool": ("[[", "]]"),
    "llm": ("{{", "}}"),
    "transfer": ("([", "])"),
    "queue": ("([", "])"),
    "callback": ("([", "])"),
    "end": ("([", "])"),
}


def show(which: str, folder: Path | None, style: str) -> int:
    """Raises AgentError."""
    agent = load_agent(find_agent(which, folder))
    print("\n".join(mermaid(agent) if style == "mermaid" else plain(agent)))
    return 0


def plain(agent: AgentDefinition) -> Iterator[str]:
    """Every node with what it says first and where it leads."""
    yield f"{agent.name}: {', '.join(agent.languages)}, transfers to {agent.queue}"
    slots = ", ".join(f"{name} ({slot.kind})" for name, slot in agent.slots.items())
    yield f"slots    {slots or 'none'}"
    yield f"intents  {', '.join(agent.intents)}"
    for path, target in entrances(agent):
        yield f"{'.'.join(path):<32} -> {target}"
    for name, node in agent.nodes.items():
        yield ""
        yield f"{name}  [{node.do}]  {_details(node)}".rstrip()
        if text := _first_text(agent, node):
            yield f'    "{text}"'
        yield from (f"    {_label(path):<28} -> {target}" for path, target in edges(node))


def mermaid(agent: AgentDefinition) -> Iterator[str]:
    """A flowchart; it renders in Markdown on most sites."""
    yield "flowchart TD"
    for name, node in agent.nodes.items():
        opened, closed = _SHAPES.get(node.do, ("[", "]"))
        text = _first_text(agent, node)
        shown = text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"
        label = "<br/>".join(_quoted(part) for part in (f"{name} · {node.do}", _details(node), shown) if part)
        yield f'  {_id(name)}{opened}"{label}"{closed}'
    for path, target in entrances(agent):
        yield f'  {_id(".".join(path))}(["{_quoted(_label(path))}"]) -.-> {_id(target)}'
    for name, node in agent.nodes.items():
        yield from (f'  {_id(name)} -->|"{_quoted(_label(path))}"| {_id(target)}' for path, target in edges(node))


def _details(node: Node) -> str:
    told = [f"{name} {value}" for name in _DETAILS if (value := getattr(node, name, None))]
    return ", ".join(" ".join(detail.split()) for detail in told)


def _first_text(agent: AgentDefinition, node: Node) -> str:
    texts = {path: texts.of(agent.language)[0] for path, texts in texts_of(node)}
    return next((texts[key,] for key in ("say", "ask", "opening") if (key,) in texts), "")


def _label(path: KeyPath) -> str:
    match path:
        case ("on", intent):
            return f"hears {intent}"
        case ("keys", key):
            return f"key {key}"
        case ("cases", number, "next"):
            return f"case {int(number) + 1}"
        case ("exits", name, *_):
            return f"exit {name}"
        case ("change", slot):
            return f"change {slot}"
        case _:
            return " ".join(path)


def _id(name: str) -> str:
    """Mermaid reads some words, such as ``end``, as its own."""
    return "n_" + re.sub(r"\W", "_", name)


def _quoted(text: str) -> str:
    return text.replace('"', "'").replace("<", "&lt;").replace(">", "&gt;").replace("#", "♯")
