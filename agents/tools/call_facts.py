"""What a tool may know of the call that it works for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A Python tool gets them when its first parameter is of this type; a webhook gets them as headers."""

    call_id: str = ""
    caller: str = ""
    """The caller's number; empty when it is withheld."""
    number: str = ""
    """The number dialled."""
    agent: str = ""
    language: str = "en"
