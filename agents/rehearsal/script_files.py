"""Answers of tools in a file of their own, for several conversation files or for a chat."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from agents.flows.errors import AgentError
from agents.flows.shelf import read_text
from agents.flows.yaml_tree import compose, construct, place_of
from agents.rehearsal.scripted_tools import Answers, ScriptedAnswer

Scripts: TypeAlias = Mapping[str, tuple[ScriptedAnswer, ...]]
_SCRIPTS: TypeAdapter[Scripts] = TypeAdapter(Mapping[str, Answers])


def scripts_in(path: Path) -> Scripts:
    """What stands below ``tools:``. Raises AgentError."""
    root = compose(read_text(path), str(path))
    tools = construct(root).get("tools")
    if not isinstance(tools, Mapping):
        raise AgentError(f"{path}: has no 'tools:' with answers; write them as in a conversation file (./patchcord agents test --help)")
    try:
        return _SCRIPTS.validate_python(tools)
    except ValidationError as error:
        first = error.errors()[0]
        keys = ["tools", *(str(part) for part in first["loc"])]
        raise AgentError(f"{place_of(root, keys)}: {'.'.join(keys)}: {first['msg'].removeprefix('Value error, ')}") from error


def together(*scripts: Scripts) -> Scripts:
    """Of each tool the answers of the first, then those of the next."""
    found: dict[str, tuple[ScriptedAnswer, ...]] = {}
    for one in scripts:
        for name, answers in one.items():
            found[name] = (*found.get(name, ()), *answers)
    return found
