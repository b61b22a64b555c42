"""One member of one queue: what Asterisk told of them, and the state that it amounts to."""

from dataclasses import dataclass, field
from typing import TypeAlias

from handoff.queues.fields import Event, flag, has_number, interface, member_name, number
from handoff.queues.view import MemberState, MemberView

RingKey: TypeAlias = tuple[str, str]
"""(Uniqueid of the caller, DestUniqueid of the member's channel): rings of several members for one caller interleave."""

_GONE = frozenset({4, 5})
"""Device states invalid and unavailable."""
_IN_USE = frozenset({2, 3, 8})
_RINGING = frozenset({6, 7})


@dataclass(slots=True)
class Member:
    interface: str
    name: str = ""
    status: int = 0
    """Device state as app_queue numbers them."""
    paused: bool = False
    reason: str = ""
    in_call: bool = False
    calls_taken: int = 0
    penalty: int = 0
    last_call: float = 0.0
    """When the last call ended, seconds since 1970; 0: never."""
    wrap_up_s: int = 0
    """Of this member, or else of the queue."""
    ringing: dict[RingKey, float] = field(default_factory=dict)
    """Since when."""
    on_call: dict[RingKey, float] = field(default_factory=dict)
    completed_at: float = 0.0
    """When we were told that a call ended."""
    _calls_before: int | None = None
    _paused_at: float = 0.0
    _known: MemberState | None = None
    _since: float = 0.0

    def update(self, event: Event, now: float) -> None:
        """Take over what a QueueMember event or one of the QueueMember… family says; what it does not mention stays."""
        self.name = member_name(event) or self.name or interface(event)
        if has_number(event, "Status"):
            self._device(number(event, "Status"))
        self._pause(event, now)
        self.penalty = number(event, "Penalty", self.penalty)
        self.wrap_up_s = number(event, "Wrapuptime") or self.wrap_up_s
        last_call = number(event, "LastCall")
        # Device states travel apart from AgentComplete: one from before the end of a call may come after it.
        if not (last_call + 1 < self.completed_at and not self.on_call):
            self.calls_taken = number(event, "CallsTaken", self.calls_taken)
            self.in_call = flag(event, "InCall") if has_number(event, "InCall") else self.in_call
        self.last_call = max(self.last_call, float(last_call))

    def listed(self, event: Event, now: float) -> None:
        """Take over what a snapshot says, which is never from before."""
        self.completed_at = 0.0
        self.update(event, now)
        if not self.in_call:
            self.on_call.clear()

    def rings(self, key: RingKey, now: float) -> None:
        self.ringing.setdefault(key, now)

    def answers(self, key: RingKey, now: float) -> None:
        self.ringing.pop(key, None)
        self.on_call.setdefault(key, now)
        self.in_call = True

    def expect_a_call(self) -> None:
        """A call began that will count, here or in another queue."""
        self._calls_before = self.calls_taken

    def completes(self, caller: str, channel: str) -> str:
        """Return the caller. AgentComplete names no channel of the member's when the member hung up, and no caller when Asterisk had
        forgotten that channel by then: empty is whoever it may be."""
        ended = [key for key in self.on_call if (key[0] == caller if caller else not channel or key[1] in ("", channel))]
        for key in ended:
            del self.on_call[key]
        self.in_call = bool(self.on_call)
        return caller or (ended[0][0] if len(ended) == 1 else "")

    def counts_call(self, now: float, *, again: bool) -> None:
        """The call it was to count is over. Its device state may have told the new number already, and a snapshot has (``again``)."""
        self.last_call = max(self.last_call, now)
        self.completed_at = now
        if self._calls_before is not None and not again:
            self.calls_taken = max(self.calls_taken, self._calls_before + 1)
        self._calls_before = None

    def forget_calls(self) -> None:
        """Of what was going on nothing is known any more: only what Asterisk says from now on counts."""
        self.ringing.clear()
        self.on_call.clear()
        self.completed_at = 0.0
        self._calls_before = None

    def stop_ringing(self, caller: str) -> None:
        for key in [key for key in self.ringing if key[0] == caller]:
            del self.ringing[key]

    def state(self, now: float) -> MemberState:
        if self.status in _GONE:
            return "unavailable"
        if self.on_call or self.in_call:
            return "on_call"
        if self.ringing or self.status in _RINGING:
            return "ringing"
        if self.status in _IN_USE:
            return "on_call"
        if self.paused:
            return "paused"
        return "wrap_up" if self.last_call and self.last_call <= now < self.wrap_up_ends else "available"

    @property
    def wrap_up_ends(self) -> float:
        return self.last_call + self.wrap_up_s

    def observe(self, now: float) -> None:
        """Notice a change of state; called after every event and before every look."""
        state = self.state(now)
        if state != self._known:
            self._since = self._began(state, now)
            self._known = state

    def view(self, now: float) -> MemberView:
        self.observe(now)
        return MemberView(self.name, self.interface, self.state(now), self._since, self.paused, self.reason, self.calls_taken, self.penalty)

    def _device(self, status: int) -> None:
        if self.status in _RINGING and status not in _RINGING | _IN_USE:
            self.ringing.clear()
        self.status = status

    def _pause(self, event: Event, now: float) -> None:
        if not has_number(event, "Paused"):
            return
        paused = flag(event, "Paused")
        if paused and not self.paused:
            self._paused_at = now
        if paused and 0 < number(event, "LastPause") <= now:
            self._paused_at = float(number(event, "LastPause"))
        self.paused = paused
        self.reason = (event.get("PausedReason") or event.get("Reason") or "") if paused else ""

    def _began(self, state: MemberState, now: float) -> float:
        """When a state began that was noticed now."""
        if state == "on_call":
            return min(self.on_call.values(), default=now)
        if state == "ringing":
            return min(self.ringing.values(), default=now)
        if state == "wrap_up":
            return self.last_call
        if state == "paused" and self._known in (None, "available", "wrap_up"):
            return self._paused_at
        if state == "available" and self.last_call and self._known in (None, "wrap_up"):
            return min(now, self.wrap_up_ends)
        return now
