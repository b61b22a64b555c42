"""The mind: hears frames, answers with frames. Knows nothing of Asterisk, SIP or SQL.

``Agent``, ``tool`` and ``Call`` are what an agent in Python is made of (``agents.sdk.agent``); triggers and events are beside them.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.sdk.agent import Agent
    from agents.sdk.agent_events import Emotion, Escalation, ToolFailure
    from agents.sdk.call import Call
    from agents.sdk.triggers import EmotionTrigger, IntentTrigger
    from agents.tools import ToolError, tool
    from agents.transcript import Outcome, Turn

__all__ = [
    "Agent",
    "Call",
    "Emotion",
    "EmotionTrigger",
    "Escalation",
    "IntentTrigger",
    "Outcome",
    "ToolError",
    "ToolFailure",
    "Turn",
    "tool",
]
_PLACES = {
    "Agent": "agents.sdk.agent",
    "Call": "agents.sdk.call",
    "Emotion": "agents.sdk.agent_events",
    "EmotionTrigger": "agents.sdk.triggers",
    "Escalation": "agents.sdk.agent_events",
    "IntentTrigger": "agents.sdk.triggers",
    "Outcome": "agents.transcript",
    "ToolError": "agents.tools",
    "ToolFailure": "agents.sdk.agent_events",
    "Turn": "agents.transcript",
    "tool": "agents.tools",
}


def __getattr__(name: str) -> Any:
    """Imported when first asked for: the media process and ``--help`` need none of it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
