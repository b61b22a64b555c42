"""The words of ``patchcord trunk``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

EPILOG = """\
Trunks are told in trunks.yaml: in the data directory, or wherever dialplan.trunks of patchcord.yaml says.

  ./patchcord trunk list                                     which there are, and whether their servers answer
  ./patchcord trunk test acme                                name, connection, certificate, address, user and password
  ./patchcord trunk test acme --call +442079460000 --echo    and a call to a number that gives back what it hears
"""
TEST = """\
Asks the carrier step by step and says what failed, with the remedy. It does not touch Asterisk and changes nothing at the carrier: the
registration is asked for, not made. Only --call places a call, which the carrier may charge for.
"""


def add_trunk(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    raw = argparse.RawDescriptionHelpFormatter
    trunk = commands.add_parser("trunk", help="lines to carriers: list and test", description="Trunks.", epilog=EPILOG, formatter_class=raw)
    actions = trunk.add_subparsers(dest="trunk_action", metavar="list|test", required=True)
    shown = actions.add_parser("list", help="the trunks, and whether their servers answer")
    test = actions.add_parser("test", help="what works and what does not, with the remedy", description=TEST, formatter_class=raw)
    test.add_argument("name", metavar="NAME", help="as in trunks.yaml")
    test.add_argument("--call", metavar="NUMBER", help="place a call to this number through the carrier (UDP trunks)")
    test.add_argument("--echo", action="store_true", help="the number gives back what it hears: look for the keys too")
    for part in (shown, test):
        part.add_argument(
            "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)"
        )
        part.add_argument("--config", type=Path, metavar="FILE", help="settings (default: patchcord.yaml when it is there)")
        part.add_argument("--trunks", type=Path, metavar="FILE", help="another file of trunks")
        part.add_argument("--json", action="store_true", help="print JSON")
