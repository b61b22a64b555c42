"""The words of ``patchcord freepbx``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

EPILOG = """\
FreePBX writes its configuration anew again and again, and leaves some files to you: extensions_custom.conf, queues_custom.conf,
pjsip_custom_post.conf, ari_additional_custom.conf, manager_custom.conf. Patchcord gets one line in each of them, and nothing else.

  ./patchcord freepbx show       the lines; what to type into FreePBX's pages; queues and menus of yours as ways out
  ./patchcord freepbx install    put the lines in; the files are kept as they were in .patchcord/freepbx
  ./patchcord dialplan apply     write the files that the lines are for
  ./patchcord freepbx remove     take the lines out: the files are then byte for byte what they were, and your own edits stay

'./patchcord dialplan remove' takes out the files and the lines. docs/freepbx.md tells the way from beginning to end.
"""


def add_freepbx(commands: Any) -> None:
    """``commands``: what ``add_subparsers`` returned."""
    raw = argparse.RawDescriptionHelpFormatter
    freepbx = commands.add_parser(
        "freepbx",
        help="Patchcord beside a FreePBX: show, install, remove",
        description="Patchcord beside a FreePBX.",
        epilog=EPILOG,
        formatter_class=raw,
    )
    actions = freepbx.add_subparsers(dest="freepbx_action", metavar="show|install|remove", required=True)
    for name, meaning in (
        ("show", "the lines, Custom Destinations, queues and menus as ways out"),
        ("install", "put Patchcord's lines into the files that FreePBX leaves to you"),
        ("remove", "take them out again, to the last byte"),
    ):
        action = actions.add_parser(name, help=meaning)
        action.add_argument(
            "--etc", type=Path, metavar="DIR", help="Asterisk's configuration folder (default: asterisk.etc, /etc/asterisk)"
        )
        action.add_argument(
            "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of this instance (default: .patchcord/data)"
        )
        action.add_argument("--config", type=Path, metavar="FILE", help="settings (default: patchcord.yaml when it is there)")
        action.add_argument("--json", action="store_true", help="print JSON")
