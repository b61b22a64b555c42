"""The two talks of a warm transfer: the company of the caller who waits, and the brief to the member who picks up.

Both are Conversations like any other, with agents of the library. The first has the line on which the caller has just been told that
they will be put through; the second has the member's. What their agents know, and how their ends are read, is here.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from agents.conversation.loop import Conversation, Resume
from agents.transcript import Outcome, Turn
from agents.turns.knobs import WaitLimits

COMPANY: Final = "waiting-room"
BRIEFING: Final = "briefing"
"""Names in the library."""
OVER: Final = "company_over"
"""Reason for ``Conversation.end`` when somebody else goes on with the caller."""
LIMITS: Final = WaitLimits(max_call_s=7200.0)
"""A wait ends by decision of the transfer, never because the talk has lasted long enough."""

_SOON_S: Final = 40.0
_MOST_MINUTES: Final = 31
"""Stands for every wait above half an hour."""
_OF_THE_WAIT: Final = frozenset({"position", "wait", "wait_minutes", "call_language"})

Answer: TypeAlias = Literal["accept", "decline", "none"]
Wish: TypeAlias = Literal["callback", "agent", "stop"]


def following(before: Conversation | None, turns: Sequence[Turn], slots: Mapping[str, str]) -> Resume:
    """For the company that takes a line over after ``before.run()``: turn numbers go on, and nothing that the caller said is lost.

    ``turns``: all of the call so far. ``slots``: those of the Outcome; an order number that is known is not asked for again.
    """
    return Resume(turns, slots, anew=True, unanswered=before.unanswered() if before else ())


def place(position: int | None, wait_s: float | None) -> dict[str, str]:
    """Facts for the announcement ``place``, and for the company before its first word. ``wait_s``: expected, in seconds."""
    return {"position": str(position) if position else "", "wait_minutes": _minutes(wait_s)}


def _minutes(wait_s: float | None) -> str:
    if wait_s is None:
        return ""
    return "0" if wait_s < _SOON_S else str(min(_MOST_MINUTES, max(1, round(wait_s / 60))))


def brief(text: str, *, announced: bool = False, language: str = "en") -> dict[str, str]:
    """Facts for the briefing agent, to be learnt before its first word. ``announced``: it asks for no choice."""
    return {"brief": text, "mode": "announced" if announced else "warm", **spoken_in(language)}


def spoken_in(language: str) -> dict[str, str]:
    """The fact that tells either agent which language to begin in."""
    return {"call_language": language}


def answer_of(outcome: Outcome) -> Answer | None:
    """What the member decided; None: they hung up, or were told that the call is taken away."""
    if outcome.kind == "caller_left" or outcome.reason in ("told", OVER):
        return None
    answers: Mapping[str, Answer] = {"accepted": "accept", "declined": "decline"}
    return answers.get(outcome.reason, "none")


def wish_of(outcome: Outcome) -> Wish | None:
    """Why the caller ended the company; None: they hung up, somebody else ended it, or the machinery failed."""
    wishes: Mapping[str, Wish] = {"callback": "callback", "back_to_agent": "agent", "goodbye": "stop"}
    return wishes.get(outcome.reason) if outcome.kind in ("goodbye", "handover") else None


def slots_of(outcome: Outcome) -> dict[str, str]:
    """The slots that are worth keeping: not those about the wait itself."""
    return {name: value for name, value in outcome.slots.items() if name not in _OF_THE_WAIT}
