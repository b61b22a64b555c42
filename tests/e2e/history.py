"""The history of an instance as ``calls --json`` and ``calls show --json`` print it, asked of the database without a process for each."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ari_app.commands.calls import whole_call
from handoff.records.reader import PostgresReader
from tests.e2e.instance import Instance

T = TypeVar("T")


def newest_calls(instance: Instance, limit: int = 20) -> list[dict[str, Any]]:
    """Newest first, without their turns."""
    return _ask(instance, lambda reader: _listed(reader, limit))


def whole(instance: Instance, call_id: str) -> dict[str, Any]:
    """One call with its turns and events. Raises AssertionError when it is not known."""
    return _ask(instance, lambda reader: _shown(reader, call_id))


def newest_whole(instance: Instance) -> dict[str, Any]:
    return whole(instance, newest_calls(instance, 1)[0]["id"])


async def _listed(reader: PostgresReader, limit: int) -> list[dict[str, Any]]:
    return [_plain(call) for call in await reader.list_calls(limit)]


async def _shown(reader: PostgresReader, call_id: str) -> dict[str, Any]:
    call = await reader.get_call(call_id)
    assert call is not None, f"the records know no call {call_id}"
    return _plain(whole_call(call))


def _plain(call: object) -> dict[str, Any]:
    return dict(json.loads(json.dumps(call)))


def _ask(instance: Instance, work: Callable[[PostgresReader], Awaitable[T]]) -> T:
    """In a thread with a loop of its own: those who ask may be on a loop already."""
    url = json.loads((instance.data / "run" / "mind.json").read_text())["database_url"]

    async def asked() -> T:
        reader = PostgresReader(url, connections=1)
        await reader.open()
        try:
            return await work(reader)
        finally:
            await reader.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked()).result()
