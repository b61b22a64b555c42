"""``extends``: a flow file laid over another one.

Mappings merge key by key, at any depth; everything else replaces what stands in the base. A mapping that names another ``do`` or ``kind``
than its base is another thing altogether and replaces it too. ``name``, ``abstract`` and ``extends`` belong to each file alone.
"""

from functools import lru_cache
from typing import Final

import yaml

from agents.flows.errors import AgentError
from agents.flows.shelf import Shelf, not_found
from agents.flows.yaml_tree import compose, entry, place_of, scalar

_OWN: Final = frozenset({"name", "abstract", "extends"})
_IDENTITY: Final = ("do", "kind")
_DEEPEST: Final = 8
"""Files above one another."""
_composed: Final = lru_cache(maxsize=16)(compose)
"""Many flows extend the same few files. Nothing changes a tree."""


def extended(tree: yaml.MappingNode, shelf: Shelf) -> yaml.MappingNode:
    """``tree`` over everything that it extends. Its parts keep the file and line they come from. Raises AgentError."""
    return _over(tree, shelf, (scalar(tree, "name"),))


def _over(tree: yaml.MappingNode, shelf: Shelf, above: tuple[str, ...]) -> yaml.MappingNode:
    name = scalar(tree, "extends")
    if not name:
        return tree
    where = place_of(tree, ("extends",))
    if name in above or len(above) > _DEEPEST:
        raise AgentError(f"{where}: extends: {' -> '.join([*above, name])} goes in a circle or too deep; a flow cannot extend itself")
    found = shelf.find(name)
    if found is None:
        raise AgentError(f"{where}: extends: {not_found(name, shelf)}")
    base = _over(_composed(*found), shelf, (*above, name))
    inherited = [pair for pair in base.value if pair[0].value not in _OWN]
    return _merged(yaml.MappingNode(base.tag, inherited, base.start_mark, base.end_mark), tree)


def _merged(base: yaml.MappingNode, over: yaml.MappingNode) -> yaml.MappingNode:
    pairs = {key.value: (key, value) for key, value in base.value}
    for key, value in over.value:
        below = pairs[key.value][1] if key.value in pairs else None
        pairs[key.value] = (key, _laid(below, value))
    return yaml.MappingNode(over.tag, list(pairs.values()), over.start_mark, over.end_mark)


def _laid(below: yaml.Node | None, value: yaml.Node) -> yaml.Node:
    if not isinstance(below, yaml.MappingNode) or not isinstance(value, yaml.MappingNode):
        return value
    if any(entry(value, key) and entry(below, key) and scalar(value, key) != scalar(below, key) for key in _IDENTITY):
        return value
    return _merged(below, value)
