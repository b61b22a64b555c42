"""Reading an agent from YAML, with errors that name the file, the line, the key and the nearest right name."""

import re
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from agents.flows.check import Describe, problems
from agents.flows.complaints import complaint
from agents.flows.definition import AgentDefinition
from agents.flows.errors import AgentError, Place
from agents.flows.extending import extended
from agents.flows.routes import entrances, reached, targets
from agents.flows.shelf import FlowText, Library, Noting, Shelf, not_found, read_text, shelf
from agents.flows.subflows import ReadFlow, inlined
from agents.flows.yaml_tree import compose, construct, place_of, scalar

__all__ = ["AgentError", "Library", "is_abstract", "parse_agent", "read_agent", "texts_needed"]

_ABSTRACT: Final = re.compile(r"^abstract:\s*true\s*(?:#.*)?$", re.MULTILINE)
_DEEPEST: Final = 8
"""Subflows within one another."""


def read_agent(path: Path, library: Library = None, *, describe: Describe | None = None) -> AgentDefinition:
    """The agent in a file, ready to run.

    Flows that it extends or contains are looked for beside it, then in ``library``. ``describe`` tells what tools there are; without it
    they are taken on trust. Raises AgentError.
    """
    return _Reading(shelf(library, path.parent), describe).agent(FlowText(read_text(path), str(path)))


def parse_agent(text: str, source: str, library: Library = None, *, describe: Describe | None = None) -> AgentDefinition:
    """The same for a text; ``source`` is its name in messages. Raises AgentError."""
    return _Reading(shelf(library), describe).agent(FlowText(text, source))


def texts_needed(path: Path, library: Library = None) -> dict[str, str]:
    """Name to text of the other flows that make up an agent.

    With them ``parse_agent`` gives the same agent again, whatever became of the files. Raises AgentError.
    """
    noting = Noting(shelf(library, path.parent))
    _Reading(noting, None).agent(FlowText(read_text(path), str(path)))
    return {name: found.text for name, found in noting.taken.items()}


def is_abstract(text: str) -> bool:
    """Whether a flow is only there to be extended. Only looks at the top level of a file in block style, so it is quick."""
    return _ABSTRACT.search(text) is not None


class _Reading:
    def __init__(self, shelf: Shelf, describe: Describe | None) -> None:
        self._shelf, self._describe = shelf, describe
        self._read: dict[str, ReadFlow] = {}

    def agent(self, flow: FlowText) -> AgentDefinition:
        return self._flow(flow, ()).agent

    def _flow(self, flow: FlowText, above: tuple[str, ...]) -> ReadFlow:
        tree = extended(compose(*flow), self._shelf)
        if scalar(tree, "abstract") == "true":
            where = place_of(tree, ("abstract",))
            raise AgentError(f"{where}: abstract: {scalar(tree, 'name')} is only there to be extended; write a flow that extends it")
        agent = _without_idle(_validated(tree), tree, flow.source)
        here = above or (agent.name,)
        whole = inlined(agent, tree, lambda name, where: self._subflow(name, where, here))
        if found := list(problems(whole.agent, self._describe, alone=not above)):
            raise AgentError("\n".join(dict.fromkeys(f"{whole.place(path)}: {'.'.join(path)}: {what}" for path, what in found)))
        return whole

    def _subflow(self, name: str, where: Place, above: tuple[str, ...]) -> ReadFlow:
        if name in above or len(above) > _DEEPEST:
            raise AgentError(f"{where}: flow: {' -> '.join([*above, name])} goes in a circle or too deep; a flow cannot contain itself")
        if name not in self._read:
            found = self._shelf.find(name)
            if found is None:
                raise AgentError(f"{where}: flow: {not_found(name, self._shelf)}")
            self._read[name] = self._flow(found, (*above, name))
        return self._read[name]


def _validated(tree: yaml.MappingNode) -> AgentDefinition:
    try:
        return AgentDefinition.model_validate(construct(tree))
    except ValidationError as error:
        found = [complaint(detail) for detail in error.errors()]
        raise AgentError("\n".join(dict.fromkeys(f"{place_of(tree, path)}: {'.'.join(path)}: {what}" for path, what in found))) from error


def _without_idle(agent: AgentDefinition, tree: yaml.MappingNode, source: str) -> AgentDefinition:
    """Without the nodes of an extended file that this one has no use for.

    A name that leads nowhere hides what it was meant to lead to: then nothing is left out, so that it can be suggested.
    """
    named = {target for _, target in entrances(agent)} | {target for node in agent.nodes.values() for target in targets(node)}
    if not named <= agent.nodes.keys():
        return agent
    alive = reached(agent.nodes, (target for _, target in entrances(agent)))
    nodes = {name: node for name, node in agent.nodes.items() if name in alive or place_of(tree, ("nodes", name)).source == source}
    return agent if len(nodes) == len(agent.nodes) else agent.model_copy(update={"nodes": nodes})
