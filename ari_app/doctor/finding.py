"""One thing looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    state: Literal["ok", "warning", "problem"]
    detail: str
    remedy: str = ""
    """What to do; empty only when all is well."""


def ok(name: str, detail: str) -> Finding:
    return Finding(name, "ok", detail)


def warning(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, "warning", detail, remedy)


def problem(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, "problem", detail, remedy)


def report(findings: Iterable[Finding]) -> str:
    """One line each: mark, name, what was seen, and the remedy where there is something to mend."""
    marks = {"ok": " ok ", "warning": "warn", "problem": " BAD"}
    return "\n".join(
        f"[{marks[each.state]}] {each.name}: {each.detail}" + (f" -> {each.remedy}" if each.remedy else "") for each in findings
    )
