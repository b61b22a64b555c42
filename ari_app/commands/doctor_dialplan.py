"""For ``patchcord doctor``: reads routes.yaml, trunks.yaml and Asterisk's ``patchcord.d``, and writes nothing."""

import argparse
from collections.abc import Callable

from agents.flows.errors import AgentError
from ari_app.commands.dialplan.target import Target, target_for
from ari_app.doctor.dialplan import Standing, standing, unreadable
from ari_app.doctor.finding import Finding, problem
from ari_app.pbx.errors import PbxError
from ari_app.pbx.site import routes_of, trunks_of
from ari_app.service.layout import Layout
from ari_app.settings import Settings, SettingsError
from dialplan.errors import DialplanError
from dialplan.generated import FOLDER
from dialplan.installing import includes
from dialplan.installing.difference import changes


async def dialplan_findings(options: argparse.Namespace, settings: Settings, layout: Layout) -> list[Finding]:
    """``settings``: those in force."""
    reads: dict[str, Callable[[], object]] = {
        "routes.yaml": lambda: routes_of(settings, layout.data),
        "trunks.yaml": lambda: trunks_of(settings, layout.data),
    }
    found = [finding for file, read in reads.items() if (finding := _read(file, read)) is not None]
    written = settings.asterisk.source == "external" or (layout.data / "asterisk" / "etc" / FOLDER).is_dir()
    if found or not written or not (layout.data / "secrets.json").is_file():
        return found  # of what cannot be read nothing more is known, and where nothing was ever written nothing is wrong
    try:
        return [standing(_standing(await target_for(options)))]
    except (DialplanError, PbxError, SettingsError, AgentError) as error:
        return [problem("Dialplan", str(error), "correct that, then: ./patchcord dialplan check")]


def _read(file: str, read: Callable[[], object]) -> Finding | None:
    try:
        read()
    except (DialplanError, OSError) as error:
        return unreadable(file, str(error))
    return None


def _standing(target: Target) -> Standing:
    folder = target.folder
    return Standing(
        folder=str(folder.ours),
        changed=[change.name for change in changes(folder.current(), target.files())],
        lacking=[line.file for line in includes.lacking(folder)],
        edited=folder.edited(),
        in_force=target.external or target.runs,
    )
