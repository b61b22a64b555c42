"""Events of a caller's mood and of rules, as the records of a call have them."""

from agents.emotion.event import emotion_event
from agents.emotion.signs import STATES, Feeling, Level, Method, Mood, Reason, State
from agents.transcript import JsonValue
from handoff.rules.decisions import Act, Decision, Ground

USUAL = (
    Reason("voice.level_top", 71.0, 64.0, 0.2),
    Reason("words.called_often", 1.0, None, 0.3),
    Reason("behaviour.repeats", 2.0, None, 0.1),
)


def felt(
    turn: int,
    state: State | None = None,
    level: float = 0.8,
    valence: float = -0.5,
    method: Method = "text",
    reasons: tuple[Reason, ...] = USUAL,
    start_ms: int = 0,
    end_ms: int = 0,
) -> dict[str, JsonValue]:
    """``state`` None: calm."""
    levels = {one: Level(level if one == state else 0.1, 0.9) for one in STATES}
    on = frozenset() if state is None else frozenset({state})
    return emotion_event(turn, Feeling(valence, 0.7, levels, method, reasons), Mood(valence, 0.7, levels, on), start_ms, end_ms)


ANGRY = (
    Ground("emotion.frustrated", 0.82, ">=", 0.7, turn=4, start_ms=12000, end_ms=14500, held_s=14.2),
    Ground("emotion.frustrated.held_s", 14.2, ">=", 10.0, turn=4, start_ms=12000, end_ms=14500),
    Ground("emotion.frustrated.confidence", 0.6, ">=", 0.5, turn=4, start_ms=12000, end_ms=14500),
)


def ruled(
    rule: str = "angry_caller",
    act: Act = "escalate",
    reason: str = "frustrated",
    grounds: tuple[Ground, ...] = ANGRY,
    *,
    shadow: bool = False,
    queue: str = "support",
) -> dict[str, JsonValue]:
    return Decision(rule, act, queue, 2, reason, {}, None, grounds, shadow).event()
