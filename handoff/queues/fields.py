"""Reading the headers of AMI events, which are text and may be missing or broken."""

from collections.abc import Mapping
from typing import TypeAlias

Event: TypeAlias = Mapping[str, str]
"""Headers of one AMI event, named as Asterisk names them."""

_LARGEST = 10**10
"""Above every time in seconds since 1970 that can matter; keeps nonsense out of floating point."""


def number(event: Event, name: str, default: int = 0) -> int:
    """A header as a whole number from 0 to 10^10; ``default`` when it is missing or no number."""
    try:
        return min(_LARGEST, max(0, int(event.get(name, default))))
    except ValueError:
        return default


def has_number(event: Event, name: str) -> bool:
    return number(event, name, -1) >= 0


def flag(event: Event, name: str) -> bool:
    return number(event, name) != 0


def interface(event: Event) -> str:
    """Of the member an event is about; ``QueueStatus`` calls it Location."""
    return event.get("Interface") or event.get("Location") or ""


def member_name(event: Event) -> str:
    return event.get("MemberName") or event.get("Name") or ""


def shown_number(text: str) -> str | None:
    """A caller's number, or None when they withhold it or it is not known."""
    return None if text.strip().lower() in {"", "<unknown>", "unknown", "anonymous", "restricted", "unavailable"} else text.strip()
