"""Whether the caller can be heard, and when not, why: what is told, what is asked of Asterisk, and what is done after which time.

Pure: time is passed in. ``stalled`` means that the media process has had no packet for more than a second. That alone is no fault: a
caller on hold sends nothing, and a telephone that suppresses silence sends nothing while nobody speaks. So Asterisk is asked how many
packets it had from the caller: when they come in there and not here, the fault lies between the two of us.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

SECOND_ASK_S: Final = 0.2
"""Between the first and the second question, which together give a rate."""
ASK_EVERY_S: Final = 5.0
"""While it lasts: a telephone that suppresses silence sends comfort noise now and then."""
ARRIVING_PER_S: Final = 10.0
"""Packets that are speech; comfort noise comes far less often."""
PAUSES: Final = 3
"""Gaps that ended by themselves, after which the telephone is known to suppress silence."""


class Cause(StrEnum):
    HOLD = "hold"
    """The caller put us on hold (re-INVITE)."""
    COMFORT_NOISE = "comfort_noise"
    """The telephone says that it sends nothing while nobody speaks."""
    PAUSES = "pauses"
    """It does so without saying it; known from this call."""
    LEG = "leg"
    """Asterisk hears the caller, we do not hear Asterisk."""
    NEVER = "never"
    """Not one packet since the call was answered: a firewall or NAT in the caller's way."""
    STOPPED = "stopped"
    """The caller's network or telephone is gone, or they muted it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """To be told, once for each cause."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Back:
    after_s: float
    cause: Cause


@dataclass(frozen=True, slots=True)
class AskPackets:
    """``Inflow.packets`` is to be told how many packets Asterisk has had from the caller."""


@dataclass(frozen=True, slots=True)
class LegDeaf:
    """The way from Asterisk to us is broken."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    cause: Cause


InflowAction: TypeAlias = Lost | Back | AskPackets | LegDeaf | GiveUp


@dataclass(frozen=True, slots=True)
class InflowLimits:
    """Seconds."""

    never_s: float = 20.0
    stopped_s: float = 45.0


class Inflow:
    """One caller with the agent."""

    def __init__(self, limits: InflowLimits) -> None:
        self._limits = limits
        self._held = False
        self._held_at = 0.0
        self._since: float | None = None
        """The packets have been missing since."""
        self._alive_at = 0.0
        """The caller gave their last sign of life."""
        self._cause: Cause | None = None
        self._ask_at: float | None = None
        self._packets: tuple[float, int] | None = None
        """The answer before, and when."""
        self._pauses = 0
        self._given_up = False

    @property
    def cause(self) -> Cause | None:
        """None while the caller can be heard, and as long as it is not known why not."""
        return self._cause

    def held(self, on: bool, now: float) -> list[InflowAction]:
        """Asterisk says that the caller holds the call, or takes it back."""
        self._alive_at = now
        if on is self._held:
            return []
        self._held = on
        if on:
            self._held_at = now
            return self._told(Cause.HOLD)
        self._cause = None
        if self._since is not None:  # nothing comes yet: from here on it is a fault
            self._since = self._ask_at = now
            self._packets = None
        return [Back(now - self._held_at, Cause.HOLD)]

    def sign_of_life(self, now: float) -> None:
        """A key, for one."""
        self._alive_at = now

    def step(self, stalled: bool, quiet: bool, received: int, now: float) -> list[InflowAction]:
        """``quiet``: comfort noise was the last that came; ``received``: packets so far."""
        if not stalled:
            return self._heard(now)
        if self._since is None:
            self._since = self._alive_at = now
            self._packets, self._ask_at = None, now
        if self._held:
            self._alive_at = now
            return self._told(Cause.HOLD)
        if quiet:
            self._alive_at = now
            return self._told(Cause.COMFORT_NOISE)
        actions: list[InflowAction] = []
        if self._cause is None and self._pauses >= PAUSES:
            actions += self._told(Cause.PAUSES)
        elif self._cause is None and now - self._since >= 2 * SECOND_ASK_S - 1e-9:
            # Asterisk does not say: what we have heard ourselves is all there is.
            actions += self._told(Cause.STOPPED if received else Cause.NEVER)
        if self._ask_at is not None and now >= self._ask_at:
            self._ask_at = now + ASK_EVERY_S
            actions.append(AskPackets())
        return actions + self._overdue(now)

    def packets(self, count: int, now: float) -> list[InflowAction]:
        """Asterisk's answer: packets from the caller so far."""
        if self._since is None or self._held:
            return []
        before, self._packets = self._packets, (now, count)
        if before is None:
            self._ask_at = now + SECOND_ASK_S
            return []
        came, within_s = count - before[1], max(now - before[0], 0.01)
        if came / within_s >= ARRIVING_PER_S:
            return [*self._told(Cause.LEG), LegDeaf()]
        if came > 0:
            self._alive_at = now
            return self._told(Cause.COMFORT_NOISE)
        if self._cause is None:
            return self._told(Cause.STOPPED if count else Cause.NEVER)
        return []

    def _heard(self, now: float) -> list[InflowAction]:
        if self._since is None:
            return []
        after_s, cause = now - self._since, self._cause
        self._since = self._ask_at = None
        self._given_up = False
        if cause is None or self._held:
            return []
        self._cause = None
        self._pauses += cause in (Cause.STOPPED, Cause.COMFORT_NOISE)
        return [Back(after_s, cause)]

    def _told(self, cause: Cause) -> list[InflowAction]:
        if cause is self._cause:
            return []
        self._cause = cause
        return [Lost(cause)]

    def _overdue(self, now: float) -> list[InflowAction]:
        limit_s = {Cause.NEVER: self._limits.never_s, Cause.STOPPED: self._limits.stopped_s}.get(self._cause or Cause.HOLD)
        if limit_s is None or self._given_up or now - self._alive_at < limit_s or self._cause is None:
            return []
        self._given_up = True
        return [GiveUp(self._cause)]
