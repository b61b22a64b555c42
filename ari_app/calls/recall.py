"""What is known of a caller who comes back from a queue to a process that never served them."""

import asyncio
import logging

from agents.transcript import Turn
from handoff.records.store import CallReader, RecordsUnavailable

log = logging.getLogger(__name__)

_LONGEST_S = 0.5
"""A caller does not wait longer than this for us to remember."""


class Recall:
    def __init__(self, reader: CallReader, call_id: str) -> None:
        self._reader = reader
        self._call_id = call_id

    async def known(self) -> bool:
        """Whether the call is in the records already; False also when they cannot be read."""
        try:
            async with asyncio.timeout(_LONGEST_S):
                return await self._reader.get_call(self._call_id) is not None
        except (RecordsUnavailable, TimeoutError) as error:
            log.warning("recall_failed", extra={"call_id": self._call_id, "error": str(error) or "too slow"})
            return False

    async def turns(self) -> list[Turn]:
        """What was said; nothing when it cannot be read in time."""
        try:
            async with asyncio.timeout(_LONGEST_S):
                return await self._reader.turns_of(self._call_id)
        except (RecordsUnavailable, TimeoutError) as error:
            log.warning("recall_failed", extra={"call_id": self._call_id, "error": str(error) or "too slow"})
            return []
