"""Every queue of an Asterisk, live: AMI events move it, snapshots (``QueueStatus``) correct it. Pure; the clock is passed in.

A caller whose time in Queue() is over is reported as abandoned (QueueCallerAbandon), like one who hangs up. They are told apart by
``QueueRules.time_limit_s``, or exactly by the dialplan after Queue():
``UserEvent(PatchcordQueueLeft,Queue: support,Status: ${QUEUESTATUS})`` (the event class ``user``; Asterisk adds the Uniqueid).
"""

from collections.abc import Iterable, Mapping

from handoff.queues.fields import Event, interface
from handoff.queues.line import CallOf
from handoff.queues.member import Member
from handoff.queues.queue import EVENTS, Queue
from handoff.queues.rules import QueueRules
from handoff.queues.view import QueueView
from handoff.queues.wait import expected_wait_s

__all__ = ["EVENTS", "USER_EVENT", "QueueBoard"]

USER_EVENT = "PatchcordQueueLeft"
_MOST_BETWEEN = 20_000
"""Events between the request and the answer of a snapshot; past that the snapshot is worth nothing."""


class QueueBoard:
    """``now`` is always seconds since 1970. No event, however broken, makes it raise."""

    def __init__(
        self,
        rules: Mapping[str, QueueRules] | None = None,
        *,
        default: QueueRules | None = None,
        shared_last_call: bool = True,
        call_of: CallOf = lambda _: None,
    ) -> None:
        """``rules`` by name of the queue; ``shared_last_call`` as in queues.conf: a call counts in every queue of its member."""
        self._rules = dict(rules or {})
        self._default = default or QueueRules()
        self._shared = shared_last_call
        self._call_of = call_of
        self._queues: dict[str, Queue] = {}
        self._retired: dict[str, Queue] = {}  # their figures stay those of the day, should they come back
        self._between: list[tuple[Event, float]] | None = None
        self._stale_since: float | None = None

    def feed(self, event: Event, now: float) -> bool:
        """Take an event; False when it is none of ours."""
        if not _is_ours(event):
            return False
        if self._between is not None:
            self._between.append((dict(event), now))
        self._apply(event, now, again=False)
        return True

    def begin_snapshot(self) -> None:
        """To be called when ``QueueStatus`` is asked for: events from here on may be newer or older than its answer."""
        self._between = []

    def drop_snapshot(self) -> None:
        """No answer came."""
        self._between = None

    def snapshot(self, events: Iterable[Event], now: float) -> bool:
        """Take the answer for *all* queues; those it does not name are no more. False when too much happened meanwhile to use it."""
        between, self._between = self._between or [], None
        if len(between) > _MOST_BETWEEN:
            return False
        named = _by_queue(events)
        gone = {name: queue.replace(None, [], [], now) for name, queue in self._queues.items() if name not in named}
        present = {name: self._queue(name, now) for name in named}
        self._retired |= {name: queue for name, queue in self._queues.items() if name not in named}
        self._queues = present
        gone |= {name: self._queues[name].replace(*what, now) for name, what in named.items()}
        # Played again these lead to the same end, whether the answer knew them already or not; the last word on a caller or member wins.
        for event, at in between:
            self._apply(event, at, again=True)
        for name, callers in gone.items():
            (self._queues.get(name) or self._retired[name]).miss(callers, now)
        self._stale_since = None
        return True

    def disconnected(self, now: float) -> None:
        """Asterisk is heard no more, until the next snapshot."""
        if self._stale_since is None:
            self._stale_since = now
        self._between = None
        for queue in self._queues.values():
            queue.forget_calls()

    def view(self, now: float, *, show_numbers: bool = True) -> dict[str, QueueView]:
        return {name: self._view(queue, now, show_numbers) for name, queue in sorted(self._queues.items())}

    def queue(self, name: str, now: float, *, show_numbers: bool = True) -> QueueView | None:
        """One queue; None when there is none of that name."""
        queue = self._queues.get(name)
        return self._view(queue, now, show_numbers) if queue else None

    def expected_wait_s(self, queue: str, position: int, now: float) -> float | None:
        """See wait.py; None also when the queue is not known."""
        found, view = self._queues.get(queue), self.queue(queue, now)
        if found is None or view is None:
            return None
        return expected_wait_s(position, view.available, view.serving, found.book.handling_times())

    def next_change(self, now: float) -> float | None:
        """When a view changes though no event comes; None when it does not."""
        return min((queue.next_change(now) for queue in self._queues.values()), default=None)

    def _view(self, queue: Queue, now: float, show_numbers: bool) -> QueueView:
        return queue.view(now, show_numbers=show_numbers, call_of=self._call_of, stale_since=self._stale_since)

    def _apply(self, event: Event, now: float, *, again: bool) -> None:
        name = event["Queue"]
        if name not in self._queues:
            self._queues[name] = self._queue(name, now)
        self._queues[name].feed(event, now, again=again)
        if event["Event"] == "AgentConnect":
            for member in self._of_all_queues(event):
                member.expect_a_call()
        elif event["Event"] == "AgentComplete":
            for member in self._of_all_queues(event):
                member.counts_call(now, again=again)
                member.observe(now)

    def _of_all_queues(self, event: Event) -> list[Member]:
        """The rows of the event's member in the queues in which a call counts."""
        queues = self._queues.values() if self._shared else [self._queues[event["Queue"]]]
        return [member for queue in queues if (member := queue.members.get(interface(event))) is not None]

    def _queue(self, name: str, now: float) -> Queue:
        return self._queues.get(name) or self._retired.pop(name, None) or Queue(name, self._rules.get(name, self._default), now)


def _is_ours(event: Event) -> bool:
    kind = event.get("Event")
    return kind in EVENTS and bool(event.get("Queue")) and (kind != "UserEvent" or event.get("UserEvent") == USER_EVENT)


def _by_queue(events: Iterable[Event]) -> dict[str, tuple[Event | None, list[Event], list[Event]]]:
    """Name to (parameters, members, callers in line)."""
    found: dict[str, tuple[Event | None, list[Event], list[Event]]] = {}
    for event in events:
        name, kind = event.get("Queue"), event.get("Event")
        if not name or kind not in ("QueueParams", "QueueMember", "QueueEntry"):
            continue
        params, members, entries = found.get(name, (None, [], []))
        if kind == "QueueParams":
            params = event
        else:
            (members if kind == "QueueMember" else entries).append(event)
        found[name] = (params, members, entries)
    return found
