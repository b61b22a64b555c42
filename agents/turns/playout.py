"""What the agent has queued, and whether the line holds it back until it is known if the caller interrupts."""

from enum import Enum

from agents.line import VoiceStarted


class Settled(Enum):
    STOP = "stop"
    RELEASE = "release"
    """A protected sentence waits behind the one that is held: it can be heard only if that one goes on."""


class Playout:
    """``held`` from the caller's first voice over something interruptible until it is stopped or goes on."""

    def __init__(self) -> None:
        self.clips: dict[str, bool] = {}
        """Queued or playing, in this order, to whether they may be interrupted."""
        self.held = False
        self.yielding = False
        """The caller has interrupted; what may be stopped stops as soon as nothing protected is in the way."""
        self._stopped: set[str] = set()

    @property
    def protected(self) -> bool:
        """A sentence that must be heard to its end is queued or playing."""
        return not all(self.clips.values())

    @property
    def interruptible(self) -> bool:
        """Something is queued or playing that could be stopped, and was not told to stop yet."""
        return any(interruptible for clip, interruptible in self.clips.items() if clip not in self._stopped)

    @property
    def undecided(self) -> bool:
        return self.held and not self.yielding

    def held_by(self, event: VoiceStarted) -> bool:
        """Whether the line certainly holds itself: the caller spoke over a clip that may be interrupted."""
        return event.playing is not None and self.clips.get(event.playing, False)

    def yield_floor(self) -> None:
        self.yielding = self.held or self.interruptible

    def ended(self, clip: str) -> bool:
        """Whether the clip was one of ours."""
        self._stopped.discard(clip)
        return self.clips.pop(clip, None) is not None

    def settle(self) -> Settled | None:
        """What can be done now for a caller who has interrupted."""
        self.yielding = self.yielding and (self.held or self.interruptible)
        if not self.yielding:
            return None
        if not self.protected:
            self.held = self.yielding = False
            self._stopped |= set(self.clips)
            return Settled.STOP
        first = next((interruptible for clip, interruptible in self.clips.items() if clip not in self._stopped), False)
        if self.held and first:
            self.held = False
            return Settled.RELEASE
        return None

    def forget_clips(self) -> None:
        """Their ends were never reported; a hold stays to be decided."""
        self.clips.clear()
        self._stopped.clear()
