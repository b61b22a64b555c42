"""When an Asterisk that runs no longer answers SIP. Pure: what was seen and the time are passed in."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

LEAST_MISSED: Final = 3
"""Questions without an answer, one after the other: we may have been held up ourselves."""


class SipChange(Enum):
    STANDS = "stands"
    ANSWERS_AGAIN = "answers_again"


@dataclass(slots=True)
class SipWatch:
    """One Asterisk. A life of it is only given up on when SIP was answered in it: one that is starting may take its time."""

    limit_s: float
    stands: bool = False
    """From the moment it is given up on to the next answer, be it in another life."""
    _life: int | None = None
    """In which SIP was answered."""
    _answered_at: float = 0.0
    _missed: int = 0

    def step(self, life: int | None, answered: bool, now: float) -> SipChange | None:
        """``life``: another number after each start, None while it does not run. STANDS comes once in a life, until SIP is answered."""
        if answered:
            stood, self.stands = self.stands, False
            self._life, self._answered_at, self._missed = life, now, 0
            return SipChange.ANSWERS_AGAIN if stood else None
        if life is None or life != self._life:
            self._missed = 0
            return None
        self._missed += 1
        if self.stands or self._missed < LEAST_MISSED or now - self._answered_at < self.limit_s:
            return None
        self.stands = True
        return SipChange.STANDS
