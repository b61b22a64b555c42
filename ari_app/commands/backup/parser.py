"""The parsers of ``patchcord backup`` and ``patchcord restore``."""

import argparse
from pathlib import Path

from ari_app.service.layout import DEFAULT_DATA


def add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser(
        "backup",
        help="everything of an instance that cannot be made again, as one file",
        description="Writes the database, secrets, agents, routes and trunks of an instance, running or not, into one archive (tar, gzip). "
        "It holds passwords and what callers said: keep it like them, e.g. ./patchcord backup - | gpg --symmetric > patchcord.backup.gpg",
    )
    backup.add_argument("file", metavar="FILE", help="where to, new; - for standard output")
    backup.add_argument("--recordings", action="store_true", help="recordings of calls too, which can be large")
    restore = commands.add_parser(
        "restore",
        help="an instance out of a backup",
        description="Fills an empty data directory (and, with database.url set, an empty database) from a backup. Nothing is overwritten.",
    )
    restore.add_argument("file", metavar="FILE", type=Path, help="made by: patchcord backup")
    restore.add_argument(
        "--config", type=Path, metavar="FILE", help="settings, for database.url (default: patchcord.yaml when it is there)"
    )
    for parser in (backup, restore):
        parser.add_argument(
            "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)"
        )
