"""YAML with line numbers for messages; ``yes``, ``no`` and ``on`` are text, as in agents' own files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml


class YamlProblem(Exception):
    """The text is not what it should be; the message names file and line."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain words."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


@dataclass(frozen=True, slots=True)
class YamlLines:
    data: dict[str, Any]
    source: str
    _root: yaml.Node

    def at(self, path: Sequence[str | int]) -> str:
        """``file:line`` of the deepest part of ``path`` that exists."""
        node, line = self._root, self._root.start_mark.line
        for part in map(str, path):
            if isinstance(node, yaml.MappingNode):
                if pair := next((pair for pair in node.value if pair[0].value == part), None):
                    line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
                node = node.value[int(part)]
                line = node.start_mark.line
        return f"{self.source}:{line + 1}"


def read_yaml(text: str, source: str) -> YamlLines:
    """A mapping without doubled keys. Raises YamlProblem."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}:{mark.line + 1}" if mark else source
        raise YamlProblem(f"{where}: not valid YAML: {getattr(error, 'problem', None) or error}") from error
    if root is None or not isinstance(data, dict):
        raise YamlProblem(f"{source}: is empty or not a mapping of keys")
    if doubled := _doubled(root):
        raise YamlProblem("\n".join(f"{source}:{line}: '{key}' stands here a second time; keep one of them" for key, line in doubled))
    return YamlLines(data, source, root)


def _doubled(node: yaml.Node) -> list[tuple[str, int]]:
    """PyYAML keeps the last of two equal keys in silence; an author wants to know."""
    found: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
            found += _doubled(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += _doubled(item)
    return found
