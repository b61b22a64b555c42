"""When a waiting caller is told of their place in line, and when a callback is offered. Pure; seconds on any monotonic clock."""

from handoff.transfer_actions import Tell, Word
from handoff.transfer_limits import TransferLimits


class WaitingNews:
    """What the caller has been told in one transfer. ``position`` and ``wait_s`` are the newest known; None while they are not.

    The place is told on joining the line when there is something to wait for, when it gets better, and every ``news_every_s``. A callback
    is offered as soon as the expected wait is known to be long, and again while it stays so.
    """

    def __init__(self, limits: TransferLimits, now: float) -> None:
        self.position: int | None = None
        self.wait_s: float | None = None
        self._limits = limits
        self._begun = self._last = now
        self._told: int | None = None
        """The place that the caller knows of."""
        self._offered: float | None = None
        self._rang = self._missed = False

    @property
    def due(self) -> float:
        """When ``tick`` has something to tell, as far as is known now."""
        soonest = self._last + self._limits.news_gap_s
        times = [self._last + self._limits.news_every_s]
        if self._better():
            times.append(soonest)
        if self._long():
            times.append(soonest if self._offered is None else max(soonest, self._offered + self._limits.offer_again_s))
        return min(times)

    def joined(self, position: int | None, wait_s: float | None, now: float) -> list[Tell]:
        """The placeholder has its place in line."""
        self._know(position, wait_s)
        if self._told is not None:
            return self.tick(now)
        if (position or 1) > 1 or (wait_s or 0) > self._limits.long_wait_s:
            return [*self._place(now), *self._offer(now)]
        return []

    def changed(self, position: int | None, wait_s: float | None, now: float) -> list[Tell]:
        """The board's news; None is no news."""
        self._know(position, wait_s)
        return self.tick(now)

    def tick(self, now: float) -> list[Tell]:
        if now < self.due:
            return []
        place = self._place(now) if self._better() or now >= self._last + self._limits.news_every_s else []
        return [*place, *self._offer(now)]

    def ringing(self, now: float) -> list[Tell]:
        """Worth a word once, to those who have heard of a line."""
        if self._rang or self._told is None or now < self._last + self._limits.news_gap_s:
            return []
        self._rang = True
        return self.say(Tell(Word.RINGING), now)

    def missed(self, now: float) -> list[Tell]:
        """A phone rang in vain. Told once: a caller who hears it of every phone hears that nobody wants them."""
        if self._missed or now < self._last + self._limits.news_gap_s:
            return []
        self._missed = True
        return self.say(Tell(Word.STILL_LOOKING, {"reason": "no_answer"}), now)

    def say(self, tell: Tell, now: float) -> list[Tell]:
        """Something else is told, after which news may wait."""
        self._last = now
        return [tell]

    def next_in_line(self) -> None:
        """The caller knows that they are the next."""
        self.position = self._told = 1

    def _know(self, position: int | None, wait_s: float | None) -> None:
        self.position = self.position if position is None else position
        self.wait_s = self.wait_s if wait_s is None else wait_s

    def _better(self) -> bool:
        return self.position is not None and self._told is not None and self.position < self._told

    def _long(self) -> bool:
        return self.wait_s is not None and self.wait_s > self._limits.offer_callback_s

    def _place(self, now: float) -> list[Tell]:
        self._told = self.position if self.position is not None else self._told
        return self.say(Tell(Word.PLACE, {"position": self.position, "wait_s": self.wait_s, "waited_s": round(now - self._begun, 1)}), now)

    def _offer(self, now: float) -> list[Tell]:
        again = self._offered is None or now >= self._offered + self._limits.offer_again_s
        if not (self._long() and again):
            return []
        self._offered = now
        return self.say(Tell(Word.CALLBACK_OFFER, {"wait_s": self.wait_s}), now)
