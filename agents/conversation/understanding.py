"""What the caller's words mean for the turn: what they weigh against the agent's, and how long more of them may be waited for."""

from dataclasses import dataclass
from typing import Final

from agents.audio import Pcm
from agents.conversation.floor import Floor
from agents.conversation.messages import Transcribed
from agents.endpointing.evidence import Evidence, Grasp, Verdict
from agents.endpointing.judge import EndOfTurnJudge
from agents.turns.events import Understood, Words
from agents.turns.words import weigh

ECHO_DELAY_S: Final = 0.3
"""The agent's words come back as an echo within this, or not at all: 250 ms on the line, and a little for the decision."""
ONE_WORD_S: Final = 0.3
"""About one word: half of it may be what came back."""
LATELY_S: Final = 8.0
"""Some two sentences."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The agent's; empty when it was silent for so long before the caller's first word that none of them can be an echo."""

    lately: str = ""
    meanwhile: str = ""
    """Those that can have been on their way back while the caller was heard."""


class Understanding:
    """One per call: the judge learns the caller's habits."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._judge = EndOfTurnJudge()
        self._verdict: tuple[int, int, Verdict] | None = None

    def weigh(self, text: str, own_words: OwnWords) -> tuple[Words, int]:
        """An echo can only be of words that were on their way back: who takes up what the agent said before that means it."""
        weight = self._weigh(text, own_words.lately)
        if weight[0] is Words.ECHO and self._weigh(text, own_words.meanwhile)[0] is not Words.ECHO:
            return self._weigh(text, "")
        return weight

    def _weigh(self, text: str, agent_text: str) -> tuple[Words, int]:
        return weigh(text, agent_text=agent_text, expected=self._floor.expected, knobs=self._floor.knobs)

    def so_far(self, heard: Transcribed, text: str, own_words: OwnWords) -> Understood:
        """In the middle of the voice."""
        words, count = self.weigh(text, own_words)
        return Understood(heard.utterance, heard.revision, words, count, 0.0)

    def at_pause(self, heard: Transcribed, text: str, own_words: OwnWords, pcm: Pcm, voiced_s: float, grasp: Grasp) -> Understood:
        """``pcm``: the sound of the whole utterance; ``voiced_s``: the voice in it, in s."""
        words, count = self.weigh(text, own_words)
        floor = self._floor
        evidence = Evidence(text=text, pcm=pcm, voiced_s=voiced_s, grasp=grasp, expected=floor.expected, asked=floor.asked)
        verdict = self._judge.wait_s(evidence, floor.knobs.endpointing)
        self._verdict = (heard.utterance, heard.revision, verdict)
        return Understood(heard.utterance, heard.revision, words, count, verdict.wait_s)

    def went_on(self, pause_s: float) -> None:
        """The caller was silent for so long and then went on: it was no end."""
        self._judge.went_on(pause_s)

    def ended(self, utterance: int, revision: int) -> Verdict | None:
        """The turn is over: what was decided about its end, None when its words came too late to decide anything."""
        self._judge.ended()
        if self._verdict is None or self._verdict[:2] != (utterance, revision):
            return None
        return self._verdict[2]
