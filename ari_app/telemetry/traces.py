"""Sends each finished call as a trace to an OpenTelemetry collector (OTLP over HTTP): the extra ``traces``.

Headers, certificates and limits come from OpenTelemetry's own variables, such as ``OTEL_EXPORTER_OTLP_HEADERS``.
"""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from agents.transcript import JsonValue, Turn
from ari_app.telemetry.story import MOST_PARTS, Span, tell
from handoff.records.store import CallEnded, CallStarted

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

log = logging.getLogger(__name__)

_MOST_CALLS: Final = 2000
"""Calls that are followed at once; beyond that new ones are not."""


class TracesUnusable(Exception):
    """Traces were asked for and cannot be sent; the message names the remedy."""


@dataclass(slots=True)
class _Call:
    started: CallStarted
    turns: deque[Turn] = field(default_factory=lambda: deque(maxlen=MOST_PARTS))
    events: deque[tuple[str, float, Mapping[str, JsonValue]]] = field(default_factory=lambda: deque(maxlen=MOST_PARTS))


class CallTraces:
    """An Observer. Spans are queued here and sent on a thread of their own; when the collector is away they are dropped."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("patchcord")
        self._calls: dict[str, _Call] = {}

    def call_started(self, call: CallStarted) -> None:
        if len(self._calls) < _MOST_CALLS:
            self._calls[call.call_id] = _Call(call)

    def turn(self, call_id: str, turn: Turn) -> None:
        if (call := self._calls.get(call_id)) is not None:
            call.turns.append(turn)

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        if (call := self._calls.get(call_id)) is not None:
            call.events.append((kind, at, data))

    def call_ended(self, call: CallEnded) -> None:
        if (found := self._calls.pop(call.call_id, None)) is None:
            return
        trace = tell(found.started, call, list(found.turns), list(found.events))
        self._send(trace.root, [*trace.parts])

    def _send(self, root: Span, parts: list[Span]) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        parent = self._tracer.start_span(root.name, start_time=root.start_ns, attributes=dict(root.attributes))
        for moment in root.moments:
            parent.add_event(moment.name, dict(moment.attributes), moment.at_ns)
        inside = set_span_in_context(parent)
        for part in parts:
            span = self._tracer.start_span(part.name, context=inside, start_time=part.start_ns, attributes=dict(part.attributes))
            if part.failed:
                span.set_status(Status(StatusCode.ERROR))
            span.end(part.end_ns)
        if root.failed:
            parent.set_status(Status(StatusCode.ERROR))
        parent.end(root.end_ns)

    def close(self) -> None:
        """Send what is queued and end; waits for the collector, so not on the event loop."""
        self._provider.shutdown()


def open_traces(endpoint: str, worker: str, exporter: "SpanExporter | None" = None) -> CallTraces:
    """``endpoint``: such as ``http://127.0.0.1:4318/v1/traces``; ``worker`` becomes ``service.instance.id``.

    Raises TracesUnusable when the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracesUnusable(
            f"telemetry.traces is set, but {error.name} is not installed. Install the extra: pip install .[traces], or empty the setting."
        ) from error
    about = Resource.create({"service.name": "patchcord", "service.instance.id": worker})
    provider = TracerProvider(resource=about, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=endpoint, timeout=5)))
    log.info("traces_on", extra={"worker": worker})
    return CallTraces(provider)
