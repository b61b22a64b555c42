"""A process of ours that is kept alive until told otherwise."""

import asyncio
import ctypes
import functools
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ari_app.service.restart import RestartPolicy
from ari_app.service.spare import Spare

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG: Final = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """For ``preexec_fn``: the kernel ends this process, by this signal, when its parent is gone, however the parent went."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)


class Child:
    """Starts ``command``, collects its output in ``log_file``, starts it again when it dies.

    ``on_started`` is told when a process id has changed, so that it can be published. ``end_signal`` ends the process at once.
    ``spare_after_s``: seconds from each start to that of a second process, with ``--spare``; it waits, and takes over when this one dies.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log_file: Path,
        *,
        environment: Mapping[str, str] | None = None,
        on_started: Callable[[], None] | None = None,
        end_signal: signal.Signals = signal.SIGTERM,
        spare_after_s: float | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = list(command)
        self._log_file = log_file
        self._environment = {**os.environ, **(environment or {})}
        self._on_started = on_started
        self._end_signal = end_signal
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._spare = None if spare_after_s is None else Spare(name, self._start_spare, spare_after_s, self._tell)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def spare_pid(self) -> int | None:
        return self._spare.pid if self._spare else None

    async def start(self) -> None:
        await self._spawn()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"child-{self.name}")

    async def _spawn(self) -> None:
        waiting = await self._spare.take() if self._spare is not None else None
        self._process = waiting or await self._run(self._command, asyncio.subprocess.DEVNULL)
        if self._spare is not None:
            self._spare.begin()
        self._tell()

    def _tell(self) -> None:
        if self._on_started is not None:
            self._on_started()

    async def _start_spare(self) -> asyncio.subprocess.Process:
        return await self._run([*self._command, "--spare"], asyncio.subprocess.PIPE)

    async def _run(self, command: Sequence[str], stdin: int) -> asyncio.subprocess.Process:
        with self._log_file.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=stdin,
                stdout=output,
                stderr=output,
                env=self._environment,
                preexec_fn=functools.partial(die_with_parent, self._end_signal),
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in the right order
            )

    async def _keep_alive(self) -> None:
        policy = RestartPolicy()
        while self._process is not None:
            born = time.monotonic()
            code = await self._process.wait()
            if self._stopping:
                return
            delay = policy.delay(lived_s=time.monotonic() - born)
            log.error("process_died", extra={"child": self.name, "exit_code": code, "restart_in_s": delay, "log_file": str(self._log_file)})
            await asyncio.sleep(delay)
            self.restarts += 1
            await self._spawn()

    def kill(self) -> None:
        """SIGKILL now; it is started again like after any other death."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def leave(self, limit_s: float) -> bool:
        """SIGTERM, for a process that then finishes its work before it ends; it is not started again. False after ``limit_s`` seconds."""
        self._stopping = True
        if self._spare is not None:
            await self._spare.stop()
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), limit_s)
            except TimeoutError:
                return False
        return True

    async def stop(self, patience_s: float = 8.0) -> None:
        """``end_signal``, then SIGKILL after ``patience_s`` seconds; only ever to the process started here."""
        self._stopping = True
        if self._spare is not None:
            await self._spare.stop()
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(self._end_signal)
            try:
                await asyncio.wait_for(process.wait(), patience_s)
            except TimeoutError:
                log.warning("process_killed", extra={"child": self.name, "waited_s": patience_s})
                process.kill()
                await process.wait()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
