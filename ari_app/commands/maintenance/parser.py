"""The arguments of ``patchcord maintenance``."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA


def add_maintenance(commands: "argparse._SubParsersAction[Any]") -> None:
    parser = commands.add_parser(
        "maintenance",
        help="send new calls straight to the queue, let live ones end",
        description="Survives restarts of Asterisk and of Patchcord until it is switched off.",
    )
    actions = parser.add_subparsers(dest="maintenance_action", metavar="ACTION", required=True)
    on = actions.add_parser("on", help="new calls go to the queue from now on")
    on.add_argument("--reason", default="", metavar="TEXT", help="shown by status, doctor and healthz")
    off = actions.add_parser("off", help="the agent answers again")
    status = actions.add_parser("status", help="is it on, since when, and does Asterisk know")
    status.add_argument("--json", action="store_true", help="print JSON")
    for each in (on, off, status):
        each.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance")
