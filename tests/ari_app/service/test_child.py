import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from ari_app.service.child import Child


async def until(condition: object, limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if callable(condition) and condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("condition not reached")


async def test_a_killed_child_comes_back_with_a_new_pid(tmp_path: Path) -> None:
    started: list[int] = []
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", on_started=lambda: started.append(1))
    await child.start()
    try:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.restarts == 1 and child.pid not in (None, first))
        assert len(started) == 2
    finally:
        await child.stop()
    assert child.pid is None


async def test_stop_kills_one_that_ignores_the_request(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = Child("deaf", [sys.executable, "-c", code], tmp_path / "log")
    await child.start()
    await until(lambda: (tmp_path / "log").read_text() == "deaf\n")
    await child.stop(patience_s=0.2)
    assert child.pid is None
    assert child.restarts == 0


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from ari_app.service.child import Child
        async def main():
            child = Child("s", [sys.executable, "-c", "import time; time.sleep(60)"], Path(sys.argv[1]))
            await child.start()
            print(child.pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
        """
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        grandchild = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        status = Path(f"/proc/{grandchild}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError("the child outlived its parent")
