"""The four transactions of RFC 3261 section 17 over UDP, with the Accepted state of RFC 6026, free of clocks and sockets.

Each is ``step(event, now) -> [action]``; ``deadline`` says when to come back with TimerFired. Times are seconds on any monotonic clock.
An INVITE server also repeats its own 2xx until AckReceived (RFC 3261 13.3.1.4), which spares the layer above a timer.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Timing:
    """Base timers of RFC 3261 17.1.1.1, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def give_up(self) -> float:
        """Timers B, F, H, J, L, M: 64 * T1."""
        return 64 * self.t1


DEFAULT_TIMING: Final = Timing()


class State(Enum):
    INITIAL = auto()
    CALLING = auto()
    """Client: request sent, nothing heard."""
    PROCEEDING = auto()
    ACCEPTED = auto()
    """INVITE after a 2xx."""
    COMPLETED = auto()
    CONFIRMED = auto()
    """INVITE server after the ACK."""
    TERMINATED = auto()


@dataclass(frozen=True, slots=True)
class Start:
    """Client: send the request. Server: the request has arrived."""


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    status: int


@dataclass(frozen=True, slots=True)
class RequestRepeated:
    """Server: the same request came again."""


@dataclass(frozen=True, slots=True)
class AckReceived:
    """INVITE server: the ACK, be it for a 2xx or for a refusal."""


@dataclass(frozen=True, slots=True)
class Respond:
    """Server: the layer above answers."""

    status: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    pass


Event: TypeAlias = Start | ResponseReceived | RequestRepeated | AckReceived | Respond | TimerFired


class Action(Enum):
    SEND = auto()
    """Client: the request. Server: the latest response."""
    SEND_ACK = auto()
    """INVITE client: ACK of a refusal, within the transaction."""
    DELIVER = auto()
    """Client: hand the response to the layer above."""
    TIMED_OUT = auto()
    """No answer, or no ACK, for 64 * T1."""
    TERMINATED = auto()
    """Forget the transaction."""


@dataclass(slots=True)
class Transaction:
    """Common parts: a repeat timer that doubles and a limit."""

    timing: Timing = DEFAULT_TIMING
    state: State = State.INITIAL
    repeat_at: float | None = None
    limit_at: float | None = None
    _interval: float = field(default=0.0, repr=False)
    _sent: bool = field(default=False, repr=False)

    @property
    def deadline(self) -> float | None:
        """When TimerFired is due, None when never."""
        times = [at for at in (self.repeat_at, self.limit_at) if at is not None]
        return min(times) if times else None

    def step(self, event: Event, now: float) -> list[Action]:
        if self.state is State.TERMINATED:
            return []
        if isinstance(event, TimerFired):
            return self._on_timer(now)
        return self._on_event(event, now)

    def _on_event(self, event: Event, now: float) -> list[Action]:
        raise NotImplementedError

    def _expire(self) -> list[Action]:
        """What the limit means in the present state."""
        raise NotImplementedError

    def _repeat_cap(self) -> float:
        return self.timing.t2

    def _on_timer(self, now: float) -> list[Action]:
        if self.limit_at is not None and now >= self.limit_at:
            return self._expire()
        if self.repeat_at is not None and now >= self.repeat_at:
            self._interval = min(self._interval * 2, self._repeat_cap())
            self.repeat_at = now + self._interval
            return [Action.SEND]
        return []

    def _begin_repeats(self, now: float, interval: float) -> None:
        self._interval = interval
        self.repeat_at = now + interval

    def _finish(self, *actions: Action) -> list[Action]:
        self.state, self.repeat_at, self.limit_at = State.TERMINATED, None, None
        return [*actions, Action.TERMINATED]

    def _enter(self, state: State, now: float, linger: float) -> None:
        self.state, self.repeat_at, self.limit_at = state, None, now + linger


class InviteClient(Transaction):
    """Section 17.1.1. Every 2xx is delivered, repeated ones too: the layer above sends the ACK for each."""

    def _repeat_cap(self) -> float:
        return float("inf")  # timer A has no T2 cap

    def _on_event(self, event: Event, now: float) -> list[Action]:
        if isinstance(event, Start) and self.state is State.INITIAL:
            self.state, self.limit_at = State.CALLING, now + self.timing.give_up
            self._begin_repeats(now, self.timing.t1)
            return [Action.SEND]
        if isinstance(event, ResponseReceived):
            return self._on_response(event.status, now)
        return []

    def _on_response(self, status: int, now: float) -> list[Action]:
        if self.state in (State.CALLING, State.PROCEEDING):
            if status < 200:
                self.state, self.repeat_at, self.limit_at = State.PROCEEDING, None, None
                return [Action.DELIVER]
            if status < 300:
                self._enter(State.ACCEPTED, now, self.timing.give_up)
                return [Action.DELIVER]
            self._enter(State.COMPLETED, now, self.timing.give_up)  # timer D: 32 s with the default T1
            return [Action.SEND_ACK, Action.DELIVER]
        if self.state is State.ACCEPTED and 200 <= status < 300:
            return [Action.DELIVER]
        if self.state is State.COMPLETED and status >= 300:
            return [Action.SEND_ACK]
        return []

    def _expire(self) -> list[Action]:
        return self._finish(Action.TIMED_OUT) if self.state is State.CALLING else self._finish()


class NonInviteClient(Transaction):
    """Section 17.1.2."""

    def _on_event(self, event: Event, now: float) -> list[Action]:
        if isinstance(event, Start) and self.state is State.INITIAL:
            self.state, self.limit_at = State.CALLING, now + self.timing.give_up
            self._begin_repeats(now, self.timing.t1)
            return [Action.SEND]
        if not isinstance(event, ResponseReceived) or self.state not in (State.CALLING, State.PROCEEDING):
            return []
        if event.status < 200:
            self.state, self._interval = State.PROCEEDING, self.timing.t2
        else:
            self._enter(State.COMPLETED, now, self.timing.t4)
        return [Action.DELIVER]

    def _expire(self) -> list[Action]:
        return self._finish() if self.state is State.COMPLETED else self._finish(Action.TIMED_OUT)


class InviteServer(Transaction):
    """Section 17.2.1 with the 2xx repeats of 13.3.1.4."""

    def _on_event(self, event: Event, now: float) -> list[Action]:
        if isinstance(event, Start) and self.state is State.INITIAL:
            self.state = State.PROCEEDING
            return []
        if isinstance(event, RequestRepeated):
            repeatable = self.state in (State.PROCEEDING, State.COMPLETED, State.ACCEPTED) and self._sent
            return [Action.SEND] if repeatable else []
        if isinstance(event, Respond) and self.state is State.PROCEEDING:
            return self._respond(event.status, now)
        if isinstance(event, AckReceived):
            return self._acknowledge(now)
        return []

    def _respond(self, status: int, now: float) -> list[Action]:
        self._sent = True
        if status >= 200:
            self._enter(State.ACCEPTED if status < 300 else State.COMPLETED, now, self.timing.give_up)
            self._begin_repeats(now, self.timing.t1)
        return [Action.SEND]

    def _acknowledge(self, now: float) -> list[Action]:
        if self.state is State.COMPLETED:
            self._enter(State.CONFIRMED, now, self.timing.t4)
        elif self.state is State.ACCEPTED:
            self._enter(State.CONFIRMED, now, self.timing.give_up)
        return []

    def _expire(self) -> list[Action]:
        return self._finish(Action.TIMED_OUT) if self.state in (State.COMPLETED, State.ACCEPTED) else self._finish()


class NonInviteServer(Transaction):
    """Section 17.2.2."""

    def _on_event(self, event: Event, now: float) -> list[Action]:
        if isinstance(event, Start) and self.state is State.INITIAL:
            self.state = State.PROCEEDING
            return []
        if isinstance(event, RequestRepeated):
            return [Action.SEND] if self._sent else []
        if isinstance(event, Respond) and self.state is State.PROCEEDING:
            self._sent = True
            if event.status >= 200:
                self._enter(State.COMPLETED, now, self.timing.give_up)
            return [Action.SEND]
        return []

    def _expire(self) -> list[Action]:
        return self._finish()
