"""Watches a transfer from outside: keeps its own account of what was taken and given back, and knows what must never happen."""

from dataclasses import dataclass, field

from handoff.transfer import TransferMachine
from handoff.transfer_actions import (
    Action,
    Brief,
    BuildConsult,
    DropConsult,
    DropMember,
    Enqueue,
    Finish,
    Introduce,
    Join,
    LogQueue,
    StartCompany,
    StopCompany,
    StoreCard,
    Tell,
    TellMember,
    TransferResult,
)
from handoff.transfer_limits import Mode, TransferLimits
from handoff.transfer_steps import (
    BriefAnswered,
    CallerGone,
    CardStored,
    CompanyEnded,
    ConsultFailed,
    ConsultReady,
    Held,
    JoinFailed,
    Kind,
    MemberAnswered,
    PartLost,
    State,
    Tick,
    TransferEvent,
)

_OF_CALLER = Tell | Join | Enqueue | StartCompany | Introduce | BuildConsult | Brief
"""What nobody needs when the caller is gone."""


@dataclass
class Watched:
    """``step`` feeds the machine and checks everything that can be checked at once; ``result`` is there when it has ended."""

    mode: Mode
    limits: TransferLimits
    now: float = 1000.0
    result: TransferResult | None = None
    held: set[Held] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    logged: list[int] = field(default_factory=list)
    answered: dict[int, float] = field(default_factory=dict)
    ready: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    joining: int = 0
    attempts: int = 0
    card: list[str] = field(default_factory=list)
    card_due: float = float("inf")
    caller_gone: bool = False
    media_lost: bool = False
    ami_lost: bool = False

    def __post_init__(self) -> None:
        self.machine = TransferMachine(self.mode, self.limits, "front-desk", now=self.now)

    def step(self, event: TransferEvent) -> None:
        over = self.result is not None
        self._hear(event)
        stranger = isinstance(event, MemberAnswered) and Held(Kind.ATTEMPT, event.attempt) not in self.held
        actions = self.machine.step(event, self.now)
        assert over or bool(actions) or not stranger, "who answers an attempt given up is hung up on"
        assert not (over and actions), "nothing comes after Finish"
        for index, action in enumerate(actions):
            assert self.result is None, "Finish is the last"
            self._check(action, event)
            assert isinstance(action, Finish) == (index == len(actions) - 1 and self.result is not None)
        assert (self.result is not None) == (self.machine.state is State.DONE) == (self.machine.deadline is None)
        assert self.held == self.machine.held
        assert self.machine.deadline is None or self.machine.deadline < self.now + 1000

    def tick_to(self, moment: float) -> None:
        """Every tick up to then."""
        for _ in range(1000):
            if self.machine.deadline is None or self.machine.deadline > moment:
                self.now = moment
                return
            self.now = max(self.now, self.machine.deadline)
            self.step(Tick())
        raise AssertionError(f"ticks for ever in state {self.machine.state}")

    def _hear(self, event: TransferEvent) -> None:
        number = getattr(event, "attempt", 0)
        alive = Held(Kind.ATTEMPT, number) in self.held
        match event:
            case CallerGone():
                self.caller_gone = True
            case JoinFailed(_, _, "caller") if alive and self.joining == number:
                self.caller_gone = True
            case PartLost(part):
                self.media_lost = self.media_lost or part == "media"
                self.ami_lost = self.ami_lost or part == "ami"
            case CardStored():
                self.card_due = min(self.card_due, self.now)
            case CompanyEnded():
                self.held.discard(Held(Kind.COMPANY))
            case MemberAnswered() if alive:
                self.answered.setdefault(number, self.now)
            case ConsultReady() if number in self.answered:
                self.ready.add(number)
            case ConsultFailed() if number in self.answered:
                self.failed.add(number)
            case BriefAnswered(_, "accept") if number in self.ready:
                self.accepted.add(number)

    def _check(self, action: Action, event: TransferEvent) -> None:
        number = getattr(action, "attempt", None)
        if isinstance(event, MemberAnswered) and Held(Kind.ATTEMPT, event.attempt) not in self.held:
            assert action == DropMember(event.attempt, "late"), "who answers an attempt given up is hung up on, and no more"
            return
        assert number not in self.dropped or isinstance(action, DropConsult), "an attempt given up is left alone"
        assert not (self.caller_gone and isinstance(action, _OF_CALLER)), "nobody is there to do it for"
        match action:
            case Enqueue():
                self._check_enqueue(action)
            case DropMember():
                self._give_back(Held(Kind.ATTEMPT, action.attempt))
                self.dropped.add(action.attempt)
            case BuildConsult():
                assert action.attempt in self.answered
                self._take(Held(Kind.CONSULT, action.attempt))
            case DropConsult():
                self._give_back(Held(Kind.CONSULT, action.attempt))
            case StartCompany():
                self._take(Held(Kind.COMPANY))
            case StopCompany():
                self._give_back(Held(Kind.COMPANY))
            case Tell():
                assert Held(Kind.COMPANY) in self.held, "somebody must be there to say it"
            case Brief() | TellMember() | Introduce():
                assert action.attempt in self.ready, "the member can be spoken to"
            case Join():
                self._check_join(action.attempt)
            case LogQueue():
                self.logged.append(action.attempt)
            case StoreCard(state):
                assert [state] != self.card[-1:], "stored again without a change"
                self.card.append(state)
                self.card_due = min(self.card_due, self.now + self.limits.card_s)
            case Finish(result):
                self._check_finish(result)

    def _take(self, thing: Held) -> None:
        assert thing not in self.held, f"{thing} is taken twice"
        self.held.add(thing)

    def _give_back(self, thing: Held) -> None:
        assert thing in self.held, f"{thing} is given back without being held"
        self.held.remove(thing)

    def _check_enqueue(self, action: Enqueue) -> None:
        assert self.mode != "blind"
        assert self.now >= self.card_due, "the card comes first"
        assert action.attempt == self.attempts + 1, "attempts are counted"
        assert not [held for held in self.held if held.kind is not Kind.COMPANY], "one attempt at a time"
        assert action.position == 1 or not self.answered, "who has reached a member goes to the head of the line"
        self.attempts += 1
        self._take(Held(Kind.ATTEMPT, action.attempt))

    def _check_join(self, attempt: int) -> None:
        assert attempt == self.attempts
        assert attempt in self.answered, "only a member who answered"
        assert Held(Kind.ATTEMPT, attempt) in self.held
        unspoken = attempt not in self.ready and self.now >= self.answered[attempt] + self.limits.consult_s
        agreed = attempt in self.accepted or (self.mode == "announced" and attempt in self.ready)
        assert agreed or unspoken or attempt in self.failed or self.media_lost, "not without having accepted"
        self.joining = attempt

    def _check_finish(self, result: TransferResult) -> None:
        self.result = result
        if result.kind == "joined":
            assert self.joining == self.attempts
            self._give_back(Held(Kind.ATTEMPT, self.joining))
        assert not self.held, "everything is given back first"
        assert (result.kind == "caller_left") == self.caller_gone, "the caller is never lost"
        assert self.card[-1:] == [
            {"joined": "joined", "back_to_agent": "returned", "callback": "callback", "caller_left": "left"}.get(result.kind, "requested")
        ]
        if result.kind in ("blind", "callback") and self.answered:
            assert result.position == 1, "nor is their place"
        rows = sorted(self.logged)
        every = list(range(1, self.attempts + 1))
        assert rows == every or (self.ami_lost and rows == every[:-1]), "one row of ours for each placeholder"
