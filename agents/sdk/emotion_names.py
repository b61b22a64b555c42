"""What the feelings of callers may be called by an agent's author, and which state of ``agents.emotion.signs`` each of them means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agents.emotion.signs import STATES, State
from agents.tools.names import nearest

STATE_OF: Final[Mapping[str, State]] = MappingProxyType(
    {
        **{state: state for state in STATES},
        **dict.fromkeys(("frustration", "anger", "angry", "annoyance", "annoyed", "irritation", "rage"), "frustrated"),
        **dict.fromkeys(("confusion", "uncertainty", "lost"), "confused"),
        **dict.fromkeys(("urgency", "distress", "distressed", "stress", "panic", "fear", "anxiety"), "urgent"),
        **dict.fromkeys(("satisfaction", "happy", "happiness", "joy"), "satisfied"),
    }
)


def state_named(name: str) -> State:
    """``"anger"`` is ``"frustrated"``. Raises ValueError with the nearest name."""
    if name not in STATE_OF:
        raise ValueError(f"no feeling {name!r} is judged; {nearest(name, STATE_OF)} (the states are {', '.join(STATES)})")
    return STATE_OF[name]
