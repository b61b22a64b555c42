"""What the hooks answer: variables of the channel, made harmless. Pure.

Each answer sets all variables of its command, so that none is left from an earlier one. ``PATCHCORD_AGI`` says how it went.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dialplan.routes.explaining import Explanation, HangUp, Target, ToAgent, ToContext, ToQueue

OK: Final = "OK"
NOT_FOUND: Final = "NOT_FOUND"
"""There is no such route, card or queue."""
BAD_REQUEST: Final = "BAD_REQUEST"
"""An argument lacks or cannot be one."""
UNAVAILABLE: Final = "UNAVAILABLE"
"""What knows it is away, or took too long."""

STATUS: Final = "PATCHCORD_AGI"
DECISION: Final = tuple(
    f"PATCHCORD_DECISION_{name}" for name in ("TARGET", "ROUTE", "AGENT", "QUEUE", "PLACE", "CAUSE", "OPTIONS", "OVERFLOW")
)
CARD: Final = tuple(f"PATCHCORD_CARD_{name}" for name in ("REASON", "INTENT", "QUEUE", "LANGUAGE"))
ESTIMATE: Final = tuple(f"PATCHCORD_ESTIMATE_{name}" for name in ("WAITING", "FREE", "WAIT"))

LONGEST_VALUE: Final = 200
_KEPT: Final = re.compile(r"[^A-Za-z0-9 ._:+@/,#*-]")


def harmless(value: object) -> str:
    """Return a value as it may stand between quotes in an AGI command, and in a dialplan afterwards.

    No quotes, backslashes, brackets, dollar signs, semicolons or line ends are left: they could end the word, or be computed.
    """
    return _KEPT.sub("", str(value))[:LONGEST_VALUE]


def set_variable(name: str, value: object) -> str:
    """Return the AGI command. ``name`` is one of this module."""
    return f'SET VARIABLE {name} "{harmless(value)}"'


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a queue, now."""

    waiting: int
    free: int
    """Members who could take a call now."""
    wait_s: float | None
    """Seconds that one more caller would probably wait; None: nobody serves the queue, or nobody can say."""


def decision(explanation: Explanation) -> dict[str, str]:
    """``TARGET`` is agent, queue, place or hangup; the variable of that name (``CAUSE`` for hangup) says which."""
    if not explanation.route:
        return {STATUS: NOT_FOUND, **dict.fromkeys(DECISION, "")}
    target = explanation.target
    overflow = explanation.overflow
    return {
        STATUS: OK,
        **dict.fromkeys(DECISION, ""),
        "PATCHCORD_DECISION_TARGET": _kind(target),
        "PATCHCORD_DECISION_ROUTE": explanation.route,
        "PATCHCORD_DECISION_AGENT": target.agent if isinstance(target, ToAgent) else "",
        "PATCHCORD_DECISION_QUEUE": target.queue if isinstance(target, ToQueue) else "",
        "PATCHCORD_DECISION_PLACE": _place(target),
        "PATCHCORD_DECISION_CAUSE": str(target.cause) if isinstance(target, HangUp) else "",
        "PATCHCORD_DECISION_OPTIONS": explanation.options,
        "PATCHCORD_DECISION_OVERFLOW": _place(overflow) if overflow is not None else "",
    }


def _kind(target: Target) -> str:
    match target:
        case ToAgent():
            return "agent"
        case ToQueue():
            return "queue"
        case ToContext():
            return "place"
        case HangUp():
            return "hangup"


def _place(target: Target) -> str:
    """As Goto() takes it, with which one gets there."""
    match target:
        case ToContext(context, extension, priority):
            return f"{context},{extension},{priority}"
        case ToQueue(queue):
            return f"patchcord-queue,{queue},1"
        case _:
            return ""


def card(tree: Mapping[str, Any] | None) -> dict[str, str]:
    """Why a person is needed, what the caller wants, for which queue, in which language: nothing that was said."""
    if tree is None:
        return {STATUS: NOT_FOUND, **dict.fromkeys(CARD, "")}
    return {
        STATUS: OK,
        "PATCHCORD_CARD_REASON": _code(tree.get("reason")),
        "PATCHCORD_CARD_INTENT": _code(tree.get("intent")),
        "PATCHCORD_CARD_QUEUE": _text(tree.get("queue")),
        "PATCHCORD_CARD_LANGUAGE": _text(_inside(tree.get("caller"), "language")),
    }


def _code(part: object) -> str:
    """Cards of version 1 have the code itself where later ones have an object."""
    return _text(part) or _text(_inside(part, "code"))


def _inside(part: object, key: str) -> object:
    return part.get(key) if isinstance(part, Mapping) else None


def _text(part: object) -> str:
    return part if isinstance(part, str) else ""


def estimate(found: Estimate | None) -> dict[str, str]:
    """``WAIT`` is whole seconds, empty when nobody can say."""
    if found is None:
        return {STATUS: NOT_FOUND, **dict.fromkeys(ESTIMATE, "")}
    return {
        STATUS: OK,
        "PATCHCORD_ESTIMATE_WAITING": str(found.waiting),
        "PATCHCORD_ESTIMATE_FREE": str(found.free),
        "PATCHCORD_ESTIMATE_WAIT": "" if found.wait_s is None else str(round(found.wait_s)),
    }
