"""What the pages need of the service whose agents they show; the desk process gives one to the app."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from agents.flows.check import Describe
from agents.rehearsal.script_files import Scripts
from agents.turns.knobs import Layer
from handoff.records.agent_versions import Files


@dataclass(frozen=True, slots=True)
class DialledNumber:
    """A number that leads to an agent."""

    dialled: str
    agent: str
    turns: Layer
    """Knobs that differ for this number; the agent's own lie over them."""


class AgentsPort(Protocol):
    """Everything here may block; it is called in threads."""

    @property
    def shipped(self) -> Path:
        """Folder of the agents that ship; never written to."""
        ...

    @property
    def own(self) -> Path:
        """Folder of one's own agents; what is published is written here. It need not exist yet."""
        ...

    @property
    def drafts(self) -> Path:
        """Folder for drafts; made when it is needed."""
        ...

    @property
    def describe(self) -> Describe | None:
        """Tells what tools there are; None: all are taken on trust."""
        ...

    def numbers(self) -> Sequence[DialledNumber]: ...

    def turns(self) -> Layer:
        """Knobs that the settings give for all agents, without the defaults."""
        ...

    def gather(self, path: Path, folders: Sequence[Path]) -> Files:
        """The file of an agent and all that it is made of, as it is kept when it is published. Raises OSError."""
        ...

    def scripts(self, path: Path) -> Scripts:
        """Answers of tools for trying an agent out, from what lies beside its file."""
        ...


AGENTS: Final = web.AppKey("knobs_agents", AgentsPort)
