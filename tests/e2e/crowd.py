"""Several callers on the line at once, and what each of them hears."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence

from ari_app.ami.client import AmiClient
from ari_app.ami.port import AmiError
from ari_app.caller.calling import Line, dialled
from ari_app.caller.packet_log import Received
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.speech_level import levels_of
from ari_app.caller.user_agent import UserAgent
from ari_app.media.g711 import LAW_OF_TYPE
from tests.e2e.instance import Instance
from tests.e2e.people import trunk

AUDIBLE_DBOV = -55.0
SPURT_PACKETS = 10
"""Packets in a row that make a sound; a click is shorter."""


def audible_since(received: Sequence[Received], after_ns: int) -> int | None:
    """Time of the first of ``SPURT_PACKETS`` audible packets in a row that came after ``after_ns``."""
    packets = [packet for packet in received if packet.is_audio and packet.at_ns > after_ns]
    levels = levels_of([packet.payload for packet in packets], [LAW_OF_TYPE[packet.payload_type] for packet in packets])
    run = 0
    for index, value in enumerate(levels):
        run = run + 1 if value > AUDIBLE_DBOV else 0
        if run == SPURT_PACKETS:
            return packets[index - SPURT_PACKETS + 1].at_ns
    return None


def audible_share(received: Sequence[Received], after_ns: int) -> float:
    """Share of the audio packets since ``after_ns`` that can be heard, 0 to 1."""
    packets = [packet for packet in received if packet.is_audio and packet.at_ns > after_ns]
    levels = levels_of([packet.payload for packet in packets], [LAW_OF_TYPE[packet.payload_type] for packet in packets])
    return sum(value > AUDIBLE_DBOV for value in levels) / len(levels) if levels else 0.0


@contextlib.asynccontextmanager
async def answered_calls(instance: Instance, numbers: Sequence[str], first: int = 5550200) -> AsyncIterator[dict[str, Line]]:
    """One call per number, by caller id (``first`` and up); leaving hangs all of them up."""
    with RtpThreads() as threads:
        async with contextlib.AsyncExitStack() as stack:
            lines: dict[str, Line] = {}
            for index, number in enumerate(numbers):
                caller = str(first + index)
                agent = await stack.enter_async_context(await UserAgent.open(trunk(instance, caller)))
                lines[caller] = await stack.enter_async_context(dialled(agent, threads, number))
            await asyncio.gather(*(asyncio.wait_for(line.leg.answered(), 10) for line in lines.values()))
            yield lines


class QueueWatch:
    """Who waits in a queue, asked of Asterisk again and again; keeps the time at which each caller was first seen there."""

    def __init__(self, ami: AmiClient, queue: str) -> None:
        self._ami = ami
        self._queue = queue
        self.entered: dict[str, float] = {}
        """Monotonic seconds by caller id."""
        self.waiting: set[str] = set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(AmiError):  # Asterisk itself may be what the test ends
                entries = [event for event in await self._ami.queue_status(self._queue) if event["Event"] == "QueueEntry"]
                self.waiting = {entry["CallerIDNum"] for entry in entries}
                for caller in self.waiting:
                    self.entered.setdefault(caller, time.monotonic())
            await asyncio.sleep(0.02)

    async def all_entered(self, callers: set[str], limit_s: float) -> None:
        """Raises AssertionError naming who is missing."""
        until = time.monotonic() + limit_s
        while callers - set(self.entered) and time.monotonic() < until:
            await asyncio.sleep(0.02)
        assert not callers - set(self.entered), f"not in queue {self._queue} after {limit_s} s: {sorted(callers - set(self.entered))}"


@contextlib.asynccontextmanager
async def queue_watch(instance: Instance, queue: str = "support") -> AsyncIterator[QueueWatch]:
    handed = json.loads((instance.data / "run" / "mind.json").read_text())
    ami = AmiClient("127.0.0.1", handed["settings"]["asterisk"]["ami_port"], handed["ami"]["user"], handed["ami"]["password"])
    watch = QueueWatch(ami, queue)
    tasks = [asyncio.create_task(ami.run()), asyncio.create_task(watch.run())]
    try:
        await until(lambda: ami.connected, 3, "AMI answers")
        yield watch
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], object], limit_s: float, what: str) -> float:
    """Seconds until ``condition`` held. Raises AssertionError; what cannot be reached yet counts as not holding."""
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        with contextlib.suppress(OSError, KeyError):
            if await asyncio.to_thread(condition):
                return time.monotonic() - began
        await asyncio.sleep(0.03)
    raise AssertionError(f"not within {limit_s} s: {what}")


class NotTheAgent(AssertionError):
    """A call was answered, but not by the agent."""


async def greeted(instance: Instance, caller_id: str = "5550300", limit_s: float = 3.0) -> float:
    """Seconds from the INVITE of a new call to the agent's first word. Raises NotTheAgent, and AssertionError when nothing is heard."""
    with RtpThreads() as threads:
        async with await UserAgent.open(trunk(instance, caller_id)) as agent, dialled(agent, threads, "100") as line:
            await asyncio.wait_for(line.leg.answered(), limit_s)
            first: int | None = None
            until_s = time.monotonic() + limit_s
            while first is None and time.monotonic() < until_s:
                await asyncio.sleep(0.02)
                first = audible_since(line.session.log.received, line.invite_ns)
            assert first is not None, f"the new call heard nothing within {limit_s} s"
            if not instance.status().get("counts", {}).get("conversations", 0):
                raise NotTheAgent("the new call is not with the agent")
            return (first - line.invite_ns) / 1e9
