"""Calls as the rules see them, in a few words."""

from collections.abc import Iterable, Mapping

from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.watch import step

CALM = {"frustrated": 0.0, "confused": 0.0, "urgent": 0.0, "satisfied": 0.0}


def rules(yaml: str) -> RuleSet:
    """One rule named ``it`` whose keys are given, or a whole file."""
    from handoff.rules.loading import parse_rules

    if yaml.lstrip().startswith(("rules:", "hours:", "extends:", "rest_s:", "shadow:", "holidays:")):
        return parse_rules(yaml, "test.yaml")
    lines = "".join(f"    {line}\n" for line in yaml.strip().splitlines())
    return parse_rules(f"rules:\n  it:\n{lines}", "test.yaml")


def when(condition: str, more: str = "act: flag") -> RuleSet:
    return rules(f"when: {condition}\n{more}")


def turn(number: int, start: float, end: float, *, who: str = "caller", via: str = "speech", interrupted: bool = False) -> Happening:
    data = {"who": who, "number": number, "start": start, "end": end, "via": via, "interrupted": interrupted}
    return Happening("turn", end, data)


def emotion(
    number: int,
    at: float,
    said: float = 0.0,
    *,
    state: str = "frustrated",
    course: float | None = None,
    on: Iterable[str] = (),
    confidence: float = 0.9,
    method: str = "text",
    reasons: Iterable[tuple[str, float]] = (("words.complaint", 0.4),),
    valence: float = 0.0,
    arousal: float = 0.5,
) -> Happening:
    """One state at a level; the course is the utterance's level where no other is given."""
    level = said if course is None else course
    data = {
        "turn": number,
        "label": next(iter(on), "calm"),
        "states": CALM | {state: level},
        "confidence": CALM | {state: confidence},
        "on": list(on),
        "said": CALM | {state: said},
        "valence": valence,
        "arousal": arousal,
        "said_valence": valence,
        "said_arousal": arousal,
        "method": method,
        "start_ms": round(at * 1000) - 1500,
        "end_ms": round(at * 1000),
        "reasons": [{"signal": signal, "value": 1.0, "usual": None, "weight": weight} for signal, weight in reasons],
    }
    return Happening("emotion", at, data)


def concern(number: int, at: float, name: str, confidence: float = 0.9) -> Happening:
    return Happening("concern", at, {"turn": number, "name": name, "confidence": confidence, "pattern": "p1"})


def event(kind: str, at: float, data: Mapping[str, object] | None = None) -> Happening:
    return Happening(kind, at, data or {})


def started(number: str = "100", agent: str = "front-desk", at: float = 0.0) -> Happening:
    return Happening("started", at, {"number": number, "agent": agent})


def clock(at: float, weekday: int = 0, minute: int = 600, *, holiday: bool = False) -> Happening:
    return Happening("clock", at, {"weekday": weekday, "minute": minute, "holiday": holiday})


def spoken(number: int, at: float, said: float = 0.0, **more: object) -> list[Happening]:
    """A turn of the caller and what was read out of it; ``at`` is when it ended."""
    return [turn(number, at - 1.5, at), emotion(number, at, said, **more)]  # type: ignore[arg-type]


def over(rules: RuleSet, *told: Happening | list[Happening]) -> list[Decision]:
    """All decisions of a call."""
    return [decision for _, decision in seen(rules, *told)]


def seen(rules: RuleSet, *told: Happening | list[Happening]) -> list[tuple[Happening, Decision]]:
    """Each decision with the happening at which it came. The call starts at 0 where nothing else is told."""
    state, found = WatchState(), list[tuple[Happening, Decision]]()
    call = flat(told)
    for happening in call if call[0].kind == "started" else [started(), *call]:
        state, decisions = step(state, rules, happening)
        found += [(happening, decision) for decision in decisions]
    return found


def flat(told: Iterable[Happening | list[Happening]]) -> list[Happening]:
    return [one for part in told for one in (part if isinstance(part, list) else [part])]
