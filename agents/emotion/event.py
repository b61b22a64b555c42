"""The event ``emotion``: a point of the course as the records of a call have it. Numbers and names of signals; no words of the caller."""

from collections.abc import Mapping
from typing import Final

from agents.emotion.signs import STATES, Feeling, Level, Mood, Reason, State
from agents.transcript import JsonValue

KIND: Final = "emotion"
MOST_REASONS: Final = 6
_PLACES: Final = 3


def emotion_event(turn: int, feeling: Feeling, mood: Mood, start_ms: int, end_ms: int) -> dict[str, JsonValue]:
    """``turn``: number of the caller's turn. ``start_ms`` and ``end_ms``: of the utterance, from the start of the call."""
    label = mood.label
    return {
        "turn": turn,
        "label": label,
        "level": _short(next((mood.states[state].level for state in STATES if state == label), 0.0)),
        "valence": _short(mood.valence),
        "arousal": _short(mood.arousal),
        "states": {state: _short(mood.states[state].level) for state in STATES},
        "confidence": {state: _short(mood.states[state].confidence) for state in STATES},
        "on": [state for state in STATES if state in mood.on],
        "said": {state: _short(feeling.states[state].level) for state in STATES},
        "said_valence": _short(feeling.valence),
        "said_arousal": _short(feeling.arousal),
        "method": feeling.method,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "reasons": [_reason(reason) for reason in _strongest(feeling.reasons)],
    }


def mood_from_event(data: Mapping[str, object]) -> Mood:
    """The smoothed course at this event, to the three decimals it is stored with.

    Raises ValueError naming the field that is missing or out of its range.
    """
    on = data.get("on")
    if not isinstance(on, list) or not all(state in STATES for state in on):
        raise ValueError(f"emotion event: 'on' must be a list of states ({', '.join(STATES)}), not {on!r}")
    return Mood(
        valence=_number(data, "valence", least=-1.0),
        arousal=_number(data, "arousal"),
        states={state: _level(data, state) for state in STATES},
        on=frozenset(on),
    )


def _level(data: Mapping[str, object], state: State) -> Level:
    return Level(_number(_tree(data, "states"), state), _number(_tree(data, "confidence"), state))


def _tree(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    tree = data.get(name)
    if not isinstance(tree, Mapping):
        raise ValueError(f"emotion event: {name!r} must hold a value for each state, not {tree!r}")
    return tree


def _number(data: Mapping[str, object], name: str, least: float = 0.0) -> float:
    value = data.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= 1:
        raise ValueError(f"emotion event: {name!r} must be a number from {least:g} to 1, not {value!r}")
    return float(value)


def _strongest(reasons: tuple[Reason, ...]) -> list[Reason]:
    """In their order. Each source is there with its strongest, however many another one has: it shows what the feeling rests on."""
    first = {reason.signal.partition(".")[0]: reason for reason in reversed(reasons)}.values()
    others = [reason for reason in reasons if reason not in first]
    kept = [*first, *others[: MOST_REASONS - len(first)]]
    return [reason for reason in reasons if reason in kept]


def _reason(reason: Reason) -> dict[str, JsonValue]:
    usual = None if reason.usual is None else _short(reason.usual)
    return {"signal": reason.signal, "value": _short(reason.value), "usual": usual, "weight": _short(reason.weight)}


def _short(value: float) -> float:
    return round(value, _PLACES) + 0.0
