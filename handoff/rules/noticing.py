"""A happening added to what is remembered of the call, before any rule is judged."""

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from agents.emotion.signs import STATES
from handoff.rules.happenings import Happening
from handoff.rules.state import Found, Mark, Point, Span, WatchState

MOST_POINTS: Final = 400
"""Utterances whose feeling is remembered: a call of two hours at one in eighteen seconds."""
MOST_MARKS: Final = 500
COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {"no_input": "no_input", "no_match": "no_match", "setback": "setback", "transcription_failed": "recognition_failed"}
)
"""Event to what it counts as; ``tool`` counts as tool_error when it went wrong, an agent's turn cut short as interruption."""
LEAST_SILENCE_S: Final = 1.0
"""Shorter pauses before an answer are no silences to anybody."""
LEAST_WEIGHT: Final = 0.05
"""By so much of a level a reason must have raised it to count beside the voice."""
DEEDS: Final = frozenset({"behaviour.interruptions", "behaviour.repeats"})
"""What callers do themselves; what befalls them, such as a noisy line, is no sign of how they feel."""
_MEASURES: Final = ("valence", "arousal")


def noticed(state: WatchState, happening: Happening, notes: frozenset[str]) -> WatchState:
    """``notes``: the events that are counted by their own names. A happening whose data make no sense counts as far as they do."""
    state = _timed(state, happening.at)
    data = happening.data
    match happening.kind:
        case "started":
            state = replace(state, number=str(data.get("number", "")), agent=str(data.get("agent", "")))
        case "turn":
            state = _turn(state, data)
        case "emotion":
            state = _emotion(state, data)
        case "concern":
            state = _concern(state, data)
        case "facts":
            state = replace(state, facts=MappingProxyType({**state.facts, **data}))
        case "queue":
            name = str(data.get("queue", ""))
            others = {known: view for known, view in state.queues.items() if known != name}
            state = replace(state, queues=MappingProxyType({**others, name: MappingProxyType(dict(data))}))
        case "clock":
            state = replace(state, clock=MappingProxyType(dict(data)))
        case "tool":
            if data.get("ok") is False:
                state = _marked(state, "tool_error")
        case kind:
            if kind in COUNTED:
                state = _marked(state, COUNTED[kind])
    return _marked(state, f"note:{happening.kind}") if happening.kind in notes else state


def _timed(state: WatchState, at: float) -> WatchState:
    """Whole milliseconds, as the records keep them, so that a replay sees the same times. Time never steps back."""
    if not math.isfinite(at):
        return state
    if state.started is None:
        return replace(state, started=at)
    return replace(state, now_ms=max(state.now_ms, _ms(state, at)))


def _ms(state: WatchState, at: float) -> int:
    return round((at - (state.started or 0.0)) * 1000)


def _marked(state: WatchState, kind: str, lasted_s: float = 0.0) -> WatchState:
    mark = Mark(state.now_ms, kind, state.turn, lasted_s)
    return replace(state, marks=(*state.marks, mark)[-MOST_MARKS:])


def _turn(state: WatchState, data: Mapping[str, object]) -> WatchState:
    start, end = (number(data.get(name)) for name in ("start", "end"))
    if data.get("who") == "agent":
        if data.get("interrupted") is True:
            state = _marked(state, "interruption")
        return state if end is None else replace(state, agent_ended_ms=_ms(state, end))
    which = whole(data.get("number"))
    if data.get("who") != "caller" or which is None:
        return state
    if start is not None and end is not None:
        span = Span(_ms(state, start), _ms(state, end))
        state = replace(state, turns=MappingProxyType({**state.turns, which: span}))
        state = _silence(state, span.start_ms)
    if data.get("via") == "keypad":
        state = replace(state, unspoken=state.unspoken | {which})
    return _new_turn(state, which)


def _silence(state: WatchState, spoke_ms: int) -> WatchState:
    if state.agent_ended_ms is None:
        return state
    lasted_s = (spoke_ms - state.agent_ended_ms) / 1000
    state = replace(state, agent_ended_ms=None)
    return _marked(state, "silence", lasted_s) if lasted_s >= LEAST_SILENCE_S else state


def _new_turn(state: WatchState, turn: int) -> WatchState:
    """A turn that nobody announced may come with what is read out of it."""
    if turn <= state.turn:
        return state
    # A row of turns is over for each rule that was not true in the one that ends here.
    ended = state.turn
    memory = {
        name: replace(memory, turns=0) if memory.turns and memory.last_true_turn != ended and ended not in state.unspoken else memory
        for name, memory in state.memory.items()
    }
    return replace(state, turn=turn, found=(), memory=MappingProxyType(memory))


def _emotion(state: WatchState, data: Mapping[str, object]) -> WatchState:
    turn = whole(data.get("turn"))
    turn = state.turn if turn is None else turn
    state = _new_turn(state, turn)
    told = _levels(data, "states"), _levels(data, "said")
    measures = [{name: level for name in _MEASURES if (level := number(data.get(f"{of}{name}"))) is not None} for of in ("", "said_")]
    on = data.get("on")
    voice = data.get("method") == "audio"
    span, told_start, told_end = state.turns.get(turn), whole(data.get("start_ms")), whole(data.get("end_ms"))
    point = Point(
        at_ms=state.now_ms,
        turn=turn,
        start_ms=span.start_ms if span is not None and told_start is None else told_start,
        end_ms=span.end_ms if span is not None and told_end is None else told_end,
        course=MappingProxyType(told[0] | measures[0]),
        said=MappingProxyType(told[1] | measures[1]),
        confidence=MappingProxyType(_levels(data, "confidence", missing=None)),
        on=frozenset(str(name) for name in on) if isinstance(on, list | tuple | set | frozenset) else frozenset(),
        voice=voice,
        besides_voice=not voice or _something_else(data.get("reasons")),
    )
    return replace(state, points=(*state.points, point)[-MOST_POINTS:])


def _levels(data: Mapping[str, object], name: str, missing: float | None = 0.0) -> dict[str, float]:
    """Of each state; one that is not told has the level ``missing``."""
    told = data.get(name)
    given = told if isinstance(told, Mapping) else {}
    levels = {state: number(given.get(state)) for state in STATES}
    return {state: level for state, value in levels.items() if (level := missing if value is None else value) is not None}


def _something_else(reasons: object) -> bool:
    """Whether the caller's words or deeds raised the level noticeably."""
    for reason in reasons if isinstance(reasons, list | tuple) else ():
        if not isinstance(reason, Mapping):
            continue
        signal, weight = str(reason.get("signal", "")), number(reason.get("weight"))
        own = signal.startswith("words.") or signal in DEEDS
        if own and weight is not None and weight >= LEAST_WEIGHT:
            return True
    return False


def _concern(state: WatchState, data: Mapping[str, object]) -> WatchState:
    turn = whole(data.get("turn"))
    turn = state.turn if turn is None else turn
    state = _new_turn(state, turn)
    confidence = number(data.get("confidence"))
    found = Found(state.now_ms, turn, str(data.get("name", "")), 0.0 if confidence is None else confidence)
    return replace(state, found=(*state.found, found)) if turn == state.turn else state


def number(value: object) -> float | None:
    """None for what is no finite number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def whole(value: object) -> int | None:
    given = number(value)
    return None if given is None else int(given)
