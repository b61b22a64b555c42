"""How many people a queue needs: Erlang C (callers wait for ever) and Erlang A (they hang up when their patience is over).

Calls arrive at random, handling times are exponential, members are alike. ``load`` is in erlangs: calls per second x handling time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

_MOST_AGENTS = 100_000
_STEPS = 400
"""Of Simpson's rule over the time to answer within; the integrand is smooth."""


@dataclass(frozen=True, slots=True)
class Traffic:
    calls_per_hour: float
    handling_s: float
    """Average handling time: talk, hold and wrap-up."""
    patience_s: float | None = None
    """Average time after which a caller hangs up; None: nobody ever does (Erlang C)."""

    def __post_init__(self) -> None:
        if self.calls_per_hour < 0 or self.handling_s <= 0 or (self.patience_s is not None and self.patience_s <= 0):
            raise ValueError(f"traffic needs calls per hour >= 0 and times > 0 seconds, not {self}")

    @property
    def load(self) -> float:
        return self.calls_per_hour / 3600 * self.handling_s


@dataclass(frozen=True, slots=True)
class Service:
    """What callers get from so many agents."""

    agents: int
    waits: float
    """Share of callers who are not answered at once."""
    in_time: float
    """Share answered within the target."""
    asa_s: float
    """Average speed of answer; infinite when the queue only grows."""
    abandons: float
    occupancy: float
    """Share of their time that agents are busy."""


@dataclass(frozen=True, slots=True)
class Target:
    share: float = 0.8
    """Of callers to answer within ``within_s``, 0 to 1."""
    within_s: float = 20.0
    max_occupancy: float = 1.0
    shrinkage: float = 0.0
    """Share of paid time away from the phone, 0 to below 1; enters ``positions`` only."""


@dataclass(frozen=True, slots=True)
class Staffing:
    required: int
    """Agents on the phone."""
    positions: int
    """Agents on the rota, with shrinkage."""
    service: Service
    """With the required agents."""


def erlang_b(load: float, agents: int) -> float:
    """Share of calls that find every agent busy when there is no queue."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def service(traffic: Traffic, agents: int, within_s: float) -> Service:
    """Of ``agents`` (at least 0) for the given traffic."""
    if traffic.load == 0:
        return Service(agents, 0.0, 1.0, 0.0, 0.0, 0.0)
    if agents <= 0:
        return Service(agents, 1.0, 0.0, math.inf, 0.0 if traffic.patience_s is None else 1.0, 1.0)
    return _erlang_c(traffic, agents, within_s) if traffic.patience_s is None else _erlang_a(traffic, agents, within_s, traffic.patience_s)


def _erlang_c(traffic: Traffic, agents: int, within_s: float) -> Service:
    load = traffic.load
    if load >= agents:
        return Service(agents, 1.0, 0.0, math.inf, 0.0, 1.0)
    blocked = erlang_b(load, agents)
    waits = agents * blocked / (agents - load * (1 - blocked))
    spare = (agents - load) / traffic.handling_s
    return Service(agents, waits, 1 - waits * math.exp(-spare * within_s), waits / spare, 0.0, load / agents)


def _erlang_a(traffic: Traffic, agents: int, within_s: float, patience_s: float) -> Service:
    """As M/M/n+M: the density of the wait of those who are answered, summed over the length of the line, is a closed form."""
    arrivals, served, leaving = traffic.calls_per_hour / 3600, agents / traffic.handling_s, 1 / patience_s
    blocked = erlang_b(traffic.load, agents)
    if blocked == 0.0:
        return Service(agents, 0.0, 1.0, 0.0, 0.0, traffic.load / agents)
    lengths = _line_lengths(arrivals, served, leaving)
    highest = max(lengths)
    shares = [math.exp(length - highest) for length in lengths]
    total = sum(shares) + math.exp(-highest) * (1 / blocked - 1)
    waits = min(1.0, sum(shares) / total)
    mean_length = sum(length * share for length, share in enumerate(shares)) / total
    abandons = min(1.0, leaving * mean_length / arrivals)
    none_waiting = -highest - math.log(total)

    def answered_at(t: float) -> float:
        return served * math.exp(none_waiting - (served + leaving) * t - arrivals / leaving * math.expm1(-leaving * t))

    in_time = min(1.0, 1 - waits + _integral(answered_at, within_s, _STEPS))
    end = max(0.0, math.log(arrivals / served) / leaving) + 12 / math.sqrt(served * leaving)
    if arrivals < served:
        end = min(end, 40 / (served - arrivals))
    asa = _integral(lambda t: t * answered_at(t), end, 3 * _STEPS) / (1 - abandons) if abandons < 1 else math.inf
    return Service(agents, waits, in_time, asa, abandons, traffic.load * (1 - abandons) / agents)


def _line_lengths(arrivals: float, served: float, leaving: float) -> list[float]:
    """Logarithms of how much likelier it is that so many wait (0, 1, …) than that all are busy and nobody waits."""
    lengths = [0.0]
    highest = 0.0
    while lengths[-1] > highest - 40:
        lengths.append(lengths[-1] + math.log(arrivals / (served + len(lengths) * leaving)))
        highest = max(highest, lengths[-1])
    return lengths


def _integral(density: Callable[[float], float], end: float, steps: int) -> float:
    """From 0 to ``end``, by Simpson's rule."""
    if end <= 0:
        return 0.0
    step = end / steps
    inner = sum((4 if index % 2 else 2) * density(index * step) for index in range(1, steps))
    return (density(0.0) + inner + density(end)) * step / 3


def staffing(traffic: Traffic, target: Target) -> Staffing:
    """The fewest agents who reach the target. Raises ValueError when no number of them can."""
    if not (0 <= target.share < 1 and target.within_s >= 0 and 0 < target.max_occupancy <= 1 and 0 <= target.shrinkage < 1):
        raise ValueError(f"a staffing target needs a share of 0 to below 1, a time >= 0 s, occupancy and shrinkage of 0 to 1, not {target}")

    def enough(agents: int) -> bool:
        reached = service(traffic, agents, target.within_s)
        return reached.in_time >= target.share and reached.occupancy <= target.max_occupancy

    high = 1
    while not enough(high):
        high *= 2
        if high > _MOST_AGENTS:
            raise ValueError(f"not even {_MOST_AGENTS} agents reach {target} with {traffic}")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    required = 0 if traffic.load == 0 else high
    return Staffing(required, math.ceil(required / (1 - target.shrinkage)), service(traffic, required, target.within_s))


def gap(traffic: Traffic, target: Target, serving: int) -> int:
    """How many of the agents needed are missing; negative when there are more than needed."""
    return staffing(traffic, target).required - serving
