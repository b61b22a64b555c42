"""Idempotency keys: what makes a request that is sent twice count once."""

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from agents.transcript import JsonValue

CALLS: Final = 2000
"""Calls whose uses are remembered; more than a worker has at once, since callers come back from a queue."""


class Uses:
    """The uses of tools in one call.

    A use that got no answer may have taken effect all the same, so the same request made again is the same use and has the same key.
    After an answer the next one is a new use: a caller may want a second code.
    """

    def __init__(self) -> None:
        self._call = secrets.token_hex(16)
        """Not the call's id: after a restart nobody knows any more what was answered, and an old key would bring an old answer."""
        self._answered: dict[str, int] = {}

    def key(self, tool: str, arguments: Mapping[str, JsonValue]) -> str:
        """64 hexadecimal digits; nothing can be read from it."""
        request = self._request(tool, arguments)
        return hashlib.sha256(f"{request}\n{self._answered.get(request, 0)}".encode()).hexdigest()

    def answered(self, tool: str, arguments: Mapping[str, JsonValue]) -> None:
        request = self._request(tool, arguments)
        self._answered[request] = self._answered.get(request, 0) + 1

    def _request(self, tool: str, arguments: Mapping[str, JsonValue]) -> str:
        whole = json.dumps([self._call, tool, arguments], sort_keys=True, default=str)
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class UsesByCall:
    """The same for a call that comes back from a queue, which is a conversation of its own; bounded."""

    def __init__(self, most: int = CALLS) -> None:
        self._most = most
        self._calls: OrderedDict[str, Uses] = OrderedDict()

    def of(self, call_id: str) -> Uses:
        """Calls without an id have nothing in common."""
        if not call_id:
            return Uses()
        uses = self._calls.setdefault(call_id, Uses())
        self._calls.move_to_end(call_id)
        if len(self._calls) > self._most:
            self._calls.popitem(last=False)
        return uses
