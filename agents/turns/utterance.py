"""What the turn machine knows of the utterance in the making."""

from dataclasses import dataclass

from agents.turns.events import Transcribe, Understood, Words


@dataclass(slots=True)
class Utterance:
    """From the first VoiceStarted to its Commit or Discard(whole=True). Its voice comes in spells with short pauses between them.

    Times are on the line's clock, in s.
    """

    id: int
    started_at: float
    onset: float
    """When the latest spell of voice began."""
    ended_at: float
    """End of the last voiced frame so far."""
    voiced: bool = True
    revision: int = 0
    words: Words | None = None
    """What the latest transcript of this spell weighs; None before there is one."""
    count: int = 0
    wait_s: float | None = None
    """Silence that ends the turn, once the words of the pause are known."""
    asking: bool = False
    """A transcript is on its way."""
    asked_voice_s: float = 0.0
    """The voice that it covers."""
    real: bool = False
    """Known to be a turn of the caller: no later transcript takes that back."""
    overdue: bool = False
    """Its end of turn has passed while a sentence that must not be interrupted was playing."""
    earlier_s: float = 0.0
    """Voice in the spells before the latest."""
    nodded_s: float = 0.0
    """Voice up to the latest moment for the agent's own backchannel."""

    def voice_s(self, now: float) -> float:
        """Voice so far, pauses left out."""
        return self.earlier_s + max(0.0, (now if self.voiced else self.ended_at) - self.onset)

    def go_on(self, at: float) -> None:
        """The voice is back after a pause."""
        self.earlier_s = self.voice_s(at)
        self.onset, self.voiced, self.overdue = max(at, self.ended_at), True, False
        self.words, self.count, self.wait_s, self.asking = None, 0, None, False

    def pause(self, at: float) -> None:
        self.ended_at = max(self.ended_at, at)
        self.voiced = False

    def transcribe(self, now: float) -> Transcribe:
        self.revision += 1
        self.asking, self.asked_voice_s = True, self.voice_s(now)
        return Transcribe(self.id, self.revision, partial=self.voiced)

    def understand(self, transcript: Understood) -> None:
        """The transcript that was asked for latest."""
        self.asking = False
        self.words, self.count = transcript.words, transcript.count
        self.wait_s = None if self.voiced else transcript.wait_s
