"""YAML as plain values that know their lines; every scalar is text, so that numbers keep their + and leading zeros."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from dialplan.errors import DialplanError

_MOST_PARTS: Final = 50_000
_MOST_TEXT: Final = 1_000_000
_NULL: Final = "tag:yaml.org,2002:null"
_PLAIN: Final = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "map", "seq", "merge"))


class _Loader(yaml.SafeLoader):
    """Only null and << are more than text: 2026-12-24, 09:30, 007 and yes stay as they were written."""


_Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0].endswith((":null", ":merge"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class YamlLines:
    """The values of a file, and where each stands."""

    data: dict[str, Any]
    source: str
    root: yaml.Node

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line of the deepest part of ``path`` that exists."""
        node, line = self.root, self.root.start_mark.line
        for part in map(str, path):
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == part), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
                node = node.value[int(part)]
                line = node.start_mark.line
            else:
                break
        return line + 1


def read_yaml(text: str, source: str, begin: str) -> YamlLines:
    """Return a mapping of text, lists and mappings; ``begin``: what to do about a file that holds none.

    Raises:
        DialplanError: it is no YAML, no mapping, too large, says a key twice, or uses tags.
    """
    if len(text) > _MOST_TEXT:
        raise DialplanError(f"{source}:1: more than {_MOST_TEXT} characters; split it")
    loader = None
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            raise DialplanError(f"{source}:1: is empty; {begin}")
        if not isinstance(root, yaml.MappingNode):
            raise DialplanError(f"{source}:1: is not a mapping of keys; {begin}")
        if problems := list(_problems(root, source)):
            raise DialplanError("\n".join(dict.fromkeys(problems)))
        data = loader.construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = min(mark.line + 1, max(1, len(text.splitlines()))) if mark else 1
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise DialplanError(f"{source}:{line}: not valid YAML: {what}; mind indents, quotes and brackets") from error
    except RecursionError as error:
        raise DialplanError(f"{source}:1: nested too deep; flatten it") from error
    finally:
        if loader is not None:
            loader.dispose()
    return YamlLines(data, source, root)


def _problems(root: yaml.Node, source: str) -> Iterator[str]:
    parts = 0
    waiting: list[tuple[yaml.Node, tuple[int, ...]]] = [(root, ())]
    while waiting:
        node, above = waiting.pop()
        parts += 1
        if parts > _MOST_PARTS or len(above) > 30 or id(node) in above:
            yield f"{source}:{node.start_mark.line + 1}: too many parts, nested too deep or within itself; write it out without aliases"
            return
        if node.tag not in _PLAIN:
            yield f"{source}:{node.start_mark.line + 1}: the tag '{node.tag}' is not supported; remove it"
        inside = (*above, id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [(item, inside) for item in node.value]
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    yield f"{source}:{key.start_mark.line + 1}: a key must be a plain word; quote it"
                elif key.value in seen:
                    yield f"{source}:{key.start_mark.line + 1}: '{key.value}' stands here a second time; keep one of them"
                else:
                    if key.tag == _NULL:
                        yield f"{source}:{key.start_mark.line + 1}: a key is empty; name it"
                    seen.add(key.value)
                waiting.append((value, inside))
