"""Traces reach a collector as OTLP over HTTP; a collector that is away costs nothing."""

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agents.transcript import Turn
from ari_app.telemetry.traces import CallTraces, TracesUnusable, open_traces
from handoff.records.store import CallEnded, CallStarted


def one_call(traces: CallTraces, call_id: str = "c1") -> None:
    now = time.monotonic()
    traces.call_started(CallStarted(call_id, datetime.now(UTC), now, "100", "+442071838750", "front-desk", "PJSIP/x"))
    traces.turn(call_id, Turn(1, "agent", "Hello", "Hello", now, now + 0.001))
    traces.event(call_id, "tool", now + 0.002, {"name": "hours", "ok": True, "ms": 1})
    traces.call_ended(CallEnded(call_id, datetime.now(UTC), "goodbye", "done", {}))


async def test_a_call_reaches_the_collector_as_one_trace() -> None:
    taken: list[ExportTraceServiceRequest] = []

    async def collect(request: web.Request) -> web.Response:
        message = ExportTraceServiceRequest()
        body = await request.read()
        message.ParseFromString(body)
        taken.append(message)
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        traces = open_traces(f"http://127.0.0.1:{port}/v1/traces", "patchcord-2")
        one_call(traces)
        traces.event("unknown", "tool", 0.0, {})
        await asyncio.to_thread(traces.close)
    finally:
        await runner.cleanup()
    resource = taken[0].resource_spans[0]
    about = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert (about["service.name"], about["service.instance.id"]) == ("patchcord", "patchcord-2")
    spans = {
        span.name: span for request in taken for group in request.resource_spans for scope in group.scope_spans for span in scope.spans
    }
    assert sorted(spans) == ["agent speaks", "call", "tool"]
    root = spans["call"]
    assert {span.trace_id for span in spans.values()} == {root.trace_id}
    assert {span.parent_span_id for span in spans.values() if span is not root} == {root.span_id}


class Stuck(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        time.sleep(0.2)
        return SpanExportResult.FAILURE


async def test_calls_do_not_wait_for_a_collector() -> None:
    traces = open_traces("http://127.0.0.1:9/v1/traces", "w", Stuck())
    loop, gaps = asyncio.get_running_loop(), []
    for index in range(200):
        before = loop.time()
        one_call(traces, f"c{index}")
        gaps.append(loop.time() - before)
    assert sorted(gaps)[len(gaps) // 2] < 0.1, "half of the exporter's own time: nothing waited for it"
    await asyncio.to_thread(traces.close)


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(TracesUnusable, match=r"pip install \.\[traces\]"):
        open_traces("http://127.0.0.1:9/v1/traces", "w")
