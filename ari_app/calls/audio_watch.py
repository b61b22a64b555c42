"""The watchdog of one call's audio: joins what is known of its three ways with what follows. Pure: time is passed in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ari_app.calls.inflow import AskPackets, Back, Cause, GiveUp, Inflow, InflowAction, InflowLimits, LegDeaf, Lost
from ari_app.calls.outflow import Outflow
from ari_app.calls.uptake import Uptake
from ari_app.media.pulse import Pulse


class AudioFault(StrEnum):
    """Why a leg is built anew."""

    NOTHING_SENT = "nothing_sent"
    """The line is open and no packet leaves for the caller."""
    LEG_DEAF = "leg_deaf"
    """Asterisk hears the caller, the agent does not."""
    CONVERSATION_STANDS = "conversation_stands"
    """What the caller says is not taken by the conversation."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one call at one moment."""

    stage: int
    pulse: Pulse | None
    stalled: bool
    talking: bool
    """A conversation is to take what comes."""
    line: tuple[bool, int] = (False, 0)
    """Events of the line: whether some wait, how many were taken."""
    mind: tuple[bool, int] = (False, 0)
    """What the conversation has yet to look at."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    fault: AudioFault


@dataclass(frozen=True, slots=True)
class PassOn:
    """Nobody has heard the caller since they came: a person may."""


@dataclass(frozen=True, slots=True)
class EndCall:
    """The caller is gone, though nobody says so."""


AudioAction: TypeAlias = Lost | Back | AskPackets | Rebuild | PassOn | EndCall


class AudioWatch:
    """One caller, as long as they are with the agent; a new stage begins anew."""

    def __init__(self, limits: InflowLimits) -> None:
        self.inflow = Inflow(limits)
        self._stage = 0
        self._begin()

    def _begin(self) -> None:
        self._outflow, self._line, self._mind = Outflow(), Uptake(), Uptake()
        self._pulse: Pulse | None = None
        self._faulty = False

    def step(self, seen: Seen, now: float) -> list[AudioAction]:
        if seen.stage != self._stage:
            self._stage = seen.stage
            self._begin()
        pulse = seen.pulse
        if pulse is None:
            return []
        fresh, self._pulse = pulse != self._pulse, pulse
        actions = self._of_inflow(self.inflow.step(seen.stalled, pulse.quiet, pulse.received, now))
        if fresh and self._outflow.step(pulse):
            actions += self._fault(AudioFault.NOTHING_SENT)
        # Both are stepped each time, so that neither loses its count.
        stands = [self._line.step(*seen.line, now), self._mind.step(*seen.mind, now)]
        if seen.talking and any(stands):
            actions += self._fault(AudioFault.CONVERSATION_STANDS)
        return actions

    def held(self, on: bool, now: float) -> list[AudioAction]:
        return self._of_inflow(self.inflow.held(on, now))

    def packets(self, count: int, stage: int, now: float) -> list[AudioAction]:
        """Asterisk's answer to AskPackets, asked at ``stage``."""
        return self._of_inflow(self.inflow.packets(count, now)) if stage == self._stage else []

    def _of_inflow(self, found: list[InflowAction]) -> list[AudioAction]:
        actions: list[AudioAction] = []
        for action in found:
            if isinstance(action, LegDeaf):
                actions += self._fault(AudioFault.LEG_DEAF)
            elif isinstance(action, GiveUp):
                actions.append(PassOn() if action.cause is Cause.NEVER else EndCall())
            else:
                actions.append(action)
        return actions

    def _fault(self, fault: AudioFault) -> list[AudioAction]:
        """Once for a stage: what is built anew has a number of its own."""
        if self._faulty:
            return []
        self._faulty = True
        return [Rebuild(fault)]
