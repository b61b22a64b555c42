"""``patchcord freepbx``: shows, puts in, takes out."""

import argparse
import json
from pathlib import Path

from ari_app.commands.freepbx import report
from ari_app.commands.up import settings_file
from ari_app.pbx.site import routes_of
from ari_app.service.layout import Layout as InstanceLayout
from ari_app.settings import Settings, load_settings
from dialplan.freepbx import install, read_layout, remove, snippets
from dialplan.installing.errors import FolderUnusable
from dialplan.installing.folder import EtcFolder


async def freepbx(options: argparse.Namespace) -> int:
    """Returns the exit status. Raises DialplanError, SettingsError."""
    settings = load_settings(settings_file(options.config))
    folder = EtcFolder((options.etc or Path(settings.asterisk.etc)).expanduser().resolve())
    if not folder.path.is_dir():
        raise FolderUnusable(
            f"{folder.path} is no folder. Name the one that holds extensions.conf: --etc DIR, or asterisk.etc in patchcord.yaml."
        )
    match options.freepbx_action:
        case "show":
            return _show(options, settings, folder)
        case "install":
            return _install(options, folder)
        case "remove":
            return _remove(options, folder)
        case other:
            raise AssertionError(other)


def _show(options: argparse.Namespace, settings: Settings, folder: EtcFolder) -> int:
    layout = read_layout(folder.configuration(), str(folder.path))
    routes = routes_of(settings, InstanceLayout(options.data.resolve()).data)
    found = snippets(layout, routes, settings.calls.queue)
    if options.json:
        _as_json(report.tree(str(folder.path), layout, found))
    else:
        print(report.text(str(folder.path), layout, found))
    return 0


def _install(options: argparse.Namespace, folder: EtcFolder) -> int:
    lines = install(folder)
    if options.json:
        _as_json({"added": [{"file": line.file, "line": line.text} for line in lines]})
        return 0
    for line in lines:
        print(f"{folder.path / line.file}: {line.text}")
    if lines:
        print(f"The files as they were before are in {folder.state / 'freepbx'}. Next: ./patchcord dialplan apply")
    else:
        print("All lines are there already.")
    return 0


def _remove(options: argparse.Namespace, folder: EtcFolder) -> int:
    done = remove(folder)
    if options.json:
        _as_json({"changed": done.changed, "left": done.left})
        return 0
    for name in done.changed:
        print(f"{folder.path / name}: as it was without Patchcord")
    for name in done.left:
        print(f"{folder.path / name}: has a line for patchcord.d that Patchcord has not written; take it out yourself")
    if done.changed:
        print("Asterisk forgets it at its next reload: fwconsole reload")
    elif not done.left:
        print("There was no line of Patchcord.")
    return 0


def _as_json(tree: object) -> None:
    print(json.dumps(tree, indent=2, ensure_ascii=False))
