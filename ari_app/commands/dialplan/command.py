"""``patchcord dialplan``: finds the Asterisk, does what is asked, prints what came of it."""

import argparse
import sys

from ari_app.commands.dialplan import report
from ari_app.commands.dialplan.checking import Checked, Checker, edited
from ari_app.commands.dialplan.show import show
from ari_app.commands.dialplan.target import Target, target_for
from dialplan.installing import backups, includes
from dialplan.installing.applying import Installer, Wishes
from dialplan.installing.difference import changes
from dialplan.installing.errors import Refused, RolledBack

CHANGES = 2
"""Exit status of ``plan`` when something would change."""


async def dialplan(options: argparse.Namespace) -> int:
    """Returns the exit status. Raises DialplanError, PbxError, SettingsError, AgentError."""
    target = await target_for(options)
    match options.dialplan_action:
        case "show":
            return show(options, target)
        case "plan":
            return _plan(options, target)
        case "check":
            return await _check(options, target)
        case "apply" | "rollback" | "remove":
            return await _change(options, target)
        case other:
            raise AssertionError(other)


def _plan(options: argparse.Namespace, target: Target) -> int:
    target.folder.check()
    found = changes(target.folder.current(), target.files())
    lines = includes.lacking(target.folder)
    by_hand = target.folder.edited()
    if options.json:
        report.as_json({"changes": report.changes_tree(found), "lines": [line.file for line in lines], "edited": by_hand})
    else:
        said = [f"{target.folder.path}/{line.file} lacks the line {line.text} (apply --add-includes adds it)" for line in lines]
        said += [f"{target.folder.path}/{name} was edited by hand (apply --overwrite takes that back)" for name in by_hand]
        report.print_plan(found, said)
    return CHANGES if found or lines or by_hand else 0


async def _check(options: argparse.Namespace, target: Target) -> int:
    _tell(options, "checking")
    files = target.folder.configuration(None if options.as_it_is else target.files())
    checked = await Checker(target, scratch=not options.no_scratch).check(files)
    if not options.as_it_is:
        checked.findings = sorted({*checked.findings, *edited(target)})
    _tell(options, "")
    if options.json:
        tree = {"findings": report.findings_tree(checked.findings), "theirs": report.findings_tree(checked.theirs)}
        report.as_json({**tree, "scratch": checked.scratch or None})
    else:
        report.print_check(checked)
        if not options.no_scratch and not checked.scratch:
            print("There is no Asterisk on this machine to load it in; ./patchcord fetch brings one.")
    return 1 if checked.findings or (options.strict and checked.theirs) else 0


async def _change(options: argparse.Namespace, target: Target) -> int:
    if options.dialplan_action == "rollback" and options.list:
        found = backups.backups(target.folder)
        if options.json:
            report.as_json([{"number": one.number, "at": one.at.isoformat()} for one in found])
        else:
            report.print_backups(found)
        return 0
    checker = Checker(target, scratch=not getattr(options, "no_scratch", True))
    target.folder.check()
    try:
        async with target.control(reload=not options.no_reload) as control:
            installer = Installer(target.folder, control, checker, lambda stage: _tell(options, stage))
            match options.dialplan_action:
                case "apply":
                    wishes = Wishes(add_includes=options.add_includes, overwrite=options.overwrite, keep=options.keep)
                    outcome, done = await installer.apply(target.files(), wishes), "Applied"
                case "rollback":
                    outcome, done = await installer.roll_back(options.number), "Rolled back"
                case _:
                    outcome, done = await installer.remove(), "Removed"
    except Refused as error:
        _tell(options, "")
        _refused(options, error, checker.last)
        return 1
    except RolledBack as error:
        _tell(options, "")
        sys.stderr.write("".join(f"patchcord: {line}\n" for line in (str(error), *error.reasons)))
        return 1
    _tell(options, "")
    if options.json:
        report.as_json(report.outcome_tree(outcome))
    else:
        report.print_outcome(outcome, str(target.folder.path), done, asked=not options.no_reload)
    return 0


def _refused(options: argparse.Namespace, error: Refused, checked: Checked) -> None:
    if options.json:
        report.as_json({"refused": str(error), "findings": report.findings_tree(error.findings)})
        return
    report.print_findings(error.findings)
    sys.stderr.write(f"patchcord: {error}\n")
    if checked.theirs:
        sys.stderr.write(f"patchcord: {len(checked.theirs)} more in your own files do not count; 'dialplan check' lists them.\n")


def _tell(options: argparse.Namespace, stage: str) -> None:
    """Show what is going on, on a terminal; the next stage takes its place."""
    if sys.stderr.isatty() and not options.json:
        sys.stderr.write(f"\r\033[K{f'{stage} …' if stage else ''}")
        sys.stderr.flush()
