"""Parts of a streamed answer that are never meant for the ear: code, and a model's thoughts written into its text."""

from typing import Final

BLOCKS: Final = {"```": "```", "<think>": "</think>", "<thinking>": "</thinking>"}


class BlockFilter:
    """A marker may come in pieces; what may still become one is held back."""

    def __init__(self) -> None:
        self._held = ""
        self._end = ""
        """The marker that ends the block we are in; empty: in none."""

    def add(self, text: str) -> str:
        """What of the text so far lies outside of all blocks, and was not returned before."""
        self._held += text
        out: list[str] = []
        while True:
            if self._end:
                found = self._held.find(self._end)
                if found < 0:
                    self._held = self._held[-_partial(self._held, (self._end,)) :] if _partial(self._held, (self._end,)) else ""
                    return "".join(out)
                self._held, self._end = self._held[found + len(self._end) :], ""
                out.append(" ")
                continue
            starts = [(place, marker) for marker in BLOCKS if (place := self._held.find(marker)) >= 0]
            if not starts:
                keep = _partial(self._held, tuple(BLOCKS))
                out.append(self._held[: len(self._held) - keep])
                self._held = self._held[len(self._held) - keep :]
                return "".join(out)
            place, marker = min(starts)
            out.append(self._held[:place])
            self._held, self._end = self._held[place + len(marker) :], BLOCKS[marker]

    def end(self) -> str:
        """What was held back for nothing; a block that never ended stays unsaid."""
        rest, self._held = ("" if self._end else self._held), ""
        self._end = ""
        return rest


def _partial(text: str, markers: tuple[str, ...]) -> int:
    """Length of the end of ``text`` that may be the beginning of a marker."""
    longest = max(map(len, markers)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(marker.startswith(text[-length:]) for marker in markers):
            return length
    return 0
