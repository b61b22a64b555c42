"""What the caller has done, and what has befallen them, counted over the recent past.

Two kinds of ground are kept apart. What callers do themselves (they interrupt, they ask for the same again) is a sign of how they feel.
What befalls them (they are not understood, a tool fails, they wait) is a reason to feel so and no sign of it: alone it cannot speak for
``frustrated`` beyond BEFALLEN_MOST, however much of it there is, so that a noisy line makes nobody angry.

Each deed speaks for a state with a small level of its own; several are joined as independent grounds, ``1 - (1-p)^n`` (noisy or), and fade
with a half-life. Pure: time is passed in, in seconds on one clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from agents.emotion.requests import Request, asked_before, request_of
from agents.emotion.signs import STATES, BehaviourSigns, Reason, State

Deed: TypeAlias = Literal["interruptions", "repeats", "misses", "setbacks", "silences", "tool_errors", "waited_s"]

WINDOW_S: Final = 120.0
"""What is older is forgotten."""
FADE_S: Final = 30.0
"""Half-life of a deed's weight within the window."""
MOST_TURNS: Final = 6
"""Earlier turns of the caller with which a new one is compared."""
BEFALLEN_MOST: Final = 0.3
"""Highest level of ``frustrated`` by what befell the caller."""
MOST: Final[Mapping[State, float]] = {"frustrated": 0.85, "confused": 0.8, "urgent": 0.6, "satisfied": 0.0}
FREE_INTERRUPTIONS: Final = 1.0
"""Who knows the menu answers before its end: so many say nothing."""
AS_ASKED: Final = 0.5
"""What a repetition counts that we have asked for by not understanding: it is our doing first, though it wears callers out."""
WAIT_FROM_S: Final = 2.0
"""A tool that takes longer keeps the caller waiting; what is beyond it counts."""

POWER: Final[Mapping[State, Mapping[Deed, float]]] = {
    "frustrated": {"interruptions": 0.15, "repeats": 0.35, "misses": 0.08, "setbacks": 0.12, "tool_errors": 0.1, "waited_s": 0.01},
    "confused": {"misses": 0.2, "silences": 0.3, "setbacks": 0.15, "repeats": 0.05},
    "urgent": {"interruptions": 0.2, "repeats": 0.1, "waited_s": 0.01},
    "satisfied": {},
}
"""The level that one of each speaks for (``waited_s``: one second)."""
BEFALLS: Final[frozenset[Deed]] = frozenset({"misses", "setbacks", "silences", "tool_errors", "waited_s"})

_EVENTS: Final[Mapping[str, Deed]] = {
    "no_input": "silences",
    "transcription_failed": "misses",
    "no_match": "misses",
    "setback": "setbacks",
}


@dataclass(frozen=True, slots=True)
class Done:
    deed: Deed
    at: float
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is remembered; immutable."""

    deeds: tuple[Done, ...] = ()
    requests: tuple[Request, ...] = ()
    """Of the caller's latest turns that carry one, the latest last."""
    missed: bool = False
    """The latest turn was not understood: the agent will have asked for it again."""


def happened(behaviour: Behaviour, kind: str, at: float, data: Mapping[str, object]) -> Behaviour:
    """After an event of the call, as the records have it; kinds that say nothing of the caller change nothing."""
    if kind == "tool":
        return _tool(behaviour, at, data)
    deed = _EVENTS.get(kind)
    if deed is None:
        return behaviour
    return replace(_with(behaviour, Done(deed, at)), missed=behaviour.missed or deed == "misses")


def heard(behaviour: Behaviour, text: str, language: str, at: float, *, interrupting: bool, clarity: float = 1.0) -> Behaviour:
    """After a turn of the caller that ended at ``at``. Backchannels, "yes" and numbers interrupt nobody: the agent's question had been
    understood before its end. ``clarity``: 0 to 1, how far ``text`` is what was said; what is read out of it counts that share."""
    request = request_of(text, language)
    if request.words and interrupting:
        behaviour = _with(behaviour, Done("interruptions", at, clarity))
    if asked_before(behaviour.requests, request):
        as_asked = behaviour.missed and not request.says_again
        behaviour = _with(behaviour, Done("repeats", at, clarity * (AS_ASKED if as_asked else 1.0)))
    requests = (*behaviour.requests, request)[-MOST_TURNS:] if request.words else behaviour.requests
    return replace(behaviour, requests=requests, missed=False)


def signs(behaviour: Behaviour, now: float) -> BehaviourSigns:
    """``states``: those with a level above 0. ``reasons``: the strongest first, by the level that it alone adds to any state."""
    counts, faded = _counted(behaviour, now)
    levels = {state: _level(state, faded) for state in STATES}
    reasons = []
    for deed, count in counts.items():
        without = {other: amount for other, amount in faded.items() if other != deed}
        weight = max(levels[state] - _level(state, without) for state in STATES)
        if weight > 0:
            reasons.append(Reason(f"behaviour.{deed}", round(count, 1), None, weight))
    reasons.sort(key=lambda reason: (-reason.weight, reason.signal))
    return BehaviourSigns({state: level for state, level in levels.items() if level > 0}, tuple(reasons))


def speaks_for(reason: Reason, state: State) -> bool:
    """Whether the deed of this reason has a say in ``state``."""
    deeds: Mapping[str, float] = {f"behaviour.{deed}": power for deed, power in POWER[state].items()}
    return reason.signal in deeds


def _tool(behaviour: Behaviour, at: float, data: Mapping[str, object]) -> Behaviour:
    took_ms = data.get("ms")
    if isinstance(took_ms, int | float) and (waited_s := took_ms / 1000 - WAIT_FROM_S) > 0:
        behaviour = _with(behaviour, Done("waited_s", at, waited_s))
    return behaviour if data.get("ok", True) else _with(behaviour, Done("tool_errors", at))


def _with(behaviour: Behaviour, done: Done) -> Behaviour:
    recent = (before for before in behaviour.deeds if done.at - before.at < WINDOW_S)
    return replace(behaviour, deeds=(*recent, done))


def _counted(behaviour: Behaviour, now: float) -> tuple[dict[Deed, float], dict[Deed, float]]:
    """Amounts as they are, and faded by age."""
    counts: dict[Deed, float] = {}
    faded: dict[Deed, float] = {}
    for done in behaviour.deeds:
        age = max(0.0, now - done.at)
        if age < WINDOW_S:
            counts[done.deed] = counts.get(done.deed, 0.0) + done.amount
            faded[done.deed] = faded.get(done.deed, 0.0) + done.amount * 0.5 ** (age / FADE_S)
    return counts, faded


def _level(state: State, faded: Mapping[Deed, float]) -> float:
    own = befallen = 1.0
    for deed, power in POWER[state].items():
        amount = faded.get(deed, 0.0) - (FREE_INTERRUPTIONS if deed == "interruptions" else 0.0)
        doubt = (1 - power) ** max(0.0, amount)
        if deed in BEFALLS:
            befallen *= doubt
        else:
            own *= doubt
    if state == "frustrated":
        befallen = max(befallen, 1 - BEFALLEN_MOST)
    return min(MOST[state], 1 - own * befallen)
