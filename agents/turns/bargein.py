"""Whether the caller who speaks while the agent has something to say interrupts it: by the words, or by the voice when there are none.

The line is held meanwhile, so the caller hears the agent fall silent at once whatever is decided, and a decision may take its time.
"""

from enum import Enum
from typing import Final

from agents.turns.events import Words
from agents.turns.knobs import TurnKnobs
from agents.turns.utterance import Utterance

NO_INTERRUPTION: Final = frozenset({Words.NONE, Words.ECHO, Words.ACK})

TRUSTED_S: Final = 0.6
"""Of less voice than this a partial transcript is a guess (half a "mm-hm" is written as any short word): its words wait for the pause or
for the next transcript."""


class Verdict(Enum):
    YIELD = "yield"
    """The caller takes the turn."""
    GO_ON = "go_on"
    """It was nothing; the agent continues."""
    WAIT = "wait"


def by_words(utterance: Utterance, *, answering: bool, knobs: TurnKnobs) -> Verdict:
    """By the latest transcript. ``answering``: the question that it would answer has been heard, all but its end."""
    words = utterance.words
    if words is Words.STOP or (answering and words is Words.ACK):
        return Verdict.YIELD
    enough = words is Words.SPEECH and (answering or utterance.count >= knobs.bargein.min_words)
    if utterance.voiced:
        return Verdict.YIELD if enough and utterance.asked_voice_s >= TRUSTED_S else Verdict.WAIT
    return Verdict.YIELD if enough else Verdict.GO_ON


def by_time(utterance: Utterance, now: float, *, last_moment: bool, knobs: TurnKnobs) -> Verdict:
    """The time for words is over; if there are any they are those of an earlier, partial transcript.

    A voice that goes on interrupts, unless its words so far say otherwise: then only the ``last_moment`` ends the wait. Once it has paused,
    its length decides: what would count as noise anywhere else (``listening.noise_below_s``) interrupts nobody.
    """
    if utterance.words in NO_INTERRUPTION:
        return Verdict.WAIT if utterance.voiced and not last_moment else Verdict.GO_ON
    if utterance.voiced or utterance.words or utterance.voice_s(now) >= knobs.listening.noise_below_s:
        return Verdict.YIELD
    return Verdict.GO_ON
