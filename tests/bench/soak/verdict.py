"""What the minutes of a soak say together. Pure: lines of the file in, faults out."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

LATE_SHARE: Final = 0.001
WARM_MINUTES: Final = 15
"""Of each process's life: what is made once is made by then."""
_ENDS: Final = 5
"""Minutes at either end whose median is compared."""
GROWTH_SHARE: Final = 0.03
GROWTH_MB: Final = 4.0


def growth(minutes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """By process that lived long enough: memory after its first quarter of an hour and at the end, and the difference, in MB."""
    lives: dict[str, list[float]] = {}
    for minute in minutes:
        for process, megabytes in minute["memory_mb"].items():
            lives.setdefault(process, []).append(megabytes)
    found = {}
    for process, series in lives.items():
        late = series[WARM_MINUTES:]
        if len(late) >= 2 * _ENDS:
            began, ended = statistics.median(late[:_ENDS]), statistics.median(late[-_ENDS:])
            found[process] = {"began_mb": round(began, 1), "ended_mb": round(ended, 1), "growth_mb": round(ended - began, 1)}
    return found


def figures(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Over all minutes."""
    minutes = [line for line in lines if "minute" in line]
    packets, late = sum(minute["packets"] for minute in minutes), sum(minute["late"] for minute in minutes)
    return {
        "minutes": len(minutes),
        "calls": sum(minute["placed"] for minute in minutes),
        "lost": sum(minute["lost"] for minute in minutes),
        "refused": sum(minute["refused"] for minute in minutes),
        "restarts": sum(len(minute["restarts"]) for minute in minutes),
        "packets": packets,
        "late_share": round(late / packets, 6) if packets else 0.0,
        "worst_gap_p95_ms": max((minute["gap_p95_ms"] for minute in minutes if minute["gap_p95_ms"] is not None), default=None),
        "growth": growth(minutes),
        "left_behind": next((line["left_behind"] for line in reversed(lines) if "left_behind" in line), None),
    }


def faults(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Empty when nothing is wrong, for as far as the soak has got."""
    found = []
    for line in lines:
        for what, count in (line.get("orphans") or {}).items():
            if count:
                found.append(f"minute {line['minute']}: {count} orphaned {what}")
        for what, count in (line.get("left_behind") or {}).items():
            if count:
                found.append(f"at the end: {count} {what} left behind")
    told = figures(lines)
    if told["late_share"] > LATE_SHARE:
        found.append(f"{told['late_share']:.3%} of the packets came more than 20 ms late, above {LATE_SHARE:.1%}")
    for process, sizes in told["growth"].items():
        if sizes["growth_mb"] > GROWTH_MB + GROWTH_SHARE * sizes["began_mb"]:
            found.append(f"{process} grew from {sizes['began_mb']} to {sizes['ended_mb']} MB after its first {WARM_MINUTES} minutes")
    return found


def unfinished(lines: Sequence[Mapping[str, Any]], wanted: int) -> list[str]:
    """What the soak has not come to show."""
    told = figures(lines)
    out = [f"{told['minutes']} of {wanted} minutes"] if told["minutes"] < wanted else []
    if told["left_behind"] is None:
        out.append("what is left behind at the end")
    if not told["growth"]:
        out.append(f"growth: no process lived for {WARM_MINUTES + 2 * _ENDS} minutes")
    return out
