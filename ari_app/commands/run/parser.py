"""The words of ``patchcord run`` and ``patchcord fetch``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

PARTS = ("worker", "desk", "tasks")
_UP_DEFAULTS = {
    "background": False,
    "mind": "ari_app.service.mind",
    **dict.fromkeys(("bind", "sip_port", "http_port", "ami_port", "status_port", "desk_port", "rtp_first", "media_first")),
}
"""What ``up`` may be told on its command line and a part may not: it has its settings."""
_DESCRIPTION = """\
Runs one part in the foreground until SIGTERM, for containers and systemd. All parts of one instance share --data (or a volume
there), the settings, and one PostgreSQL that database.url names. 'worker' answers calls; 'desk' serves the pages; 'tasks' does
what needs no caller to wait. With --healthy it looks whether that part is well and ends with 0 or 1.
"""


def add_run(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    run = commands.add_parser("run", help="one part in the foreground, for containers and systemd", description=_DESCRIPTION)
    run.add_argument("part", choices=PARTS)
    run.add_argument("--healthy", action="store_true", help="only look whether it is well")
    _common(run)


def add_fetch(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    fetch = commands.add_parser("fetch", help="fetch what a start needs and start nothing: for images")
    _common(fetch)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: patchcord.yaml when it is there)")
    parser.add_argument("--accept-old-mirror", action="store_true", help="use a package mirror whose Release file has expired")
    parser.set_defaults(**_UP_DEFAULTS)
