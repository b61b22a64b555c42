"""Finding an Asterisk and running programs of the packages."""

import asyncio
import stat
import subprocess
from pathlib import Path

import pytest

from ari_app.pbx import find
from ari_app.pbx.errors import InstallError
from ari_app.pbx.find import NEEDED_MODULES, NEEDED_PROMPTS, major_of, packaged_asterisk, parse_version, read_directories, system_asterisk
from ari_app.pbx.install import ensure_runtime
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.settings import Settings
from tests.ari_app.pbx.asterisk_tools import RUNTIME, free_settings, runtime


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system's Asterisk as far as finding it goes; running one is tested with the packages."""
    (tmp_path / "sbin").mkdir()
    _program(tmp_path, "Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5")
    for name in NEEDED_MODULES:
        _file(tmp_path / "modules" / f"{name}.so")
    for prompt in NEEDED_PROMPTS:
        _file(tmp_path / "data" / "sounds" / "en" / f"{prompt}.gsm")
    _file(tmp_path / "data" / "moh" / "song.gsm")
    conf = tmp_path / "asterisk.conf"
    conf.write_text(f"[directories](!)\nastmoddir => {tmp_path}/modules ; here\nastdatadir => {tmp_path}/data\n[options]\nverbose = 3\n")
    monkeypatch.setattr(find, "_SEARCH_PATH", str(tmp_path / "sbin"))
    monkeypatch.setattr(find, "_SYSTEM_CONF", conf)
    monkeypatch.setattr(find, "_MODULE_PLACES", ())
    monkeypatch.setattr(find, "_DATA_PLACES", ())
    return tmp_path


def _file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _program(folder: Path, answer: str) -> None:
    path = folder / "sbin" / "asterisk"
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


async def test_a_complete_system_asterisk_is_taken(system: Path) -> None:
    found = await system_asterisk()
    assert (found.major, found.source, found.command) == (20, "system", (str(system / "sbin" / "asterisk"),))
    assert found.module_dir == system / "modules"
    assert found.sounds_dir == system / "data" / "sounds" / "en"
    install = await ensure_runtime(RUNTIME, Settings())
    assert install.asterisk == found and install.root.has("flite")


@pytest.mark.parametrize("answer", ["Asterisk 18.10.0~dfsg", "Asterisk certified", "segmentation fault"])
async def test_an_old_or_silent_one_is_refused_and_the_packages_serve(system: Path, answer: str) -> None:
    _program(system, answer)
    with pytest.raises(InstallError, match="'packages'"):
        await system_asterisk()
    assert (await ensure_runtime(RUNTIME, Settings())).asterisk.source == "packages"
    with pytest.raises(InstallError):
        await ensure_runtime(RUNTIME, Settings.model_validate({"asterisk": {"source": "system"}}))


async def test_a_missing_module_is_named(system: Path) -> None:
    (system / "modules" / "app_queue.so").unlink()
    with pytest.raises(InstallError, match="app_queue"):
        await system_asterisk()


@pytest.mark.parametrize("gone", ["moh/song.gsm", "sounds/en/goodbye.gsm"])
async def test_missing_prompts_or_music_are_told(system: Path, gone: str) -> None:
    (system / "data" / gone).unlink()
    with pytest.raises(InstallError, match="asterisk-core-sounds-en-gsm"):
        await system_asterisk()


async def test_no_asterisk_at_all_is_told(system: Path) -> None:
    (system / "sbin" / "asterisk").unlink()
    with pytest.raises(InstallError, match="No Asterisk on this system"):
        await system_asterisk()


def test_versions_are_read() -> None:
    assert parse_version("Asterisk 22.10.1~dfsg+~cs6\n") == "22.10.1~dfsg+~cs6"
    assert parse_version("Asterisk certified/20.7-cert3") == "20.7-cert3"
    assert major_of("22.10.1") == 22
    assert major_of("GIT-master") == 0


def test_directories_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    assert read_directories(tmp_path / "none") == {}
    (tmp_path / "odd").write_text("no section\n= x\n")
    assert read_directories(tmp_path / "odd") == {}


async def test_the_packaged_asterisk_and_its_root() -> None:
    install = await runtime(free_settings())
    assert await packaged_asterisk(install.root) == install.asterisk
    assert install.asterisk.modules() >= set(NEEDED_MODULES)
    assert all(any(install.asterisk.sounds_dir.glob(f"{prompt}.*")) for prompt in NEEDED_PROMPTS)
    said = await asyncio.to_thread(_run, install.root.command("flite", "--version"))
    assert "flite-2" in said
    assert install.root.find("usr/bin/flite") == install.root.find("flite")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=RuntimeRoot.environment())
    return done.stdout + done.stderr


def test_a_root_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="holds no unpacked packages"):
        RuntimeRoot(tmp_path)


def test_libraries_forced_by_the_system_are_not_passed_on() -> None:
    assert RuntimeRoot.environment({"LD_PRELOAD": "x", "PYTHONPATH": "y", "HOME": "/h"}) == {"HOME": "/h"}
