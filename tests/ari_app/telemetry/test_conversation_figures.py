"""Figures out of the stream of records, and records that do not suffer from those who watch them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest

from agents.transcript import JsonValue, Turn
from ari_app.telemetry.figures import ConversationFigures, InstanceGauges
from ari_app.telemetry.observed import ObservedWriter
from handoff.records.memory import MemoryRecords
from handoff.records.store import CallEnded, CallStarted


def played(registry: CollectorRegistry) -> None:
    figures = ConversationFigures(registry, lambda: frozenset({"orders.find"}))
    now, began = time.monotonic(), datetime.now(UTC)
    figures.call_started(CallStarted("c1", began, now, "100", "5550100", "front-desk", "PJSIP/x"))
    figures.turn("c1", Turn(1, "caller", "hello", "hello", now, now + 1))
    figures.turn("c1", Turn(2, "agent", "Hi", "", now + 1.4, now + 2, interrupted=True, latency_ms={"gap": 400.0, "stt": 60.0, "odd": 1.0}))
    figures.event("c1", "tool", now, {"name": "orders.find", "ok": True, "ms": 120})
    figures.event("c1", "tool", now, {"name": "made-up-by-a-model", "ok": False, "ms": 10})
    figures.event("c1", "no_input", now, {})
    figures.event("c1", "any_kind_at_all", now, {})
    figures.event("c1", "transfer_ended", now, {"kind": "joined"})
    figures.event("c1", "transfer_ended", now, {"kind": "never heard of"})
    figures.call_ended(CallEnded("c1", began + timedelta(seconds=42), "goodbye", "done", {}))


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_figures_count_what_happened() -> None:
    registry = CollectorRegistry()
    played(registry)
    assert value(registry, "patchcord_turns_total", who="caller") == value(registry, "patchcord_turns_total", who="agent") == 1
    assert value(registry, "patchcord_turns_interrupted_total") == 1
    assert value(registry, "patchcord_response_seconds_sum", stage="gap") == 0.4
    assert value(registry, "patchcord_response_seconds_bucket", stage="gap", le="0.3") == 0
    assert value(registry, "patchcord_tool_calls_total", tool="orders.find", ok="yes") == 1
    assert value(registry, "patchcord_transfers_total", result="joined") == 1
    assert value(registry, "patchcord_call_seconds_sum") == 42


def test_labels_take_no_value_that_others_make_up() -> None:
    registry = CollectorRegistry()
    played(registry)
    assert value(registry, "patchcord_tool_calls_total", tool="other", ok="no") == 1
    assert value(registry, "patchcord_transfers_total", result="other") == 1
    shown = generate_latest(registry).decode()
    for text in ("made-up", "any_kind", "never heard", "5550100", "hello", "odd"):
        assert text not in shown


def test_the_process_tells_how_it_is_when_asked() -> None:
    registry, state = CollectorRegistry(), {"ready": False, "pending": 3}
    InstanceGauges(registry, ready=lambda: bool(state["ready"]), pending=lambda: int(state["pending"]), database_up=lambda: True)
    assert (value(registry, "patchcord_ready"), value(registry, "patchcord_records_pending")) == (0, 3)
    state |= {"ready": True, "pending": 0}
    assert [value(registry, f"patchcord_{name}") for name in ("ready", "records_pending", "database_up")] == [1, 0, 1]


class Broken:
    def call_started(self, call: CallStarted) -> None:
        raise RuntimeError("broken")

    def turn(self, call_id: str, turn: Turn) -> None:
        raise RuntimeError("broken")

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        raise RuntimeError("broken")

    def call_ended(self, call: CallEnded) -> None:
        raise RuntimeError("broken")


async def test_an_observer_that_fails_costs_no_record_and_no_other_observer() -> None:
    records, registry = MemoryRecords(), CollectorRegistry()
    writer = ObservedWriter(records, [Broken(), ConversationFigures(registry)])
    now, began = time.monotonic(), datetime.now(UTC)
    writer.call_started(CallStarted("c1", began, now, "100", "", "front-desk", "PJSIP/x"))
    writer.turn("c1", Turn(1, "caller", "hello", "hello", now, now + 1))
    writer.event("c1", "no_input", now, {})
    writer.call_ended(CallEnded("c1", began, "goodbye", "done", {}))
    assert await writer.flush(1.0) and writer.pending() == 0
    stored = await records.get_call("c1")
    assert stored is not None and stored["outcome"] == "goodbye" and len(stored["turns"]) == 1  # type: ignore[arg-type]
    assert value(registry, "patchcord_conversation_events_total", kind="no_input") == 1
