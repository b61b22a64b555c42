"""Takes the comments out of Asterisk's configuration: ``; to the end``, ``;-- over lines --;`` and the escaped ``\\;``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Uncommented:
    """A line without its comments."""

    text: str
    cut: bool
    """A semicolon that follows a letter directly has begun a comment: often it was meant to be part of the value."""


class Uncommenter:
    """Goes through the lines of one file; block comments may nest and span lines."""

    def __init__(self) -> None:
        self._opened: list[int] = []
        self._number = 0

    @property
    def opened_at(self) -> int:
        """Return the line of the innermost block comment that is still open; 0 when none is."""
        return self._opened[-1] if self._opened else 0

    def line(self, raw: str) -> Uncommented:
        """Return what counts of the next line."""
        self._number += 1
        kept: list[str] = []
        position = 0
        while position < len(raw):
            if self._opened:
                position = self._inside(raw, position)
                continue
            letter = raw[position]
            if letter == "\\" and raw[position + 1 : position + 2] == ";":
                kept.append(";")
                position += 2
            elif raw.startswith(";--", position) and raw[position + 3 : position + 4] != "-":
                self._opened.append(self._number)
                position += 3
            elif letter == ";":
                return Uncommented("".join(kept), cut=bool(kept) and not kept[-1].isspace() and position + 1 < len(raw))
            else:
                kept.append(letter)
                position += 1
        return Uncommented("".join(kept), cut=False)

    def _inside(self, raw: str, position: int) -> int:
        close, open_ = raw.find("--;", position), raw.find(";--", position)
        if open_ >= 0 and (close < 0 or open_ < close) and raw[open_ + 3 : open_ + 4] != "-":
            self._opened.append(self._number)
            return open_ + 3
        if close < 0:
            return len(raw)
        self._opened.pop()
        return close + 3
