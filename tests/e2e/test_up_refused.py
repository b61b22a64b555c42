"""``patchcord up`` that cannot work says why in one line, names the remedy, and leaves nothing behind."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.instance import PROJECT, Instance, environment_of, free_ports


def up(data: Path, *arguments: str, **settings: object) -> tuple[int, str]:
    """Exit status and everything that was printed."""
    given = {key.replace("__", "."): value for key, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "ari_app.cli", "up", "--data", str(data), *arguments],
        cwd=PROJECT,
        env=environment_of({**free_ports(), **given}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("setting", "option"),
    [
        ("sip__port", "--sip-port"),
        ("asterisk__http_port", "--http-port"),
        ("asterisk__ami_port", "--ami-port"),
        ("service__http_port", "--status-port"),
    ],
)
def test_a_port_in_use_is_named_with_its_option(tmp_path: Path, setting: str, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = up(tmp_path, **{setting: port})
    assert status == 1
    assert f"port {port}" in said
    assert option in said
    assert setting.replace("__", ".") in said
    assert not (tmp_path / "postgres" / "cluster" / "postmaster.pid").exists()


def test_a_second_up_on_the_same_data_is_refused(sturdy: Instance) -> None:
    for arguments in ([], ["--background"]):
        status, said = up(sturdy.data, *arguments)
        assert status == 1
        assert f"in use by process {sturdy.pid('supervisor')}" in said
        assert "./patchcord down" in said
        assert sturdy.ready()


def test_unusable_settings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "patchcord.yaml"
    for text, expected in (
        ("calls: {max_cals: 3}", "did you mean 'max_calls'"),
        ("calls: {deadman_s: soon}", "calls.deadman_s"),
        ("calls: [", "not valid YAML"),
        ("- 1", "must hold sections"),
        ("sip: {rtp_first: 20000, rtp_last: 20300}\nmedia: {first_port: 20100, last_port: 20200}", "overlap"),
    ):
        file.write_text(text)
        # No ports from the environment: they would be merged over what the file says.
        done = subprocess.run(
            [sys.executable, "-m", "ari_app.cli", "up", "--data", str(tmp_path / "data"), "--config", str(file)],
            cwd=PROJECT,
            env=environment_of({}),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1, text
        assert expected in done.stderr, (text, done.stderr)
        assert str(file) in done.stderr
        assert "Traceback" not in done.stderr


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    status, said = up(tmp_path / "data", "--config", str(tmp_path / "none.yaml"))
    assert status == 1
    assert "none.yaml: cannot be read" in said


def test_data_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, said = up(tmp_path / "file" / "data")
    assert status == 1
    assert str(tmp_path / "file") in said
