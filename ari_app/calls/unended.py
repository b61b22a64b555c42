"""Calls that a process began which then died: nobody is left who would write their end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from handoff.records.store import CallEnded, CallReader, CallWriter, RecordsUnavailable

log = logging.getLogger(__name__)

_FLUSH_S: Final = 5.0
_OTHERS_S: Final = 1.0
"""Other workers write the ends of their calls, a moment after the caller has gone."""


class Unended:
    """Of the calls that started before this process. Those whose caller still waits in a queue end when the caller has gone."""

    def __init__(self, reader: CallReader, writer: CallWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._before = datetime.now(UTC)

    async def settled(self, live_channels: Callable[[], Awaitable[frozenset[str] | None]]) -> bool:
        """Write the ends that can be told now; True when no more are to come. ``live_channels``: names, None when not known."""
        # What the dead process left in the journal may hold the ends that are missed here.
        if not await self._writer.flush(_FLUSH_S):
            return False
        live = await live_channels()
        if live is None:
            return False
        try:
            calls = await self._reader.unended(self._before)
            gone = [call for call in calls if call.channel not in live]
            if gone:
                await asyncio.sleep(_OTHERS_S)
                calls = await self._reader.unended(self._before)
        except RecordsUnavailable as error:
            log.warning("unended_calls_unknown", extra={"error": str(error)})
            return False
        left = [call for call in gone if call in calls]
        for call in left:
            self._writer.call_ended(CallEnded(call.call_id, datetime.now(UTC), "rescued", "worker_died", {}))
            log.info("unended_call_closed", extra={"call_id": call.call_id})
        return len(left) == len(calls)
