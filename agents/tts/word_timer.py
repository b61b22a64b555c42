"""The library's word events as times."""

from collections.abc import Callable


class WordTimer:
    """``on_word`` gets first character, the one behind the last, first sample, the one behind the last.

    RHVoice 1.14 tells of a word before it puts the word's sample into a buffer of 0.1 s, and plays that buffer when it is full. So the
    moment lies between the audio played before the event and that played after it: half way is taken, which is wrong by 0.05 s at most.
    """

    def __init__(self, data: bytes, on_word: Callable[[int, int, int, int], None]) -> None:
        self._data = data
        self._on_word = on_word
        self._played = 0
        self._events: list[tuple[bool, int, int]] = []
        self._starts: dict[int, int] = {}

    def starts(self, position: int, length: int) -> None:
        """Both in bytes of the UTF-8 text ``data``."""
        self._events.append((True, position, length))

    def ends(self, position: int, length: int) -> None:
        self._events.append((False, position, length))

    def played(self, count: int) -> None:
        """``count`` more samples; 0 at the end of a sentence: what was told since the last ones lies exactly behind them."""
        moment = self._played + count // 2
        self._played += count
        for begins, position, length in self._events:
            if begins:
                self._starts[position] = moment
            else:
                starts = self._starts.pop(position, moment)
                self._on_word(self._character(position), self._character(position + length), starts, moment)
        self._events.clear()

    def _character(self, byte: int) -> int:
        return len(self._data[:byte].decode(errors="ignore"))
