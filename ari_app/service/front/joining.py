"""What the workers say, as one answer. Pure: their answers go in, by worker number; None stands for one that does not answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Answer = Mapping[str, Any]
SILENT: Final = "the worker does not answer"
NOBODY: Final = "no worker has been started"
_SHARED: Final = frozenset({"rtp_pairs_used", "rtp_pairs_total", "ports_total"})
"""Figures of something that all workers share: each tells the whole of it."""
_OF_ALL: Final = frozenset({"draining"})
"""True when it is so for all workers."""


def health(answers: Mapping[int, Answer | None], beside: Sequence[str] = ()) -> dict[str, Any]:
    """Ready when one worker answers calls; ``workers`` says what each of them lacks.

    ``beside``: why no calls reach any worker.
    """
    lacks = {
        number: [SILENT] if answer is None else [str(reason) for reason in answer.get("reasons", [])] for number, answer in answers.items()
    }
    ready = any(not reasons for reasons in lacks.values())
    return {
        "ready": ready and not beside,
        "reasons": [*beside, *([] if ready else _reasons(lacks))],
        "workers": {str(number): reasons for number, reasons in sorted(lacks.items())},
    }


def _reasons(lacks: Mapping[int, list[str]]) -> list[str]:
    if not lacks:
        return [NOBODY]
    if len(lacks) == 1:
        return next(iter(lacks.values()))
    return [f"worker {number}: {reason}" for number, reasons in sorted(lacks.items()) for reason in reasons]


def status(answers: Mapping[int, Answer | None], about: Mapping[int, Answer], beside: Sequence[str] = ()) -> dict[str, Any]:
    """Sums of what the workers count; ``workers`` lists them with what ``about`` says of each. ``beside``: as of ``health``."""
    told = [answer for _, answer in sorted(answers.items()) if answer is not None]
    first = told[0] if told else {}
    whole = health(answers, beside)
    return {
        "ready": whole["ready"],
        "reasons": whole["reasons"],
        "versions": first.get("versions", {}),
        "ports": first.get("ports", {}),
        "live_calls": sum(int(answer.get("live_calls", 0)) for answer in told),
        "counts": added(answer.get("counts", {}) for answer in told),
        "media": added(answer.get("media", {}) for answer in told),
        "records_pending": sum(int(answer.get("records_pending", 0)) for answer in told),
        "database": "up" if told and all(answer.get("database") == "up" for answer in told) else "away",
        "memory_mb": round(sum(float(answer.get("memory_mb", 0)) for answer in told), 1),
        "workers": [
            {
                "worker": number,
                **about.get(number, {}),
                "ready": not whole["workers"][str(number)],
                "reasons": whole["workers"][str(number)],
                "live_calls": answer.get("live_calls", 0) if answer else 0,
                "memory_mb": answer.get("memory_mb", 0) if answer else 0,
            }
            for number, answer in sorted(answers.items())
        ],
    }


def added(trees: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Numbers of the same name are summed, at any depth; of what all workers share and of what takes time the most counts."""
    whole: dict[str, Any] = {}
    for tree in trees:
        for name, value in tree.items():
            whole[name] = _joined(name, whole[name], value) if name in whole else (added([value]) if isinstance(value, Mapping) else value)
    return whole


def _joined(name: str, one: Any, other: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return added([one, other])
    if isinstance(one, bool) or isinstance(other, bool):
        return (one and other) if name in _OF_ALL else (one or other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return max(one, other) if name in _SHARED or name.endswith("_ms") else one + other
    return one


def live(answers: Mapping[int, Answer | None]) -> dict[str, Any]:
    """All calls, oldest first, each with its worker's number.

    A call that one worker after the other refused is known to all of them: it is shown once, by whoever has it, if anybody does.
    """
    calls: dict[object, dict[str, Any]] = {}
    for number, answer in sorted(answers.items()):
        for call in answer.get("calls", []) if answer is not None else ():
            known = calls.get(call["id"])
            if known is None or known.get("state") == "outside":
                calls[call["id"]] = {**call, "worker": number}
    return {"calls": sorted(calls.values(), key=lambda call: -float(call.get("seconds", 0)))}
