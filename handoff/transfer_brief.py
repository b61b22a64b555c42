"""What becomes of a member who has answered: they are briefed, and in mode ``consult`` introduced. Pure."""

from dataclasses import dataclass
from typing import Literal

from handoff.transfer_actions import Action, Brief, Note
from handoff.transfer_limits import Mode, TransferLimits
from handoff.transfer_steps import BriefAnswered, BriefEnded, ConsultFailed, ConsultReady, IntroduceDone, Tick, TransferEvent


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Literal["wait", "introduce", "join", "refused"]
    word: str = ""
    """Of ``join``: ``accepted``, ``announced``, ``introduced`` or ``unbriefed``. Of ``refused``: ``declined`` or ``no_accept``."""
    actions: tuple[Action, ...] = ()


_WAIT = Verdict("wait")


class MemberBrief:
    """For one attempt, from the answer to the verdict. ``until`` is when a Tick is due."""

    def __init__(self, attempt: int, mode: Mode, limits: TransferLimits, now: float) -> None:
        self.ready = False
        """The member can be spoken to."""
        self.until = now + limits.consult_s
        self._attempt = attempt
        self._mode = mode
        self._limits = limits
        self._repeats = 0
        self._introducing = False

    def step(self, event: TransferEvent, now: float) -> Verdict:
        if self._introducing:
            return self._introduced(event)
        match event:
            case ConsultReady() if not self.ready:
                self.ready, self.until = True, now + self._limits.accept_s
                return Verdict("wait", actions=(Brief(self._attempt),))
            case ConsultFailed(_, reason):
                return self.unbriefed(reason)
            case Tick() if not self.ready:
                return self.unbriefed("timeout")
            case BriefEnded() if self.ready and self._mode == "announced":
                return Verdict("join", "announced")
            case BriefAnswered(_, answer) if self.ready:
                return self._answered(answer, now)
            case Tick():
                return self._answered("none", now)
        return _WAIT

    def unbriefed(self, reason: str) -> Verdict:
        """A person on the line is worth more than a brief."""
        if self._introducing:
            return self._not_introduced(reason)
        return Verdict("join", "unbriefed", (Note("unbriefed", {"reason": reason}),))

    def _answered(self, answer: str, now: float) -> Verdict:
        match answer:
            case "accept" if self._mode == "consult":
                self._introducing, self.until = True, now + self._limits.introduce_s
                return Verdict("introduce")
            case "accept":
                return Verdict("join", "accepted")
            case "decline":
                return Verdict("refused", "declined")
            case "none":
                return Verdict("join", "announced") if self._mode == "announced" else Verdict("refused", "no_accept")
        if self._repeats >= self._limits.max_repeats:
            return _WAIT
        self._repeats += 1
        self.until = now + self._limits.accept_s
        return Verdict("wait", actions=(Brief(self._attempt, self._repeats),))

    def _introduced(self, event: TransferEvent) -> Verdict:
        match event:
            case IntroduceDone(_, ""):
                return Verdict("join", "introduced")
            case IntroduceDone(_, reason) | ConsultFailed(_, reason):
                return self._not_introduced(reason)
            case Tick():
                return self._not_introduced("timeout")
        return _WAIT

    def _not_introduced(self, reason: str) -> Verdict:
        return Verdict("join", "accepted", (Note("introduction_failed", {"reason": reason}),))
