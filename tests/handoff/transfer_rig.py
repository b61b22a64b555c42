"""A transfer on a clock of its own, brought to the state that a test is about."""

from collections.abc import Sequence
from typing import TypeVar

from handoff.transfer import TransferMachine
from handoff.transfer_actions import Action, Enqueue, Finish, LogQueue, Note, StoreCard, Tell, TransferResult, Word
from handoff.transfer_limits import Mode, TransferLimits
from handoff.transfer_steps import (
    Begin,
    BriefAnswered,
    CardStored,
    ConsultReady,
    Enqueued,
    MemberAnswered,
    MemberRinging,
    Tick,
    TransferEvent,
)

ANNA = "Front desk 1"
BEN = "Front desk 2"

_A = TypeVar("_A")


class Transfer:
    """``step`` and ``tick`` return the new actions; ``log`` has all of them."""

    def __init__(self, mode: Mode = "warm", limits: TransferLimits | None = None, *, priority: int = 0) -> None:
        self.now = 1000.0
        self.limits = limits or TransferLimits()
        self.machine = TransferMachine(mode, self.limits, "front-desk", now=self.now, priority=priority)
        self.log: list[Action] = []
        self.position: int | None = 1
        """In line, of the first attempt."""

    @property
    def state(self) -> str:
        return self.machine.state

    @property
    def result(self) -> TransferResult:
        """Of a finished transfer."""
        last = self.log[-1]
        assert isinstance(last, Finish)
        return last.result

    def step(self, *events: TransferEvent, after: float = 0.0) -> list[Action]:
        self.now += after
        actions = [action for event in events for action in self.machine.step(event, self.now)]
        self.log += actions
        return actions

    def tick(self) -> list[Action]:
        """At the deadline."""
        deadline = self.machine.deadline
        assert deadline is not None
        self.now = max(self.now, deadline)
        return self.step(Tick())

    def tick_until(self, moment: float) -> list[Action]:
        """Every tick up to ``moment`` (seconds from now), which it is then."""
        end, actions = self.now + moment, list[Action]()
        while (deadline := self.machine.deadline) is not None and deadline <= end:
            actions += self.tick()
        self.now = end
        return actions

    def all(self, kind: type[_A]) -> list[_A]:
        return [action for action in self.log if isinstance(action, kind)]

    # To the states

    def announced(self) -> "Transfer":
        self.step(Begin())
        return self

    def asked(self) -> "Transfer":
        self.announced().step(CardStored(True))
        return self

    def queued(self) -> "Transfer":
        self.asked().step(Enqueued(1, self.position))
        return self

    def ringing(self) -> "Transfer":
        self.queued().step(MemberRinging(1, ANNA), after=1.0)
        return self

    def building(self) -> "Transfer":
        self.ringing().step(MemberAnswered(1, ANNA), after=3.0)
        return self

    def briefing(self) -> "Transfer":
        self.building().step(ConsultReady(1))
        return self

    def answers(self, attempt: int, member: str = ANNA) -> "Transfer":
        """A later placeholder, up to its brief."""
        self.step(Enqueued(attempt, 1), MemberRinging(attempt, member), MemberAnswered(attempt, member), ConsultReady(attempt), after=1.0)
        return self

    def bridging(self) -> "Transfer":
        self.briefing().step(BriefAnswered(1, "accept"), after=4.0)
        return self


def in_state(name: str, *, position: int | None = 1) -> Transfer:
    """A transfer in the state of that name; ``accepted`` is of mode ``consult``."""
    transfer = Transfer("consult" if name == "accepted" else "warm")
    transfer.position = position
    if name == "decided":
        return transfer
    {
        "announced": transfer.announced,
        "asked": transfer.asked,
        "queued": transfer.queued,
        "ringing": transfer.ringing,
        "building": transfer.building,
        "briefing": transfer.briefing,
        "accepted": transfer.bridging,
        "bridging": transfer.bridging,
    }[name]()
    return transfer


def told(actions: Sequence[Action]) -> list[Word]:
    return [action.what for action in actions if isinstance(action, Tell)]


def plain(actions: Sequence[Action]) -> list[Action]:
    """Without what is told, stored, logged and noted: what is taken, done and given back."""
    return [action for action in actions if not isinstance(action, Tell | StoreCard | LogQueue | Note)]


def enqueue(attempt: int, position: int | None = 1) -> Enqueue:
    return Enqueue(attempt, "front-desk", position, 0)
