"""One line per call, and the figures over many."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from tests.bench.scenarios.case import TEN, Case, Scenario
from tests.bench.scenarios.conversing import Talk
from tests.bench.scenarios.judging import Recorded, Verdict, failure

_Z: Final = 1.96
OVERALL: Final = 90.0
EACH: Final = 75.0
"""Per cent of successful calls: of the ten scenarios together, and of each alone."""


@dataclass(frozen=True, slots=True)
class Result:
    case: Case
    talk: Talk
    recorded: Recorded | None
    verdict: Verdict

    @property
    def failure(self) -> str:
        return "" if self.verdict.success else failure(self.verdict, self.talk.ended, self.recorded)

    def to_json(self) -> dict[str, Any]:
        """With both transcripts: the service's, and the caller's own."""
        line = self.case.to_json() | {"scenario": self.case.scenario.value, "success": self.verdict.success, "turns": self.turns}
        line |= {"ended": self.talk.ended, "believed": self.talk.believed, "seconds": round(self.talk.seconds, 1)}
        recorded = self.recorded
        if recorded is not None:
            line |= {"outcome": recorded.outcome, "reason": recorded.reason, "queue": recorded.queue}
        if not self.verdict.success:
            line |= {"failure": self.failure, "problems": self.verdict.problems, "events": recorded.told() if recorded else []}
        told = [f"{each.at_ms / 1000:.1f} {each.who}: {each.text}" for each in self.talk.told]
        return line | {"recorded": recorded.lines() if recorded else [], "caller_heard_and_said": told}

    @property
    def turns(self) -> int:
        return len(self.recorded.turns) if self.recorded else 0


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    successes: int
    n: int
    low_pct: float
    high_pct: float
    median_s: float
    median_turns: float
    failures: dict[str, int]
    bound_pct: float | None = None

    @property
    def share_pct(self) -> float:
        return 100 * self.successes / self.n

    @property
    def met(self) -> bool | None:
        return None if self.bound_pct is None else self.share_pct >= self.bound_pct

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "n": self.n,
            "successes": self.successes,
            "success_pct": round(self.share_pct, 1),
            "interval_pct": [round(self.low_pct, 1), round(self.high_pct, 1)],
            "median_s": round(self.median_s, 1),
            "median_turns": self.median_turns,
            "failures": self.failures,
            "bound_pct": self.bound_pct,
            "met": self.met,
        }


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share, in per cent (Wilson score)."""
    p = right / total
    middle = p + _Z * _Z / (2 * total)
    width = _Z * ((p * (1 - p) + _Z * _Z / (4 * total)) / total) ** 0.5
    return max(0.0, 100 * (middle - width) / (1 + _Z * _Z / total)), min(100.0, 100 * (middle + width) / (1 + _Z * _Z / total))


def figures(results: Sequence[Result]) -> list[Figure]:
    """All of the ten together first, then each scenario that was called."""
    ten = [each for each in results if each.case.scenario in TEN]
    found = [_figure("all ten", ten, OVERALL)] if ten else []
    for scenario in Scenario:
        own = [each for each in results if each.case.scenario is scenario]
        if own:
            found.append(_figure(scenario.value, own, EACH if scenario in TEN else None))
    return found


def _figure(name: str, results: Sequence[Result], bound: float | None) -> Figure:
    right = sum(each.verdict.success for each in results)
    low, high = wilson(right, len(results))
    failures = Counter(each.failure for each in results if not each.verdict.success)
    seconds, turns = median(each.talk.seconds for each in results), median(each.turns for each in results)
    return Figure(name, right, len(results), low, high, seconds, turns, dict(failures.most_common()), bound)


def table(found: Sequence[Figure]) -> str:
    """For a terminal and for Markdown."""
    head = "| scenario | success | 95 % interval | bound | call, median | turns | failures |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *(_row(each) for each in found)])


def _row(each: Figure) -> str:
    verdict = {True: "met", False: "NOT MET", None: ""}[each.met]
    bound = f"≥ {each.bound_pct:g} % {verdict}" if each.bound_pct is not None else "reported"
    why = "; ".join(f"{count} {name}" for name, count in each.failures.items())
    share = f"{each.successes}/{each.n} = {each.share_pct:.0f} %"
    length = f"{each.median_s:.0f} s | {each.median_turns:g}"
    return f"| {each.name} | {share} | {each.low_pct:.0f}-{each.high_pct:.0f} % | {bound} | {length} | {why} |"
