"""The queue board beside a real Asterisk: after each step it must say what QueueStatus says, having seen events only."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ari_app.ami.client import AmiClient
from ari_app.pbx.server import AsteriskServer
from handoff.queues import QueueBoard, QueueRules, QueueView, QueueWatch
from handoff.queues.status import read_queue_status
from tests.ari_app.ami.tcp_relay import Relay, relay
from tests.ari_app.pbx.asterisk_tools import Ari, free_settings, running

pytestmark = pytest.mark.e2e

LIMIT_S = 2
DIALPLAN = (
    *("desk,1,Ringing()", "desk,2,Wait(0.5)", "desk,3,Answer()", "desk,4,Wait(60)"),
    *("other,1,Ringing()", "other,2,Wait(60)"),
    *("long,1,Answer()", "long,2,Queue(support,c,,,60)"),
    *("brief,1,Answer()", f"brief,2,Queue(support,c,,,{LIMIT_S})"),
    "brief,3,UserEvent(PatchcordQueueLeft,Queue: support,Status: ${QUEUESTATUS})",
    *("talk,1,Answer()", "talk,2,Wait(60)"),
)
DESK, OTHER = "Local/desk@qtest/n", "Local/other@qtest/n"
WRAP_UP_S = 3
"""As in queues.conf."""


def expected_state(member: Mapping[str, str], ringing: set[str]) -> set[str]:
    """What the board may say of a member as QueueStatus lists them; a Local member who rings is in use, as far as QueueStatus can tell."""
    if member["Status"] in "45":
        return {"unavailable"}
    if member["InCall"] == "1":
        return {"on_call"}
    if member["Status"] in "23":
        return {"ringing"} if member["Location"] in ringing else {"on_call", "ringing"}
    return {"paused"} if member["Paused"] == "1" else {"available", "wrap_up"}


@dataclass
class Floor:
    server: AsteriskServer
    ari: Ari
    board: QueueBoard
    watch: QueueWatch
    relay: Relay
    direct: AmiClient
    """Past the relay: what Asterisk says even while the board is cut off."""
    changed: asyncio.Event

    async def call(self, name: str, extension: str = "long") -> None:
        channels = {"channelId": f"patchcord-wait-{name}-1-a", "otherChannelId": f"patchcord-wait-{name}-1-q"}
        where = {"endpoint": f"Local/{extension}@qtest/n", "context": "qtest", "extension": "talk", "priority": "1", "callerId": "5550101"}
        assert await self.ari.call("POST", "/channels", **channels, **where) == 200

    async def hang_up(self, name: str) -> None:
        assert await self.ari.call("DELETE", f"/channels/patchcord-wait-{name}-1-a") == 204

    async def outage(self) -> None:
        self.relay.freeze()
        self.relay.cut()
        async with asyncio.timeout(5):
            while self.watch.live.is_set():
                await asyncio.sleep(0.02)

    def view(self) -> QueueView:
        view = self.board.queue("support", time.time())
        assert view is not None
        return view

    def line(self) -> list[str | None]:
        return [one.transfer_id for one in self.view().waiting]

    def state(self, interface: str) -> str:
        return next((row.state for row in self.view().members if row.interface == interface), "gone")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for the board to come to it by events; then Asterisk must agree."""
        try:
            async with asyncio.timeout(10):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            pytest.fail(f"the board does not come to it: {self.view()}; Asterisk says {await self.direct.queue_status('')}")
        await self.agrees()

    async def agrees(self) -> None:
        for _ in range(50):
            answer = await self.direct.queue_status("")
            difference = self.difference(answer)
            if not difference:
                return
            await asyncio.sleep(0.02)
        pytest.fail(difference)

    def difference(self, answer: Sequence[Mapping[str, str]]) -> str:
        view = self.view()
        entries = [event["Uniqueid"] for event in answer if event["Event"] == "QueueEntry" and event["Queue"] == "support"]
        if entries != [one.unique_id for one in view.waiting]:
            return f"Asterisk has {entries} in line, the board {view.waiting}"
        rows = {row.interface: row for row in view.members}
        listed = [event for event in answer if event["Event"] == "QueueMember" and event["Queue"] == "support"]
        if {event["Location"] for event in listed} != set(rows):
            return f"Asterisk has the members {listed}, the board {view.members}"
        for event in listed:
            row = rows[event["Location"]]
            if (row.calls_taken, row.paused, row.reason) != (int(event["CallsTaken"]), event["Paused"] == "1", event["PausedReason"]):
                return f"Asterisk says {event}, the board {row}"
            if row.state not in expected_state(event, {name for name in rows if self.state(name) == "ringing"}):
                return f"Asterisk says {event}, the board {row}"
        state = read_queue_status(answer, "support")
        return (
            "" if state is not None and state.logged_in == view.logged_in else f"Asterisk has {state}, the board {view.logged_in} logged in"
        )


@asynccontextmanager
async def connected(server: AsteriskServer, port: int) -> AsyncIterator[AmiClient]:
    client = AmiClient("127.0.0.1", port, server.secrets.ami_user, server.secrets.ami_password, events="agent,user")
    task = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(5):
            while not client.connected:
                await asyncio.sleep(0.02)
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[Floor]:
    async with running(folder, free_settings()) as server, Ari(server) as ari:
        for extension in DIALPLAN:
            await server.rx(f'dialplan add extension "{extension}" into qtest')
        port = server.settings.asterisk.ami_port
        async with relay(port) as between, connected(server, port) as direct, connected(server, between.port) as client:
            board = QueueBoard(default=QueueRules(wrap_up_s=WRAP_UP_S))
            told = asyncio.Event()
            watch = QueueWatch(client, board, told.set)
            task = asyncio.create_task(watch.run())
            try:
                await asyncio.wait_for(watch.live.wait(), 5)
                yield Floor(server, ari, board, watch, between, direct, told)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def test_the_board_says_what_asterisk_says_after_every_step(tmp_path: Path) -> None:
    async with floor(tmp_path) as queue:
        for interface, name in ((DESK, "desk-1"), (OTHER, "desk-2")):
            await queue.server.rx(f"queue add member {interface} to support penalty 0 as {name}")
        await queue.server.rx(f"queue pause member {OTHER} queue support reason lunch")
        await queue.until(lambda: (queue.state(DESK), queue.state(OTHER)) == ("available", "paused"))

        await queue.call("answered")
        await queue.until(lambda: queue.state(DESK) == "ringing")
        assert queue.line() == ["answered"]
        await queue.until(lambda: (queue.state(DESK), queue.line(), queue.view().today.answered) == ("on_call", [], 1))

        await queue.call("leaves")
        await queue.until(lambda: queue.line() == ["leaves"])
        await queue.hang_up("leaves")
        await queue.until(lambda: queue.view().today.abandoned == 1)

        await queue.call("tired", "brief")
        await queue.until(lambda: queue.line() == ["tired"])
        await queue.until(lambda: (queue.line(), queue.view().today.timed_out) == ([], 1))
        assert queue.view().today.abandoned == 1

        await queue.call("lost")
        await queue.until(lambda: queue.line() == ["lost"])
        await queue.outage()
        await queue.hang_up("lost")
        await queue.call("found")
        await queue.server.rx(f"queue remove member {OTHER} from support")
        await asyncio.sleep(0.5)
        assert queue.line() == ["lost"] and queue.view().stale_since is not None
        queue.relay.thaw()
        await queue.until(lambda: (queue.line(), queue.state(OTHER), queue.state(DESK)) == (["found"], "gone", "on_call"))
        assert queue.view().stale_since is None

        await queue.hang_up("answered")
        await queue.until(lambda: queue.state(DESK) == "wrap_up")
        await queue.until(lambda: queue.state(DESK) == "on_call" and queue.line() == [])
        await queue.hang_up("found")
        await queue.until(lambda: queue.state(DESK) == "wrap_up")

        def counted() -> tuple[int, int, int, int]:
            today = queue.view().today
            return today.answered, today.abandoned, today.timed_out, today.handling.denominator

        # A call's end and its member's state are events of their own.
        await queue.until(lambda: counted() == (2, 1, 1, 2))
