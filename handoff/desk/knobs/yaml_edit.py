"""Changes in a YAML text that leave every other character as it is, comments and order included.

Each change is looked at before it counts: the new text must hold what the old one held, but for the change. Otherwise EditRefused.
"""

from collections.abc import Mapping, Sequence

import yaml

from agents.flows.errors import AgentError
from agents.flows.yaml_tree import compose, entry
from handoff.desk.knobs.yaml_place import (
    Change,
    EditRefused,
    Path,
    Shape,
    Span,
    content,
    entry_end,
    find,
    in_brackets,
    is_alias,
    line_end,
    line_start,
    marks,
    shape,
)
from handoff.desk.knobs.yaml_write import Scalar, Value, rendered, ways_to_write

__all__ = ["EditRefused", "add_item", "remove", "remove_item", "set_list", "set_value", "split_by_language"]

_HERE = "change it in the YAML"


def set_value(text: str, path: Path, value: Value) -> str:
    """Put ``value`` at ``path``; what is missing on the way is added. Raises EditRefused, AgentError for what is no YAML."""
    root = compose(text, "")
    node = find(root, path)
    if node is None:
        return _add(text, root, path, value)
    if isinstance(node, yaml.SequenceNode) and isinstance(value, Sequence) and not isinstance(value, str):
        return set_list(text, path, value)
    if isinstance(value, str) or (isinstance(node, yaml.ScalarNode) and not isinstance(value, Mapping | Sequence)):
        return _replace_scalar(text, root, node, value)
    return _replace(text, root, node, rendered(value), _shape_of(value))


def set_list(text: str, path: Path, values: Sequence[Value]) -> str:
    """Make the list at ``path`` hold ``values``: those that are there already stay as they are."""
    root = compose(text, "")
    node = find(root, path)
    if not isinstance(node, yaml.SequenceNode):
        raise EditRefused(f"{'.'.join(path)} is no list; {_HERE}")
    present = shape(node)
    wanted = [_shape_of(value) for value in values]
    if not values or not present or len(values) < len(present):
        return text if present == wanted else _replace(text, root, node, rendered(values), wanted)
    for place, value in enumerate(values):
        if place >= len(present):
            text = add_item(text, path, value)
        elif present[place] != wanted[place]:
            text = set_value(text, (*path, str(place)), value)
    return text


def add_item(text: str, path: Path, value: Value) -> str:
    """At the end of a list."""
    root = compose(text, "")
    node = find(root, path)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise EditRefused(f"{'.'.join(path)} is no list with something in it; {_HERE}")
    end = content(text, node.value[-1]).end
    if in_brackets(text, node):
        new = _after(text, end, rendered(value))
    else:
        dash = text.rindex("-", 0, content(text, node.value[0]).start)
        at = line_end(text, end)
        new = f"{text[:at]}\n{' ' * (dash - line_start(text, dash))}- {rendered(value)}{text[at:]}"
    return _sure(root, new, {marks(node): lambda items: [*items, _shape_of(value)]})


def remove_item(text: str, path: Path) -> str:
    """One of a list that holds more than one."""
    root = compose(text, "")
    node, place = find(root, path[:-1]), int(path[-1])
    if not isinstance(node, yaml.SequenceNode) or not place < len(node.value) or len(node.value) < 2:
        raise EditRefused(f"{'.'.join(path)} cannot be taken out of its list; {_HERE}")
    span = content(text, node.value[place])
    new = _without(text, span) if in_brackets(text, node) else _without_lines(text, Span(text.rindex("-", 0, span.start), span.end))
    return _sure(root, new, {marks(node): lambda items: [item for number, item in enumerate(items) if number != place]})


def remove(text: str, path: Path) -> str:
    """Take out what stands at ``path``, and whatever is empty then. Nothing happens when it is not there."""
    root = compose(text, "")
    parent = find(root, path[:-1])
    pair = entry(parent, path[-1]) if parent is not None else None
    if pair is None or not isinstance(parent, yaml.MappingNode):
        return text
    if len(parent.value) == 1 and len(path) > 1:
        return remove(text, path[:-1])
    key, value = pair
    if not marks(parent).start <= marks(key).start <= marks(parent).end:
        raise EditRefused(f"{'.'.join(path)} comes from an alias; {_HERE}")
    span = Span(marks(key).start, entry_end(text, parent, key, value))
    new = _without(text, span) if in_brackets(text, parent) else _without_lines(text, span)
    return _sure(root, new, {marks(parent): lambda items: {name: item for name, item in items.items() if name != path[-1]}})


def split_by_language(text: str, path: Path, first: str) -> str:
    """Make a plain list of wordings, in the language ``first``, one of several languages."""
    root = compose(text, "")
    node = find(root, path)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise EditRefused(f"{'.'.join(path)} is no list of wordings; {_HERE}")
    start, end = content(text, node)
    if in_brackets(text, node):
        new = f"{text[:start]}{{{first}: {text[start:end]}}}{text[end:]}"
    else:
        begin, last = line_start(text, start), line_end(text, end)
        if text[begin:start].strip():
            raise EditRefused(f"the list at {'.'.join(path)} does not begin on a line of its own; {_HERE}")
        indent = text[begin:start]
        lines = [f"  {line}" if line.strip() else line for line in text[begin:last].split("\n")]
        new = f"{text[:begin]}{indent}{first}:\n" + "\n".join(lines) + text[last:]
    return _sure(root, new, {marks(node): lambda items: {first: items}})


def _replace_scalar(text: str, root: yaml.Node, node: yaml.Node, value: Value) -> str:
    style = getattr(node, "style", '"')
    if shape(node) == _shape_of(value):
        return text
    ways = ways_to_write(value, style) if isinstance(value, str) else iter((rendered(value),))
    refusal = EditRefused(f"the text cannot be written here; {_HERE}")
    for way in ways:
        try:
            return _replace(text, root, node, way, _shape_of(value))
        except EditRefused as refused:
            refusal = refused
    raise refusal


def _replace(text: str, root: yaml.Node, node: yaml.Node, new: str, wanted: Shape) -> str:
    start, end = content(text, node)
    if not isinstance(node, yaml.ScalarNode) and "#" in text[start:end]:
        raise EditRefused(f"comments stand in the list; {_HERE}")
    lead = " " if start and text[start - 1] in ":-" else ""
    return _sure(root, f"{text[:start]}{lead}{new}{text[end:]}", {marks(node): lambda _: wanted})


def _add(text: str, root: yaml.MappingNode, path: Path, value: Value) -> str:
    """``path`` and all that is missing on the way."""
    depth = max(depth for depth in range(len(path)) if find(root, path[:depth]) is not None)
    parent = find(root, path[:depth])
    key, inner = path[depth], value
    for part in reversed(path[depth + 1 :]):
        inner = {part: inner}
    if isinstance(parent, yaml.ScalarNode) and parent.value in ("", "~", "null"):
        return _replace(text, root, parent, rendered({key: inner}), {key: _shape_of(inner)})
    if not isinstance(parent, yaml.MappingNode):
        raise EditRefused(f"{'.'.join(path[:depth])} is no group of keys; {_HERE}")
    line, where = f"{rendered(key)}: {rendered(inner)}", content(text, parent)
    if in_brackets(text, parent):
        last = max((entry_end(text, parent, *pair) for pair in parent.value), default=0)
        new = _after(text, last, line) if parent.value else f"{text[: where.start + 1]}{line}{text[where.start + 1 :]}"
    else:
        at = line_end(text, _head_end(text, parent) if depth == 0 else where.end)
        column = where.start - line_start(text, where.start)
        new = f"{text[:at]}\n{' ' * column}{line}{text[at:]}"
    return _sure(root, new, {marks(parent): lambda items: {**items, key: _shape_of(inner)}})


def _head_end(text: str, root: yaml.MappingNode) -> int:
    """Behind the one-line entries with which a flow begins: name, languages and the like."""
    found = 0
    for key, value in root.value:
        end = entry_end(text, root, key, value)
        if "\n" in text[marks(key).start : end]:
            break
        found = end
    return found or max(entry_end(text, root, key, value) for key, value in root.value if not is_alias(root, key, value))


def _after(text: str, end: int, piece: str) -> str:
    """``piece`` as the next one in brackets behind ``end``."""
    rest = text[end:]
    if rest.lstrip().startswith(","):
        comma = end + rest.index(",") + 1
        return f"{text[:comma]} {piece},{text[comma:]}"
    return f"{text[:end]}, {piece}{rest}"


def _without(text: str, span: Span) -> str:
    """In brackets: with the comma behind it, or the one before it."""
    rest = text[span.end :]
    if rest.lstrip().startswith(","):
        return text[: span.start] + rest.lstrip()[1:].lstrip(" ")
    before = text[: span.start].rstrip()
    return before.removesuffix(",") + rest


def _without_lines(text: str, span: Span) -> str:
    """In block style: the lines that it alone stands on."""
    begin, last = line_start(text, span.start), line_end(text, span.end)
    if text[begin : span.start].strip():
        raise EditRefused(f"something else stands on its line; {_HERE}")
    return text[:begin] + text[last + 1 :]


def _shape_of(value: Value | Scalar) -> Shape:
    return shape(compose(f"x: {rendered(value)}", "").value[0][1])


def _sure(root: yaml.Node, new: str, changes: Mapping[Span, Change]) -> str:
    """``new``, when nothing but ``changes`` has happened."""
    try:
        got = shape(compose(new, ""))
    except AgentError as error:
        raise EditRefused(f"it cannot be changed at this place; {_HERE}") from error
    if got != shape(root, changes):
        raise EditRefused(f"it is tied to another place by an alias; {_HERE}")
    return new
