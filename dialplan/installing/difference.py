"""What an apply would change, as a unified diff."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECRET = re.compile(r"^(\s*(?:secret|password)\s*=>?\s*)(\S.*)$")
_COLOURS = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}
_END = "\033[0m"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is made, changed or removed."""

    name: str
    kind: str
    """``new``, ``changed`` or ``removed``."""
    diff: Sequence[str]
    """Lines of a unified diff; secrets are starred, and say whether they change."""


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Compare two sets of files; without seals."""
    found = []
    for name in sorted({*old, *new}):
        if (before := old.get(name)) != (after := new.get(name)):
            kind = "new" if before is None else "removed" if after is None else "changed"
            found.append(Change(name, kind, _diff(name, before, after)))
    return found


def _diff(name: str, before: str | None, after: str | None) -> list[str]:
    ends = ("/dev/null" if before is None else f"now/{name}", "/dev/null" if after is None else f"then/{name}")
    lines = difflib.unified_diff((before or "").splitlines(), (after or "").splitlines(), *ends, lineterm="")
    return [_starred(line) for line in lines]


def _starred(line: str) -> str:
    match = _SECRET.match(line[1:]) if line[:1] in "+- " else None
    return f"{line[:1]}{match[1]}********" if match else line


def coloured(lines: Sequence[str]) -> list[str]:
    """Return the lines as a terminal shows them."""
    return [f"{_COLOURS[line[0]]}{line}{_END}" if line[:1] in _COLOURS and line[:3] not in ("+++", "---") else line for line in lines]
