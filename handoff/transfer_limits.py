"""The knobs of a transfer: its mode, its time limits and what happens when no person is to be had."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["warm", "announced", "consult", "blind"]
"""``warm``: the member hears the brief and accepts or declines. ``announced``: hears it and is joined. ``consult``: accepts, then the AI
introduces both to each other. ``blind``: the caller goes into the queue as soon as the card is stored."""

OnFail: TypeAlias = Literal["back_to_agent", "callback", "other_queue"]


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Seconds unless said otherwise. Raises ValueError for a limit that could not work."""

    card_s: float = 0.5
    """For the card to be stored; then the transfer goes on without waiting for it."""
    enqueue_s: float = 3.0
    """Between asking for a placeholder and its place in line."""
    wait_s: float = 300.0
    """From the start until the caller has waited enough; a phone that rings then may ring to its end."""
    ring_s: float = 30.0
    """A phone believed to ring this long without news does not ring any more. Above the queue's own ``timeout``."""
    status_s: float = 0.3
    """A placeholder that vanished: its QUEUESTATUS arrives by another way and may come later than its end."""
    consult_s: float = 3.0
    """For the second media leg; then caller and member are joined without a brief."""
    accept_s: float = 15.0
    """From the start of the brief to the member's answer; a repeat starts it anew."""
    introduce_s: float = 12.0
    """For the three-way introduction of the mode ``consult``."""
    join_s: float = 2.0
    parting_s: float = 3.0
    """For the sentence that tells a member why the call is taken away from them."""
    max_declines: int = 6
    """Declined, or answered and not accepted, by whichever members."""
    max_repeats: int = 2
    """Times that one member may hear the brief again."""
    max_attempts: int = 12
    """Placeholders in one transfer."""
    news_every_s: float = 45.0
    """The caller hears of their place at least this often."""
    news_gap_s: float = 10.0
    """And at most this often, however fast the line moves."""
    long_wait_s: float = 30.0
    """At position 1, an expected wait above this is told on joining the line."""
    offer_callback_s: float = 90.0
    """Expected wait above which a callback is offered."""
    offer_again_s: float = 180.0
    on_fail: OnFail = "back_to_agent"
    other_queue: str = ""
    """For ``on_fail="other_queue"``."""

    def __post_init__(self) -> None:
        for name in (name for name in self.__slots__ if name.endswith("_s")):
            if not 0 < getattr(self, name) < 86400:
                raise ValueError(f"transfer: {name} is {getattr(self, name)!r}; it takes seconds between 0 and a day")
        for name in ("max_declines", "max_attempts"):
            if getattr(self, name) < 1:
                raise ValueError(f"transfer: {name} is {getattr(self, name)!r}; it must be at least 1")
        if self.on_fail == "other_queue" and not self.other_queue:
            raise ValueError('transfer: on_fail "other_queue" needs the name of a queue in other_queue')
