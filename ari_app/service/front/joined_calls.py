"""Live calls of all workers as one. Pure: lines of a worker's feed go in; what all readers are to be told comes out.

A call may be known to two workers for a moment: one that sends its caller on, and the one that takes them. The one to which they came
last tells of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.transcript import JsonValue
from handoff.desk.floor.live_calls import BadLine, LiveCalls


@dataclass(frozen=True, slots=True)
class News:
    """A line for all readers."""

    kind: str
    call_id: str
    at: float
    data: dict[str, JsonValue]


class Resync:
    """More has changed than a line can tell: all readers need a snapshot."""


RESYNC = Resync()


@dataclass(slots=True)
class _Mirror:
    live: LiveCalls = field(default_factory=LiveCalls)
    seq: int = -1
    """-1: there has been no snapshot yet."""


class JoinedCalls:
    def __init__(self) -> None:
        self._mirrors: dict[int, _Mirror] = {}
        self._teller: dict[str, int] = {}
        """The worker who tells of a call."""

    def known(self, worker: int) -> bool:
        """Whether there is a snapshot of this worker."""
        return worker in self._mirrors

    def of(self, call_id: str) -> int | None:
        """The worker that has the call."""
        return self._teller.get(call_id)

    def whole(self) -> Sequence[JsonValue]:
        """All calls, each as ``LiveCall.whole`` gives it."""
        return [
            call.whole()
            for worker, mirror in sorted(self._mirrors.items())
            for call in mirror.live.calls.values()
            if self._teller.get(call.id) == worker
        ]

    def take(self, worker: int, line: bytes) -> News | Resync | None:
        """None: nothing that readers need to know. Raises BadLine; the feed of this worker then has to begin anew."""
        try:
            data = json.loads(line)
            kind, seq, at = data["kind"], int(data["seq"]), float(data["at"])
            if kind == "snapshot":
                mirror = self._mirrors[worker] = _Mirror(seq=seq)
                mirror.live.replace(data["calls"])
                self._settle(worker)
                return RESYNC
            known = self._mirrors.get(worker)
            if known is None or seq != known.seq + (kind != "beat"):
                raise BadLine(f"line {seq} of worker {worker} after line {known.seq if known else 'none'}")
            known.seq = seq
            return None if kind == "beat" else self._happened(worker, known, News(kind, data["call_id"], at, data["data"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadLine(f"{type(error).__name__} in a feed line of worker {worker}") from error

    def _happened(self, worker: int, mirror: _Mirror, news: News) -> News | Resync | None:
        new = news.call_id not in mirror.live.calls
        if not mirror.live.apply(news.kind, news.call_id, news.at, news.data):
            return None
        moved = new and self._teller.get(news.call_id, worker) != worker
        if new:
            self._teller[news.call_id] = worker
        if moved:
            return RESYNC
        if self._teller.get(news.call_id) != worker:
            return None
        if news.kind == "ended":
            del self._teller[news.call_id]
            others = [number for number, each in self._mirrors.items() if news.call_id in each.live.calls]
            if others:
                self._teller[news.call_id] = others[-1]
                return RESYNC
        return news

    def lost(self, worker: int) -> Resync | None:
        """This worker tells nothing any more."""
        if self._mirrors.pop(worker, None) is None:
            return None
        self._settle(worker)
        return RESYNC

    def _settle(self, worker: int) -> None:
        """After all calls of ``worker`` have changed: each call is told of by somebody who has it."""
        for call_id in [call_id for call_id, teller in self._teller.items() if teller == worker]:
            del self._teller[call_id]
        for number, mirror in self._mirrors.items():
            for call_id in mirror.live.calls:
                self._teller.setdefault(call_id, number)
