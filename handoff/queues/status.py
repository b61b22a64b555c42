"""The state of a queue, read from the events that answer the AMI action ``QueueStatus``. Pure: no connection, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FREE = frozenset({"0", "1"})
"""Device states that can take a call: unknown and not in use, as ``is_member_available`` in app_queue.c has it."""
_GONE = frozenset({"4", "5"})
"""Invalid and unavailable: nobody is there, as ``QueueSummary`` counts."""


@dataclass(frozen=True, slots=True)
class QueueState:
    waiting: int
    """Callers in line."""
    available: int
    """Members who could take a call now."""
    logged_in: int
    """Members whose phone is there, paused and busy ones included."""
    longest_wait_s: int
    """Of those waiting now; 0 when nobody waits."""


def read_queue_status(events: Iterable[Mapping[str, str]], queue: str, *, now: float | None = None) -> QueueState | None:
    """The state of ``queue``, or None when the events do not mention it. Events of other queues are passed over, broken numbers count as 0.

    ``now`` (seconds since 1970) leaves out members in their wrap-up time.
    """
    found = False
    waits: list[int] = []
    available = logged_in = 0
    for event in events:
        if event.get("Queue") != queue:
            continue
        kind = event.get("Event")
        found = found or kind == "QueueParams"
        if kind == "QueueEntry":
            waits.append(_number(event, "Wait"))
        elif kind == "QueueMember":
            logged_in += event.get("Status") not in _GONE
            available += _is_available(event, now)
    return QueueState(len(waits), available, logged_in, max(waits, default=0)) if found else None


def _is_available(member: Mapping[str, str], now: float | None) -> bool:
    if member.get("Status") not in _FREE or _number(member, "Paused") or _number(member, "InCall"):
        return False
    last, wrap_up = _number(member, "LastCall"), _number(member, "Wrapuptime")
    return now is None or not last or not wrap_up or now >= last + wrap_up


def _number(event: Mapping[str, str], name: str) -> int:
    try:
        return max(0, int(event.get(name, "0")))
    except ValueError:
        return 0
