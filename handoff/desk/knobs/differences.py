"""What is different between two sets of files, line by line."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_KINDS: Final = {"+": "added", "-": "removed", "@": "place"}
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    kind: str
    """``added``, ``removed``, ``place`` or ``same``."""
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    file: str
    lines: Sequence[DiffLine]
    new: bool
    gone: bool


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """Of every file that differs, in the order of ``after``."""
    found = []
    for file in dict.fromkeys((*after, *before)):
        old, new = before.get(file, ""), after.get(file, "")
        if old != new:
            found.append(FileDiff(file, _lines(old, new), file not in before, file not in after))
    return found


def _lines(old: str, new: str) -> list[DiffLine]:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT, lineterm=""))[2:]
    if not lines:
        return [DiffLine("place", "only the ends of lines differ")]
    return [DiffLine(_KINDS.get(line[:1], "same"), line if line[:1] == "@" else line[1:]) for line in lines]
