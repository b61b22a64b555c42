"""The words of ``patchcord rules``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

EPILOG = """\
Rules say when a person takes over, and when the agent changes its manner. Those that ship hold until you name a file of your own:

  rules: {file: my-rules.yaml}      in patchcord.yaml; per number: numbers: {"100": {rules: vip.yaml}}

A file of your own, with the rules that ship behind its own ones:

  extends: default
  rules:
    vip_waits:
      when:
        all:
          - fact: {name: tier, is: vip}
          - emotion: {state: frustrated, of: utterance, at_least: 0.4, method: text}
      act: escalate
      queue: vip
      say: {en: One moment. I am putting you through to your own team.}
      shadow: true                  only written down, until you are sure of it

  ./patchcord rules check my-rules.yaml                        is it sound? with line and remedy
  ./patchcord rules replay --since 7d --rules my-rules.yaml    which past calls it would have changed
  ./patchcord rules show --number 100                          what holds there
"""
REPLAY = """\
Reads the calls that began since then, from the database of the instance, and decides again with the rules in the file. Nothing is
changed and nobody is called. For each call whose escalation would come earlier, later, newly or not at all, it prints what happened and
what would have happened, with the reasons: signal, value, threshold, turn and place in the audio. Handovers that the agent itself decides,
such as on "I want a person", stay as they were. Calls without a record of the caller's feelings cannot be judged by them and are counted.
"""


def add_rules(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    raw = argparse.RawDescriptionHelpFormatter
    rules = commands.add_parser(
        "rules",
        help="when a person takes over: check, show and replay rules",
        description="Escalation rules.",
        epilog=EPILOG,
        formatter_class=raw,
    )
    actions = rules.add_subparsers(dest="rules_action", metavar="check|show|replay", required=True)

    check = actions.add_parser("check", help="whether a rules file is sound")
    check.add_argument("file", type=Path, metavar="FILE")

    show = actions.add_parser("show", help="the rules that hold, in words")
    show.add_argument("--number", default="", metavar="N", help="for calls to this number")
    show.add_argument("--agent", default="", metavar="A", help="for calls that this agent answers")
    show.add_argument("--rules", type=Path, metavar="FILE", help="of this file instead of the instance's")
    _data(show)

    replay = actions.add_parser("replay", help="what rules would have done in past calls", description=REPLAY, formatter_class=raw)
    replay.add_argument("--since", default="7d", metavar="WHEN", help="30m, 24h, 7d, 2w, or a date such as 2026-11-01 (default: 7d)")
    replay.add_argument("--rules", type=Path, metavar="FILE", help="rules to try (default: those that hold now)")
    replay.add_argument("--as-if-live", action="store_true", help="take rules in shadow as if they acted")
    replay.add_argument("--most", type=int, default=10_000, metavar="N", help="calls to read at most, the earliest first (default: 10000)")
    replay.add_argument("--limit", type=int, default=50, metavar="N", help="changed calls to print at most (default: 50)")
    _data(replay)


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)")
    parser.add_argument("--json", action="store_true", help="print JSON")
