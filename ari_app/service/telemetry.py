"""Puts those who measure calls beside the records: figures always, traces when a collector is named."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from agents.tools import ToolSet
from ari_app.settings import TelemetrySettings
from ari_app.telemetry.figures import ConversationFigures, InstanceGauges
from ari_app.telemetry.observed import ObservedWriter, Observer
from ari_app.telemetry.traces import TracesUnusable, open_traces
from handoff.records.writer import PostgresRecords

log = logging.getLogger(__name__)


async def open_telemetry(
    stack: contextlib.AsyncExitStack,
    registry: CollectorRegistry,
    settings: TelemetrySettings,
    records: PostgresRecords,
    tools: ToolSet,
    *,
    ready: Callable[[], bool],
    worker: str,
) -> ObservedWriter:
    """``worker`` names this process in traces. Traces that cannot be sent are told of, and calls go on without them."""
    InstanceGauges(registry, ready=ready, pending=records.pending, database_up=lambda: records.away_s == 0)
    known = frozenset(tools.names)
    observers: list[Observer] = [ConversationFigures(registry, lambda: known)]
    if settings.traces:
        try:
            traces = await asyncio.to_thread(open_traces, settings.traces, worker)
        except TracesUnusable as error:
            log.error("traces_unusable", extra={"error": str(error)})
        else:
            stack.push_async_callback(asyncio.to_thread, traces.close)
            observers.append(traces)
    return ObservedWriter(records, observers)
