"""The whole of ``doctor --security`` on a real Asterisk with the configuration that we give it."""

from pathlib import Path

from ari_app.doctor.security.dialplan_text import Dialplan, from_files
from ari_app.doctor.security.gathering import gather
from ari_app.doctor.security.inspection import inspect
from ari_app.service.layout import Layout
from tests.ari_app.pbx.asterisk_tools import free_settings, running


def apps(plan: Dialplan) -> dict[tuple[str, str], list[str]]:
    """Our contexts only: Asterisk adds some of its own."""
    ours = {name: context for name, context in plan.items() if name.startswith("patchcord-")}
    return {
        (name, extension): [step.app for step in steps] for name, context in ours.items() for extension, steps in context.extensions.items()
    }


async def test_what_we_give_an_asterisk_has_no_serious_fault(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        evidence = await gather(server.settings, Layout(tmp_path), {"asterisk": server.pid or 0}, server.rx)
    assert evidence.dialplan_from == "as it is loaded"
    assert evidence.version.startswith(server.install.version.split("+")[0])
    assert evidence.ami_actions is not None
    assert "Setvar" in evidence.ami_actions
    assert evidence.user_ids
    assert apps(evidence.dialplan) == apps(from_files(evidence.conf["extensions.conf"])), "files and loaded dialplan are read alike"
    serious = [finding for finding in inspect(evidence, "") if finding.state == "problem"]
    assert not serious


async def test_without_a_running_asterisk_the_files_are_looked_at(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        settings = server.settings
    evidence = await gather(settings, Layout(tmp_path), {}, None)
    assert evidence.dialplan_from == "as the files have it"
    assert evidence.ami_actions is None
    assert [finding.name for finding in inspect(evidence, "") if finding.state == "problem"] == []
