"""A placeholder's time in the queue, from asking for it until a member answers or it is out. Pure."""

from dataclasses import dataclass
from typing import Literal

from handoff.transfer_actions import Note, Tell
from handoff.transfer_limits import TransferLimits
from handoff.transfer_news import WaitingNews
from handoff.transfer_steps import (
    Enqueued,
    EnqueueFailed,
    MemberAnswered,
    MemberGone,
    MemberMissed,
    MemberRinging,
    PlaceChanged,
    QueueLeft,
    Tick,
    TransferEvent,
)


@dataclass(frozen=True, slots=True)
class LineVerdict:
    kind: Literal["wait", "answered", "out", "broken", "vanished"]
    """``out``: the queue, or the time, has no person for the caller. ``broken``: a failure of ours."""
    word: str = ""
    """Of ``answered``: the member where it is known. Of ``out``: the QUEUESTATUS or ``wait``. Of ``broken``: ``enqueue_failed`` or
    ``enqueue_timeout``."""
    tells: tuple[Tell, ...] = ()
    notes: tuple[Note, ...] = ()


_WAIT = LineVerdict("wait")


class PlaceInLine:
    """For one attempt. ``due`` is when a Tick is due."""

    def __init__(self, limits: TransferLimits, news: WaitingNews, wait_until: float, now: float) -> None:
        self._limits = limits
        self._news = news
        self._wait_until = wait_until
        self._until = now + limits.enqueue_s
        self._entered = self._vanished = False
        self._ringing: set[str] = set()

    @property
    def rings(self) -> bool:
        return bool(self._ringing) and not self._vanished

    @property
    def due(self) -> float:
        return min(self._until, self._news.due) if self._entered and not self._vanished else self._until

    def step(self, event: TransferEvent, now: float) -> LineVerdict:
        if self._vanished:
            return self._gone(event)
        match event:
            case PlaceChanged(_, None, _) if not self._entered:
                return _WAIT
            case Enqueued(_, position, wait_s) | PlaceChanged(_, position, wait_s):
                return self._placed(position, wait_s, now)
            case EnqueueFailed(_, reason) if not self._entered:
                return LineVerdict("broken", "enqueue_failed", notes=(Note("enqueue_failed", {"reason": reason}),))
            case MemberRinging(_, member):
                return self._ring(member, now)
            case MemberMissed(_, member):
                return self._missed(member, now)
            case MemberAnswered(_, member):
                return LineVerdict("answered", member or ("".join(self._ringing) if len(self._ringing) == 1 else ""))
            case QueueLeft(_, status):
                return LineVerdict("out", status)
            case MemberGone():
                # Its QUEUESTATUS comes from AMI, this from ARI: either may be first.
                self._vanished, self._until = True, now + self._limits.status_s
            case Tick():
                return self._overdue(now)
        return _WAIT

    def _gone(self, event: TransferEvent) -> LineVerdict:
        match event:
            case QueueLeft(_, status):
                return LineVerdict("out", status)
            case Tick():
                return LineVerdict("vanished") if self._entered else LineVerdict("broken", "enqueue_failed")
        return _WAIT

    def _placed(self, position: int | None, wait_s: float | None, now: float) -> LineVerdict:
        if self._entered:
            return LineVerdict("wait", tells=tuple(self._news.changed(position, wait_s, now)))
        self._enter()
        return LineVerdict("wait", tells=tuple(self._news.joined(position, wait_s, now)))

    def _enter(self) -> None:
        self._entered, self._until = True, self._wait_until

    def _ring(self, member: str, now: float) -> LineVerdict:
        self._ringing.add(member)
        # A phone that rings when the time is over may ring to its end, and no other after it.
        self._entered, self._until = True, min(now, self._wait_until) + self._limits.ring_s
        return LineVerdict("wait", tells=tuple(self._news.ringing(now)))

    def _missed(self, member: str, now: float) -> LineVerdict:
        self._ringing.discard(member)
        if not self._ringing:
            self._enter()
        return LineVerdict("wait", tells=tuple(self._news.missed(now)))

    def _overdue(self, now: float) -> LineVerdict:
        if not self._entered:
            return LineVerdict("broken", "enqueue_timeout")
        if now < self._until:
            return LineVerdict("wait", tells=tuple(self._news.tick(now)))
        if not self._ringing:
            return LineVerdict("out", "wait")
        self._ringing.clear()
        self._enter()
        return LineVerdict("wait", notes=(Note("ring_overdue"),))
