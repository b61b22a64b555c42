"""The flow files that an agent is made of, as texts: those on disk, and a draft laid over them. Everything here blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from agents.flows.check import Describe
from agents.flows.definition import AgentDefinition
from agents.flows.errors import AgentError
from agents.flows.extending import extended
from agents.flows.loader import is_abstract, parse_agent
from agents.flows.shelf import KeptTexts, Noting, read_text
from agents.flows.yaml_tree import compose, entries, scalar
from handoff.desk.knobs.agents_port import AgentsPort
from handoff.desk.knobs.problems import Mistake, mistakes_in

Texts = Mapping[str, str]
"""Name of a flow, without ``.yaml``, to its text."""


@dataclass(frozen=True, slots=True)
class Checked:
    definition: AgentDefinition | None
    """None: it cannot be used."""
    mistakes: Sequence[Mistake]


def paths_of(port: AgentsPort) -> dict[str, Path]:
    """Every flow file by name, one's own before those that ship, those that are only extended among them."""
    found: dict[str, Path] = {}
    for folder in (port.shipped, port.own):
        found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder.is_dir() else {}
    return found


def agent_paths(port: AgentsPort) -> dict[str, Path]:
    """Those that can be called."""
    return {name: path for name, path in sorted(paths_of(port).items()) if not is_abstract(_text(path))}


def read_all(port: AgentsPort) -> dict[str, str]:
    """What a flow in one's own folder finds by name. A file that is no text is left out."""
    found = {}
    for name, path in paths_of(port).items():
        if text := _text(path):
            found[name] = text
    return found


def check(name: str, texts: Texts, describe: Describe | None) -> Checked:
    """The same checks as ``./patchcord agents validate``; with ``describe`` also whether there are such tools."""
    return _checked(name, tuple(sorted(texts.items())), describe)


@lru_cache(maxsize=32)
def _checked(name: str, texts: tuple[tuple[str, str], ...], describe: Describe | None) -> Checked:
    every = dict(texts)
    try:
        return Checked(parse_agent(every.get(name, ""), f"{name}.yaml", every, describe=describe), ())
    except AgentError as error:
        return Checked(None, mistakes_in(str(error)))


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow laid over what it extends; one for each subflow."""

    prefix: str
    """Of its nodes' names in the agent: empty, or such as ``order_status/``."""
    tree: yaml.MappingNode


def flows_of(name: str, texts: Texts) -> tuple[Sequence[Flow], Sequence[str]]:
    """The agent's flow and its subflows, and the names of all files they come from; as far as they can be read."""
    noting = Noting(KeptTexts(texts))
    flows: list[Flow] = []
    _collect(name, "", noting, flows, 0)
    return flows, list(dict.fromkeys([name, *noting.taken]))


def _collect(name: str, prefix: str, shelf: Noting, flows: list[Flow], depth: int) -> None:
    found = shelf.find(name)
    if found is None or depth > 8 or len(flows) > 100:
        return
    try:
        tree = extended(compose(found.text, found.source), shelf)
    except AgentError:
        return
    flows.append(Flow(prefix, tree))
    for node, value in entries(tree, "nodes"):
        if isinstance(value, yaml.MappingNode) and scalar(value, "do") == "subflow":
            _collect(scalar(value, "flow"), f"{prefix}{node}/", shelf, flows, depth + 1)


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except AgentError:
        return ""
