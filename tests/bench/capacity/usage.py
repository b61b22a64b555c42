"""Processor time and memory of an instance by kind of process: ``mind`` is all workers' minds, however many there are."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.bench import _processes

_NUMBER: Final = re.compile(r"[-_ ]?\d+$")
_WITH_CHILDREN: Final = frozenset({"mind"})
"""Voices have helpers of their own."""


def kind_of(name: str) -> str:
    """``mind-2`` is a ``mind``."""
    return _NUMBER.sub("", name) or name


@dataclass(frozen=True, slots=True)
class Use:
    """Of one window."""

    seconds: float
    cores: Mapping[str, float] = field(default_factory=dict)
    """Cores used, by kind."""
    memory_mb: Mapping[str, float] = field(default_factory=dict)
    """At the end of the window, by kind."""


class Meter:
    """``processes``: pids by name, asked each time, since a worker may have been started anew."""

    def __init__(self, processes: Callable[[], Mapping[str, int]]) -> None:
        self._processes = processes
        self._before = self._seconds()
        self._since = time.monotonic()

    def lap(self) -> Use:
        """Since the last lap. A process that is new in it counts from its start; one that has gone, not at all."""
        after, now = self._seconds(), time.monotonic()
        took, self._since = now - self._since, now
        spent: dict[str, float] = {}
        for (name, pid), seconds in after.items():
            spent[kind_of(name)] = spent.get(kind_of(name), 0.0) + seconds - self._before.get((name, pid), 0.0)
        self._before = after
        memory: dict[str, float] = {}
        for name, pid in after:
            memory[kind_of(name)] = memory.get(kind_of(name), 0.0) + _processes.memory_mb(pid)
        return Use(
            took,
            {kind: round(seconds / took, 4) for kind, seconds in spent.items()},
            {kind: round(megabytes, 1) for kind, megabytes in memory.items()},
        )

    def _seconds(self) -> dict[tuple[str, int], float]:
        return {
            (name, pid): _processes.cpu_seconds(pid, children=kind_of(name) in _WITH_CHILDREN) for name, pid in self._processes().items()
        }


def calls_per_core(cores: float, calls: int) -> float | None:
    """None when it was too little to be told."""
    return round(calls / cores, 1) if cores > 0 and calls else None


def kinds(use: Use, wanted: Iterable[str] = ("asterisk", "media", "mind")) -> list[str]:
    """Those of ``wanted`` that were there."""
    return [kind for kind in wanted if kind in use.cores]
