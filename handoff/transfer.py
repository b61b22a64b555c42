"""One transfer as a pure state machine: ``step(event, now)`` returns what is to be done. The caller stays with the AI while a placeholder
waits in the queue for them.

========== ============================= ==========================================================================================
state      deadline                      ways out
========== ============================= ==========================================================================================
decided    at once                       Begin: announced
announced  ``card_s``                    card stored, or too late: queued (mode ``blind``: done)
queued     ``enqueue_s``, then           a phone rings: ringing; answered: briefing; QUEUESTATUS or waited enough: done as ``on_fail``
           ``wait_s``                    says; the placeholder cannot be had: blind; it vanishes: queued again
ringing    ``ring_s``                    answered: briefing; missed by all who rang: queued; as for queued
briefing   ``consult_s``, then           accepted (``announced``: heard): bridging, in mode ``consult`` accepted; declined, silent or hung
           ``accept_s``                  up: queued again at position 1; no second leg: bridging
accepted   ``introduce_s``               introduced: bridging; member gone: queued again at position 1
bridging   ``join_s``                    joined: done; member gone: queued again at position 1; else blind
parting    ``parting_s``                 the member was told: done
done       none
========== ============================= ==========================================================================================

From every state: the caller hangs up (``caller_left``), asks for the agent or a callback (``back_to_agent``, ``callback``; no callback once
a member has answered, neither of them once they are to be joined), a supervisor forces a target (``other_queue``, ``phone``), we shut down
or lose ARI or AMI (``blind``). Media lost joins a member who is there, and is ``blind`` otherwise. A join under way is awaited first.

What always holds, and is property-tested:

- ``Finish`` comes once and last, with everything given back before it except what was joined;
- a caller who is there is never lost: unless they hang up, no result is ``caller_left``;
- nobody is joined but the member who answered the present attempt, and in mode ``warm`` not before they accepted, unless the second leg or
  the media failed: a person on the line is worth more than a brief;
- one attempt is alive at a time; what is said of an earlier one has no effect, and a member who answers one is hung up on.
"""

from handoff.transfer_actions import (
    Action,
    DropMember,
    Finish,
    Introduce,
    Join,
    Note,
    Parting,
    ResultKind,
    Tell,
    TellMember,
    TransferResult,
    Word,
)
from handoff.transfer_brief import MemberBrief, Verdict
from handoff.transfer_holdings import Holdings
from handoff.transfer_limits import Mode, TransferLimits
from handoff.transfer_line import PlaceInLine
from handoff.transfer_news import WaitingNews
from handoff.transfer_steps import (
    Begin,
    CallerAsked,
    CallerGone,
    CardStored,
    CompanyEnded,
    ConsultFailed,
    Held,
    Joined,
    JoinFailed,
    MemberAnswered,
    MemberGone,
    MemberTold,
    Part,
    PartLost,
    Shutdown,
    State,
    Tick,
    TransferEvent,
    Wish,
    Withdraw,
)

_KEPT_COMPANY = (State.ANNOUNCED, State.QUEUED, State.RINGING, State.BRIEFING)


class TransferMachine:
    """See the module. ``state``, ``deadline``, ``held``, ``attempt`` and ``member`` may be read at any time."""

    def __init__(self, mode: Mode, limits: TransferLimits, queue: str, *, now: float, priority: int = 0) -> None:
        """``now``: seconds on any monotonic clock, the same that ``step`` is given. ``priority``: QUEUE_PRIO of the placeholder."""
        self.state = State.DECIDED
        self.attempt = 0
        """Number of the placeholder in use or last used; 0 before the first."""
        self.member = ""
        """Who has answered the present attempt, where it is known."""
        self._mode, self._limits = mode, limits
        self._queue, self._priority = queue, priority
        self._own = Holdings()
        self._news = WaitingNews(limits, now)
        self._until = now
        self._wait_until = now + limits.wait_s
        self._brief = MemberBrief(0, mode, limits, now)
        self._line = PlaceInLine(limits, self._news, self._wait_until, now)
        self._member_gone = self._reached = self._media_lost = False
        self._declines, self._how = 0, ""
        self._instead: TransferResult | None = None
        """How it ends when the join under way fails, or when the member has been told."""

    @property
    def held(self) -> set[Held]:
        return self._own.held

    @property
    def deadline(self) -> float | None:
        """When a Tick is due; None only when done. It may change with every step."""
        return None if self.state is State.DONE else self._until

    def step(self, event: TransferEvent, now: float) -> list[Action]:
        number = getattr(event, "attempt", None)
        if self.state is State.DONE or (isinstance(event, Tick) and now < self._until):
            return []
        if number is not None and not self._own.alive(number):
            return [DropMember(number, "late")] if isinstance(event, MemberAnswered) else []
        match event:
            case CallerGone():
                return self._caller_gone(now)
            case CallerAsked(what):
                return self._wished(what, now)
            case CompanyEnded(kind, reason):
                return self._company_ended(kind, reason, now)
            case PartLost(part):
                return self._lost(part, now)
            case Withdraw():
                return self._forced(event, now)
            case Shutdown():
                return self._shutdown(now)
        return self._in_state(event, now)

    def _in_state(self, event: TransferEvent, now: float) -> list[Action]:
        match self.state:
            case State.QUEUED | State.RINGING:
                return self._waiting(event, now)
            case State.BRIEFING | State.ACCEPTED:
                return self._briefing(event, now)
            case State.BRIDGING:
                return self._bridging(event, now)
        match event:
            case Begin() | Tick() if self.state is State.DECIDED:
                return self._begin(now)
            case CardStored(ok) if self.state is State.ANNOUNCED:
                return self._announced("" if ok else "refused", now)
            case Tick() if self.state is State.ANNOUNCED:
                return self._announced("timeout", now)
            case MemberTold() | MemberGone() | ConsultFailed() | Tick() if self.state is State.PARTING and self._instead is not None:
                return self._finish(self._instead)
        return []

    # Before the queue

    def _begin(self, now: float) -> list[Action]:
        self.state, self._until = State.ANNOUNCED, now + self._limits.card_s
        self._wait_until, self._news = now + self._limits.wait_s, WaitingNews(self._limits, now)
        actions = self._own.card("requested")
        if self._mode != "blind":
            actions += [*self._own.want_company(), Tell(Word.CONNECTING)]
        return actions

    def _announced(self, trouble: str, now: float) -> list[Action]:
        notes = [Note("card_not_stored", {"reason": trouble})] if trouble else []
        return [*notes, *(self._blind("mode") if self._mode == "blind" else self._line_up(now))]

    def _line_up(self, now: float, told: str = "") -> list[Action]:
        """A fresh placeholder, if there is time for one; ``told``: why the caller hears that we are still looking."""
        if self.attempt >= self._limits.max_attempts:
            return self._fail("attempts")
        if now >= self._wait_until:
            return self._fail("wait")
        self.attempt += 1
        self.member, self._member_gone = "", False
        actions = [*self._own.card("requested"), *self._own.company_back()]
        if told:
            self._news.next_in_line()
            actions += self._own.tell(self._news.say(Tell(Word.STILL_LOOKING, {"reason": told}), now))
        self._line = PlaceInLine(self._limits, self._news, self._wait_until, now)
        self.state, self._until = State.QUEUED, self._line.due
        return [*actions, *self._own.enqueue(self.attempt, self._queue, self._position, self._priority)]

    # In line

    def _waiting(self, event: TransferEvent, now: float) -> list[Action]:
        verdict = self._line.step(event, now)
        self.state, self._until = State.RINGING if self._line.rings else State.QUEUED, self._line.due
        actions = [*verdict.notes, *(self._own.card("ringing") if self._line.rings else []), *self._own.tell(verdict.tells)]
        match verdict.kind:
            case "answered":
                actions += self._answered(verdict.word, now)
            case "out":
                actions += self._fail(verdict.word)
            case "broken":
                actions += self._blind(verdict.word)
            case "vanished":
                actions += [*self._own.end_attempt(self.attempt, self.member, "vanished"), *self._line_up(now)]
        return actions

    def _answered(self, member: str, now: float) -> list[Action]:
        self.member, self._reached = member, True
        self._brief = MemberBrief(self.attempt, self._mode, self._limits, now)
        self.state, self._until = State.BRIEFING, self._brief.until
        actions = [*self._own.card("briefing"), *self._own.build_consult(self.attempt)]
        return [*actions, *self._own.tell(self._news.say(Tell(Word.ANSWERED), now))]

    # A member is there

    def _briefing(self, event: TransferEvent, now: float) -> list[Action]:
        if isinstance(event, MemberGone):
            return self._next("member_left", now)
        return self._decided(self._brief.step(event, now), now)

    def _decided(self, verdict: Verdict, now: float) -> list[Action]:
        self._until = self._brief.until
        match verdict.kind:
            case "introduce":  # the company is silent from now on: another voice talks to the caller
                self.state = State.ACCEPTED
                return [*verdict.actions, *self._own.stop_company(), Introduce(self.attempt)]
            case "join":
                return [*verdict.actions, *self._join(verdict.word, now)]
            case "refused":
                self._declines += 1
                enough = self._declines >= self._limits.max_declines
                return self._fail("declined", verdict.word) if enough else self._next(verdict.word, now)
        return list(verdict.actions)

    def _join(self, how: str, now: float) -> list[Action]:
        self._how = how
        self.state, self._until = State.BRIDGING, now + self._limits.join_s
        return [Join(self.attempt)]

    def _bridging(self, event: TransferEvent, now: float) -> list[Action]:
        match event:
            case Joined():
                return self._finish(TransferResult("joined", self._how, member=self.member, queue=self._queue))
            case JoinFailed(_, reason, gone):
                return [Note("join_failed", {"reason": reason}), *self._join_failed(gone, now)]
            case MemberGone():
                self._member_gone = True
            case Tick():
                return self._finish(self._instead or self._old_way("join_timeout"))
        return []

    def _join_failed(self, gone: str, now: float) -> list[Action]:
        if gone == "caller":
            return self._caller_gone(now)
        if self._instead is not None:
            return self._finish(self._instead)
        return self._next("member_left", now) if gone == "member" or self._member_gone else self._blind("join_failed")

    def _next(self, word: str, now: float) -> list[Action]:
        """Without this member, and with the caller first in line."""
        if self._media_lost:
            return self._blind("media_lost")
        return [
            *self._own.end_attempt(self.attempt, self.member, word),
            *self._line_up(now, "member_left" if word == "member_left" else "declined"),
        ]

    # From every state

    def _caller_gone(self, now: float) -> list[Action]:
        left = TransferResult("caller_left", self.state, queue=self._queue)
        if self.state is State.PARTING:
            self._instead = left
            return self._own.stop_company()
        return self._part(left, "caller_left", now)

    def _wished(self, what: Wish, now: float) -> list[Action]:
        if self.state in (State.ACCEPTED, State.BRIDGING, State.PARTING):
            return [Note("wish_too_late", {"wish": what})]
        if what == "callback":
            if self.state is State.BRIEFING:
                return [Note("wish_too_late", {"wish": what}), *self._own.tell([Tell(Word.PERSON_THERE, {"wish": what})])]
            return self._finish(TransferResult("callback", "caller_asked", queue=self._queue, position=self._position))
        return self._part(TransferResult("back_to_agent", f"caller_{'asked' if what == 'agent' else 'stopped'}"), "taken_back", now)

    def _company_ended(self, kind: str, reason: str, now: float) -> list[Action]:
        """Only Asterisk knows whether the caller is gone: while it does not say so, they are served."""
        if not self._own.company:
            return []
        self._own.company_ended(again=kind != "goodbye" or self.state is State.BRIEFING)
        back = self._own.company_back() if self.state in _KEPT_COMPANY else []
        wish = self._wished("callback", now) if (kind, reason) == ("goodbye", "callback") else []
        return [Note("company_ended", {"kind": kind, "reason": reason}), *back, *wish]

    def _lost(self, part: Part, now: float) -> list[Action]:
        self._media_lost = self._media_lost or part == "media"
        self._own.logs = self._own.logs and part != "ami"
        if part != "media":
            return self._without_us(f"{part}_lost")
        match self.state:
            case State.BRIEFING | State.ACCEPTED:
                return self._decided(self._brief.unbriefed("media_lost"), now)
            case State.BRIDGING:
                return []
        return self._finish(self._instead or self._old_way("media_lost"))

    def _shutdown(self, now: float) -> list[Action]:
        """A member who has accepted is still joined: that outlives us."""
        joining = self._decided(self._brief.unbriefed("shutdown"), now) if self.state is State.ACCEPTED else []
        return [*joining, *self._without_us("shutdown")]

    def _without_us(self, detail: str) -> list[Action]:
        """We can do no more for the caller, but for a join under way."""
        if self.state is State.BRIDGING:
            self._instead = self._old_way(detail)
            return []
        if self._instead is not None and self._instead.kind == "caller_left":
            return self._finish(self._instead)
        return self._blind(detail)

    def _forced(self, target: Withdraw, now: float) -> list[Action]:
        kind: ResultKind = "phone" if target.phone else "other_queue"
        result = TransferResult(kind, "forced", queue=target.queue, phone=target.phone)
        if self.state in (State.BRIDGING, State.PARTING):
            if self._instead is None or self._instead.kind not in ("caller_left", "blind"):
                self._instead = result
            return []
        return self._part(result, "sent_elsewhere", now)

    # Endings

    @property
    def _position(self) -> int | None:
        """Whoever has reached a member goes to the head of the line."""
        return 1 if self._reached else self._news.position

    def _part(self, result: TransferResult, what: Parting, now: float) -> list[Action]:
        """End like this, after a word to a member who is being spoken to."""
        briefed = self.state is State.BRIEFING and self._brief.ready
        if not briefed and not (self.state is State.ACCEPTED and result.kind == "caller_left"):
            return self._finish(result)
        self.state, self._until, self._instead = State.PARTING, now + self._limits.parting_s, result
        silent = self._own.stop_company() if result.kind == "caller_left" else []
        return [*silent, TellMember(self.attempt, what)]

    def _fail(self, detail: str, word: str = "") -> list[Action]:
        """No person to be had."""
        kind = self._limits.on_fail
        queue = self._limits.other_queue if kind == "other_queue" else self._queue
        return self._finish(TransferResult(kind, detail, queue=queue, position=self._position if kind == "callback" else None), word)

    def _blind(self, detail: str) -> list[Action]:
        return self._finish(self._old_way(detail))

    def _old_way(self, detail: str) -> TransferResult:
        return TransferResult("blind", detail, queue=self._queue, position=self._position)

    def _finish(self, result: TransferResult, word: str = "") -> list[Action]:
        self.state = State.DONE
        return [*self._own.give_back(self.attempt, self.member, result, word), Finish(result)]
