"""One call as a pure state machine: ``step(event, now)`` returns what is to be done.

What always holds, and is property-tested:

- a caller who is still on the line when we stop serving them is sent on in the dialplan, whatever failed;
- everything taken is given back exactly once, and the call ends only then;
- every state but ENDED has a deadline, so none is without an exit.

``now`` is in seconds on any monotonic clock.
"""

from dataclasses import dataclass

from agents.transcript import Outcome
from ari_app.calls.steps import (
    Action,
    Answer,
    Answered,
    AnswerFailed,
    Arrived,
    AudioBroken,
    Brief,
    Briefed,
    CallerGone,
    CallEvent,
    ConversationEnded,
    Disarm,
    EnteredElsewhere,
    Finish,
    Hangup,
    Join,
    Joined,
    JoinFailed,
    Kind,
    Leave,
    LeaveAccepted,
    LeaveFailed,
    LeftStasis,
    LegEntered,
    LegGone,
    Locate,
    Located,
    MediaGone,
    Note,
    PersonReady,
    Refused,
    Release,
    Released,
    Resource,
    SendOn,
    Shutdown,
    State,
    Take,
    Taken,
    Tick,
    TransferEnded,
    Where,
    Yield,
)
from handoff.transfer_actions import TransferResult


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds."""

    call_s: float
    """Longest conversation; then it hands over."""
    setup_s: float = 3.0
    rebuild_s: float = 1.5
    """A second way for the audio of a caller who was talking already."""
    brief_s: float = 0.8
    """A little more than the shell's own half second for the card."""
    leave_retry_s: float = 0.5
    leave_attempts: int = 10
    transfer_s: float = 420.0
    """Longest search for a person. The transfer has limits of its own; this one is for a transfer that does not end."""
    left_s: float = 3.0
    """Between Asterisk's consent to take the caller on and the event that says so."""
    locate_s: float = 30.0
    """How often a call outside is looked for."""
    suspect_s: float = 0.5
    unasked_s: float = 0.2
    """Between leaving our application unasked and the question whether the caller hung up."""
    elsewhere_s: float = 0.2
    """Between entering another worker's application and the question whether they stay there."""
    ending_s: float = 12.0


_SERVED = (State.ATTACHING, State.TALKING, State.BRIEFING, State.TRANSFERRING)


class CallMachine:
    """See the module. ``state``, ``deadline`` and ``held`` may be read at any time."""

    def __init__(self, *, queue: str, limits: Limits, echo: bool = False, accompanied: bool = False) -> None:
        """``queue`` takes callers whose conversation names none. ``accompanied``: callers stay with the agent until a person takes them."""
        self.state = State.NEW
        self.deadline: float | None = None
        """When a Tick is due."""
        self.held: dict[Resource, str] = {}
        """``taking``, ``taken`` or ``releasing``."""
        self.stage = 0
        self.outcome = ("caller_left", "")
        self._queue = queue
        self._limits = limits
        self._echo = echo
        self._accompanied = accompanied
        self._answered = self._leg_entered = self._joining = False
        self._target = Leave("")
        self._attempts = 0
        self._accepted = self._suspect = self._unasked = False
        self._faulty = False
        """No time for company: the handover is owed to a fault of ours, to our end, or to a supervisor."""
        self._yielded = False
        """Another worker has the call."""
        self._rebuilt = False
        """This stage is a second attempt: the audio broke, and is not built a third time."""
        self._close_reason = "hangup"

    @property
    def beats(self) -> bool:
        """True while the dead-man timer is to be re-armed."""
        return self.state in _SERVED

    @property
    def rebuilt(self) -> bool:
        """The conversation of this stage goes on for one whose audio broke."""
        return self._rebuilt

    def step(self, event: CallEvent, now: float) -> list[Action]:
        if self.state is State.ENDED:
            return []
        match event:
            case Taken(resource):
                return self._taken(resource, now)
            case Released(resource):
                self.held.pop(resource, None)
                return self._maybe_ended()
            case Refused(resource, reason):
                return self._refused(resource, reason, now)
            case CallerGone() | Located(Where.GONE, _):
                return self._gone(now)
            case Located(_, stage) if stage != self.stage:
                return []
            case EnteredElsewhere() if self.state not in (State.NEW, State.ENDING):
                return self._entered_elsewhere(now)
            case Located(Where.ELSEWHERE, _) if self.state is not State.ENDING:
                self._yielded = True
                return self._finish_up(now)
            case ConversationEnded(stage, outcome):
                return self._conversation_ended(stage, outcome, now)
            case TransferEnded(stage, result):
                return self._transfer_ended(stage, result, now)
        if self.state in (State.NEW, State.OUTSIDE):
            return self._waiting(event, now)
        if self.state is State.LEAVING:
            return self._leaving(event, now)
        if self.state is State.ENDING:
            return self._ending(event)
        return self._serving(event, now)

    # Each group of states

    def _waiting(self, event: CallEvent, now: float) -> list[Action]:
        match event:
            case Arrived(refused):
                return self._arrived(refused, now)
            case Located(Where.IN_STASIS, _):
                return self._found_inside(now)
            case Located(Where.OUTSIDE, _):
                return self._found_outside(now)
            case Tick():
                self.deadline = now + (self._limits.suspect_s if self._unasked else self._limits.locate_s)
                return [Locate(self.stage)]
        return []

    def _serving(self, event: CallEvent, now: float) -> list[Action]:
        match event:
            case LeftStasis() | Located(Where.OUTSIDE, _):  # the caller hung up, or the dead-man timer took them: ask which
                if self.state in (State.BRIEFING, State.TRANSFERRING):
                    self.outcome = ("caller_left", self.outcome[1])
                actions = self._outside(now)
                self._unasked, self.deadline = True, now + self._limits.unasked_s
                return actions
            case Tick():
                return self._overdue(now)
            case MediaGone():
                self._close_reason = "media_lost"
                return self._hand_over("media_lost", now)
            case Shutdown():
                self._close_reason = "shutdown"
                return self._hand_over("shutdown", now)
            case LegGone(stage) if stage == self.stage:
                return self._hand_over("media_leg_gone", now)
            case AudioBroken(stage, fault) if stage == self.stage and self.state in (State.TALKING, State.TRANSFERRING):
                return self._rebuild(fault, now)
            case Briefed() if self.state is State.BRIEFING:
                return self._briefed(now)
            case SendOn(reason, queue, phone) if self.state is State.TALKING and not self._echo:
                actions = self._brief(queue or self._queue, reason, now)
                self._target, self._faulty = Leave(queue, phone=phone), True
                return actions
            case PersonReady(stage, peer) if self.state is State.TRANSFERRING and stage == self.stage:
                return self._leave(Leave("", peer=peer), now)
        return self._attaching(event, now) if self.state is State.ATTACHING else []

    def _attaching(self, event: CallEvent, now: float) -> list[Action]:
        match event:
            case Answered():
                self._answered = True
                return self._maybe_join()
            case AnswerFailed(reason, gone):
                return self._gone(now) if gone else self._rescue(reason, now)
            case LegEntered(stage) if stage == self.stage:
                self._leg_entered = True
                return self._maybe_join()
            case Joined(stage) if stage == self.stage:
                self.state, self.deadline = State.TALKING, now + self._limits.call_s
                return [] if self._echo else [self._take(Kind.CONVERSATION)]
            case JoinFailed(stage, reason) if stage == self.stage:
                return self._rescue(reason, now)
        return []

    def _leaving(self, event: CallEvent, now: float) -> list[Action]:
        match event:
            case LeaveAccepted():
                self._accepted = True
                self.deadline = now + self._limits.left_s
                return self._release_all()
            case LeaveFailed(gone):
                self.deadline = now + self._limits.leave_retry_s
                return [Locate(self.stage)] if gone else []
            case LeftStasis() | Located(Where.OUTSIDE, _):
                return self._outside(now)
            case Located(Where.IN_STASIS, _):  # so it was the request that failed
                self.deadline = now + self._limits.leave_retry_s
            case Arrived(refused):  # so quick a return that the end of the first stay was missed
                return [*self._outside(now), *self._arrived(refused, now)]
            case Tick():
                return self._leave_again(now)
        return []

    def _ending(self, event: CallEvent) -> list[Action]:
        match event:
            case Arrived():  # we meant to hang up, and the dead-man timer was faster
                return [Leave("")]
            case Tick():
                return [Note("leak", ",".join(sorted(resource.kind for resource in self.held))), *self._end()]
        return []

    # Transitions

    def _arrived(self, refused: str, now: float) -> list[Action]:
        self.stage += 1
        self._answered = self._leg_entered = self._joining = self._suspect = self._unasked = self._faulty = self._rebuilt = False
        self._close_reason = "hangup"
        if refused:
            return [Note("refused", refused), *self._send_on(refused, now)]
        self.state, self.deadline = State.ATTACHING, now + self._limits.setup_s
        self.outcome = ("echo", "") if self._echo else ("caller_left", "")
        return [Answer(), self._take(Kind.LINE), self._take(Kind.BRIDGE)]

    def _taken(self, resource: Resource, now: float) -> list[Action]:
        if self.held.get(resource) != "taking":
            return []
        self.held[resource] = "taken"
        if self.state is not State.ATTACHING or resource.stage != self.stage:
            return []
        return [self._take(Kind.LEG)] if resource.kind is Kind.LINE else self._maybe_join()

    def _refused(self, resource: Resource, reason: str, now: float) -> list[Action]:
        if self.held.get(resource) == "taking":
            del self.held[resource]
        if resource.stage != self.stage or self.state not in _SERVED:
            return self._maybe_ended()
        if resource.kind in (Kind.CONVERSATION, Kind.TRANSFER):
            return self._hand_over("pipeline_error", now)
        return self._rescue(reason, now)

    def _maybe_join(self) -> list[Action]:
        parts = (Resource(kind, self.stage) for kind in (Kind.LINE, Kind.LEG, Kind.BRIDGE))
        ready = self._answered and self._leg_entered and all(self.held.get(part) == "taken" for part in parts)
        if not ready or self._joining:
            return []
        self._joining = True
        return [Join(self.stage)]

    def _conversation_ended(self, stage: int, outcome: Outcome, now: float) -> list[Action]:
        given_back = self._release(Resource(Kind.CONVERSATION, stage))
        if self.state is not State.TALKING or stage != self.stage:
            return given_back
        match outcome.kind:
            case "goodbye":
                self.outcome = ("callback", "") if outcome.reason == "callback" else ("goodbye", outcome.reason)
                return [*given_back, Hangup(), *self._finish_up(now)]
            case "caller_left" | "failed":  # only Asterisk knows that they are gone; while it does not say so, they need a person
                return [*given_back, *self._hand_over("pipeline_error", now)]
        return [*given_back, *self._brief(outcome.queue or self._queue, outcome.reason, now)]

    def _briefed(self, now: float) -> list[Action]:
        """A handover that is owed to a fault is no time for company."""
        if not self._accompanied or self._faulty or Resource(Kind.TRANSFER, self.stage) in self.held:
            return self._leave(self._target, now)
        self.state, self.deadline = State.TRANSFERRING, now + self._limits.transfer_s
        return [self._take(Kind.TRANSFER)]

    def _transfer_ended(self, stage: int, result: TransferResult, now: float) -> list[Action]:
        given_back = self._release(Resource(Kind.TRANSFER, stage))
        if self.state is not State.TRANSFERRING or stage != self.stage:
            return given_back
        match result.kind:
            case "callback" if result.detail == "caller_asked":
                self.outcome = ("callback", "")
                return [*given_back, Hangup(), *self._finish_up(now)]
            case "back_to_agent" | "callback" if Resource(Kind.CONVERSATION, stage) not in self.held:
                self.state, self.deadline = State.TALKING, now + self._limits.call_s
                self.outcome = ("caller_left", "")
                return [*given_back, self._take(Kind.CONVERSATION)]
            case "phone":
                return [*given_back, *self._leave(Leave("", phone=result.phone), now)]
        return [*given_back, *self._leave(Leave(result.queue or self._target.queue, position=result.position), now)]

    def _hand_over(self, reason: str, now: float) -> list[Action]:
        """To the queue with what is known; a call without a conversation has nothing to tell."""
        self._faulty = True
        if self.state is State.BRIEFING:
            return []
        if self.state is State.TRANSFERRING:
            return self._leave(self._target, now)
        if self._echo or self.state is State.ATTACHING:
            return self._rescue(reason, now)
        return self._brief(self._queue, reason, now)

    def _rebuild(self, fault: str, now: float) -> list[Action]:
        """Line, leg, bridge and conversation anew, once; the old ones go at the same time."""
        if self._rebuilt or self.state is not State.TALKING:
            return [Note("audio_broken", fault), *self._hand_over(fault, now)]
        given_back = self._release_all()
        self.stage += 1
        self._rebuilt, self._answered, self._leg_entered, self._joining = True, True, False, False
        self.state, self.deadline = State.ATTACHING, now + self._limits.rebuild_s
        return [Note("audio_rebuilt", fault), *given_back, self._take(Kind.LINE), self._take(Kind.BRIDGE)]

    def _brief(self, queue: str, reason: str, now: float) -> list[Action]:
        self.outcome = ("handover", reason)
        self.state, self.deadline = State.BRIEFING, now + self._limits.brief_s
        self._target = Leave(queue)
        return [Brief(queue, reason)]

    def _rescue(self, reason: str, now: float) -> list[Action]:
        if self._rebuilt and not self._echo:  # there is something to tell about this caller
            self._faulty = True
            return [Note("rescued", reason), *self._brief(self._queue, reason, now)]
        return [Note("rescued", reason), *self._send_on(reason, now)]

    def _send_on(self, reason: str, now: float) -> list[Action]:
        self.outcome = ("rescued", reason)
        return self._leave(Leave("", worker=True), now)

    def _leave(self, target: Leave, now: float) -> list[Action]:
        if self._close_reason == "hangup":
            self._close_reason = "taken"
        self.state, self._target, self._attempts, self._accepted = State.LEAVING, target, 1, False
        # The first answer comes from the shell, bounded by its own limit: the deadline is for an answer that never comes.
        self.deadline = now + self._limits.left_s
        return [target]

    def _leave_again(self, now: float) -> list[Action]:
        self.deadline = now + self._limits.left_s
        if self._accepted:  # the event may have been missed
            return [*self._outside(now), Locate(self.stage)]
        if self._attempts >= self._limits.leave_attempts:  # the heartbeat has stopped: the dead-man timer has the caller
            self.outcome = ("rescued", self.outcome[1])
            return [Note("leave_given_up"), *self._outside(now)]
        self._attempts += 1
        return [self._target]

    def _outside(self, now: float) -> list[Action]:
        if self._close_reason == "hangup":
            self._close_reason = "taken"
        self.state, self.deadline, self._suspect = State.OUTSIDE, now + self._limits.locate_s, False
        return self._release_all()

    def _entered_elsewhere(self, now: float) -> list[Action]:
        """Who has gone, or refuses, lets the caller go at once: it is theirs when they still have it at a second look."""
        actions = [] if self.state is State.OUTSIDE else self._outside(now)
        self.deadline = now + self._limits.elsewhere_s
        return actions

    def _found_inside(self, now: float) -> list[Action]:
        """In our application without having been announced: believed at second sight, since the announcement may be on its way."""
        if not self._suspect:
            self._suspect, self.deadline = True, now + self._limits.suspect_s
            return []
        return [Note("unannounced"), *self._send_on("unannounced", now)]

    def _found_outside(self, now: float) -> list[Action]:
        self._suspect = False
        if not self._unasked:
            return []
        self._unasked, self.deadline = False, now + self._limits.locate_s
        self.outcome = ("rescued", "deadman")
        return [Note("left_unasked"), Disarm()]

    def _overdue(self, now: float) -> list[Action]:
        if self.state is State.ATTACHING:
            return self._rescue("setup_timeout", now)
        if self.state in (State.BRIEFING, State.TRANSFERRING):
            return self._leave(self._target, now)
        if self._echo:
            return [Hangup(), *self._finish_up(now)]
        return self._hand_over("time_limit", now)

    def _gone(self, now: float) -> list[Action]:
        if self.state is State.ENDING:
            return []
        if self.state in (State.BRIEFING, State.TRANSFERRING) or (self.state is State.LEAVING and not self._accepted):
            self.outcome = ("caller_left", self.outcome[1])
        return self._finish_up(now)

    def _finish_up(self, now: float) -> list[Action]:
        self.state, self.deadline = State.ENDING, now + self._limits.ending_s
        return [*self._release_all(), *self._maybe_ended()]

    def _maybe_ended(self) -> list[Action]:
        return self._end() if self.state is State.ENDING and not self.held else []

    def _end(self) -> list[Action]:
        self.state, self.deadline = State.ENDED, None
        self.held.clear()
        return [Yield() if self._yielded else Finish(*self.outcome)]

    # Resources

    def _take(self, kind: Kind) -> Take:
        resource = Resource(kind, self.stage)
        self.held[resource] = "taking"
        return Take(resource)

    def _release(self, resource: Resource) -> list[Action]:
        if self.held.get(resource, "releasing") == "releasing":
            return []
        self.held[resource] = "releasing"
        return [Release(resource, self._close_reason)]

    def _release_all(self) -> list[Action]:
        return [action for resource in list(self.held) for action in self._release(resource)]
