"""What an admin types into FreePBX's pages and into routes.yaml, for what is there. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dialplan.routes import Routes
from dialplan.routes.describing import describe

from .layout import Layout

_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Destination:
    """A Custom Destination."""

    target: str
    """As the field Target takes it: ``patchcord-numbers,5550100,1``."""
    description: str


@dataclass(frozen=True, slots=True)
class Snippets:
    """For one FreePBX and one Patchcord."""

    destinations: tuple[Destination, ...]
    transfer_yaml: str
    """For routes.yaml: their queues, in which callers may wait while the agent keeps them company; empty without queues."""
    exits: tuple[str, ...]
    """Places for ``goto:`` in routes.yaml, with which the call is theirs."""
    advice: tuple[str, ...]


def snippets(layout: Layout, routes: Routes, fallback_queue: str) -> Snippets:
    """``fallback_queue``: ``calls.queue`` of the settings."""
    exits = (*(f"ext-queues,{number},1" for number in layout.queues), *layout.menus, *layout.groups)
    return Snippets(
        tuple(_destinations(routes)),
        f"queues:\n  theirs: [{', '.join(_quoted(queue) for queue in layout.queues)}]" if layout.queues else "",
        exits,
        tuple(_advice(layout, routes, fallback_queue)),
    )


def _destinations(routes: Routes) -> Iterator[Destination]:
    for name, route in routes.routes.items():
        about = describe(routes, route)
        words = f"Patchcord {name}: {about[0] if route.about else _main_line(about)}"
        for pattern in route.patterns()[:_MOST]:
            dialled = pattern.both(pattern)
            found = routes.find(dialled)
            if found is not None and found[0] == name:
                yield Destination(f"patchcord-numbers,{dialled},1", words)


def _main_line(about: tuple[str, ...]) -> str:
    return next((line for line in about if not line.startswith(("numbers:", "callers", "closed", "at most"))), about[0])


def _advice(layout: Layout, routes: Routes, fallback_queue: str) -> Iterator[str]:
    theirs = routes.queues.theirs
    if fallback_queue not in theirs:
        own = routes.queues.ours.get(fallback_queue)
        if fallback_queue in layout.queues:
            yield (
                f"calls.queue is {fallback_queue}, a queue of FreePBX: declare it in routes.yaml under queues: theirs:, "
                "or Patchcord would write a queue of the same number."
            )
        elif own is None or not own.members:
            first = layout.queues[0] if layout.queues else "8000"
            yield (
                f"Callers whom nobody answers wait in '{fallback_queue}', a queue of Patchcord's without members. Name one of yours: "
                f'calls: {{queue: "{first}"}} in patchcord.yaml, and queues: {{theirs: ["{first}"]}} in routes.yaml.'
            )
    for queue in theirs:
        if queue.isdigit() and queue not in layout.queues:
            yield f"routes.yaml names queue {queue} as yours, and queues.conf has none of that number. Correct it, or add the queue."
    for place in routes.contexts():
        if place.startswith("ext-queues,") and place.split(",")[1] not in layout.queues:
            yield f"routes.yaml leads to {place}, and there is no such queue. Correct the number, or add the queue."


def _quoted(text: str) -> str:
    return f'"{text}"'
