"""Putting an agent on a number. The same script runs twice: started by its author it starts the service; inside the service it registers.

A script may serve several agents: the first ``serve`` starts the service, which reads the script anew and takes them all.
"""

import importlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.sdk.agent import Agent

SERVICE: Final = "PATCHCORD_SERVICE"
"""Names the module that starts the service."""
DEFAULT_SERVICE: Final = "ari_app.service.serve_agents"
IN_MIND: Final = "PATCHCORD_MIND_CONFIG"
"""Set in the process that holds the conversations."""


class ServeError(Exception):
    """The agent cannot be put on this number; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Registration:
    agent: "Agent"
    number: str
    queue: str
    max_concurrent_calls: int
    """Further calls go to the queue."""


class Registrar:
    """Collects the agents of scripts, by number."""

    def __init__(self) -> None:
        self._by_number: dict[str, Registration] = {}

    @property
    def registrations(self) -> Mapping[str, Registration]:
        return dict(self._by_number)

    def add(self, registration: Registration) -> None:
        """Raises ServeError for a number that has an agent already."""
        known = self._by_number.get(registration.number)
        if known is not None:
            names = f"{known.agent.name!r} and {registration.agent.name!r}"
            raise ServeError(f"number {registration.number} is served by two agents, {names}; give one of them another number")
        self._by_number[registration.number] = registration


class ServiceEntry(Protocol):
    """The function ``serve_script`` of the module that SERVICE names."""

    def __call__(self, script: Path, registrations: Sequence[Registration]) -> int:
        """Run the service with the agents of ``script`` until it is ended; returns its exit status."""
        ...


class _Place:
    """Where ``serve`` of this process leads."""

    registrar: Registrar | None = None
    served = False


@contextmanager
def registering(registrar: Registrar) -> "Iterator[Registrar]":
    """While this lasts, ``serve`` registers with ``registrar`` and returns."""
    before, _Place.registrar = _Place.registrar, registrar
    try:
        yield registrar
    finally:
        _Place.registrar = before


def the_registrar() -> Registrar:
    """That of this process, made when it is first asked for: where ``serve`` registers inside the service."""
    if _Place.registrar is None:
        _Place.registrar = Registrar()
    return _Place.registrar


def serve(agent: "Agent", number: str, queue: str, max_concurrent_calls: int) -> None:
    """Raises ServeError; ends the process when the service it started ends with an error."""
    registration = Registration(agent, *_checked(number, queue, max_concurrent_calls))
    if _Place.registrar is not None or os.environ.get(IN_MIND):
        the_registrar().add(registration)
        return
    if _Place.served:
        return
    _Place.served = True
    if status := _entry()(_script(), [registration]):
        raise SystemExit(status)


def _checked(number: str, queue: str, max_concurrent_calls: int) -> tuple[str, str, int]:
    if not re.fullmatch(r"\+?[0-9]{1,32}", number):
        raise ServeError(f'number={number!r} cannot be dialled; give digits, such as number="500"')
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", queue):
        raise ServeError(f'queue={queue!r} is no name of a queue; use small letters, digits and -, such as queue="support"')
    if not 1 <= max_concurrent_calls <= 1000:
        raise ServeError(f"max_concurrent_calls={max_concurrent_calls} is out of range; give 1 to 1000")
    return number, queue, max_concurrent_calls


def _script() -> Path:
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not file or not Path(file).is_file():
        raise ServeError("serve needs a script file that the service can read: save this as a .py file and run that")
    return Path(file).resolve()


def _entry() -> Any:
    name = os.environ.get(SERVICE, DEFAULT_SERVICE)
    try:
        return importlib.import_module(name).serve_script
    except (ImportError, AttributeError) as error:
        raise ServeError(f"the service {name!r} cannot be started from here ({error}); run this inside a checkout of Patchcord") from error
