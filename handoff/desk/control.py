"""The desk's side of the control of live calls: a mirror of what happens, and the actions, over the mind's loopback page."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp

from handoff.desk.floor.actions import ActionError, CallActions, ControlAway, NoSuchCall, NotPossible, NotUnderstood
from handoff.desk.floor.live_calls import BadLine, LiveCalls

__all__ = ["CallControl", "Change", "FloorState", "HttpCallControl"]

log = logging.getLogger(__name__)

SILENCE_S: Final = 15.0
"""Three beats. A feed that is silent for longer is dead."""
RETRY_S: Final = (0.25, 0.5, 1.0, 2.0, 5.0)
_CONNECT_S: Final = 2.0
_ACTION_S: Final = 10.0
_CALL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_LINE: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Change:
    """What a feed line changed."""

    call_id: str = ""
    """Empty: not one call, but all of them, or the connection."""
    kind: str = ""
    at: float = 0.0
    """When it happened, Unix seconds."""


Told = Callable[[Change], None]


class FloorState:
    """The mirror of live calls. Pure: lines in, changes out."""

    def __init__(self) -> None:
        self.live = LiveCalls()
        self.connected = False
        self._seq = -1

    def apply(self, line: bytes) -> Change | None:
        """None: nothing to show. Raises BadLine; the reader then begins anew, with a snapshot."""
        try:
            data = json.loads(line)
            kind, seq, at = data["kind"], int(data["seq"]), float(data["at"])
            if kind == "snapshot":
                self.live.replace(data["calls"])
                self._seq, self.connected = seq, True
                return Change(kind=kind, at=at)
            if not self.connected or seq != self._seq + (kind != "beat"):
                raise BadLine(f"line {seq} after line {self._seq}")
            self._seq = seq
            if kind == "beat" or not self.live.apply(kind, data["call_id"], at, data["data"]):
                return None
            return Change(data["call_id"], kind, at)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadLine(f"{type(error).__name__} in a feed line") from error

    def lost(self) -> Change:
        """The feed is away: what is known may no longer be so."""
        self.connected = False
        return Change(kind="lost")


class CallControl(CallActions, Protocol):
    """What the desk needs of live calls."""

    @property
    def state(self) -> FloorState: ...

    def watch(self, told: Told) -> Callable[[], None]:
        """``told`` hears of every change, at once and from the event loop; it must not block. Returns what ends it."""
        ...


class HttpCallControl:
    """``run`` keeps the mirror until cancelled; the actions work beside it. ``url``: the mind's page, such as http://127.0.0.1:8090."""

    def __init__(self, url: str, token: str) -> None:
        self.state = FloorState()
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._watchers: list[Told] = []
        self._session: aiohttp.ClientSession | None = None

    def watch(self, told: Told) -> Callable[[], None]:
        self._watchers.append(told)
        return lambda: self._watchers.remove(told)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    # The feed

    async def run(self) -> None:
        """Never ends by itself: whatever is wrong with the feed, it is asked for again."""
        failures = 0
        while True:
            try:
                async with contextlib.aclosing(self._lines()) as lines:
                    async for line in lines:
                        failures = 0
                        if (change := self.state.apply(line)) is not None:
                            self._tell(change)
                reason = "ended"
            except (aiohttp.ClientError, OSError, TimeoutError, BadLine, ControlAway) as error:
                reason = f"{type(error).__name__}: {error}"
            if self.state.connected or failures == 0:
                log.warning("live_feed_away", extra={"reason": reason})
            self._tell(self.state.lost())
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    async def _lines(self) -> AsyncGenerator[bytes, None]:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=SILENCE_S)
        async with self._http().get(f"{self._url}/control/feed", timeout=limits) as response:
            if response.status != 200:
                raise ControlAway(f"the control page answers {response.status}")
            rest = b""
            async for chunk in response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > _LONGEST_LINE:
                    raise BadLine("a feed line without an end")

    def _tell(self, change: Change) -> None:
        for told in list(self._watchers):
            told(change)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        return self._session

    # Actions

    async def say(self, call_id: str, text: str, *, by: str) -> str:
        return await self._act(call_id, "say", by, text=text)

    async def instruct(self, call_id: str, text: str, *, by: str) -> str:
        return await self._act(call_id, "instruct", by, text=text)

    async def transfer(self, call_id: str, *, queue: str = "", phone: str = "", by: str) -> str:
        return await self._act(call_id, "transfer", by, queue=queue, phone=phone)

    async def end(self, call_id: str, *, by: str) -> str:
        return await self._act(call_id, "end", by)

    async def pause_recording(self, call_id: str, *, by: str) -> str:
        return await self._act(call_id, "pause_recording", by)

    async def resume_recording(self, call_id: str, *, by: str) -> str:
        return await self._act(call_id, "resume_recording", by)

    async def listen(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._act(call_id, "listen", by, phone=phone)

    async def whisper(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._act(call_id, "whisper", by, phone=phone)

    async def barge(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._act(call_id, "barge", by, phone=phone)

    async def take_over(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._act(call_id, "take_over", by, phone=phone)

    async def _act(self, call_id: str, action: str, by: str, **body: str) -> str:
        if not _CALL_ID.fullmatch(call_id):
            raise NoSuchCall
        url = f"{self._url}/control/calls/{call_id}/{action}"
        limits = aiohttp.ClientTimeout(total=_ACTION_S, sock_connect=_CONNECT_S)
        try:
            async with self._http().post(url, json={"by": by, **body}, timeout=limits) as response:
                answer = await response.json() if response.content_type == "application/json" else {}
                if response.status == 200:
                    return str(answer.get("detail", ""))
                raise _refusal(response.status, str(answer.get("error", "")))
        except TimeoutError:
            raise ControlAway(f"No answer within {_ACTION_S:.0f} seconds: look at the call before you try again.") from None
        except (aiohttp.ClientError, ValueError):
            raise ControlAway("Call control cannot be reached. Calls go on; try again when the page says 'live'.") from None


def _refusal(status: int, text: str) -> ActionError:
    match status:
        case 404:
            return NoSuchCall()
        case 409:
            return NotPossible(text)
        case 422:
            return NotUnderstood(text)
        case 503 if text:
            return ControlAway(text)
        case 401 | 403:
            return ControlAway("Call control refuses the desk: restart Patchcord so that both have one token.")
    return ControlAway(f"Call control failed ({status}); the log of the mind process says why.")
