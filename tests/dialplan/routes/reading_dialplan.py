"""Reads a dialplan's text as Asterisk does: contexts, extensions, steps and labels; and finds where each jump leads."""

import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"\[([A-Za-z0-9_-]+)\]")
_STEP = re.compile(r"(?:exten => ([^,]+),|\s*same => )(1|n)(?:\(([a-z0-9-]+)\))?,(.+)")
_JUMP = re.compile(r"(?:Goto|Gosub)\(([^()$?]+)(?:\([^)]*\))?\)|\?([^()$:?]+?)\)$")


@dataclass
class Extension:
    steps: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


def read_dialplan(text: str) -> dict[str, dict[str, Extension]]:
    """Read context to extension to its steps. Every line must be understood."""
    contexts: dict[str, dict[str, Extension]] = {}
    context: dict[str, Extension] = {}
    extension = Extension()
    for line in text.splitlines():
        if not line.strip() or line.startswith((";", "include =>")) or ",hint," in line:
            continue
        if head := _HEAD.fullmatch(line):
            context = contexts.setdefault(head[1], {})
            continue
        step = _STEP.fullmatch(line)
        assert step is not None, line
        if step[1]:
            assert step[2] == "1" and step[1] not in context, line
            extension = context[step[1]] = Extension()
        else:
            assert step[2] == "n", line
        extension.steps.append(step[4])
        if step[3]:
            assert step[3] not in extension.labels, line
            extension.labels.add(step[3])
    return contexts


def loose_jumps(contexts: dict[str, dict[str, Extension]], theirs: set[str]) -> list[str]:
    """Return the jumps to plain words that lead nowhere; ``theirs``: places of an admin's dialplan that there are."""
    lost = []
    for name, context in contexts.items():
        for number, extension in context.items():
            for step in extension.steps:
                for match in _JUMP.finditer(step):
                    if not _lands((match[1] or match[2]).split(","), contexts, context, number, theirs):
                        lost.append(f"{name},{number}: {step}")
    return lost


def _lands(
    parts: list[str], contexts: dict[str, dict[str, Extension]], context: dict[str, Extension], number: str, theirs: set[str]
) -> bool:
    if ",".join(parts) in theirs:
        return True
    priority = parts[-1]
    if len(parts) == 3:
        context = contexts.get(parts[0], {})
    found = context.get(parts[-2] if len(parts) > 1 else number)
    return found is not None and (priority in found.labels or (priority.isdigit() and int(priority) <= len(found.steps)))
