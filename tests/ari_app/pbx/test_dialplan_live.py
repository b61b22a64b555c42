"""The dialplan commands' parts against a real Asterisk: apply, verify, roll back by itself, live calls, the scratch instance."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ari_app.pbx import scratch
from ari_app.pbx.ami_control import ami_control
from ari_app.pbx.console_first import console_first
from ari_app.pbx.server import AsteriskServer
from dialplan.checking.finding import Finding
from dialplan.installing import backups
from dialplan.installing.applying import Installer
from dialplan.installing.errors import ControlError, RolledBack
from dialplan.installing.folder import EtcFolder
from dialplan.installing.holding import Expected, differences, expected
from tests.ari_app.pbx.asterisk_tools import free_settings, running, runtime
from tests.ari_app.pbx.sip_probe import probe
from tests.dialplan.checking.configuration_cases import base, cases

pytestmark = pytest.mark.e2e

EXTENSIONS, QUEUES, MANAGER = (f"patchcord.d/{name}.conf" for name in ("extensions", "queues", "manager"))
NIGHT = "\n[patchcord-night]\nexten => _9X!,1(here),Answer()\n same => n,Wait(60)\n same => n,Goto(here)\nexten => s,hint,PJSIP/2001\n"


async def _sound(_: Mapping[str, str]) -> Sequence[Finding]:
    return ()


def _admin(server: AsteriskServer) -> tuple[str, int, str, str]:
    return "127.0.0.1", server.settings.asterisk.ami_port, server.secrets.ami_admin_user, server.secrets.ami_admin_password


async def test_apply_is_verified_survived_by_calls_and_undone_when_asterisk_differs(tmp_path: Path) -> None:
    settings = free_settings()
    async with (
        running(tmp_path, settings) as server,
        probe("127.0.0.1", ("127.0.0.1", settings.sip.port)) as phone,
        ami_control(*_admin(server)) as control,
    ):
        folder = EtcFolder(server.paths.etc)
        installer = Installer(folder, control, _sound)
        old = folder.current()
        root = str(folder.path)
        assert await differences(control, expected(folder.configuration(), root), Expected({}, frozenset(), frozenset())) == []

        call = await phone.call("200")
        assert call.final.status == 200
        new = {**old, EXTENSIONS: old[EXTENSIONS] + NIGHT, QUEUES: old[QUEUES] + "\n[night]\nstrategy = linear\n"}
        outcome = await installer.apply(new)
        assert list(outcome.reloaded) == ["app_queue", "pbx_config"]
        assert {step.application for step in await control.steps("patchcord-night") if step.priority} == {"Answer", "Wait", "Goto"}
        assert "night" in await control.queues()
        assert "1 active call" in await server.rx("core show channels count")

        broken = {**new, EXTENSIONS: new[EXTENSIONS] + "[x](no-such-template)\nexten => s,1,Answer()\n"}
        with pytest.raises(RolledBack) as caught:
            await installer.apply(broken)
        assert "The context x is not there." in caught.value.reasons
        assert folder.current() == new and len(backups.backups(folder)) == 1
        assert await control.steps("patchcord-night") and not await control.steps("x")

        await installer.roll_back()
        assert folder.current() == old
        assert not await control.steps("patchcord-night") and "night" not in await control.queues()
        assert "1 active call" in await server.rx("core show channels count")
        assert await call.bye() == 200


async def test_a_user_that_asterisk_does_not_know_yet_is_brought_in_by_its_console(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        folder = EtcFolder(server.paths.etc)
        manager = folder.path / MANAGER
        whole = manager.read_text()
        manager.write_text(whole.partition("; the commands of")[0])
        await server.rx("manager reload")
        console = [*server.install.command, "-C", str(folder.path / "asterisk.conf")]
        async with console_first(*_admin(server)) as control:
            with pytest.raises(ControlError, match="--no-reload"):
                await control.reachable()
        async with console_first(*_admin(server), console) as control:
            await control.reachable()
            await Installer(folder, control, _sound).apply({**folder.current(), MANAGER: whole})
            assert "support" in await control.queues()


async def test_what_the_admin_user_may(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server, ami_control(*_admin(server)) as control:
        for action in ("UpdateConfig", "CreateConfig", "Command", "Originate", "Setvar"):
            answer = (await control._send({"Action": action}))[0]
            assert answer["Response"] == "Error" and "ermission" in answer["Message"], action
        with pytest.raises(ControlError, match="did not reload no-such"):
            await control.reload("no-such")
        assert await control.steps("no-such-context") == frozenset()


async def test_a_sound_configuration_loads_in_a_scratch_asterisk_without_a_word() -> None:
    install = (await runtime(free_settings())).asterisk
    loaded = await scratch.load(base(install.major), install, "/etc/asterisk")
    assert [str(finding) for finding in loaded.findings] == []
    assert loaded.version == install.version


async def test_what_asterisk_says_becomes_findings_with_their_lines() -> None:
    install = (await runtime(free_settings())).asterisk
    wanted = ("a template that is not defined", "an included context that is not there", "an extension that begins with n")
    for case in (case for case in cases("broken.txt") if case.name in wanted):
        found = (await scratch.load(case.files, install, "/etc/asterisk")).findings
        file, on_line, _ = case.expected[0]
        assert (file, case.line_of(file, on_line)) in {(one.at.file, one.at.line) for one in found}, [str(one) for one in found]


async def test_an_asterisk_that_is_not_there_is_told() -> None:
    with pytest.raises(ControlError, match="is Asterisk running"):
        async with ami_control("127.0.0.1", 1, "patchcord-admin", "x"):
            pass
