"""The written steps from a clean Asterisk to the first answered call: read out of docs/install.md and run, in their order.

Nothing of the system is touched: Debian's own configuration is copied from the unpacked packages, /etc/asterisk stands for that copy,
ports are free ones, 'core restart now' ends and starts that process, and ./patchcord is this checkout with a data directory of its own.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docker.admins_asterisk import RUNTIME, AdminsAsterisk
from tests.e2e.instance import PROJECT, environment_of, ports_beside, take_speech
from tests.free_ports import free_block

MOST = 10
RTP_PORTS = 700
"""Debian's range of 10,000 would meet the ports of other tests."""
RESTART = "asterisk -rx 'core restart now'"
COMMANDS = re.compile(r"<!-- first call: begin -->\n```console\n(.*?)```", re.DOTALL)


def written() -> list[str]:
    found = COMMANDS.search((PROJECT / "docs/install.md").read_text())
    assert found is not None
    return [line.removeprefix("$ ") for line in found[1].splitlines()]


def test_there_are_at_most_ten() -> None:
    commands = written()
    assert 1 <= len(commands) <= MOST
    assert commands[-1] == "./patchcord call 5550100"


def clean(home: Path) -> AdminsAsterisk:
    """As Debian installs it; only the folders and the ports are moved."""
    asterisk = AdminsAsterisk(home, rtp=free_block(RTP_PORTS))
    asterisk.lay_out()
    own = (asterisk.etc / "asterisk.conf").read_text()
    shutil.rmtree(asterisk.etc)
    shutil.copytree(RUNTIME / "etc/asterisk", asterisk.etc)
    (asterisk.etc / "asterisk.conf").write_text(own)
    for name, old, new in (
        ("http.conf", "[general]", f"[general]\nbindport={asterisk.http}"),
        ("manager.conf", "port = 5038", f"port = {asterisk.ami}"),
        ("rtp.conf", "rtpstart=10000\nrtpend=20000", f"rtpstart={asterisk.rtp}\nrtpend={asterisk.rtp + RTP_PORTS - 1}"),
    ):
        text = (asterisk.etc / name).read_text()
        assert old in text, f"{name} of the package is another now"
        (asterisk.etc / name).write_text(text.replace(old, new, 1))
    return asterisk


@pytest.mark.e2e
def test_they_lead_to_an_answered_call(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    asterisk = clean(tmp_path / "theirs")
    here, data = tmp_path / "patchcord", tmp_path / "data"
    here.mkdir()
    data.mkdir()
    take_speech(data)
    program = here / "patchcord"
    program.write_text(
        f'#!/bin/sh\ncase $1 in up|dialplan) set -- "$@" --config patchcord.yaml ;; esac\n'
        f'exec {sys.executable} -m ari_app.cli "$@" --data {data}\n'
    )
    program.chmod(0o755)
    rtp = {"sip.rtp_first": asterisk.rtp, "sip.rtp_last": asterisk.rtp + RTP_PORTS - 1}
    ports = ports_beside({**asterisk.settings(), **rtp})
    environment = {**environment_of(ports), "PWD": str(here)}
    del environment["PATCHCORD_ASTERISK__SOURCE"]
    began = time.monotonic()
    said = ""
    try:
        asterisk.home.joinpath("log").mkdir(exist_ok=True)
        start_plain(asterisk)
        for number, command in enumerate(written(), 1):
            command_began = time.monotonic()
            if command == RESTART:
                asterisk.stop()
                start_plain(asterisk)
                record_property(f"command_{number}_s", round(time.monotonic() - command_began, 2))
                continue
            line = command.replace("/etc/asterisk", str(asterisk.etc)).replace(":5060", f":{asterisk.sip}")
            done = subprocess.run(["sh", "-c", line], cwd=here, env=environment, capture_output=True, text=True, timeout=240, check=False)
            said = done.stdout
            assert done.returncode == 0, f"$ {command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            record_property(f"command_{number}_s", round(time.monotonic() - command_began, 2))
        record_property("first_call_s", round(time.monotonic() - began, 1))
        assert "answered" in said.lower()
    finally:
        subprocess.run([str(program), "down"], cwd=here, env=dict(os.environ, **environment), capture_output=True, timeout=90, check=False)
        asterisk.stop()


def start_plain(asterisk: AdminsAsterisk) -> None:
    """Without the users and the ports by which the other tests see that it is ready."""
    asterisk.spawn()
    until = time.monotonic() + 30
    while "uptime" not in asterisk.rx("core show uptime").lower():
        assert time.monotonic() < until, (asterisk.home / "log/console").read_text()[-2000:]
        time.sleep(0.2)
    asterisk.rx("core waitfullybooted")
