"""Leaves a failed provider alone for a while, so that not every sentence of every call waits for it again."""

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
REST_S: Final = 30.0


class Cooldown:
    """``clock`` gives seconds; only differences count. Providers are told apart by identity."""

    def __init__(self, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s = rest_s
        self._clock = clock
        self._until: dict[int, float] = {}

    def failed(self, provider: object) -> None:
        self._until[id(provider)] = self._clock() + self._rest_s

    def worked(self, provider: object) -> None:
        self._until.pop(id(provider), None)

    def ordered(self, providers: Sequence[T]) -> list[T]:
        """All ``providers``: the rested ones in the order given, then the others, soonest rested first. Nobody is left out."""
        now = self._clock()
        return sorted(providers, key=lambda provider: max(0.0, self._until.get(id(provider), now) - now))
