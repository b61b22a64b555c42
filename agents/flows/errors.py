"""What is wrong with a flow file, and where."""

from typing import NamedTuple


class AgentError(Exception):
    """The agent's file cannot be used; one line per problem, each with file, line and remedy."""


class Place(NamedTuple):
    """A line of a file."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"


class Problem(NamedTuple):
    """One thing that is wrong with an agent as a whole."""

    path: tuple[str, ...]
    """Keys that lead to it."""
    what: str
    """With its remedy."""
