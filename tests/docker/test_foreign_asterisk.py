"""An Asterisk of an admin's own, from bare to ready: at each step what is still missing is said, and nothing of theirs is touched."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ari_app.pbx.errors import StartError
from ari_app.pbx.foreign import ForeignAsterisk
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.settings import Settings, load_settings
from tests.docker.admins_asterisk import AdminsAsterisk, running, write_patchcord_d


def settings_of(asterisk: AdminsAsterisk, **more: object) -> Settings:
    given = {**asterisk.settings(), **{key.replace("__", "."): value for key, value in more.items()}}
    return load_settings(None, {f"PATCHCORD_{key.replace('.', '__').upper()}": str(value) for key, value in given.items()})


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[AdminsAsterisk]:
    theirs = AdminsAsterisk(tmp_path / "theirs")
    theirs.lay_out()
    with running(theirs):
        yield theirs


async def fault(foreign: ForeignAsterisk) -> str:
    with pytest.raises(StartError) as raised:
        await foreign.start()
    return str(raised.value)


async def test_each_missing_step_is_named_until_all_are_done(asterisk: AdminsAsterisk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    foreign = ForeignAsterisk(settings_of(asterisk), load_or_create_secrets(data), data)
    assert "refuses the user 'patchcord'" in await fault(foreign)
    write_patchcord_d(asterisk, data, asterisk.settings())
    asterisk.add_include_lines(("ari",))
    asterisk.rx("module reload res_ari.so")
    assert "manager.conf" in await fault(foreign) and "dialplan apply" in await fault(foreign)
    asterisk.add_include_lines(("manager",))
    asterisk.rx("manager reload")
    told = await fault(foreign)
    assert "no context patchcord-numbers" in told and "no queue 'support'" in told
    asterisk.add_include_lines(("extensions",))
    asterisk.rx("dialplan reload")
    told = await fault(foreign)
    assert "no context" not in told and "queue reload all" in told
    asterisk.add_include_lines(("queues",))
    asterisk.rx("queue reload all")
    await foreign.start()
    assert int(foreign.version.split(".")[0]) >= 20
    asterisk.rx("module unload chan_rtp.so")
    assert "module load chan_rtp.so" in await fault(foreign)


async def test_it_has_the_supervisors_shape_and_does_nothing_to_it(asterisk: AdminsAsterisk, tmp_path: Path) -> None:
    foreign = ForeignAsterisk(settings_of(asterisk), load_or_create_secrets(tmp_path), tmp_path)
    assert foreign.pid is None and foreign.wanted_ports() == [] and not foreign.log_file.exists()
    with pytest.raises(StartError, match="asterisk -rx 'logger rotate'"):
        await foreign.rx("logger rotate")
    await foreign.stop()
    assert asterisk.answers()


async def test_away_and_back_is_told_and_never_ends_the_wait(
    asterisk: AdminsAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ari_app.pbx.foreign")
    write_patchcord_d(asterisk, tmp_path, asterisk.settings())
    asterisk.add_include_lines()
    foreign = ForeignAsterisk(settings_of(asterisk), load_or_create_secrets(tmp_path), tmp_path, check_s=0.05)
    asterisk.rx("module reload res_ari.so")
    waiting = asyncio.create_task(foreign.exited())
    await asyncio.sleep(0.3)
    assert not caplog.records
    asterisk.stop()
    await told(caplog, lambda: "asterisk_away" in caplog.messages)
    await asyncio.to_thread((asterisk.etc / "queues.conf").write_text, "[general]\n")
    await asyncio.to_thread(asterisk.start)
    await told(caplog, lambda: "asterisk_back" in caplog.messages and "asterisk_not_as_needed" in caplog.messages)
    assert caplog.messages.count("asterisk_away") == 1
    (lack,) = [record.__dict__["error"] for record in caplog.records if record.message == "asterisk_not_as_needed"]
    assert "queue 'support'" in lack
    assert not waiting.done()
    waiting.cancel()


async def told(caplog: pytest.LogCaptureFixture, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(caplog.messages)


async def test_where_nobody_answers_the_address_and_the_remedy_are_told(tmp_path: Path) -> None:
    nobody = AdminsAsterisk(tmp_path / "theirs")
    foreign = ForeignAsterisk(settings_of(nobody), load_or_create_secrets(tmp_path), tmp_path)
    said = await fault(foreign)
    assert f"port {nobody.http}" in said and "http.conf" in said
    assert json.loads((tmp_path / "secrets.json").read_text())["ari_password"] not in said
