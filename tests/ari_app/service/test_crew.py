"""Workers are added, removed and replaced; the processes are real, their calls are imagined."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from ari_app.commands.workers.asking import ask
from ari_app.service.child import Child
from ari_app.service.crew import Crew, CrewError
from ari_app.service.front.commands import command_app
from ari_app.service.http import serve_at
from ari_app.service.layout import PROJECT, Layout, WorkerFiles
from ari_app.service.worker import Worker, WorkerFailed

PROGRAM = Path(__file__).with_name("worker_stand_in.py")


class Rig:
    def __init__(self, folder: Path, drain_s: float = 30.0) -> None:
        self.layout = Layout(folder)
        self.layout.make()
        self.drain_s = drain_s
        self.listed: list[str] = []
        """What the dialplan was told, whenever it was waited for."""
        self.said: list[str] = []
        self.crew = Crew(self._make, drain_s, lambda: None, self._dialplan_knows)

    async def _dialplan_knows(self) -> None:
        self.listed.append(self.crew.listed())

    def _make(self, number: int) -> Worker:
        told = {"data": str(self.layout.data), "drain_s": self.drain_s}
        media = [sys.executable, "-c", "import time; time.sleep(600)"]
        return Worker(self.layout.worker(number), f"p-{number}", told, media, [sys.executable, str(PROGRAM)], self._child)

    def _child(self, name: str, command: Sequence[str], files: WorkerFiles, more: Mapping[str, str], end: signal.Signals) -> Child:
        environment = {"PYTHONPATH": str(PROJECT), **more}
        return Child(files.process(name), command, files.log(name), environment=environment, end_signal=end)

    def calls(self, worker: int, count: int) -> None:
        (self.layout.run / f"calls-{worker}").write_text(str(count))

    def numbers(self) -> list[int]:
        return [worker.number for worker in self.crew.workers]


@contextlib.asynccontextmanager
async def rig(folder: Path, workers: int, drain_s: float = 30.0) -> AsyncIterator[Rig]:
    made = Rig(folder, drain_s)
    try:
        await made.crew.fill(workers)
        assert made.numbers() == list(range(1, workers + 1))
        yield made
    finally:
        await made.crew.stop()


async def until(condition: Callable[[], object], limit_s: float = 15) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.02)


async def test_one_is_replaced_by_one_that_answers_before_it_goes(tmp_path: Path) -> None:
    async with rig(tmp_path, 1) as made:
        made.calls(1, 2)
        replacing = asyncio.create_task(made.crew.restart((), made.said.append))
        await until(lambda: "worker 1 finishes 2 calls" in made.said)
        assert made.numbers() == [1, 2]
        assert made.listed[-2:] == ["p-1&p-2", "p-2"], "new calls go to the new one once it answers, and to it alone"
        made.calls(1, 0)
        await asyncio.wait_for(replacing, 10)
        assert made.numbers() == [2]
        assert made.said[-1] == "worker 1 has ended"
        assert set(made.crew.pids()) == {"media-2", "mind-2"}
        assert not made.layout.worker(1).config.exists()


async def test_the_number_of_one_that_went_is_used_again(tmp_path: Path) -> None:
    async with rig(tmp_path, 2) as made:
        await made.crew.remove(1, made.said.append)
        await made.crew.add(made.said.append)
        assert sorted(made.numbers()) == [1, 2]
        assert set(made.crew.pids()) == {"media", "mind", "media-2", "mind-2"}


async def test_a_replacement_that_does_not_come_up_changes_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, 1) as made:
        before = made.crew.pids()
        (made.layout.run / "broken").touch()
        with pytest.raises(CrewError, match=r"worker 2 is not ready.*mind-2\.log.*go on as they were"):
            await made.crew.restart((), made.said.append)
        assert (made.numbers(), made.crew.pids()) == ([1], before)
        assert made.crew.listed() == "p-1"


async def test_calls_that_never_end_are_not_waited_for_beyond_the_limit(tmp_path: Path) -> None:
    async with rig(tmp_path, 2, drain_s=0.3) as made:
        made.calls(2, 1)
        await asyncio.wait_for(made.crew.remove(2, made.said.append), 8)
        assert made.numbers() == [1]


async def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    async with rig(tmp_path, 1) as made:
        with pytest.raises(CrewError, match="last worker"):
            await made.crew.remove(1, made.said.append)
        with pytest.raises(CrewError, match=r"no worker 7\. There are: 1"):
            await made.crew.restart((7,), made.said.append)
        made.calls(1, 1)
        draining = asyncio.create_task(made.crew.drain(made.said.append))
        await until(lambda: made.crew.workers[0].leaving)
        with pytest.raises(CrewError, match="already"):
            await made.crew.add(made.said.append)
        made.calls(1, 0)
        await asyncio.wait_for(draining, 10)
        assert made.numbers() == []


async def test_one_that_dies_is_left_out_until_it_is_back(tmp_path: Path) -> None:
    async with rig(tmp_path, 2) as made:
        watching = asyncio.create_task(made.crew.watch())
        try:
            assert made.crew.listed() == "p-1&p-2"
            pid = made.crew.pids()["mind-2"]
            os.kill(pid, signal.SIGKILL)
            await until(lambda: made.crew.listed() == "p-1" or made.crew.pids().get("mind-2", pid) != pid)
            await until(lambda: made.crew.listed() == "p-1&p-2" and made.crew.pids()["mind-2"] != pid)
        finally:
            watching.cancel()


async def test_a_first_worker_that_keeps_dying_is_told_of(tmp_path: Path) -> None:
    made = Rig(tmp_path)
    (made.layout.run / "broken").touch()
    worker = made.crew.enlist()
    try:
        await worker.start_media()
        with pytest.raises(WorkerFailed, match=r"the worker is not ready: it does not answer.*mind\.log"):
            await worker.start()
    finally:
        await made.crew.stop()


async def test_commands_over_the_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rig(tmp_path, 1) as made:
        runner = await serve_at(command_app(made.crew), made.layout.command_socket)
        try:
            assert made.layout.command_socket.stat().st_mode & 0o777 == 0o600
            assert await ask(made.layout.command_socket, "/workers/add")
            assert capsys.readouterr().out == "worker 2 starts\nworker 2 answers calls\n"
            assert not await ask(made.layout.command_socket, "/workers/remove", {"worker": 9})
            assert capsys.readouterr().out == "There is no worker 9. There are: 1, 2.\n"
            assert await ask(made.layout.command_socket, "/workers/restart", {"workers": [2]})
            assert made.numbers() == [1, 3]
        finally:
            await runner.cleanup()


async def test_what_has_begun_goes_on_when_whoever_asked_goes(tmp_path: Path) -> None:
    async with rig(tmp_path, 2) as made:
        runner = await serve_at(command_app(made.crew), made.layout.command_socket)
        try:
            made.calls(2, 1)
            asking = asyncio.create_task(ask(made.layout.command_socket, "/workers/remove", {"worker": 2}))
            await until(lambda: made.crew.workers[1].leaving)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await asyncio.sleep(0.2)
            made.calls(2, 0)
            await until(lambda: made.numbers() == [1])
        finally:
            await runner.cleanup()
