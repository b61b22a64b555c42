"""How an agent talks to a caller, as data: whoever decides it need not know a conversation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """The default is the usual way."""

    pace: float = 1.0
    """Of the voice: 0.7 to 1.1; below 1 is slower."""
    slow_readback: bool = False
    """Numbers are read back one by one, with pauses."""
    short: bool = False
    """Shorter sentences where an agent has them; a language model is told so."""
    tone: str = ""
    """For a language model: how the caller feels and how to meet it; empty: as usual."""
