"""What a transfer owns, and the actions that take it and give it back. Nothing here decides.

Rows in queue_log: app_queue writes its own for the placeholder (ENTERQUEUE, CONNECT, COMPLETE…, ABANDON). One row ``PATCHCORD`` per
placeholder says what they meant, so that reports can count callers instead of placeholders. ``data1`` is

- ``joined``: the CONNECT is a person with the caller;
- ``declined``, ``no_accept``, ``member_left``: CONNECT and COMPLETE were a member who did not take the call;
- ``caller_left``: the ABANDON, or the COMPLETE, is the caller's;
- ``callback``, ``back_to_agent``, ``blind``, ``other_queue``, ``phone``: the ABANDON is no abandonment, the caller went on elsewhere;
- ``vanished``: the placeholder was lost and the caller lined up again.

``data2`` is the detail of a TransferResult, where there is one. The dialplan writes one more row, ``colleague`` with the phone in
``data2``, whenever a person who has a caller rings a colleague to give them on.
"""

from collections.abc import Iterable

from handoff.transfer_actions import (
    Action,
    BuildConsult,
    CardState,
    DropConsult,
    DropMember,
    Enqueue,
    LogQueue,
    ResultKind,
    StartCompany,
    StopCompany,
    StoreCard,
    Tell,
    TransferResult,
)
from handoff.transfer_steps import Held, Kind

_COMPANY = Held(Kind.COMPANY)
_RESTARTS = 2
_CARD: dict[ResultKind, CardState] = {"joined": "joined", "back_to_agent": "returned", "callback": "callback", "caller_left": "left"}
"""A caller who goes on to another place is still to be taken: ``requested``."""


class Holdings:
    def __init__(self) -> None:
        self.held: set[Held] = set()
        self.logs = True
        """False once AMI is lost: there is nobody to write rows."""
        self._card: CardState | None = None
        self._restarts = 0
        self._company_wanted = False

    def card(self, state: CardState) -> list[Action]:
        """The card says so, if it does not yet."""
        if self._card == state:
            return []
        self._card = state
        return [StoreCard(state)]

    # The caller's company

    @property
    def company(self) -> bool:
        return _COMPANY in self.held

    def want_company(self) -> list[Action]:
        self._company_wanted = True
        return self.company_back()

    def company_back(self) -> list[Action]:
        """As it should be while the caller waits, unless it has failed too often or was said goodbye to."""
        if self.company or not self._company_wanted:
            return []
        self.held.add(_COMPANY)
        return [StartCompany()]

    def company_ended(self, *, again: bool) -> None:
        """It ended by itself; ``again``: the caller still wants one."""
        self.held.discard(_COMPANY)
        self._restarts += 1
        self._company_wanted = self._company_wanted and again and self._restarts <= _RESTARTS

    def stop_company(self) -> list[Action]:
        if not self.company:
            return []
        self.held.discard(_COMPANY)
        return [StopCompany()]

    def tell(self, tells: Iterable[Tell]) -> list[Action]:
        """Those that there is somebody to say."""
        return [*tells] if self.company else []

    # Attempts

    def alive(self, attempt: int) -> bool:
        return Held(Kind.ATTEMPT, attempt) in self.held

    def enqueue(self, attempt: int, queue: str, position: int | None, priority: int) -> list[Action]:
        self.held.add(Held(Kind.ATTEMPT, attempt))
        return [Enqueue(attempt, queue, position, priority)]

    def build_consult(self, attempt: int) -> list[Action]:
        self.held.add(Held(Kind.CONSULT, attempt))
        return [BuildConsult(attempt)]

    def end_attempt(self, attempt: int, member: str, word: str, detail: str = "", *, joined: bool = False) -> list[Action]:
        """Give back what there is of it; a member who is joined stays with the caller. ``word`` as in the module's list."""
        actions: list[Action] = []
        if self.alive(attempt):
            self.held.discard(Held(Kind.ATTEMPT, attempt))
            if self.logs:
                actions.append(LogQueue(attempt, member, "PATCHCORD", (word, detail) if detail else (word,)))
            if not joined:
                actions.append(DropMember(attempt, word))
        if Held(Kind.CONSULT, attempt) in self.held:
            self.held.discard(Held(Kind.CONSULT, attempt))
            actions.append(DropConsult(attempt))
        return actions

    def give_back(self, attempt: int, member: str, result: TransferResult, word: str = "") -> list[Action]:
        """Everything, for this result; ``word``: what became of the attempt where it is not what became of the transfer."""
        detail = "" if word else result.detail
        actions = self.end_attempt(attempt, member, word or result.kind, detail, joined=result.kind == "joined")
        return [*actions, *self.stop_company(), *self.card(_CARD.get(result.kind, "requested"))]
