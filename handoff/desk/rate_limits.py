"""How long somebody who guesses passwords has to wait: pure, in memory, for each name and each address."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    free: int
    """Failures without any wait."""
    longest_s: float
    """The wait doubles with each further failure, up to this."""
    forgiven_s: float = 3600.0
    """Without a failure for so long, all is forgotten."""


@dataclass(slots=True)
class _Guesses:
    failures: int = 0
    last: float = 0.0
    until: float = 0.0


@dataclass(slots=True)
class LoginLimits:
    """Times are seconds of any steady clock. A name waits for minutes at most: longer, and anybody could lock its owner out for good."""

    name: Allowance = Allowance(free=5, longest_s=120.0)
    address: Allowance = Allowance(free=20, longest_s=900.0)
    _names: OrderedDict[str, _Guesses] = field(default_factory=OrderedDict)
    _addresses: OrderedDict[str, _Guesses] = field(default_factory=OrderedDict)

    def wait_s(self, name: str, address: str, now: float) -> float:
        """Seconds until another try is looked at; 0: now."""
        found = (self._names.get(name), self._addresses.get(address))
        return max(0.0, *(guesses.until - now for guesses in found if guesses is not None), 0.0)

    def begin(self, name: str, address: str, now: float) -> None:
        """A try begins: it counts as a failure until ``succeeded``, so that many at once do not all go free."""
        _count(self._names, name, self.name, now)
        _count(self._addresses, address, self.address, now)

    def succeeded(self, name: str, address: str) -> None:
        """The name is free again; of the address only this try is taken back, for others may guess from there."""
        self._names.pop(name, None)
        guesses = self._addresses.get(address)
        if guesses is not None:
            guesses.failures = max(0, guesses.failures - 1)
            if guesses.failures <= self.address.free:
                guesses.until = 0.0


def _count(table: OrderedDict[str, _Guesses], key: str, allowance: Allowance, now: float) -> None:
    guesses = table.pop(key, None)
    if guesses is None or now - guesses.last > allowance.forgiven_s:
        guesses = _Guesses()
    guesses.failures += 1
    guesses.last = now
    excess = guesses.failures - allowance.free
    if excess >= 0:
        guesses.until = now + min(allowance.longest_s, 2.0 ** min(excess, 20))
    table[key] = guesses
    while len(table) > _REMEMBERED:
        table.popitem(last=False)
