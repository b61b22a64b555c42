"""What became of the calls, in figures with 95 % intervals."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import quantiles
from typing import Final

from agents.transcript import JsonValue
from tests.agents.emotion.lines.scores import Share
from tests.bench.emotion_calls.driving import Run

FALSE_MOST: Final = 0.02
REACHED_LEAST: Final = 0.95
BEFORE: Final = 2
"""A person must take over after so many angry utterances at the latest: before the third."""


def failure(run: Run) -> str:
    """Empty: the call went as it should."""
    if run.call.kind == "calm":
        return "" if run.reached_after is None else "calm call passed on"
    if run.reached_after is None:
        return "never reached a person"
    angry = run.call.angry_at
    if run.reached_after < angry[0]:
        return "passed on while still calm"
    return "" if run.reached_after in angry[:BEFORE] else "reached a person too late"


def figures(runs: Sequence[Run]) -> dict[str, object]:
    """Of one kind of calls."""
    kind = runs[0].call.kind
    wrong = [run for run in runs if failure(run)]
    told: dict[str, object] = {"calls": len(runs), "failures": dict(Counter(failure(run) for run in wrong))}
    if kind == "calm":
        share = Share(len(wrong), len(runs))
        told |= {"false_escalations": share.to_json(), "met": share.value <= FALSE_MOST}
        told["apologies_in_calm_calls"] = Share(sum(run.tried for run in runs), len(runs)).to_json()
        told["by"] = {
            "manner": _by(runs, lambda run: run.call.manner),
            "line": _by(runs, lambda run: f"{run.call.line.noise} {run.call.line.snr_db:g}"),
            "voice": _by(runs, lambda run: run.call.voice),
        }
    else:
        share = Share(len(runs) - len(wrong), len(runs))
        told |= {"reached_before_third": share.to_json(), "met": share.value >= REACHED_LEAST}
        told["after_angry_utterance"] = {str(after): count for after, count in sorted(Counter(_after(run) for run in runs).items())}
        told["by"] = {"line": _by(runs, lambda run: f"{run.call.line.noise} {run.call.line.snr_db:g}")}
    told["reasons"] = dict(Counter(run.reason for run in runs if run.reached_after is not None))
    told["analysed_by"] = dict(Counter(str(event.get("method")) for run in runs for event in run.told if event["kind"] == "emotion"))
    told["decision_ms"] = _spread([value for run in runs for value in run.decided_ms])
    told["wrong"] = [_told(run) for run in wrong]
    return told


def _after(run: Run) -> int:
    """1: after the first angry utterance; 0: before any or never."""
    return run.call.angry_at.index(run.reached_after) + 1 if run.reached_after in run.call.angry_at else 0


def _by(runs: Iterable[Run], key: Callable[[Run], str]) -> dict[str, str]:
    """Wrong ones of all, for each value."""
    every, wrong = Counter[str](), Counter[str]()
    for run in runs:
        every[key(run)] += 1
        wrong[key(run)] += bool(failure(run))
    return {name: f"{wrong[name]} of {count}" for name, count in sorted(every.items())}


def _spread(values: Sequence[float]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    steps = quantiles(values, n=100, method="inclusive")
    return {"p50": round(steps[49], 2), "p95": round(steps[94], 2), "most": round(max(values), 2)}


def _told(run: Run) -> dict[str, object]:
    """All that is needed to understand it; the texts are scripts, nobody's words."""
    grounds: list[Mapping[str, JsonValue]] = [event for event in run.told if event["kind"] == "escalation_rule"]
    course = [
        {name: event[name] for name in ("utterance", "label", "said", "states", "method", "reasons") if name in event}
        for event in run.told
        if event["kind"] == "emotion"
    ]
    call = run.call
    return {
        "id": call.id,
        "failure": failure(run),
        "voice": call.voice,
        "manner": call.manner,
        "line": f"{call.line.noise} {call.line.snr_db:g}",
        "said": [f"{'angry: ' if each.angry else ''}{each.text}" for each in call.utterances],
        "heard": list(run.texts),
        "reached_after": run.reached_after,
        "decisions": grounds,
        "concerns": [event for event in run.told if event["kind"] == "concern"],
        "course": course,
    }
