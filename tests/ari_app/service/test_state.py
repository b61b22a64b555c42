import os
import stat
import subprocess
from pathlib import Path

import pytest

from ari_app.service.layout import Layout
from ari_app.service.state import AlreadyRunning, NotRunning, ServiceState, hold, read_state, write_state


def test_state_is_private_and_round_trips(tmp_path: Path) -> None:
    path = tmp_path / "service.json"
    state = ServiceState(os.getpid(), 8090, "127.0.0.1", 5060, {"mind": 1})
    write_state(path, state)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_state(path, tmp_path) == state


def test_state_of_a_dead_process_counts_as_not_running(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    path = tmp_path / "service.json"
    write_state(path, ServiceState(gone.pid, 1, "", 1, {}))
    with pytest.raises(NotRunning, match="patchcord up"):
        read_state(path, tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_damaged_state_counts_as_not_running(tmp_path: Path, text: str) -> None:
    path = tmp_path / "service.json"
    path.write_text(text)
    with pytest.raises(NotRunning):
        read_state(path, tmp_path)


def test_second_instance_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with hold(lock, tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())):
        hold(lock, tmp_path)
    hold(lock, tmp_path).close()


def test_layout_is_private(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.make()
    for folder in (layout.data, layout.run, layout.journal, layout.recordings):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
