"""A spare takes over in the moment the process dies, and is never in anybody's way."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from ari_app.service.child import Child

PROGRAM = """
import os, sys, time
spare = "--spare" in sys.argv
if spare:
    time.sleep({loads_s})
    print("loaded", os.getpid(), flush=True)
    if sys.stdin.readline() != "go\\n":
        print("not needed", flush=True)
        raise SystemExit(0)
print("serves", os.getpid(), "spare" if spare else "new", flush=True)
time.sleep(60)
"""


@asynccontextmanager
async def served(folder: Path, loads_s: float = 0.0, after_s: float = 0.05, program: str = PROGRAM) -> AsyncIterator[Child]:
    code = program.format(loads_s=loads_s) if program is PROGRAM else program
    child = Child("mind", [sys.executable, "-c", code], folder / "log", spare_after_s=after_s)
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


async def until(condition: Callable[[], object], limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "not reached"
        await asyncio.sleep(0.01)


def said(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def test_it_takes_over_with_its_own_pid_and_has_a_spare_again(tmp_path: Path) -> None:
    async with served(tmp_path) as child:
        for _ in range(2):
            await until(lambda: child.spare_pid and f"loaded {child.spare_pid}" in said(tmp_path))
            spare = child.spare_pid
            kill(child.pid)
            await until(lambda spare=spare: child.pid == spare)  # type: ignore[misc]
            await until(lambda spare=spare: f"serves {spare} spare" in said(tmp_path))  # type: ignore[misc]
        assert child.restarts == 2
        assert not any(line.endswith("new") for line in said(tmp_path)[1:])
    assert child.pid is None
    assert child.spare_pid is None


async def test_one_that_still_loads_takes_over_when_it_has_loaded(tmp_path: Path) -> None:
    async with served(tmp_path, loads_s=0.5) as child:
        await until(lambda: child.spare_pid)
        spare = child.spare_pid
        kill(child.pid)
        await until(lambda: f"serves {spare} spare" in said(tmp_path))


async def test_before_there_is_one_the_process_is_started_anew(tmp_path: Path) -> None:
    async with served(tmp_path, after_s=60) as child:
        await until(lambda: said(tmp_path))
        kill(child.pid)
        await until(lambda: len(said(tmp_path)) == 2)
        assert said(tmp_path)[1] == f"serves {child.pid} new"


async def test_one_that_died_is_told_of_and_the_process_is_started_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with served(tmp_path) as child:
        await until(lambda: child.spare_pid and f"loaded {child.spare_pid}" in said(tmp_path))
        kill(child.spare_pid)
        await until(lambda: child.spare_pid is None)
        await until(lambda: "spare_died" in [record.message for record in caplog.records])
        kill(child.pid)
        await until(lambda: said(tmp_path)[-1].endswith("new") and len(said(tmp_path)) > 2)
        assert child.pid is not None


async def test_a_program_that_knows_no_spare_is_served_as_before(tmp_path: Path) -> None:
    strict = "import sys, time\nif len(sys.argv) > 1: raise SystemExit('no such argument')\nprint('serves', flush=True)\ntime.sleep(60)"
    async with served(tmp_path, program=strict) as child:
        await until(lambda: "no such argument" in said(tmp_path))
        await until(lambda: child.spare_pid is None)
        kill(child.pid)
        await until(lambda: said(tmp_path).count("serves") == 2)


async def test_it_ends_before_a_process_that_leaves(tmp_path: Path) -> None:
    async with served(tmp_path) as child:
        await until(lambda: child.spare_pid and f"loaded {child.spare_pid}" in said(tmp_path))
        spare = child.spare_pid
        assert await child.leave(5)
        assert child.spare_pid is None
        assert not psutil.pid_exists(spare or 0)
