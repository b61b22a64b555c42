"""What a running Asterisk must hold once it has read our files, and whether it does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from dialplan.checking.contexts import Dialplan
from dialplan.checking.surroundings import Surroundings
from dialplan.checking.view import View
from dialplan.generated import FOLDER

MODULES = {
    "pjsip.conf": "res_pjsip",
    "queues.conf": "app_queue",
    "extensions.conf": "pbx_config",
    "ari.conf": "res_ari",
    "manager.conf": "manager",
}
"""File to the module that reads it, in the order of reloading: what a dialplan refers to comes before it."""


@dataclass(frozen=True, slots=True, order=True)
class HeldStep:
    """One priority as Asterisk has it."""

    exten: str
    priority: int
    """0 is a hint."""
    label: str
    application: str
    arguments: str


class Control(Protocol):
    """What an installation asks of a running Asterisk. Everything raises ControlError."""

    async def reload(self, module: str) -> None: ...

    async def steps(self, context: str) -> frozenset[HeldStep]:
        """Return what a context holds; empty when there is no such context."""
        ...

    async def queues(self) -> frozenset[str]: ...

    async def endpoints(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What our files ask for."""

    contexts: Mapping[str, frozenset[HeldStep]]
    queues: frozenset[str]
    endpoints: frozenset[str]


def expected(files: Mapping[str, str], root: str = "") -> Expected:
    """``files``: the whole configuration, ours in ``patchcord.d/``."""
    view = View(files, Surroundings(root=root, worker=None))
    return Expected(
        contexts=_ours(view.dialplan),
        queues=frozenset(name for name, queue in view.queues.items() if queue.at.file.startswith(f"{FOLDER}/")),
        endpoints=frozenset(name for name, endpoint in view.endpoints.items() if endpoint.at.file.startswith(f"{FOLDER}/")),
    )


def _ours(plan: Dialplan) -> dict[str, frozenset[HeldStep]]:
    found: dict[str, set[HeldStep]] = {}
    for step in plan.steps():
        if step.at.file.startswith(f"{FOLDER}/"):
            held = HeldStep(step.exten, step.priority, step.label, step.application, step.arguments)
            found.setdefault(step.context, set()).add(held)
    return {name: frozenset(steps) for name, steps in found.items()}


async def differences(control: Control, now: Expected, before: Expected) -> list[str]:
    """Return in what Asterisk differs from ``now``; what only ``before`` had must be gone."""
    found = []
    for name, steps in sorted(now.contexts.items()):
        held = await control.steps(name)
        if not held:
            found.append(f"The context {name} is not there.")
        elif lacking := _comparable(steps) - _comparable(held):
            first = min(lacking)
            found.append(
                f"In {name}, {len(lacking)} priorities are not as written; the first is {first[0]},{first[1]}: {first[3]}({first[4]})."
            )
    for name in sorted(before.contexts.keys() - now.contexts.keys()):
        if await control.steps(name) & before.contexts[name]:
            found.append(f"The context {name} is still there.")
    found += _sets("queue", now.queues, before.queues, await control.queues() if now.queues | before.queues else frozenset())
    found += _sets(
        "endpoint", now.endpoints, before.endpoints, await control.endpoints() if now.endpoints | before.endpoints else frozenset()
    )
    return found


def _comparable(steps: Iterable[HeldStep]) -> set[tuple[str, int, str, str, str]]:
    return {(step.exten, step.priority, step.label, step.application.lower(), "".join(step.arguments.split())) for step in steps}


def _sets(what: str, now: frozenset[str], before: frozenset[str], held: frozenset[str]) -> list[str]:
    absent = [f"The {what} {name} is not there." for name in sorted(now - held)]
    return absent + [f"The {what} {name} is still there." for name in sorted((before - now) & held)]
