"""Whose sentence a helper works on: all of them begin at once, and none runs far ahead of its caller."""

import threading


class Turns:
    """One text at a time, each in its own thread; of those that wait, the one with the least audio."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._made: dict[int, int] = {}
        """Samples so far, of every text that waits or is worked on."""
        self._working: int | None = None

    def enter(self, number: int) -> None:
        """Wait for the first turn of text ``number``."""
        with self._changed:
            self._made[number] = 0
            self._await(number)

    def made(self, number: int, samples: int) -> None:
        """There are ``samples`` more: let others work until it is this one's turn again."""
        with self._changed:
            self._made[number] += samples
            if self._next() != number:
                self._working = None
                self._changed.notify_all()
                self._await(number)

    def leave(self, number: int) -> None:
        with self._changed:
            del self._made[number]
            self._working = None
            self._changed.notify_all()

    def _await(self, number: int) -> None:
        self._changed.wait_for(lambda: self._working is None and self._next() == number)
        self._working = number

    def _next(self) -> int:
        return min(self._made, key=lambda number: (self._made[number], number))
