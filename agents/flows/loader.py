"""Reading an agent from YAML, with errors that name the file, the line, the key and the nearest right name."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError

from agents.flows import definition
from agents.flows.check import nearest, problems
from agents.flows.definition import AgentDefinition


class AgentError(Exception):
    """The agent's file cannot be used; one line per problem, each with file, line and remedy."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain words: ``yes``, ``no`` and ``on`` are text here, only ``true`` and ``false`` are booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


def read_agent(path: Path) -> AgentDefinition:
    """Raises AgentError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AgentError(f"{path}: cannot be read: {error}") from error
    return parse_agent(text, str(path))


def parse_agent(text: str, source: str) -> AgentDefinition:
    """Raises AgentError; ``source`` is the name shown in messages."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise AgentError(_yaml_message(error, source)) from error
    if root is None or not isinstance(data, dict):
        raise AgentError(f"{source}: is empty or not a mapping of keys; start from agents/library/front-desk.yaml")
    if doubled := _doubled_keys(root):
        raise AgentError("\n".join(f"{source}:{line}: {key!r} stands here a second time; keep one of them" for key, line in doubled))
    try:
        agent = AgentDefinition.model_validate(data)
    except ValidationError as error:
        raise AgentError("\n".join(_message(root, e["loc"], e["type"], e["msg"], source) for e in error.errors())) from error
    if found := list(problems(agent)):
        raise AgentError("\n".join(f"{source}:{_line(root, path)}: {'.'.join(path)}: {what}" for path, what in found))
    return agent


def _yaml_message(error: yaml.YAMLError, source: str) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"{source}:{mark.line + 1}" if mark else source
    return f"{where}: not valid YAML: {getattr(error, 'problem', None) or error}"


def _message(root: yaml.Node, loc: Sequence[str | int], kind: str, text: str, source: str) -> str:
    path = [str(part) for part in loc]
    hint = ""
    if kind == "extra_forbidden":
        text, hint = "unknown key", nearest(path[-1], _siblings(loc))
    text = text.removeprefix("Value error, ")
    shown = ".".join(part for part in path if part not in _TAGS or path.index(part) != 2)
    return f"{source}:{_line(root, path)}: {shown}: {text}{hint}"


_NODE_TYPES: Mapping[str, type[BaseModel]] = {
    get_args(kind.model_fields["do"].annotation)[0]: kind
    for kind in vars(definition).values()
    if isinstance(kind, type) and issubclass(kind, BaseModel) and "do" in kind.model_fields
}
_TAGS = frozenset(_NODE_TYPES)


def _siblings(loc: Sequence[str | int]) -> list[str]:
    """Keys that are allowed where ``loc`` stands; node types appear in the location as their tag."""
    model: type[BaseModel] | None = AgentDefinition
    for part in loc[:-1]:
        if part in _NODE_TYPES:
            model = _NODE_TYPES[str(part)]
        elif model is not None and str(part) in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if found := _model_in(inner):
            return found
    return None


def _line(root: yaml.Node, path: Sequence[str]) -> int:
    """Line of the deepest part of ``path`` that exists in the file."""
    node, line = root, root.start_mark.line
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair:
                line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and re.fullmatch(r"\d+", part) and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line
    return line + 1


def _doubled_keys(node: yaml.Node) -> list[tuple[str, int]]:
    """PyYAML keeps the last of two equal keys in silence; an author wants to know."""
    found: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
            found += _doubled_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += _doubled_keys(item)
    return found
