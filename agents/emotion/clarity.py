"""How far the words of an utterance can be believed, by how sure the recogniser was of them.

Noise is made into words too, and some of those are curses and complaints. What is wrongly heard is mostly heard unsurely: of 15 calm
simulated calls that were passed on while all words counted in full, 10 were so for a text with a confidence below 0.65.
"""

from typing import Final

MADE_UP: Final = 0.3
"""Confidence up to which a text says nothing; below it Moonshine throws its own texts away (``agents.stt.moonshine``)."""
CLEAR: Final = 0.6
"""Confidence from which the words count in full. It halves the simulated calm calls that are passed on and costs hardly an angry one; from
0.7 on more of the angry ones are lost (``bench emotion_calls --recognise``)."""


def clarity(confidence: float | None) -> float:
    """0 to 1, what the words count. None: the recogniser does not say, or somebody typed them; then they are believed."""
    if confidence is None:
        return 1.0
    return max(0.0, min(1.0, (confidence - MADE_UP) / (CLEAR - MADE_UP)))
