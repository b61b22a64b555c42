"""The callers of one queue, in their order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from handoff.queues.fields import Event, number, shown_number
from handoff.queues.view import Waiting

CallOf: TypeAlias = Callable[[str], str | None]
"""The unique id of a caller's channel to the id of the call in our records."""

PLACEHOLDER = "patchcord-wait-"
"""Placeholders of warm transfers have channel ids ``patchcord-wait-<transfer id>-<attempt>-<a or q>``."""


@dataclass(slots=True)
class Caller:
    unique_id: str
    channel: str
    number: str | None
    joined_at: float
    priority: int | None = None
    linked_id: str | None = None
    """Unique id of the oldest channel of the same call: for a placeholder, its caller's."""

    def view(self, position: int, show_number: bool, call_of: CallOf) -> Waiting:
        transfer = transfer_of(self.unique_id)
        channel_id = self.unique_id if transfer is None else self.linked_id
        return Waiting(
            position=position,
            number=self.number if show_number else None,
            since=self.joined_at,
            channel=self.channel,
            unique_id=self.unique_id,
            priority=self.priority,
            transfer_id=transfer,
            call_id=call_of(channel_id) if channel_id else None,
        )


def transfer_of(unique_id: str) -> str | None:
    """The id of the warm transfer a channel was made for, if any."""
    if not unique_id.startswith(PLACEHOLDER):
        return None
    transfer, _, attempt = unique_id.removeprefix(PLACEHOLDER).rpartition("-")[0].rpartition("-")
    return transfer if attempt.isdigit() and transfer else None


class Line:
    def __init__(self) -> None:
        self._callers: list[Caller] = []

    def __len__(self) -> int:
        return len(self._callers)

    def __iter__(self) -> Iterator[Caller]:
        return iter(self._callers)

    def __contains__(self, unique_id: object) -> bool:
        return any(caller.unique_id == unique_id for caller in self._callers)

    def join(self, event: Event, now: float) -> bool:
        """From QueueCallerJoin; False when the caller stands in line already."""
        unique_id = event.get("Uniqueid", "")
        if not unique_id or unique_id in self:
            return False
        caller = Caller(
            unique_id, event.get("Channel", ""), shown_number(event.get("CallerIDNum", "")), now, linked_id=event.get("Linkedid") or None
        )
        position = number(event, "Position") or len(self._callers) + 1
        self._callers.insert(position - 1, caller)
        return True

    def leave(self, unique_id: str) -> Caller | None:
        for index, caller in enumerate(self._callers):
            if caller.unique_id == unique_id:
                return self._callers.pop(index)
        return None

    def replace(self, entries: list[Event], now: float) -> list[Caller]:
        """Make the line that of QueueEntry events; return those who are in it no more."""
        before = {caller.unique_id: caller for caller in self._callers}
        after: dict[str, Caller] = {}
        for entry in sorted(entries, key=lambda entry: number(entry, "Position")):
            unique_id = entry.get("Uniqueid", "")
            if unique_id and unique_id not in after:
                after[unique_id] = _from_entry(entry, before.get(unique_id), now)
        self._callers = list(after.values())
        return [caller for unique_id, caller in before.items() if unique_id not in after]


def _from_entry(entry: Event, known: Caller | None, now: float) -> Caller:
    joined_at = now - number(entry, "Wait")
    caller = known or Caller(entry.get("Uniqueid", ""), "", None, joined_at)
    caller.channel = entry.get("Channel", "") or caller.channel
    caller.number = shown_number(entry.get("CallerIDNum", ""))
    caller.priority = number(entry, "Priority") if "Priority" in entry else caller.priority
    # Asterisk counts whole seconds: ours are finer while they agree.
    if abs(caller.joined_at - joined_at) > 2:
        caller.joined_at = joined_at
    return caller
