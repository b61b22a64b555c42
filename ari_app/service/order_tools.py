"""The tools of the front-desk agent, over the records."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from agents.tools import ToolError
from agents.transcript import JsonValue
from handoff.records.store import CallReader, RecordsUnavailable

log = logging.getLogger(__name__)

LIMIT_S: Final = 2.0
"""Longest wait for the database while a caller listens to silence."""


class OrderTools:
    """``orders.find`` {"number": "10482"} -> {"found": true, "status": …, "item": …, "expected_on": …}."""

    def __init__(self, reader: CallReader) -> None:
        self._reader = reader

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        if name != "orders.find":
            raise ToolError(f"there is no tool '{name}'; known: orders.find")
        number = arguments.get("number")
        if not isinstance(number, str) or not number.isdecimal():
            raise ToolError("orders.find needs 'number', a string of digits")
        try:
            order = await asyncio.wait_for(self._reader.find_order(number), LIMIT_S)
        except (RecordsUnavailable, TimeoutError) as error:
            log.warning("tool_failed", extra={"tool": name, "error": repr(error)})
            raise ToolError("orders cannot be looked up now") from error
        if order is None:
            return {"found": False}
        return {"found": True, "status": order.status, "item": order.item, "expected_on": order.expected_on}
