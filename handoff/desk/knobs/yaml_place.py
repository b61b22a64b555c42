"""Where the parts of a YAML text begin and end, from the marks of PyYAML."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from agents.flows.yaml_tree import entry

Path: TypeAlias = tuple[str, ...]
"""Keys and, in lists, positions from 0."""
Shape: TypeAlias = Any
"""A tree without places: mappings, lists, and ``(tag, text)`` for what stands at their ends."""
Change: TypeAlias = Callable[[Shape], Shape]

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)+")
_ALIAS: Final = re.compile(r"[\"']?\s*:\s+\*[^\s,\[\]{}]+")


class EditRefused(Exception):
    """This cannot be changed here without touching something else; the message names the remedy."""


class Span(NamedTuple):
    start: int
    end: int
    """In characters; ``end`` is the first one behind."""


def marks(node: yaml.Node) -> Span:
    """As the parser tells them; for collections in block style the end is that of what follows."""
    return Span(node.start_mark.index, node.end_mark.index)


def find(root: yaml.Node, path: Path) -> yaml.Node | None:
    """The node at a path; None: there is none."""
    node: yaml.Node | None = root
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = entry(node, part)
            node = pair[1] if pair else None
        elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
        else:
            return None
    return node


def content(text: str, node: yaml.Node) -> Span:
    """Where the node itself stands, without anchor, comments and blank lines behind it."""
    start = marks(node).start
    properties = _PROPERTIES.match(text, start, marks(node).end)
    start = properties.end() if properties else start
    return Span(start, max(start, _end(text, node)))


def in_brackets(text: str, node: yaml.Node) -> bool:
    """Whether a collection is in flow style."""
    return text[content(text, node).start] in "[{"


def entry_end(text: str, parent: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> int:
    """Where an entry of a mapping ends, also when its value is an alias, whose marks are elsewhere."""
    if is_alias(parent, key, value):
        match = _ALIAS.match(text, marks(key).end - (1 if text[marks(key).end - 1] in "\"'" else 0))
        if match is None:
            raise EditRefused("an alias stands here in an unusual form; change it in the YAML")
        return match.end()
    return content(text, value).end


def is_alias(parent: yaml.Node, key: yaml.Node, value: yaml.Node) -> bool:
    """Whether the value stands elsewhere."""
    return not marks(key).end <= marks(value).start <= marks(parent).end


def line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Before the line break, or the end of the text."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found


def shape(node: yaml.Node, changes: Mapping[Span, Change] | None = None) -> Shape:
    """The tree with ``changes`` made at their places, aliases of them included."""
    found: Shape
    if isinstance(node, yaml.MappingNode):
        found = {key.value: shape(value, changes) for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        found = [shape(item, changes) for item in node.value]
    else:
        found = (node.tag, node.value)
    change = (changes or {}).get(marks(node))
    return change(found) if change else found


def _end(text: str, node: yaml.Node) -> int:
    start, end = marks(node)
    if isinstance(node, yaml.ScalarNode):
        return start + len(text[start:end].rstrip())
    if text[end - 1 : end] in ("]", "}") and _opens(text, node):
        return end
    return max(_ends(text, node), default=end)


def _opens(text: str, node: yaml.Node) -> bool:
    start, end = marks(node)
    properties = _PROPERTIES.match(text, start, end)
    return text[properties.end() if properties else start] in "[{"


def _ends(text: str, node: yaml.Node) -> Sequence[int]:
    if isinstance(node, yaml.MappingNode):
        within = [pair for pair in node.value if marks(node).start <= marks(pair[0]).start <= marks(node).end]
        return [entry_end(text, node, key, value) for key, value in within]
    if any(not marks(node).start <= marks(item).start <= marks(node).end for item in node.value):
        raise EditRefused("an alias stands in this list; change it in the YAML")
    return [content(text, item).end for item in node.value]
