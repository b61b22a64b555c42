"""Live pages: topics with bounded queues and a short past. Every event is encoded once, however many look at it."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from agents.transcript import JsonValue
from handoff.desk.access import Session

RING: Final = 2048
"""Events kept for those who come back."""
QUEUE: Final = 512
"""Events that may wait for one reader; 50 calls make about 100 a second, so this is five seconds."""
RELOAD: Final = b"event: reload\ndata: {}\n\n"
"""You missed something: fetch the page anew."""


class Subscription:
    """One reader of some topics. ``take`` until ``closed``."""

    def __init__(self, topics: frozenset[str], limit: int) -> None:
        self.topics = topics
        self.closed = False
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._ready = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def offer(self, message: bytes) -> bool:
        """False when this reader is too slow: it has been told to reload, and gets nothing more."""
        if self.closed:
            return False
        if len(self._waiting) >= self._limit:
            self.finish(RELOAD)
            return False
        self._waiting.append(message)
        self._ready.set()
        return True

    def finish(self, last: bytes) -> None:
        """What waits is dropped; ``last`` is the last thing that is read."""
        self._waiting.clear()
        self._waiting.append(last)
        self.closed = True
        self._ready.set()

    async def take(self, timeout_s: float) -> bytes:
        """All that waits, in one piece; empty when nothing came for ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()
        except TimeoutError:
            return b""
        self._ready.clear()
        message = b"".join(self._waiting)
        self._waiting.clear()
        return message


class LiveHub:
    """Topics: ``calls``, ``call:<id>``, ``cards:<queue or user>``, ``floor``, ``queues``, and what sections add. One loop only."""

    def __init__(self, *, ring: int = RING, queue: int = QUEUE) -> None:
        self._boot = secrets.token_hex(4)
        self._count = 0
        self._ring: deque[tuple[int, str, bytes]] = deque(maxlen=ring)
        self._queue = queue
        self._readers: dict[str, set[Subscription]] = {}

    @property
    def last_id(self) -> str:
        """Where the stream stands: a page made now misses nothing when it reads on from here."""
        return f"{self._boot}-{self._count}"

    @property
    def readers(self) -> int:
        return len({id(reader) for readers in self._readers.values() for reader in readers})

    def publish(self, topic: str, kind: str, data: Mapping[str, JsonValue]) -> None:
        """Never waits. ``kind``: letters, digits and underscores, in the browser the event's name; ``reload`` and ``ended`` are ours."""
        self._count += 1
        body = json.dumps({"topic": topic, **data}, separators=(",", ":"), ensure_ascii=False)
        message = f"id: {self.last_id}\nevent: {kind}\ndata: {body}\n\n".encode("utf-8", "replace")
        self._ring.append((self._count, topic, message))
        for reader in tuple(self._readers.get(topic, ())):
            if not reader.offer(message):
                self.unsubscribe(reader)

    def subscribe(self, topics: Iterable[str], since: str | None = None) -> Subscription:
        """``since``: the last id the reader has seen; what came after it is there at once, or it is told to reload."""
        reader = Subscription(frozenset(topics), self._queue)
        for topic in reader.topics:
            self._readers.setdefault(topic, set()).add(reader)
        missed = [] if since is None else self._after(since)
        if missed is None:
            reader.offer(RELOAD)
            return reader
        for _, topic, message in missed:
            if topic in reader.topics and not reader.offer(message):
                self.unsubscribe(reader)
                break
        return reader

    def unsubscribe(self, reader: Subscription) -> None:
        for topic in reader.topics:
            readers = self._readers.get(topic)
            if readers is not None:
                readers.discard(reader)
                if not readers:
                    del self._readers[topic]

    def reload(self) -> None:
        """Something may have been missed: every page begins anew, those who come back later as well."""
        self._ring.clear()
        self._end_all(RELOAD)

    def close(self) -> None:
        """Let every reader go; they come back to the next process."""
        self._end_all(b": closing\n\n")

    def _end_all(self, last: bytes) -> None:
        for reader in {reader for readers in self._readers.values() for reader in readers}:
            reader.finish(last)
        self._readers.clear()
        self._count += 1

    def _after(self, since: str) -> list[tuple[int, str, bytes]] | None:
        """What came after ``since``; None when that is not known any more."""
        boot, _, number = since.partition("-")
        if boot != self._boot or not number.isascii() or not number.isdigit() or len(number) > 18 or int(number) > self._count:
            return None
        seen = int(number)
        if seen < self._count - len(self._ring):
            return None
        return [entry for entry in self._ring if entry[0] > seen]


TopicCheck = Callable[[Session, str], Awaitable[bool]]
"""Told who asks and what stands behind the colon of a topic (empty without one)."""


class Topics:
    """Who may listen to what. A topic that nobody allows is refused."""

    def __init__(self) -> None:
        self._checks: dict[str, list[TopicCheck]] = {}

    def allow(self, name: str, check: TopicCheck) -> None:
        """``name``: ``floor``, or the part before the colon of ``cards:<queue>``. Several checks: one that says yes is enough."""
        self._checks.setdefault(name, []).append(check)

    async def may(self, session: Session, topic: str) -> bool:
        name, _, rest = topic.partition(":")
        for check in self._checks.get(name, ()):
            if await check(session, rest):
                return True
        return False
