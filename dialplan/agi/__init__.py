"""What a dialplan of somebody else's may ask Patchcord by ``AGI(agi://127.0.0.1:4573/patchcord_route)`` and the like."""

from .answers import BAD_REQUEST, NOT_FOUND, OK, UNAVAILABLE, Estimate
from .hooks import Cards, Hooks, Queues, Unavailable
from .server import AgiServer, Limits

__all__ = [
    "BAD_REQUEST",
    "NOT_FOUND",
    "OK",
    "UNAVAILABLE",
    "AgiServer",
    "Cards",
    "Estimate",
    "Hooks",
    "Limits",
    "Queues",
    "Unavailable",
]
