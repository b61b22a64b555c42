"""Tools at work in the background: one at a time, each with its limit."""

import asyncio
import logging
import time
from collections.abc import Callable

from agents.conversation.messages import StillWorking, ToolDone
from agents.flows.acts import CallTool
from agents.tools import Toolbox, ToolError

log = logging.getLogger(__name__)


class ToolRunner:
    def __init__(self, tools: Toolbox, report: Callable[[ToolDone | StillWorking], None]) -> None:
        self._tools = tools
        self._report = report
        self._serial = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._reminder: asyncio.TimerHandle | None = None
        self._reminded = 0
        self.running = False
        self.name = ""
        self.took_s = 0.0
        self.error = ""
        """Why the latest one failed; for the log of the call, so it holds none of the caller's data."""

    def start(self, act: CallTool) -> None:
        """Run it; a ToolDone follows, ``result`` None when it failed or passed its limit."""
        self._serial += 1
        self.running, self.name, self._reminded = True, act.name, 0
        task = asyncio.create_task(self._run(act, self._serial))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, act: CallTool, serial: int) -> None:
        result, begun, self.error = None, time.monotonic(), ""
        try:
            async with asyncio.timeout(act.limit_s):
                result = await self._tools.call(act.name, act.arguments)
        except TimeoutError:
            self.error = f"no answer within {act.limit_s:g} s"
            log.warning("tool_too_slow", extra={"tool": act.name, "limit_s": act.limit_s})
        except ToolError as error:
            self.error = str(error)
            log.warning("tool_failed", extra={"tool": act.name, "error": str(error)})
        except Exception:
            self.error = "it broke; see the log"
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

    def remind(self, after_s: float) -> None:
        """From now on the caller waits in silence: a StillWorking follows after so long, unless the tool is done before.

        Each time is twice as long as the one before, so that the agent does not babble.
        """
        self._cancel_reminder()
        delay = after_s * 2**self._reminded
        self._reminder = asyncio.get_running_loop().call_later(delay, self._report, StillWorking(self._serial))

    def reminded(self) -> None:
        """The caller has been told that it takes longer."""
        self._reminded += 1

    def _cancel_reminder(self) -> None:
        if self._reminder:
            self._reminder.cancel()

    async def close(self) -> None:
        self._cancel_reminder()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
