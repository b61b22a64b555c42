"""Calls that a dead process left open in the records."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from ari_app.calls.unended import Unended
from handoff.records.memory import MemoryRecords
from handoff.records.store import CallStarted


def begun(records: MemoryRecords, call_id: str, ago_s: float, channel: str) -> None:
    records.call_started(
        CallStarted(call_id, datetime.now(UTC) - timedelta(seconds=ago_s), time.monotonic() - ago_s, "100", "", "front-desk", channel)
    )


def channels(*names: str) -> Callable[[], Awaitable[frozenset[str] | None]]:
    async def answer() -> frozenset[str]:
        return frozenset(names)

    return answer


async def unknown() -> None:
    return None


async def test_only_calls_of_earlier_processes_whose_caller_is_gone_get_an_end() -> None:
    records = MemoryRecords()
    begun(records, "gone", 60, "PJSIP/trunk-1")
    begun(records, "waits", 50, "PJSIP/trunk-2")
    unended = Unended(records, records)
    begun(records, "mine", -1, "PJSIP/trunk-3")

    assert not await unended.settled(unknown)
    assert not await unended.settled(channels("PJSIP/trunk-2", "PJSIP/trunk-3"))
    ends = {str(call["id"]): (call["outcome"], call["reason"]) for call in await records.list_calls(10) if call["ended_at"]}
    assert ends == {"gone": ("rescued", "worker_died")}

    assert await unended.settled(channels())
    assert {str(call["id"]) for call in await records.list_calls(10) if call["ended_at"]} == {"gone", "waits"}
    assert await unended.settled(channels())
