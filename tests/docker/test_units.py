"""The units of systemd: hardened alike, their commands and secrets are right; systemd itself agrees where it is there."""

import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from ari_app.cli import build_parser
from tests.docker.test_compose import exists
from tests.e2e.instance import PROJECT

FOLDER = PROJECT / "docker/systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "CapabilityBoundingSet": "",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "patchcord",
}


def read(path: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in path.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, separator, value = line.partition("=")
            assert separator, line
            found[name].append(value)
    return found


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_it_may_do_little_and_starts_again(path: Path) -> None:
    unit = read(path)
    assert {name: unit[name][-1] for name in HARDENED if name in unit} == HARDENED
    assert unit["Restart"] == ["always"]
    assert unit["StateDirectoryMode"] == ["0700"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_its_command_and_its_secrets_are_right(path: Path) -> None:
    unit = read(path)
    (command,) = unit["ExecStart"]
    program, *arguments = shlex.split(command)
    assert program == "/opt/patchcord/patchcord"
    assert build_parser().parse_args(arguments).part == path.stem.removeprefix("patchcord-")
    credentials = {each.partition(":")[0] for each in unit["LoadCredential"]}
    given = dict(each.split("=", 1) for each in unit["Environment"])
    files = {name: value for name, value in given.items() if name.endswith("_FILE")}
    assert {value.removeprefix("%d/") for value in files.values()} == credentials
    assert all(exists(name.removesuffix("_FILE")) for name in files if "__" in name)
    assert not any("PASSWORD" in name or "TOKEN" in name for name in given if not name.endswith("_FILE"))


def test_the_target_wants_them_all() -> None:
    wanted = read(FOLDER / "patchcord.target")["Wants"][0].split()
    assert set(wanted) == {path.name for path in SERVICES}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_agrees(tmp_path: Path) -> None:
    units = tmp_path / "etc/systemd/system"
    shutil.copytree(FOLDER, units)
    for name in ("basic.target", "sysinit.target", "shutdown.target", "network-online.target", "multi-user.target"):
        (units / name).write_text("[Unit]\nDescription=Stand-in\n")
    (units / "system.slice").write_text("[Unit]\nDescription=Stand-in\n")
    program = tmp_path / "opt/patchcord/patchcord"
    program.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "patchcord", program)
    for path in SERVICES:
        done = subprocess.run(
            ["systemd-analyze", "verify", f"--root={tmp_path}", str(units / path.name)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and path.stem not in done.stderr, done.stderr
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-400:]
