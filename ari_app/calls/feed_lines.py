"""Lines of JSON for any number of readers, numbered; the first one that a reader gets is a snapshot. Nobody waits for a reader.

A reader who is too slow loses the lines that wait for it and gets a snapshot in their place: what it knows is then whole again.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from agents.transcript import JsonValue

BACKLOG: Final = 2000
"""Lines that may wait for one reader: about four seconds of fifty busy calls."""
Snapshot = Callable[[], Sequence[JsonValue]]


class Subscription:
    """One reader's place in the feed. The first line is a snapshot."""

    def __init__(self, feed: "FeedLines", snapshot: Snapshot, backlog: int) -> None:
        self._feed = feed
        self._snapshot = snapshot
        self._backlog = backlog
        self._lines: deque[bytes] = deque()
        self._resync = True
        self._closed = False
        self._news = asyncio.Event()
        self._news.set()
        self.dropped = 0
        """Lines that this reader was too slow for."""

    def close(self) -> None:
        self._closed = True
        self._news.set()

    def resync(self) -> None:
        """What waits is void; a snapshot comes in its place."""
        self._lines.clear()
        self._resync = True
        self._news.set()

    def put(self, line: bytes) -> None:
        if self._resync:
            return  # the snapshot will hold it
        if len(self._lines) >= self._backlog:
            self.dropped += len(self._lines) + 1
            self._lines.clear()
            self._resync = True
        else:
            self._lines.append(line)
        self._news.set()

    async def read(self) -> bytes:
        """All lines that wait, each with its end of line; waits for the first one. Cancelling loses nothing.

        Nothing: the feed has closed.
        """
        await self._news.wait()
        if self._closed:
            return b""
        self._news.clear()
        if self._resync:
            self._resync = False
            return self._feed.snapshot_line(self._snapshot())
        lines = b"".join(self._lines)
        self._lines.clear()
        return lines


class FeedLines:
    """To be used from the event loop only. ``whole`` gives what a snapshot holds, ``clock`` Unix seconds."""

    def __init__(self, whole: Snapshot, *, backlog: int = BACKLOG, clock: Callable[[], float] = time.time) -> None:
        self._whole = whole
        self._backlog = backlog
        self._clock = clock
        self._seq = 0
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def close(self) -> None:
        """Every reader comes to the end of its lines."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

    @property
    def readers(self) -> int:
        return len(self._subscriptions)

    def put(self, kind: str, call_id: str, at: float, data: Mapping[str, JsonValue]) -> None:
        """The next line, to everybody."""
        self._seq += 1
        if self._subscriptions:
            line = _line({"seq": self._seq, "kind": kind, "call_id": call_id, "at": at, "data": dict(data)})
            for subscription in self._subscriptions:
                subscription.put(line)

    def resync(self) -> None:
        """More has changed than lines can tell: everybody gets a snapshot."""
        for subscription in self._subscriptions:
            subscription.resync()

    def snapshot_line(self, calls: Sequence[JsonValue]) -> bytes:
        return _line({"seq": self._seq, "kind": "snapshot", "at": round(self._clock(), 4), "calls": list(calls)})

    def beat_line(self) -> bytes:
        return _line({"seq": self._seq, "kind": "beat", "at": round(self._clock(), 4)})

    @contextmanager
    def subscribe(self, snapshot: Snapshot | None = None) -> Iterator[Subscription]:
        """``snapshot`` gives the live calls as ``LiveCall.whole`` does; without it they are those of ``whole``."""
        subscription = Subscription(self, snapshot or self._whole, self._backlog)
        self._subscriptions.add(subscription)
        if self._closed:
            subscription.close()
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)


def _line(data: Mapping[str, JsonValue]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
