"""What is known at a pause of the caller, and what follows from it."""

from dataclasses import dataclass
from enum import Enum

from agents.audio import Pcm
from agents.turns.events import Expected


class Grasp(Enum):
    """What the dialogue makes of the words so far."""

    COMPLETE = "complete"
    """An intention is matched or a slot is filled. Of a number: it has as many digits as it can have at most."""
    PARTIAL = "partial"
    """Half a number."""
    UNKNOWN = "unknown"
    """Nothing can be told; also of a number that may be whole or may go on."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    text: str
    """The words so far as the recogniser wrote them; empty when it heard none."""
    pcm: Pcm
    """The whole utterance so far, quiet after the last voiced frame included or not."""
    voiced_s: float
    """Voice in the utterance, pauses apart, in s, 0 or more."""
    grasp: Grasp
    expected: Expected
    asked: str
    """The agent's last sentence; empty when it has said nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    p_finished: float
    """0 (surely goes on) to 1 (surely over)."""
    wait_s: float
    """Silence after the last voiced frame that ends the turn, in s."""
