"""A process of ours that is kept alive until told otherwise."""

import asyncio
import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ari_app.service.restart import RestartPolicy

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG: Final = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """For ``preexec_fn``: the kernel ends this process when its parent is gone, however the parent went."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """Starts ``command``, collects its output in ``log_file``, starts it again when it dies.

    ``on_started`` is told of every start, so that the new process id can be published.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log_file: Path,
        *,
        environment: Mapping[str, str] | None = None,
        on_started: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = list(command)
        self._log_file = log_file
        self._environment = {**os.environ, **(environment or {})}
        self._on_started = on_started
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        await self._spawn()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"child-{self.name}")

    async def _spawn(self) -> None:
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                preexec_fn=die_with_parent,
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in the right order
            )
        if self._on_started is not None:
            self._on_started()

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

    async def stop(self, patience_s: float = 8.0) -> None:
        """SIGTERM, then SIGKILL after ``patience_s`` seconds; only ever to the process started here."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), patience_s)
            except TimeoutError:
                log.warning("process_killed", extra={"child": self.name, "waited_s": patience_s})
                process.kill()
                await process.wait()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
