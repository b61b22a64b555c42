"""Streamed text to sentences for the voice, each as soon as its end is certain."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import yaml

from agents.llm.blocks import BlockFilter

SHORTEST: Final = 12
"""Characters below which a sentence waits for the next one, the first one excepted: nobody should wait for "Sure."."""
CLAUSE_FROM: Final = 70
"""So many characters without an end, and the first sentence is cut at a clause, so that the voice can begin."""
CLAUSE_LEAST: Final = 25
"""Characters of a clause that is worth saying alone."""
LONGEST: Final = 280
"""No sentence is longer: it is cut at a clause, or between words."""

_ABBREVIATIONS: Final = Path(__file__).with_name("abbreviations.yaml")


def _listed(kind: str) -> frozenset[str]:
    """Of all languages together: a call may change its language in the middle of an answer."""
    lists = yaml.safe_load(_ABBREVIATIONS.read_text(encoding="utf-8"))
    return frozenset(word.lower() for language in lists.values() for word in language.get(kind, "").split())


_STOP: Final = re.compile(r"(?:\.\.\.|[.!?…])+[\"'”’»)\]*_]*(?=\s)|[。！？]+[」』”]*|\n\s*\n|\n(?=\s*(?:[-*•#>]|\d{1,2}[.)])\s)")
_CLAUSE: Final = re.compile(r"[,;:–—](?=\s)|[，；]")
_NEVER: Final = _listed("never")
"""Words that a point shortens and that never end a sentence."""
_MAYBE: Final = _listed("maybe")
"""Words that a point shortens and that may end one: a capital decides, unless it is that of a day or a month."""
_CAPITAL_ANYWAY: Final = _listed("capital_anyway")
_LINE_NUMBER: Final = re.compile(r"(?:^|\n)\s*\d{1,2}\.$")
_OPEN: Final = re.compile(r"<[/a-zA-Z][^<>]{0,200}$|\[[^\[\]]{0,200}$|\]\([^()\s]{0,200}$")
"""A tag or a link that is not complete."""
_STRAY: Final = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=[\w.!?,;:])[*_](?!\w)")
"""Marks of emphasis; a cut between sentences may have left one of a pair."""
_WORD: Final = re.compile(r"\w")


class Sentences:
    """``spoken`` makes one sentence ready for the voice; empty: there is nothing to say."""

    def __init__(self, spoken: Callable[[str], str]) -> None:
        self._spoken = spoken
        self._blocks = BlockFilter()
        self._text = ""
        self.said = 0
        """Sentences given out."""

    def add(self, text: str) -> list[str]:
        self._text += self._blocks.add(text)
        out: list[str] = []
        while (end := self._boundary()) is not None:
            out += self._take(end)
        return out

    def end(self, *, whole: bool = True) -> list[str]:
        """The answer is over. Not ``whole``: half a sentence is said only when nothing else was."""
        self._text += self._blocks.end()
        return self._take(len(self._text)) if whole or not self.said else self._take(0, forget=True)

    def hurry(self) -> list[str]:
        """The words that are there and complete, if the caller cannot wait any longer."""
        end = max(self._text.rfind(" "), self._text.rfind("\n"))
        return self._take(end) if end > 0 else []

    def drop(self) -> None:
        """What was not given out yet will not be."""
        self._text = ""
        self._blocks = BlockFilter()

    def _take(self, end: int, *, forget: bool = False) -> list[str]:
        piece, self._text = self._text[:end], "" if forget else self._text[end:]
        sentence = self._spoken(_STRAY.sub("", piece).strip()).strip() if _WORD.search(piece) else ""
        if not sentence:
            return []
        self.said += 1
        return [sentence]

    def _boundary(self) -> int | None:
        """Where the first sentence ends for certain."""
        text = self._text
        for found in _STOP.finditer(text):
            words = text[: found.end()].strip()
            if words and (not self.said or len(words) >= SHORTEST) and not _OPEN.search(text[: found.start()]) and _ends(text, found):
                return found.end()
        if not self.said and len(text) >= CLAUSE_FROM and (cut := _clause(text, CLAUSE_LEAST, CLAUSE_FROM)):
            return cut
        if len(text) >= LONGEST:
            return _clause(text, LONGEST // 2, LONGEST) or max(text.rfind(" ", 0, LONGEST), 0) or LONGEST
        return None


def _clause(text: str, least: int, most: int) -> int | None:
    for found in _CLAUSE.finditer(text, least, most + 1):
        if not _OPEN.search(text[: found.start()]):
            return found.end()
    return None


def _ends(text: str, found: re.Match[str]) -> bool:
    """Whether the stop ends a sentence; False also while that is open."""
    stop = found.group().rstrip("\"'”’»)]*_")
    if stop.isspace() or stop[-1] in "!?。！？":
        return True
    before, after = text[: found.start()], text[found.end() :].lstrip()
    if stop != ".":
        return after[:1].isupper()
    word = before.split()[-1].lower().lstrip("(\"'“‘«*_") if before.split() else ""
    if _LINE_NUMBER.search(text[: found.start() + 1]) or word in _NEVER or (len(word) == 1 and word.isalpha()):
        return False
    if word in _MAYBE:
        return after[:1].isupper() and " " in after and after.split()[0].rstrip(".,;:!?").lower() not in _CAPITAL_ANYWAY
    return True
