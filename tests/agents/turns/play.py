"""A turn machine with its clock, driven as a shell drives it."""

from agents.line import VoicePaused, VoiceStarted
from agents.turns.events import ClipQueued, FloorGiven, PlaybackLeft, Tick, TurnAction, TurnEvent, Understood, Words
from agents.turns.knobs import TurnKnobs, layered
from agents.turns.machine import TurnMachine

QUIET: TurnKnobs = layered({"endpointing": {"max_delay_s": 0.5}, "listening": {"partial_every_s": 5}})
"""No partial transcripts within the short utterances of a test, and a round number for the end of a turn."""
ASK = FloorGiven(5, "0")


class Play:
    """``until`` ticks at every deadline on the way."""

    def __init__(self, knobs: TurnKnobs = QUIET) -> None:
        self.machine = TurnMachine(knobs)
        self.now = 0.0
        self.log: list[tuple[float, TurnAction]] = []

    def at(self, now: float, event: TurnEvent) -> list[TurnAction]:
        """Only what the event itself brings about."""
        self.until(now)
        actions = self.machine.step(event, now)
        self.log += [(now, action) for action in actions]
        return actions

    def until(self, now: float) -> list[TurnAction]:
        before = len(self.log)
        while (due := self.machine.deadline) is not None and due <= now:
            self.now = max(self.now, due)
            self.log += [(self.now, action) for action in self.machine.step(Tick(), self.now)]
        self.now = now
        return [action for _, action in self.log[before:]]

    def says(self, start: float, end: float, playing: str | None = None) -> list[TurnAction]:
        return [*self.at(start + 0.05, VoiceStarted(start, playing)), *self.at(end + 0.1, VoicePaused(end))]

    def understood(self, now: float, words: Words, count: int = 0, wait_s: float = 0.5) -> list[TurnAction]:
        """The transcript that was asked for latest."""
        self.until(now)
        current = self.machine.utterance
        assert current is not None
        return self.at(now, Understood(current.id, current.revision, words, count, wait_s))

    def speaks(self, now: float, clip: str = "a", *, interruptible: bool = True, left_s: float = 3.0) -> None:
        """The agent has something in the queue."""
        self.at(now, ClipQueued(clip, interruptible))
        self.at(now, PlaybackLeft(left_s))
