"""A sink that lets the agent's own code see the call, and passes everything on."""

from collections.abc import Mapping
from typing import Final

from agents.sdk.agent_events import AgentEvents, Emotion, Escalation, ToolFailure
from agents.sdk.call import Call
from agents.sdk.emotion_watch import EmotionWatch
from agents.transcript import JsonValue, Outcome, Sink, Turn

EMOTION: Final = "emotion"
ESCALATION: Final = "escalation"
RULE: Final = "escalation_rule"
TOOL: Final = "tool"


class ObservedSink:
    """A Sink in front of ``sink`` (None: nobody keeps records). Whoever runs the call says ``started`` and ``ended``."""

    def __init__(self, sink: Sink | None, events: AgentEvents, call: Call) -> None:
        self._sink = sink
        self._events = events
        self._call = call
        self._escalated = False
        self._watch = EmotionWatch(events.wishes)

    def started(self) -> None:
        self._events.emit("call_started", self._call)

    def ended(self, outcome: Outcome) -> None:
        """An escalation that nothing else told of is told here, before the end."""
        if outcome.kind == "handover":
            self._escalation(outcome.reason, outcome.queue)
        self._events.emit("call_ended", self._call, outcome)

    def turn(self, turn: Turn) -> None:
        if self._sink is not None:
            self._sink.turn(turn)
        self._call.note_turn(turn)
        self._events.emit("turn", self._call, turn)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        if self._sink is not None:
            self._sink.event(kind, at, data)
        if kind == TOOL and not data.get("ok", True):
            failure = ToolFailure(_word(data, "name"), _number(data, "ms") / 1000, _word(data, "error"))
            self._events.emit("tool_failed", self._call, failure)
        elif kind == EMOTION:
            self._emotion(_emotion(at, data))
        elif kind == ESCALATION or (kind == RULE and data.get("act") == "escalate" and not data.get("shadow")):
            self._escalation(_word(data, "reason"), _word(data, "queue"))

    def partial(self, text: str, at: float) -> None:
        if self._sink is not None:
            self._sink.partial(text, at)

    def listens(self, node: str, question: str) -> None:
        if self._sink is not None:
            self._sink.listens(node, question)

    def _emotion(self, emotion: Emotion) -> None:
        self._events.emit("emotion_detected", self._call, emotion)
        for place in self._watch.step(emotion.states or {emotion.label: emotion.level}):
            self._events.emit_emotion(place, self._call, emotion)

    def _escalation(self, reason: str, queue: str) -> None:
        if not self._escalated:
            self._escalated = True
            self._events.emit("escalation_requested", self._call, Escalation(reason, queue))


def _emotion(at: float, data: Mapping[str, JsonValue]) -> Emotion:
    given = data.get("states")
    states = {name: _number(given, name) for name in given} if isinstance(given, Mapping) else {}
    arousal = _number(data, "arousal") if "arousal" in data else 0.5
    return Emotion(_word(data, "label"), _number(data, "level"), at, _number(data, "valence"), arousal, states, _word(data, "method"))


def _word(data: Mapping[str, JsonValue], name: str) -> str:
    return str(data.get(name) or "")


def _number(data: Mapping[str, JsonValue], name: str) -> float:
    value = data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
