"""What a check must know that stands in no configuration file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .finding import Finding

_DOCUMENTED = Path(__file__).with_name("asterisk-22.json")


@dataclass(frozen=True, slots=True)
class Words:
    """Applications and functions that dialplans may use, each with the modules that bring it (none: Asterisk itself)."""

    applications: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Worker:
    """What Patchcord needs of Asterisk."""

    app: str = "patchcord"
    """Stasis application; worker N is ``<app>-N``."""
    ari_user: str = "patchcord"
    ari_password: str = field(default="", repr=False)
    ami_user: str = "patchcord"
    ami_password: str = field(default="", repr=False)
    http_port: int = 0
    """Where ARI is expected; 0: not checked."""
    ami_port: int = 0
    address: str = "127.0.0.1"
    """From where Patchcord connects to AMI."""
    record: bool = False
    """Calls are recorded by MixMonitor, for which AMI asks for ``system``."""
    max_calls: int = 0
    """Calls at once, for the size of the RTP range; 0: not checked."""
    agents: frozenset[str] | None = None
    """Agents that exist; None: not checked."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts of the machine."""

    asterisk_major: int = 22
    root: str = ""
    """Asterisk's configuration folder, for absolute includes."""
    words: Words | None = None
    """As the running Asterisk has them; None: those of Asterisk 22's documentation."""
    modules: frozenset[str] | None = None
    """Modules that lie in the module folder, without ``.so``; None: unknown."""
    has_sound: Callable[[str], bool] | None = None
    """Tells whether a sound such as ``vm-goodbye`` exists; None: not checked."""
    zones: frozenset[str] | None = None
    """Time zones that the machine knows; None: not checked."""
    modes: Mapping[str, int] = field(default_factory=dict)
    """Permission bits of files."""
    worker: Worker | None = Worker()
    """None: only the syntax and the jumps are checked, not whether Patchcord can work with it."""
    more: tuple[Finding, ...] = ()
    """What others have found, such as the readers of routes.yaml and trunks.yaml."""


@lru_cache(maxsize=1)
def documented() -> Words:
    """Return the applications and functions of Asterisk 22 by its documentation."""
    tree = json.loads(_DOCUMENTED.read_text(encoding="utf-8"))
    kinds = ({name: tuple(modules) for name, modules in tree[kind].items()} for kind in ("applications", "functions"))
    return Words(*kinds)
