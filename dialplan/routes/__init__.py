"""Numbers and where they lead: ``routes.yaml`` read, explained, and written as dialplan."""

from .deciding import decide
from .defaults import default_routes
from .explaining import Explanation, HangUp, ToAgent, ToContext, ToQueue, explain_text
from .loading import load_routes, parse_routes
from .model import Route, Routes

__all__ = [
    "Explanation",
    "HangUp",
    "Route",
    "Routes",
    "ToAgent",
    "ToContext",
    "ToQueue",
    "decide",
    "default_routes",
    "explain_text",
    "load_routes",
    "parse_routes",
]
