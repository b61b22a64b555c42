"""From P(finished) to a wait: the less sure, the longer."""

import re
from dataclasses import dataclass
from typing import Final

from agents.turns.knobs import EndpointingKnobs

SURE: Final = 0.82
"""From this P on the wait is the least one. The higher, the fewer cut-ins and the later the answers. Of callers' sentences and voices
that the trees had not seen (``fit --unseen``), 4 % of the pauses lie above and 46 % of the ends; below BROKEN 45 and 5 %. Of
announcements that one person reads, left out with her voice, 41 and 81 % lie above SURE: too sure of what is strange."""
OPEN: Final = 0.74
"""From here down to BROKEN nothing can be told; between OPEN and SURE the wait falls with P."""
BROKEN: Final = 0.055
"""Below this the words break off."""
LOST: Final = 0.005
"""From here down the wait is that of an unfinished turn."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Silences in s, each at least as long as the one before."""

    least: float
    open: float
    unfinished: float


def delays(knobs: EndpointingKnobs, asked: str, heard: str) -> Delays:
    """Those in force after the agent's sentence ``asked`` and the caller's words ``heard``."""
    least, most = knobs.min_delay_s, knobs.max_delay_s
    for rule in knobs.rules:
        if re.search(rule.after, asked, re.IGNORECASE) and re.search(rule.heard, heard, re.IGNORECASE):
            least = least if rule.min_delay_s is None else rule.min_delay_s
            most = most if rule.max_delay_s is None else rule.max_delay_s
            break
    most = max(least, most)
    return Delays(least, most, max(most, knobs.unfinished_delay_s))


def wait_s(p_finished: float, silence: Delays, extra_s: float = 0.0) -> float:
    """Never rises with ``p_finished``, 0 to 1. ``extra_s``, 0 or more, counts where nothing can be told."""
    doubt = (SURE - min(max(p_finished, OPEN), SURE)) / (SURE - OPEN)
    broken = (BROKEN - min(max(p_finished, LOST), BROKEN)) / (BROKEN - LOST)
    return silence.least + doubt * (silence.open + extra_s - silence.least) + broken * (silence.unfinished - silence.open)
