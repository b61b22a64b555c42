"""The arguments of ``patchcord workers``."""

import argparse
from typing import Any

from ari_app.service.layout import DEFAULT_DATA


def add_workers(commands: "argparse._SubParsersAction[Any]") -> None:
    workers = commands.add_parser(
        "workers",
        help="list, add, remove and restart workers while calls go on",
        description="Workers answer calls side by side. A change lasts until the instance ends; it starts with service.workers.",
    )
    actions = workers.add_subparsers(dest="workers_action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="who answers calls, and how many each has")
    listing.add_argument("--json", action="store_true", help="print JSON")
    actions.add_parser("add", help="start one more")
    remove = actions.add_parser("remove", help="end one when its calls have ended")
    remove.add_argument("number", type=int, metavar="N", help="which; see: workers list")
    restart = actions.add_parser("restart", help="replace workers by new ones, each when its calls have ended")
    restart.add_argument("numbers", type=int, nargs="*", metavar="N", help="which; without any: all, one after the other")
    restart.add_argument("--rolling", action="store_true", help="one after the other, which is how it is always done")
    for part in actions.choices.values():
        part.add_argument("--data", type=type(DEFAULT_DATA), default=DEFAULT_DATA, metavar="DIR", help="files of this instance")
