"""Starting and ending whole instances: each answers, each ends everything it started and nothing else."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from ari_app.caller.script import Hangup, Wait
from tests.e2e.crowd import answered_calls, greeted, until
from tests.e2e.instance import PROJECT, Instance, environment_of, free_ports, take_speech
from tests.e2e.people import settled, talk, trunk
from tests.e2e.test_database_gone import rows


def everything_of(instance: Instance) -> list[psutil.Process]:
    """The supervisor and all that it has started, their helpers included."""
    behind_the_worker = time.monotonic() + 5
    while "tasks" not in instance.refresh()["processes"] and time.monotonic() < behind_the_worker:
        time.sleep(0.1)
    supervisor = psutil.Process(instance.pid("supervisor"))
    processes = [supervisor, *supervisor.children(recursive=True)]
    assert set(instance.state["processes"].values()) <= {process.pid for process in processes}
    assert {"supervisor", "postgres", "asterisk", "media", "mind", "shop", "desk", "tasks"} == set(instance.state["processes"])
    return processes


def running(processes: list[psutil.Process]) -> list[str]:
    alive = [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    return [f"{process.pid} {' '.join(process.cmdline())[-60:]}" for process in alive]


async def test_two_instances_side_by_side_and_ctrl_c_ends_one(sturdy: Instance, own_instance: Instance) -> None:
    await asyncio.to_thread(own_instance.start)
    await asyncio.gather(greeted(sturdy), greeted(own_instance))
    processes = everything_of(own_instance)
    supervisor = own_instance.process
    assert supervisor is not None
    # Ctrl-C in a terminal goes to every process of the supervisor's session: the children must be out of it.
    assert all(os.getsid(pid) != os.getsid(supervisor.pid) for name, pid in own_instance.state["processes"].items() if name != "supervisor")
    async with answered_calls(own_instance, ["100", "101"]):
        supervisor.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert await asyncio.to_thread(supervisor.wait, 20) == 0
        assert not running(processes)
        assert time.monotonic() - began < 10
    assert "Traceback" not in own_instance.output.read_text()
    assert not (own_instance.data / "run" / "service.json").exists()
    assert sturdy.ready()
    await greeted(sturdy)
    await settled(sturdy)


async def test_a_killed_supervisor_takes_all_with_it_and_the_next_up_writes_what_it_left(own_instance: Instance) -> None:
    await asyncio.to_thread(own_instance.start)
    processes = everything_of(own_instance)
    database = psutil.Process(own_instance.pid("postgres"))
    database.suspend()  # so that records wait in the journal
    for child in database.children():
        child.suspend()
    async with answered_calls(own_instance, ["100", "101"]):
        await until(lambda: own_instance.status()["records_pending"], 3, "records wait")
        own_instance.kill("supervisor")
        assert own_instance.process is not None
        own_instance.process.wait()
        for process in [database, *database.children()]:
            process.resume()
        await asyncio.to_thread(own_instance.start, 40.0)  # at once, while the old processes are still ending
        assert not running(processes)
    await greeted(own_instance)
    await settled(own_instance)
    await until(lambda: not own_instance.status()["records_pending"], 5, "everything is written")
    calls = rows(own_instance, "SELECT caller, ended_at FROM calls ORDER BY caller")
    assert [call["caller"] for call in calls] == ["5550200", "5550201", "5550300"]


async def test_background_status_and_down(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    take_speech(tmp_path)
    command = [sys.executable, "-m", "ari_app.cli", "up", "--data", str(tmp_path), "--background"]
    environment = environment_of({"service.spare": "false", **free_ports()})
    started = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert started.returncode == 0, started.stdout + started.stderr
    try:
        processes = everything_of(instance)
        assert "./patchcord down" in started.stdout
        status = json.loads(instance.cli("status", "--json"))
        assert status["ready"] is True
        assert status["live_calls"] == 0
        assert status["processes"] == instance.state["processes"]
        report = await talk(instance, "101", [Wait(1), Hangup(wait=False)], target=trunk(instance))
        assert report.answered
    finally:
        said = await asyncio.to_thread(instance.cli, "down")
    assert "has ended" in said
    assert not running(processes)
    gone = await asyncio.to_thread(
        subprocess.run, [*command[:3], "status", "--data", str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert gone.returncode == 1
    assert "No Patchcord is running" in gone.stderr
