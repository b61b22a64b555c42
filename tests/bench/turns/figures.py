"""From results to figures, each held against its bound. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from tests.bench.turns.outcomes import SURVIVED, Recorded, Result, Verdict

SHORT_PAUSE_MS: Final = 700.0
"""Pauses up to this must not be cut into."""
WEAK_ECHO_DB: Final = -15.0
_YIELDED: Final = frozenset({Verdict.YIELDED, Verdict.STILL})


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    name: str
    conditions: str
    n: int
    values: Mapping[str, float | int | None]
    bound: str = ""
    """As people read it; empty: reported without one."""
    met: bool | None = None
    """None: no bound, or nothing was measured."""

    def to_json(self) -> dict[str, Any]:
        return {"figure": self.name, "conditions": self.conditions, "n": self.n, **self.values, "bound": self.bound, "met": self.met}


@dataclass(frozen=True, slots=True)
class Inside:
    """What only the instance itself and its parts can tell."""

    recorded: Mapping[str, Recorded] = field(default_factory=dict)
    """The call history, by caller id."""
    silenced: Mapping[str, float] = field(default_factory=dict)
    """count, p50_ms, p99_ms and max_ms from a decision to the first silent packet."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Processor time of the parts that decide about turns, in per cent of a core per call, measured apart."""
    processes: Mapping[str, float] = field(default_factory=dict)
    """The same of whole processes during the calls, models, voices and packets included."""


def percentile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 1) if len(values) else None


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _within(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit


def response(name: str, results: Sequence[Result], conditions: str, *, p50: float | None = None, p95: float | None = None) -> Figure:
    """Gaps of answered turns; a turn that was not answered, or cut into, counts against the bound by its share."""
    gaps = [each.gap_ms for each in results if each.verdict is Verdict.ANSWERED and each.gap_ms is not None]
    unanswered = sum(each.verdict is Verdict.UNANSWERED for each in results)
    cut = sum(each.verdict is Verdict.CUT_IN for each in results)
    values = {
        "p50_ms": percentile(gaps, 50),
        "p95_ms": percentile(gaps, 95),
        "worst_ms": max(gaps, default=None),
        "unanswered": unanswered,
        "cut_in": cut,
    }
    if p50 is None or p95 is None:
        return Figure(name, conditions, len(results), values)
    # An unanswered turn is an endless gap, so that nobody gets better by not answering.
    endless = [*gaps, *[float("inf")] * unanswered]
    met = bool(endless) and float(np.percentile(endless, 50, method="higher")) <= p50 and _high(endless) <= p95
    return Figure(name, conditions, len(results), values, f"p50 ≤ {p50:g}, p95 ≤ {p95:g} ms", met if results else None)


def _high(values: Sequence[float]) -> float:
    """95th percentile that infinite values do not turn into no number."""
    return float(np.percentile(values, 95, method="nearest"))


def cut_ins(results: Sequence[Result], least_ms: float, most_ms: float, *, bound: float | None = None) -> Figure:
    chosen = [each for each in results if each.pause_ms is not None and least_ms < each.pause_ms <= most_ms and _played(each)]
    count = sum(each.verdict is Verdict.CUT_IN for each in chosen)
    values = {"cut_in": count, "share_percent": _share(count, len(chosen))}
    name = f"cut-ins on pauses of {least_ms / 1000:g} to {most_ms / 1000:g} s"
    met = None if bound is None or not chosen else 100 * count <= bound * len(chosen)
    return Figure(name, "clean", len(chosen), values, "" if bound is None else f"≤ {bound:g} %", met)


def interruptions(name: str, results: Sequence[Result], conditions: str, *, bound: bool = True) -> Figure:
    chosen = [each for each in results if _played(each)]
    yielded = [each for each in chosen if each.verdict in _YIELDED]
    stops = [each.stop_ms for each in yielded if each.stop_ms is not None]
    gaps = [each.gap_ms for each in yielded if each.gap_ms is not None]
    p50, p95 = percentile(stops, 50), percentile(stops, 95)
    values = {
        "yielded_percent": _share(len(yielded), len(chosen)),
        "stop_p50_ms": p50,
        "stop_p95_ms": p95,
        "stop_worst_ms": max(stops, default=None),
        "answer_p50_ms": percentile(gaps, 50),
        "answer_p95_ms": percentile(gaps, 95),
        "unanswered": len(yielded) - len(gaps),
        "answered_too_early": sum(bool(each.spoke_early) for each in yielded),
    }
    if not bound:
        return Figure(name, conditions, len(chosen), values)
    met = 100 * len(yielded) >= 97 * len(chosen) and _within(p50, 100) and _within(p95, 200)
    return Figure(name, conditions, len(chosen), values, "≥ 97 %, stop p50 ≤ 100, p95 ≤ 200 ms", met if chosen else None)


def survivals(name: str, results: Sequence[Result], *, bound: bool = True) -> Figure:
    chosen = [each for each in results if _played(each)]
    alive = sum(each.verdict in SURVIVED and each.words_right is not False for each in chosen)
    held = [each.held_ms for each in chosen if each.held_ms]
    resumed = [each.resume_ms for each in chosen if each.resume_ms is not None and each.verdict in (Verdict.RESUMED, Verdict.LATE)]
    from_pause = [each.resume_after_pause_ms for each in chosen if each.resume_after_pause_ms is not None and each.verdict in SURVIVED]
    values: dict[str, float | int | None] = {
        "survived_percent": _share(alive, len(chosen)),
        "never_paused": sum(each.verdict is Verdict.KEPT for each in chosen),
        "held_p50_ms": percentile(held, 50),
        "held_p95_ms": percentile(held, 95),
        "resumed_p50_ms": percentile(resumed, 50),
        "resumed_p95_ms": percentile(resumed, 95),
        "within_600_of_pause_percent": _share(sum(value <= 600 for value in from_pause), len(from_pause)),
        **{verdict.value: sum(each.verdict is verdict for each in chosen) for verdict in _LOSSES},
        "other_words": sum(each.words_right is False for each in chosen),
    }
    met = None if not bound or not chosen else 100 * alive >= 90 * len(chosen)
    return Figure(name, "clean", len(chosen), values, "≥ 90 %" if bound else "", met)


_LOSSES: Final = (Verdict.LATE, Verdict.SHIFTED, Verdict.REPLACED, Verdict.DIED)


def undisturbed(name: str, results: Sequence[Result], conditions: str, *, bound: bool = True, holds: bool = False) -> Figure:
    """Turns in which nobody spoke. ``holds``: a pause that was taken back counts as well."""
    chosen = [each for each in results if _played(each)]
    broken = sum(each.verdict is Verdict.BROKEN for each in chosen)
    paused = sum(each.verdict is Verdict.HELD for each in chosen)
    held = [each.held_ms for each in chosen if each.verdict is Verdict.HELD and each.held_ms is not None]
    values = {"interrupted_itself": broken, "paused_itself": paused, "paused_p50_ms": percentile(held, 50)}
    met = None if not bound or not chosen else not broken and not (holds and paused)
    return Figure(name, conditions, len(chosen), values, "" if not bound else "0 stops and pauses" if holds else "0 stops", met)


def recorded_words(results: Sequence[Result]) -> Figure:
    """Differences between the words of interrupted answers as recorded and as played."""
    yielded = [each for each in results if each.verdict in _YIELDED and each.words_played is not None]
    off = [abs((each.words_recorded or 0) - (each.words_played or 0)) for each in yielded if each.words_recorded is not None]
    unknown = len(yielded) - len(off)
    values = {
        "exact": sum(each == 0 for each in off),
        "one_off": sum(each == 1 for each in off),
        "worse": sum(each > 1 for each in off),
        "not_recorded": unknown,
        "within_one_percent": _share(sum(each <= 1 for each in off), len(yielded)),
    }
    return Figure(
        "words recorded as heard",
        "all interruptions",
        len(yielded),
        values,
        "100 % within one",
        max(off) <= 1 and not unknown if off else None,
    )


def speculation(recorded: Mapping[str, Recorded]) -> Figure:
    """From the instance's own history: answers to speech, and what beginning early saved them."""
    answers = [
        turn["latency_ms"] for call in recorded.values() for turn in call.turns if turn["who"] == "agent" and "stt" in turn["latency_ms"]
    ]
    saved = [float(latency["speculation"]) for latency in answers if latency.get("speculation", 0) > 0]
    values = {
        "saved_share_percent": _share(len(saved), len(answers)),
        "saved_p50_ms": percentile(saved, 50),
        "saved_mean_ms": round(float(np.mean(saved)), 1) if saved else None,
    }
    return Figure("speculation saved time", "all answers to speech, by the history", len(answers), values)


def cost(inside: Inside) -> Figure:
    total = round(sum(inside.parts.values()), 3) if inside.parts else None
    values = {f"{name}_percent": round(value, 3) for name, value in {**inside.parts, **inside.processes}.items()}
    met = None if total is None else total <= 1.0
    return Figure("VAD and turn logic", "of a core, per call", len(inside.parts), {"sum_percent": total, **values}, "≤ 1 % of a core", met)


def silent_packets(silenced: Mapping[str, float]) -> Figure:
    """Decision to the first silent packet, by the media process's own clock over all calls (``/status``, media.silenced)."""
    count = int(silenced.get("count", 0))
    values = {name: silenced.get(name) for name in ("p50_ms", "p99_ms", "max_ms")}
    met = _within(values["p99_ms"], 30) if count else None
    return Figure("decision to silent packet", "every hold and stop of every call", count, values, "p99 ≤ 30 ms", met)


def _played(result: Result) -> bool:
    return result.verdict is not Verdict.SKIPPED


def choose(results: Sequence[Result], kinds: Sequence[str], fits: Callable[[Result], bool] = lambda _: True) -> list[Result]:
    return [each for each in results if each.kind in kinds and fits(each)]


def legal(results: Sequence[Result]) -> Figure:
    """Texts that must be heard to their end, with the caller speaking over them."""
    chosen = [each for each in results if _played(each)]
    gaps = [each.gap_ms for each in chosen if each.gap_ms is not None]
    values = {
        "heard_out": sum(each.verdict is Verdict.HEARD_OUT for each in chosen),
        "not_answered": sum(each.verdict is Verdict.IGNORED for each in chosen),
        "broken": sum(each.verdict in (Verdict.BROKEN, Verdict.HELD) for each in chosen),
        "answer_p50_ms": percentile(gaps, 50),
    }
    return Figure("legal text, answered after it", "spoken over", len(chosen), values)
