"""What a call would do, step by step, as data and as text."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ToAgent:
    """An automated agent answers."""

    agent: str


@dataclass(frozen=True, slots=True)
class ToQueue:
    """The caller waits in a queue of people."""

    queue: str


@dataclass(frozen=True, slots=True)
class ToContext:
    """The call goes on in the admin's own dialplan."""

    context: str
    extension: str
    priority: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The call ends."""

    cause: int
    """16: normal, after an announcement; 21: refused; 1: no such number."""


Target = ToAgent | ToQueue | ToContext | HangUp


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a call to a number by a caller at a moment does."""

    number: str
    caller: str
    """As the dialplan compares it: digits and +; empty when withheld."""
    at: datetime
    route: str
    """Name of the route; empty when no route takes the number."""
    steps: tuple[str, ...]
    announcements: tuple[str, ...]
    target: Target
    options: str
    """What the route adds for the worker, empty unless an agent answers."""
    overflow: ToQueue | ToContext | None
    """Where the call goes when the agent does not answer; None: the fallback queue."""


def place_of(text: str) -> ToContext:
    """Return ``context,extension,priority`` as its parts."""
    context, extension, priority = text.split(",")
    return ToContext(context, extension, priority)


def name_target(target: Target) -> str:
    """Return a target in words."""
    match target:
        case ToAgent(agent):
            return f"agent {agent}"
        case ToQueue(queue):
            return f"queue {queue}"
        case ToContext(context, extension, priority):
            return f"your dialplan at {context},{extension},{priority}"
        case HangUp(16):
            return "hang up"
        case HangUp(cause):
            return f"hang up with cause {cause}"


def explain_text(explanation: Explanation) -> str:
    """Return the explanation as lines for a terminal, without a line end at the end."""
    who = f"from {explanation.caller}" if explanation.caller else "from a withheld number"
    lines = [f"A call to {explanation.number} {who} at {explanation.at:%Y-%m-%d %H:%M %Z}:"]
    lines += [f"  {index}. {step}" for index, step in enumerate(explanation.steps, 1)]
    lines.append(f"Ends at: {name_target(explanation.target)}")
    if explanation.options:
        lines.append(f"Options for the worker: {explanation.options}")
    if isinstance(explanation.target, ToAgent):
        lines.append(f"If no worker answers: {name_target(explanation.overflow) if explanation.overflow else 'the fallback queue'}")
    return "\n".join(lines)
