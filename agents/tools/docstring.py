"""What a docstring says of a function and of its parameters: Google style, reStructuredText, or a plain paragraph."""

import inspect
import re
from dataclasses import dataclass, field

_SECTION = re.compile(r"^(args|arguments|parameters|params|returns?|raises|yields?|examples?|notes?):\s*$", re.IGNORECASE)
_ARGUMENTS = frozenset({"args", "arguments", "parameters", "params"})
_ENTRY = re.compile(r"^\*{0,2}(?P<name>\w+)\s*(\([^)]*\))?\s*:\s*(?P<text>.*)$")
_REST = re.compile(r"^:param\s+(?:[^:]*\s)?(?P<name>\w+):\s*(?P<text>.*)$")


@dataclass(slots=True)
class Described:
    summary: str = ""
    """The text before the first section, as one paragraph."""
    parameters: dict[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> Described:
    """Never fails: what it does not understand belongs to the summary or is left out."""
    found = Described()
    summary: list[str] = []
    section, entry, indent = "", "", 0
    for line in inspect.cleandoc(text or "").splitlines():
        words = line.strip()
        if heading := _SECTION.match(line):
            section, entry = heading[1].lower(), ""
        elif rest := _REST.match(words):
            section, entry, indent = "args", rest["name"], _indent(line)
            found.parameters[entry] = rest["text"]
        elif words.startswith(":") and section in ("", "args") and re.match(r"^:\w+.*:", words):
            section, entry = "fields", ""
        elif section in _ARGUMENTS and words:
            deeper = bool(entry) and _indent(line) > indent
            if not deeper and (match := _ENTRY.match(words)):
                entry, indent = match["name"], _indent(line)
                found.parameters[entry] = match["text"]
            elif entry:
                found.parameters[entry] = f"{found.parameters[entry]} {words}".strip()
        elif not section and words:
            summary.append(words)
    found.summary = " ".join(summary)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
