"""One queue: its line, its members and its figures, moved by AMI events."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from handoff.queues.fields import Event, has_number, interface, member_name, number
from handoff.queues.figures import Book, Ended, Outcome
from handoff.queues.line import Caller, CallOf, Line
from handoff.queues.member import Member
from handoff.queues.rules import QueueRules
from handoff.queues.view import AsteriskCounters, QueueView

LEFT_S = 10.0
"""Answering takes a caller out of the line a moment before AgentConnect comes; who is not answered by then has left."""
MISSING_S = 30.0
"""How long a caller whom a snapshot does not know may still be explained by an event under way."""
_REMEMBERED = 500
"""Calls whose outcome may still be corrected, and answered calls whose end is awaited."""

_BY_STATUS: Mapping[str, Outcome] = MappingProxyType({"TIMEOUT": "timed_out", "ABANDON": "abandoned"})


@dataclass(slots=True)
class _Settling:
    """A caller who is in the line no more, and nobody has said why."""

    wait_s: float
    until: float
    otherwise: Outcome


class Queue:
    def __init__(self, name: str, rules: QueueRules, now: float) -> None:
        self.name = name
        self.rules = rules
        self.line = Line()
        self.members: dict[str, Member] = {}
        self.book = Book(rules, now)
        self.asterisk: AsteriskCounters | None = None
        self._settling: dict[str, _Settling] = {}
        self._ended: OrderedDict[str, Ended] = OrderedDict()
        self._answered_by: OrderedDict[str, str] = OrderedDict()
        """A member's channel, and the caller it has answered."""

    def feed(self, event: Event, now: float, *, again: bool = False) -> None:
        """``again``: the event was counted before, and only its effect on line and members is wanted."""
        handler = _HANDLERS.get(event.get("Event", ""))
        if handler is not None:
            handler(self, event, now, again)
        for member in self.members.values():
            member.observe(now)

    def settle(self, now: float) -> bool:
        """Decide about callers whose explanation never came; True when there were any."""
        due = [unique_id for unique_id, call in self._settling.items() if now >= call.until]
        for unique_id in due:
            call = self._settling.pop(unique_id)
            self._end(unique_id, call.otherwise, call.wait_s, now)
            self._stop_ringing(unique_id)
        return bool(due)

    def next_change(self, now: float) -> float:
        """When the view next changes without an event: a wrap-up ends, a caller's disappearance is decided, or a day begins."""
        times = [self.book.next_day, *(call.until for call in self._settling.values())]
        times += [member.wrap_up_ends for member in self.members.values() if member.state(now) == "wrap_up"]
        return min(times)

    def replace(self, params: Event | None, members: list[Event], entries: list[Event], now: float) -> list[Caller]:
        """Make this queue what a snapshot says; return the callers it does not know."""
        gone = self.line.replace(entries, now)
        present = {interface(event): event for event in members if interface(event)}
        self.members = {name: self._member(name) for name in present}
        for name, member in self.members.items():
            member.listed(present[name], now)
            member.observe(now)
        if params is not None:
            self._params(params, now)
        return gone

    def miss(self, gone: list[Caller], now: float) -> None:
        """Wait for an explanation of the callers that a snapshot did not know, and no event since."""
        for caller in gone:
            if caller.unique_id not in self.line:
                self._settling.setdefault(caller.unique_id, _Settling(now - caller.joined_at, now + MISSING_S, "unknown"))
                self._stop_ringing(caller.unique_id)

    def forget_calls(self) -> None:
        """The connection is lost: rings and conversations may end unseen."""
        for member in self.members.values():
            member.forget_calls()

    def view(self, now: float, *, show_numbers: bool, call_of: CallOf, stale_since: float | None) -> QueueView:
        self.settle(now)
        today, rolling = self.book.figures(now, [max(0.0, now - caller.joined_at) for caller in self.line])
        return QueueView(
            name=self.name,
            waiting=tuple(caller.view(position, show_numbers, call_of) for position, caller in enumerate(self.line, 1)),
            members=tuple(member.view(now) for member in self.members.values()),
            today=today,
            last_30_min=rolling,
            asterisk=self.asterisk,
            stale_since=stale_since,
        )

    # ---- callers ----

    def _caller_join(self, event: Event, now: float, again: bool) -> None:
        unique_id = event.get("Uniqueid", "")
        if self.line.join(event, now) and not again and (before := self._settling.pop(unique_id, None)):
            self._end(unique_id, before.otherwise, before.wait_s, now)

    def _caller_leave(self, event: Event, now: float, again: bool) -> None:
        unique_id = event.get("Uniqueid", "")
        caller = self.line.leave(unique_id)
        if caller is not None and not again and unique_id not in self._settling:
            self._settling[unique_id] = _Settling(now - caller.joined_at, now + LEFT_S, "left")

    def _caller_abandon(self, event: Event, now: float, again: bool) -> None:
        unique_id = event.get("Uniqueid", "")
        wait_s = self._gone(unique_id, event, now)
        self._stop_ringing(unique_id)
        if not again and unique_id:
            limit = self.rules.time_limit_s
            outcome: Outcome = "timed_out" if limit is not None and wait_s >= limit else "abandoned"
            self._end(unique_id, outcome, wait_s, now, reported_abandoned=True)

    def _said_why(self, event: Event, _: float, again: bool) -> None:
        """The dialplan tells the QUEUESTATUS with which a caller came out of Queue()."""
        call = self._ended.get(event.get("Uniqueid", ""))
        if call is not None and call.outcome != "answered" and not again:
            self.book.change(call, outcome=_BY_STATUS.get(event.get("Status", "").upper(), "left"))

    def _gone(self, unique_id: str, event: Event, now: float) -> float:
        """Take a caller out of the line; return the seconds waited, as Asterisk counts them where it tells."""
        caller, settling = self.line.leave(unique_id), self._settling.pop(unique_id, None)
        if has_number(event, "HoldTime"):
            return float(number(event, "HoldTime"))
        if settling is not None:
            return max(0.0, settling.wait_s)
        return max(0.0, now - caller.joined_at) if caller is not None else 0.0

    def _end(self, unique_id: str, outcome: Outcome, wait_s: float, now: float, *, reported_abandoned: bool = False) -> None:
        call = Ended(now, outcome, max(0.0, wait_s), reported_abandoned)
        self.book.add(call)
        self._ended[unique_id] = call
        self._ended.move_to_end(unique_id)
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    # ---- members and their calls ----

    def _agent_called(self, event: Event, now: float, _: bool) -> None:
        if event.get("Uniqueid", "") in self.line:
            self._with_member(event, lambda member, key: member.rings(key, now))

    def _agent_connect(self, event: Event, now: float, again: bool) -> None:
        unique_id = event.get("Uniqueid", "")
        if channel := event.get("DestUniqueid", ""):
            self._answered_by[channel] = unique_id
        while len(self._answered_by) > _REMEMBERED:
            self._answered_by.popitem(last=False)
        self._with_member(event, lambda member, key: member.answers(key, now))
        wait_s = self._gone(unique_id, event, now)
        self._stop_ringing(unique_id)
        if again or not unique_id:
            return
        call = self._ended.get(unique_id)
        if call is not None and call.outcome in ("left", "unknown"):
            self.book.change(call, outcome="answered")
        else:
            self._end(unique_id, "answered", wait_s, now)

    def _agent_complete(self, event: Event, now: float, again: bool) -> None:
        channel, member = event.get("DestUniqueid", ""), self.members.get(interface(event))
        # Asterisk names no caller whose channel it has forgotten by then.
        unique_id = event.get("Uniqueid") or self._answered_by.get(channel, "")
        if member is not None:
            unique_id = member.completes(unique_id, channel)
        call = self._ended.get(unique_id)
        if call is not None and call.outcome == "answered" and call.handling_s is None and not again:
            self.book.change(call, handling_s=float(number(event, "TalkTime") + (member or self.rules).wrap_up_s))

    def _ring_ended(self, event: Event, _: float, __: bool) -> None:
        if interface(event) in self.members:
            self._with_member(event, lambda member, key: member.ringing.pop(key, None))

    def _member_says(self, event: Event, now: float, _: bool) -> None:
        name = interface(event)
        if name:
            member = self.members[name] = self._member(name)
            member.update(event, now)

    def _member_removed(self, event: Event, _: float, __: bool) -> None:
        self.members.pop(interface(event), None)

    def _member(self, name: str) -> Member:
        return self.members.get(name) or Member(name, wrap_up_s=self.rules.wrap_up_s)

    def _with_member(self, event: Event, act: Callable[[Member, tuple[str, str]], object]) -> None:
        name = interface(event)
        if name and name not in self.members and self.asterisk is None:
            # Until the first snapshot it is unknown who is a member; afterwards this one has been removed.
            self.members[name] = Member(name, member_name(event) or name, wrap_up_s=self.rules.wrap_up_s)
        if name in self.members:
            act(self.members[name], (event.get("Uniqueid", ""), event.get("DestUniqueid", "")))

    def _stop_ringing(self, unique_id: str) -> None:
        for member in self.members.values():
            member.stop_ringing(unique_id)

    def _params(self, event: Event, now: float) -> None:
        level = number(event, "ServiceLevel")
        self.asterisk = AsteriskCounters(
            number(event, "Completed"), number(event, "Abandoned"), number(event, "Holdtime"), number(event, "TalkTime"), level
        )
        self.book.asterisk_says(level, now)


_HANDLERS: Mapping[str, Callable[[Queue, Event, float, bool], None]] = MappingProxyType(
    {
        "QueueCallerJoin": Queue._caller_join,
        "QueueCallerLeave": Queue._caller_leave,
        "QueueCallerAbandon": Queue._caller_abandon,
        "UserEvent": Queue._said_why,
        "AgentCalled": Queue._agent_called,
        "AgentConnect": Queue._agent_connect,
        "AgentComplete": Queue._agent_complete,
        "AgentRingNoAnswer": Queue._ring_ended,
        "AgentDump": Queue._ring_ended,
        **dict.fromkeys(
            (
                "QueueMemberAdded",
                "QueueMemberStatus",
                "QueueMemberPause",
                "QueueMemberPaused",
                "QueueMemberPenalty",
                "QueueMemberRinginuse",
            ),
            Queue._member_says,
        ),
        "QueueMemberRemoved": Queue._member_removed,
    }
)
EVENTS = tuple(_HANDLERS)
"""Names of the events that a queue is moved by."""
