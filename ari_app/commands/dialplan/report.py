"""Prints what was found, what would change and what was done."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from ari_app.commands.dialplan.checking import Checked
from dialplan.checking.finding import Finding
from dialplan.installing.applying import Outcome
from dialplan.installing.backups import Backup
from dialplan.installing.difference import Change, coloured


def as_json(tree: Any) -> None:
    print(json.dumps(tree, indent=2, ensure_ascii=False))


def findings_tree(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{"file": one.at.file, "line": one.at.line, "what": one.what, "remedy": one.remedy} for one in findings]


def changes_tree(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"file": one.name, "kind": one.kind, "diff": list(one.diff)} for one in changes]


def print_findings(findings: Sequence[Finding]) -> None:
    for one in findings:
        print(f"{one.at}: {one.what}\n    {one.remedy}")


def print_check(checked: Checked) -> None:
    print_findings(checked.findings)
    if checked.theirs:
        print(f"In your own files, with or without Patchcord ({len(checked.theirs)}):")
        print_findings(checked.theirs)
    how = f"read, and loaded in a scratch Asterisk {checked.scratch}" if checked.scratch else "read; not loaded in a scratch Asterisk"
    count = len(checked.findings)
    print(f"{'Sound' if not count else '1 mistake' if count == 1 else f'{count} mistakes'} ({how}).")


def print_plan(changes: Sequence[Change], lines: Sequence[str]) -> None:
    for change in changes:
        print("\n".join(coloured(change.diff) if sys.stdout.isatty() else change.diff))
    for line in lines:
        print(line)
    if not changes:
        print("Nothing to do: Asterisk's folder holds what Patchcord would write.")


def print_outcome(outcome: Outcome, folder: str, done: str, *, asked: bool) -> None:
    for change in outcome.changes:
        print(f"{change.kind:<8} {folder}/{change.name}")
    for line in outcome.lines:
        print(f"line     {folder}/{line.file}")
    if not outcome.changes and not outcome.lines:
        print("Nothing to do.")
        return
    if outcome.reloaded:
        print(f"{done}: Asterisk has reloaded {', '.join(outcome.reloaded)} and holds what is written.")
    elif asked:
        print(f"{done}. Asterisk does not run; it reads this when it starts.")
    else:
        print(f"{done}. Asterisk has not read it yet: asterisk -rx 'core reload'")
    if outcome.backup is not None:
        print(f"Before this: backup {outcome.backup}; back with: ./patchcord dialplan rollback {outcome.backup}")


def outcome_tree(outcome: Outcome) -> dict[str, Any]:
    return {
        "changes": changes_tree(outcome.changes),
        "lines": [line.file for line in outcome.lines],
        "backup": outcome.backup,
        "reloaded": list(outcome.reloaded),
    }


def print_backups(found: Sequence[Backup]) -> None:
    for one in found:
        print(f"{one.number:>5}  {one.at:%Y-%m-%d %H:%M:%S} UTC  {len(one.files())} files")
    if not found:
        print("No backups yet. Each 'dialplan apply' that changes something makes one.")
