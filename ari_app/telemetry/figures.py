"""What Prometheus may know of conversations, out of the stream of records."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from agents.transcript import JsonValue, Turn
from handoff.records.store import CallEnded, CallStarted
from handoff.transfer_actions import ResultKind

_STAGES: Final = ("gap", "end_of_turn", "stt", "dialogue", "tts")
_COUNTED: Final = frozenset(
    {
        "no_input",
        "transcription_failed",
        "speech_failed",
        "pipeline_error",
        "reply_dropped",
        "flagged",
        "escalation_rule",
        "handover",
        "with_person",
        "card_not_sent",
        "recording_failed",
    }
)
"""A fixed set: a label never takes a value that a caller, a model or a tool could make up."""
_RESULTS: Final = frozenset(get_args(ResultKind))


class ConversationFigures:
    """An Observer."""

    def __init__(self, registry: CollectorRegistry, tools: Callable[[], frozenset[str]] = frozenset) -> None:
        """``tools``: the names that a tool can have, so that no other becomes a label."""
        self._tools_known = tools
        self._turns = Counter("patchcord_turns", "Things said, by side", ["who"], registry=registry)
        self._interrupted = Counter("patchcord_turns_interrupted", "Agent's turns that the caller ended", registry=registry)
        self._response = Histogram(
            "patchcord_response_seconds",
            "From the caller's last voice to the agent's first, and the stages of it",
            ["stage"],
            buckets=(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5),
            registry=registry,
        )
        self._tools = Counter("patchcord_tool_calls", "Tools that agents used", ["tool", "ok"], registry=registry)
        self._tool_time = Histogram(
            "patchcord_tool_seconds",
            "How long tools took",
            ["tool"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
            registry=registry,
        )
        self._happened = Counter("patchcord_conversation_events", "What happened in conversations, by kind", ["kind"], registry=registry)
        self._transfers = Counter("patchcord_transfers", "Transfers in company, by what came of them", ["result"], registry=registry)
        self._duration = Histogram(
            "patchcord_call_seconds",
            "Length of calls",
            buckets=(5, 15, 30, 60, 120, 180, 300, 600, 900, 1800),
            registry=registry,
        )
        self._began: dict[str, float] = {}

    def call_started(self, call: CallStarted) -> None:
        self._began[call.call_id] = call.started_at.timestamp()

    def turn(self, call_id: str, turn: Turn) -> None:
        del call_id
        self._turns.labels(turn.who).inc()
        if turn.interrupted:
            self._interrupted.inc()
        for stage in _STAGES:
            if stage in turn.latency_ms:
                self._response.labels(stage).observe(turn.latency_ms[stage] / 1000)

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        del call_id, at
        if kind == "tool":
            name = str(data.get("name", ""))
            tool = name if name in self._tools_known() else "other"
            self._tools.labels(tool, "yes" if data.get("ok") is True else "no").inc()
            if isinstance(took := data.get("ms"), int | float):
                self._tool_time.labels(tool).observe(took / 1000)
        elif kind == "transfer_ended":
            result = str(data.get("kind", ""))
            self._transfers.labels(result if result in _RESULTS else "other").inc()
        elif kind in _COUNTED:
            self._happened.labels(kind).inc()

    def call_ended(self, call: CallEnded) -> None:
        if (began := self._began.pop(call.call_id, None)) is not None:
            self._duration.observe(max(0.0, call.ended_at.timestamp() - began))


class InstanceGauges:
    """What the process itself is like, read when Prometheus asks."""

    def __init__(
        self, registry: CollectorRegistry, *, ready: Callable[[], bool], pending: Callable[[], int], database_up: Callable[[], bool]
    ) -> None:
        Gauge("patchcord_ready", "1 while calls are answered", registry=registry).set_function(lambda: float(ready()))
        Gauge("patchcord_records_pending", "Records not yet in the database", registry=registry).set_function(lambda: float(pending()))
        Gauge("patchcord_database_up", "1 while the database answers", registry=registry).set_function(lambda: float(database_up()))
