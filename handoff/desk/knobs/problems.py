"""Mistakes of an agent as the checks of flows tell them, taken apart so that each can be shown at its field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LINE: Final = re.compile(
    r"(?P<file>[a-z][a-z0-9-]{0,31}\.yaml)(?:, version \d+)?:(?P<line>\d{1,7}): (?:(?P<path>[A-Za-z0-9_./<>-]+): )?(?P<what>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    """Such as ``front-desk.yaml``; empty: of no file in particular."""
    line: int
    """From 1; 0: of no line."""
    path: str
    """Keys with dots between them; empty: of the file as a whole."""
    what: str
    """With its remedy."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.path}{': ' if self.path else ''}{self.what}"


def mistakes_in(message: str) -> Sequence[Mistake]:
    """One for each line of an AgentError."""
    return tuple(_mistake(line) for line in message.splitlines() if line.strip())


def _mistake(line: str) -> Mistake:
    match = _LINE.fullmatch(line)
    if match is None:
        return Mistake("", 0, "", line)
    return Mistake(match["file"], int(match["line"]), match["path"] or "", match["what"])
