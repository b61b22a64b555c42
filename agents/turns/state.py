"""What the turn machine remembers of a call, and the timers that follow from it."""

import math

from agents.turns.events import FloorGiven
from agents.turns.keypad import Keypad
from agents.turns.knobs import TurnKnobs
from agents.turns.playout import Playout
from agents.turns.timers import Timer, Timers
from agents.turns.utterance import Utterance


class TurnState:
    """Times are on the line's clock, in s."""

    def __init__(self, knobs: TurnKnobs) -> None:
        self.knobs = knobs
        self.timers = Timers()
        self.utterance: Utterance | None = None
        self.utterances = 0
        self.floor: FloorGiven | None = None
        """What is asked of the caller; None while the agent works on an answer."""
        self.asked: FloorGiven | None = None
        """What the latest turn answered, or would have if it had been one."""
        self.playout = Playout()
        self.keypad = Keypad()
        self.quiet_since = 0.0
        self.left_s = math.inf
        """What the caller had still to hear when the voice began."""
        self.last_moment = 0.0
        """When a voice that goes on must have been decided upon, while the line is held."""
        self.closed = False

    @property
    def deadline(self) -> float | None:
        """When the next Tick is due; None: no timer runs."""
        return self.timers.next()

    @property
    def clips(self) -> dict[str, bool]:
        """Queued or playing, in this order, to whether they may be interrupted."""
        return self.playout.clips

    @property
    def protected(self) -> bool:
        """A sentence that must be heard to its end is queued or playing."""
        return self.playout.protected

    @property
    def held(self) -> bool:
        """The line is held until it is known whether the caller interrupts, or until a protected sentence is over."""
        return self.playout.held

    @property
    def voiced(self) -> bool:
        """The caller's voice is on."""
        return self.utterance is not None and self.utterance.voiced

    @property
    def keys(self) -> str:
        """Pressed and not committed yet."""
        return self.keypad.keys

    def open(self, at: float) -> Utterance:
        """A new utterance; the voice is on."""
        self.utterances += 1
        self.utterance = Utterance(self.utterances, at, at, at)
        self.timers.arm(Timer.MAX_UTTERANCE, at + self.knobs.listening.max_utterance_s)
        self.timers.arm(Timer.PARTIAL, at + self.knobs.listening.partial_every_s)
        return self.utterance

    def shut(self) -> Utterance | None:
        """The utterance, which is over, and with it its timers."""
        current, self.utterance = self.utterance, None
        self.timers.cancel(Timer.END_OF_TURN, Timer.MAX_UTTERANCE, Timer.PARTIAL, Timer.DECISION)
        return current

    def await_end(self) -> None:
        """The voice has paused: the turn ends after the wait that its words deserve, or that of words unknown."""
        current = self.utterance
        if current and not current.voiced and not current.overdue:
            wait = self.knobs.endpointing.max_delay_s if current.wait_s is None else current.wait_s
            self.timers.arm(Timer.END_OF_TURN, current.ended_at + wait)

    def await_input(self, now: float) -> None:
        """Arm no-input when the caller has the floor and everything is quiet; counted from the end of the playback."""
        if self.floor is None or self.clips or self.utterance or self.keys:
            return
        due = self.quiet_since + self.knobs.listening.no_input_timeout_s
        self.timers.arm(Timer.NO_INPUT, max(due, now + self.knobs.listening.noise_grace_s))

    def await_clip(self, now: float) -> None:
        """The end of what plays will be reported, or else be taken for granted."""
        self.timers.arm(Timer.PLAYBACK, now + self.knobs.speaking.playback_limit_s)
