"""Tools at work in the background: one at a time, each with its limit."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from agents.flows.acts import CallTool
from agents.messages import StillWorking, ToolDone
from agents.tools import Toolbox, ToolError

log = logging.getLogger(__name__)

PATIENCE_S: Final = 1.0
"""Silence while a tool works after which the caller is told that it goes on."""


class ToolRunner:
    def __init__(self, tools: Toolbox, report: Callable[[ToolDone | StillWorking], None]) -> None:
        self._tools = tools
        self._report = report
        self._serial = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._reminder: asyncio.TimerHandle | None = None
        self.running = False
        self.name = ""
        self.took_s = 0.0

    def start(self, act: CallTool) -> None:
        """Run it; a ToolDone follows, ``result`` None when it failed or passed its limit."""
        self._serial += 1
        self.running, self.name = True, act.name
        task = asyncio.create_task(self._run(act, self._serial))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, act: CallTool, serial: int) -> None:
        result, begun = None, time.monotonic()
        try:
            async with asyncio.timeout(act.limit_s):
                result = await self._tools.call(act.name, act.arguments)
        except TimeoutError:
            log.warning("tool_too_slow", extra={"tool": act.name, "limit_s": act.limit_s})
        except ToolError as error:
            log.warning("tool_failed", extra={"tool": act.name, "error": str(error)})
        except Exception:
            log.exception("tool_broke_its_contract", extra={"tool": act.name})
        self.took_s = time.monotonic() - begun
        self._report(ToolDone(serial, result))

    def accept(self, message: ToolDone | StillWorking) -> bool:
        """False for a message of an earlier tool."""
        if message.serial != self._serial or not self.running:
            return False
        if isinstance(message, ToolDone):
            self.running = False
            self._cancel_reminder()
        return True

    def remind(self) -> None:
        """From now on the caller waits in silence."""
        self._cancel_reminder()
        self._reminder = asyncio.get_running_loop().call_later(PATIENCE_S, self._report, StillWorking(self._serial))

    def _cancel_reminder(self) -> None:
        if self._reminder:
            self._reminder.cancel()

    async def close(self) -> None:
        self._cancel_reminder()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
