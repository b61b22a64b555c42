"""The words of ``patchcord dialplan``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

EPILOG = """\
What Patchcord gives an Asterisk lies in one folder, patchcord.d, in Asterisk's configuration folder: extensions, queues, trunks, and the
users by which Patchcord comes in. It is written from routes.yaml, trunks.yaml and patchcord.yaml. Nothing else there is ever changed,
except one line in each of five files, when you ask for it. Which Asterisk is meant:

  the embedded one     nothing to set; ./patchcord up includes the folder already
  one of your own      in patchcord.yaml:  asterisk: {source: external, host: 127.0.0.1, etc: /etc/asterisk}

A change, from beginning to end:

  ./patchcord dialplan show 5550100 --at "2026-12-24 18:00"    what would a call do, and why
  ./patchcord dialplan check                                   is anything wrong? with line and remedy
  ./patchcord dialplan plan                                    what would be written, as a diff
  ./patchcord dialplan apply                                   write, reload, verify; undone by itself if Asterisk differs
  ./patchcord dialplan rollback                                back to what was there before

The first time on an Asterisk of your own:

  ./patchcord dialplan apply --add-includes                    puts the five lines in; 'remove' takes everything out again

Calls that are going on survive all of these.
"""
PLAN = """\
Prints what apply would change, as a unified diff (coloured on a terminal, passwords starred). Nothing is written.
Exit status: 0 nothing to do, 2 something would change, 1 it could not be told.
"""
CHECK = """\
Reads the configuration as it would be after an apply, yours around it: missing contexts, extensions, labels, queues, sounds, endpoints,
unknown applications and functions, wrong arguments, clashing ports, lacking rights, agents that do not exist, callers left without an
answer. Then it loads a copy in an Asterisk of its own, which reaches nothing but this machine, and takes every warning as a mistake.
Mistakes in your own files that Patchcord has nothing to do with are listed apart and do not count, except with --strict.
Exit status: 0 sound, 1 not.
"""
APPLY = """\
Checks, writes all files at one moment, has Asterisk reload exactly the modules concerned, and looks whether Asterisk now holds what
was written. If not, the old files come back, Asterisk reads them again, and you are told why. What was there before is kept as a backup.
Exit status: 0 done or nothing to do, 1 refused or rolled back.
"""


def add_dialplan(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    raw = argparse.RawDescriptionHelpFormatter
    dialplan = commands.add_parser(
        "dialplan",
        help="numbers in Asterisk: plan, check, apply, rollback, show",
        description="What numbers do, and how that comes into an Asterisk.",
        epilog=EPILOG,
        formatter_class=raw,
    )
    actions = dialplan.add_subparsers(dest="dialplan_action", metavar="plan|check|apply|rollback|show|remove", required=True)

    plan = actions.add_parser("plan", help="what apply would change, as a diff", description=PLAN, formatter_class=raw)
    _common(plan)

    check = actions.add_parser("check", help="is anything wrong? with line and remedy", description=CHECK, formatter_class=raw)
    check.add_argument("--as-it-is", action="store_true", help="what lies in the folder now, not what apply would write")
    check.add_argument("--strict", action="store_true", help="mistakes that were there without Patchcord count too")
    _scratch(check)
    _common(check)

    apply = actions.add_parser("apply", help="write, reload, verify; undone by itself if need be", description=APPLY, formatter_class=raw)
    apply.add_argument("--add-includes", action="store_true", help="add the #tryinclude lines that lack, at the end of your files")
    apply.add_argument("--overwrite", action="store_true", help="write over files of patchcord.d that were edited by hand")
    apply.add_argument("--no-reload", action="store_true", help="only write; Asterisk reads the files when you have it reload")
    apply.add_argument("--keep", type=_count, default=10, metavar="N", help="backups to keep (default: 10)")
    _scratch(apply)
    _common(apply)

    rollback = actions.add_parser("rollback", help="bring a backup into force")
    rollback.add_argument("number", nargs="?", type=_count, metavar="N", help="which (default: the newest)")
    rollback.add_argument("--list", action="store_true", help="list the backups")
    rollback.add_argument("--no-reload", action="store_true", help="only write; Asterisk reads the files when you have it reload")
    _common(rollback)

    show = actions.add_parser("show", help="what a call to a number does, step by step")
    show.add_argument("number", metavar="NUMBER", help="as the trunk or the phone sends it")
    show.add_argument("--at", metavar="WHEN", help='when, such as "2026-12-24 18:00", in the time zone of the route (default: now)')
    show.add_argument("--caller", default="", metavar="NUMBER", help="the caller's number (default: withheld)")
    show.add_argument("--chance", type=float, default=0.0, metavar="0..1", help="which arm of a split: 0 is the first (default: 0)")
    _common(show)

    remove = actions.add_parser("remove", help="take patchcord.d, the lines and the backups out again, without a trace")
    remove.add_argument("--no-reload", action="store_true", help="only remove the files; Asterisk forgets them at its next reload")
    _common(remove)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: those in force, else patchcord.yaml)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _scratch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-scratch", action="store_true", help="read only; load nothing in a scratch Asterisk")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
