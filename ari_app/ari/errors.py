"""What can go wrong with ARI.

AriError
├── AriUnavailable    no answer: Asterisk is down, restarting, or slower than the time limit
├── AriRefused        an answer that says no: wrong password, wrong request, a fault inside Asterisk
└── ApplicationTaken  another process connected with our application's name
"""

from dataclasses import dataclass
from typing import Literal


class AriError(Exception):
    """Base of everything this package raises."""


class AriUnavailable(AriError):
    """No answer from Asterisk."""


class AriRefused(AriError):
    """Asterisk answered with an error that is not about a channel or bridge being gone."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ApplicationTaken(AriError):
    """Another process took the Stasis application."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The channel or bridge is not there any more, or not in our application: an ordinary answer, since callers hang up at any time."""

    status: int
    """HTTP status: 404, 409, 422 or 500."""
    reason: str

    def __bool__(self) -> Literal[False]:
        return False
