"""Names for clips: unique on a line for as long as it lives, however many conversations it has one after the other."""

from itertools import count
from typing import Final
from weakref import WeakKeyDictionary

from agents.line import Line


class ClipNames:
    """Those of one line."""

    def __init__(self) -> None:
        self._replies = count(1)
        self._murmurs = count(1)

    def reply(self) -> int:
        return next(self._replies)

    def murmur(self) -> int:
        return next(self._murmurs)


_OF_LINES: Final[WeakKeyDictionary[Line, ClipNames]] = WeakKeyDictionary()


def names_on(line: Line) -> ClipNames:
    """The same ones whoever asks."""
    return _OF_LINES.setdefault(line, ClipNames())
