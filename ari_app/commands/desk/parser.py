"""The words of ``patchcord desk``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

ROLES = ("agent", "supervisor", "admin", "auditor")
EPILOG = """\
  ./patchcord desk user add admin --role admin               prints the password that was made
  ./patchcord desk user add first --role agent --phone 2001  takes the calls of SIP account 2001
  ./patchcord desk user password admin                       a new password, and logged out everywhere
  ./patchcord desk user disable first                          out at once
  ./patchcord desk audit verify                              whether anybody changed what was done
"""


def add_desk(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    desk = commands.add_parser(
        "desk", help="people who may log in to the pages", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = desk.add_subparsers(dest="desk_part", metavar="user|audit", required=True)
    user = parts.add_parser("user", help="people: add, list, password, disable, enable")
    actions = user.add_subparsers(dest="desk_action", metavar="ACTION", required=True)
    add = _action(actions, "add", "let somebody in")
    add.add_argument(
        "--role", required=True, choices=ROLES, help="agent: own calls; supervisor: all calls; admin: also settings; auditor: reads"
    )
    add.add_argument("--phone", default="", metavar="ACCOUNT", help="SIP account whose calls they take, such as 2001")
    _password(add)
    _password(_action(actions, "password", "give a new password; ends all sessions of that person"))
    _action(actions, "disable", "out at once, and kept out")
    _action(actions, "enable", "may log in again")
    _data(actions.add_parser("list", help="everybody"), as_json=True)
    audit = parts.add_parser("audit", help="what people did: verify")
    checks = audit.add_subparsers(dest="desk_action", metavar="ACTION", required=True)
    _data(checks.add_parser("verify", help="go through the whole chain; exit status 1 when it is broken"), as_json=True)


def _action(actions: Any, name: str, meaning: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("name", metavar="NAME", help="small letters, digits, dots and hyphens")
    _data(parser)
    return parser


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="take the password from the first line of FILE (- is standard input)"
    )


def _data(parser: argparse.ArgumentParser, *, as_json: bool = False) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)")
    if as_json:
        parser.add_argument("--json", action="store_true", help="print JSON")
