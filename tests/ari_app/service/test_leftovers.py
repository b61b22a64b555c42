import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from ari_app.service import leftovers as module
from ari_app.service.layout import Layout
from ari_app.service.leftovers import end_leftovers, leftovers
from ari_app.service.state import ServiceState, write_state


def sleeper(seconds: float, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})", *arguments])


def left(layout: Layout, **pids: int) -> None:
    write_state(layout.state_file, ServiceState(1, 8090, "127.0.0.1", 5060, pids))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "data")
    made.make()
    return made


async def test_what_is_on_its_way_out_is_waited_for(layout: Layout) -> None:
    ending = sleeper(0.4, str(layout.data / "run" / "mind.json"))
    left(layout, mind=ending.pid, supervisor=1)
    await asyncio.sleep(0.1)
    assert leftovers(layout) == {"mind": ending.pid}
    waiting = asyncio.create_task(asyncio.to_thread(ending.wait))
    await end_leftovers(layout)
    assert await waiting == 0


async def test_what_does_not_end_is_killed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    staying = sleeper(60, f"--socket={layout.worker(1).media_socket}", str(layout.worker(1).media_socket))
    left(layout, media=staying.pid)
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(asyncio.to_thread(staying.wait))
    await end_leftovers(layout)
    assert await waiting == -9


async def test_a_process_of_others_with_an_id_of_ours_is_left_alone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    other = sleeper(60, str(layout.data.parent / "data-of-others" / "run" / "mind.json"))
    left(layout, mind=other.pid, asterisk=2**22 - 1)
    try:
        await asyncio.sleep(0.1)
        await end_leftovers(layout)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_nothing_is_known_of_an_earlier_run(layout: Layout) -> None:
    await end_leftovers(layout)
    layout.state_file.write_text("{")
    await end_leftovers(layout)
