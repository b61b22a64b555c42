"""Who holds a line: a sound that may be a voice, a voice, or the conversation. Pure.

A suspicion holds until it is taken back or confirmed. A voice, or the conversation itself, holds until the conversation decides. The
conversation may decide while a newer voice is on its way to it: such a decision is about an older voice and does not let go.
"""

from enum import Enum


class Order(Enum):
    HOLD = "hold"
    RESUME = "resume"


class Reflex:
    """``enabled``: the caller's voice holds the line by itself. ``something``: something that may be interrupted plays or is queued."""

    __slots__ = ("_kept", "_suspected", "_voice", "_voices", "enabled")

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._kept = False
        self._suspected = False
        self._voices = 0
        """Talk spurts so far."""
        self._voice = 0
        """Number of the one that holds; 0 when the conversation does."""

    def suspected(self, something: bool) -> Order | None:
        if not self.enabled or not something:
            return None
        self._suspected = True
        return Order.HOLD

    def doubted(self) -> Order | None:
        was, self._suspected = self._suspected, False
        return Order.RESUME if was and not self._kept else None

    def voice(self, something: bool) -> Order | None:
        """A talk spurt began."""
        self._voices += 1
        self._suspected = False
        if not self.enabled or not something:
            return None
        self._kept, self._voice = True, self._voices
        return Order.HOLD

    def hold(self) -> Order:
        """The conversation holds."""
        self._kept = True
        return Order.HOLD

    def resume(self, voices: int) -> Order | None:
        """The conversation lets go, having heard of so many talk spurts."""
        if voices < self._voice:
            return None
        self._kept, self._voice = False, 0
        return None if self._suspected else Order.RESUME

    def stopped(self) -> None:
        """Nothing is left to hold."""
        self._kept = self._suspected = False
        self._voice = 0
