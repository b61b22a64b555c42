"""The shapes in which call history is read: one place for the database and the double."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from agents.transcript import JsonValue

Row = Mapping[str, JsonValue]


def summary(call: Row, turns: int) -> dict[str, JsonValue]:
    """One line of the list of calls."""
    names = ("id", "started_at", "ended_at", "number", "caller", "route", "outcome", "reason")
    return {**{name: call[name] for name in names}, "turns": turns}


def whole_call(call: Row, turns: Sequence[Row], events: Sequence[Row], card: JsonValue, callback: Row | None) -> dict[str, JsonValue]:
    """One call with everything in it. Times are milliseconds from its start."""
    return {
        **summary(call, 0),
        "channel": call["channel"],
        "stats": call["stats"],
        "turns": [dict(turn) for turn in turns],
        "events": [dict(event) for event in events],
        "card": card,
        "callback": dict(callback) if callback is not None else None,
        "latency": latency_summary(turns),
    }


def latency_summary(turns: Iterable[Row]) -> dict[str, JsonValue]:
    """``{stage: {count, median_ms, p95_ms}}`` over the agent's answers; ``gap`` is what the caller feels."""
    stages: dict[str, list[float]] = {}
    for turn in turns:
        latency = turn["latency_ms"]
        if not isinstance(latency, dict):
            continue
        for stage, value in latency.items():
            if isinstance(value, int | float):
                stages.setdefault(stage, []).append(value)
    return {stage: _figures(values) for stage, values in sorted(stages.items())}


def _figures(values: list[float]) -> dict[str, JsonValue]:
    return {"count": len(values), "median_ms": round(median(values), 1), "p95_ms": round(percentile(values, 0.95), 1)}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
