"""YAML as a tree that knows the file and line of every part, so that a message can name them even after files were merged."""

import io
import re
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

import yaml
from yaml.reader import ReaderError

from agents.flows.errors import AgentError, Place

MAX_PARTS: Final = 100_000
"""Keys and values of one file, aliases counted as often as they are used."""

MAX_TEXT: Final = 2_000_000
"""Characters of one file."""


_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser is several times as fast; it is in the wheels, but not everywhere."""


class _Named(io.StringIO):
    """Parsers take the name for their marks from the stream."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


class _Loader(_FASTEST):  # type: ignore[misc]  # whichever of the two is there
    """YAML 1.2's plain words: ``yes``, ``no``, ``on``, ``12:30`` and ``007`` are text here; keys are always text."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(_Named(text, source))

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        return {_key(key): self.construct_object(value, deep=True) for key, value in node.value}


_Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0].endswith((":null", ":merge"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_SCALARS: Final = {
    "tag:yaml.org,2002:bool": (re.compile(r"(?:true|false)\Z"), "tf"),
    "tag:yaml.org,2002:int": (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,15})\Z"), "-+0123456789"),
    "tag:yaml.org,2002:float": (re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}\Z"), "-+0123456789"),
}
for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
_PLAIN_TAGS: Final = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq"))


def _key(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def compose(text: str, source: str) -> yaml.MappingNode:
    """The tree of a file. Raises AgentError for what is no YAML, no mapping, too large, or says a key twice."""
    if len(text) > MAX_TEXT:
        raise AgentError(f"{source}:1: more than {MAX_TEXT} characters; split it into subflows")
    try:
        loader = _Loader(text, source)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise AgentError(f"{_where(error, text, source)}: not valid YAML: {what}; mind indents, quotes and brackets") from error
    except RecursionError as error:
        raise AgentError(f"{source}:1: not usable YAML: nested too deep; flatten it") from error
    if not isinstance(root, yaml.MappingNode):
        raise AgentError(f"{source}:1: is empty or not a mapping of keys; start from agents/library/front-desk.yaml")
    return _Cleaner(source).cleaned(root)


def _where(error: yaml.YAMLError, text: str, source: str) -> Place:
    if isinstance(error, ReaderError):
        return Place(source, text[: error.position].count("\n") + 1)
    mark = getattr(error, "problem_mark", None)
    # What is missing at the end of a file is told behind it.
    return Place(source, min(mark.line + 1, max(1, len(text.splitlines()))) if mark else 1)


class _Cleaner:
    """Resolves ``<<``, and refuses what no flow needs: aliases that multiply or contain themselves, tags, keys said twice."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts = 0
        self._problems: list[str] = []

    def cleaned(self, root: yaml.MappingNode) -> yaml.MappingNode:
        tree = self._mapping(root, ())
        if self._problems:
            raise AgentError("\n".join(dict.fromkeys(self._problems)))
        return tree

    def _node(self, node: yaml.Node, above: tuple[int, ...]) -> yaml.Node:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise AgentError(f"{self._source}:1: more than {MAX_PARTS} parts; split it into subflows, or use fewer aliases")
        if id(node) in above or len(above) > 40:
            raise AgentError(f"{place(node)}: nested too deep or within itself; write it out without the alias")
        if node.tag not in _PLAIN_TAGS:
            self._complain(node, f"the tag {node.tag!r} is not supported; remove it")
        elif node.tag in _SCALARS and not (isinstance(node, yaml.ScalarNode) and _SCALARS[node.tag][0].match(node.value)):
            self._complain(node, f"the tag {node.tag!r} does not fit here; remove it")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, (*above, id(node)))
        if isinstance(node, yaml.SequenceNode):
            items = [self._node(item, (*above, id(node))) for item in node.value]
            return yaml.SequenceNode(node.tag, items, node.start_mark, node.end_mark)
        return node

    def _mapping(self, node: yaml.MappingNode, above: tuple[int, ...]) -> yaml.MappingNode:
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            clean = self._node(value, above)
            if key.tag == "tag:yaml.org,2002:merge":
                for given in reversed(clean.value if isinstance(clean, yaml.SequenceNode) else [clean]):
                    if isinstance(given, yaml.MappingNode):
                        merged.update((part.value, (part, value)) for part, value in given.value)
                    else:
                        self._complain(key, "'<<' must name a mapping; give it the alias of one")
            elif not isinstance(key, yaml.ScalarNode):
                self._complain(key, "a key must be a plain word; quote it if it is meant as text")
            elif key.value in own:
                self._complain(key, f"{key.value!r} stands here a second time; keep one of them")
            else:
                own[key.value] = (key, clean)
        return yaml.MappingNode(node.tag, list({**merged, **own}.values()), node.start_mark, node.end_mark)

    def _complain(self, node: yaml.Node, what: str) -> None:
        self._problems.append(f"{place(node)}: {what}")


def construct(root: yaml.MappingNode) -> dict[str, Any]:
    """Plain values of a tree. Raises AgentError for a number that is none."""
    loader = _Loader("", "")
    try:
        data = loader.construct_document(root)
    except yaml.YAMLError as error:
        raise AgentError(
            f"{place(root)}: not usable YAML: {getattr(error, 'problem', None) or error}; write plain text, numbers and lists"
        ) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise AgentError(f"{place(root)}: not usable YAML: {error}; write plain text, numbers and lists") from error
    finally:
        loader.dispose()
    return dict(data)


def place(node: yaml.Node) -> Place:
    return Place(str(node.start_mark.name), node.start_mark.line + 1)


def place_of(root: yaml.Node, path: Sequence[str]) -> Place:
    """Where the deepest part of ``path`` that exists stands; parts that the file does not have are passed over."""
    node, found = root, place(root)
    for part in path:
        if isinstance(node, yaml.MappingNode):
            if pair := entry(node, part):
                found, node = place(pair[0]), pair[1]
        elif isinstance(node, yaml.SequenceNode) and re.fullmatch(r"\d{1,6}", part) and int(part) < len(node.value):
            node = node.value[int(part)]
            found = place(node)
    return found


def entry(node: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Key and value of ``key`` in a mapping."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((pair for pair in pairs if pair[0].value == key), None)


def scalar(node: yaml.Node, key: str) -> str:
    """The text under ``key``; empty when there is none."""
    pair = entry(node, key)
    return pair[1].value if pair and isinstance(pair[1], yaml.ScalarNode) else ""


def entries(node: yaml.Node, key: str) -> Iterator[tuple[str, yaml.Node]]:
    """Keys and values of the mapping under ``key``."""
    pair = entry(node, key)
    if pair and isinstance(pair[1], yaml.MappingNode):
        yield from ((name.value, value) for name, value in pair[1].value)
