"""How the dialplan chooses a worker, at a real Asterisk: applications come and go, refuse, and are asked in turn."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ari_app.ami.client import AmiClient
from ari_app.ami.port import AmiEvent
from ari_app.ari.client import AriClient
from ari_app.ari.events import Event, StasisStart
from ari_app.ari.stream import AriStream
from dialplan import templates
from tests.ari_app.calls.pbx_rig import SECRET, Pbx, until

_BESIDE = """
[rig-caller]
exten => talk,1,Wait(60)
[patchcord-numbers]
exten => 100,1,Set(PATCHCORD_ROUTE=front-desk)
 same => n,Set(PATCHCORD_NUMBER=100)
 same => n,Set(PATCHCORD_OPTIONS=language:de record:off)
 same => n,Goto(patchcord-agent,s,1)
[patchcord-queue]
exten => support,1,Set(TIMEOUT(absolute)=0)
 same => n,Set(PATCHCORD_QUEUE=support)
 same => n(wait),UserEvent(RigQueue,Caller: ${CALLERID(num)})
 same => n,Wait(0.3)
 same => n,Set(PATCHCORD_BACK=TIMEOUT)
 same => n,Goto(patchcord-agent,returned,1)
 same => n(alone),UserEvent(RigAlone,Caller: ${CALLERID(num)})
 same => n,Wait(30)
exten => T,1,UserEvent(RigDied,Queue: ${PATCHCORD_QUEUE})
 same => n,Wait(30)
[patchcord-fallback]
exten => s,1,Set(TIMEOUT(absolute)=0)
 same => n,UserEvent(RigFallback,Caller: ${CALLERID(num)})
 same => n,Wait(30)
"""


class ChoosingPbx(Pbx):
    """With the dialplan that chooses workers, as it is written for anybody."""

    def render(self) -> None:
        super().render()
        part = templates.render(
            "patchcord.d/extensions/agent", app="w", workers=2, deadman=f"{self.deadman_s:g}", default_route="front-desk"
        )
        (self.home / "etc" / "extensions.conf").write_text(f"{part}\n{_BESIDE}")
        modules = self.home / "etc" / "modules.conf"
        modules.write_text(modules.read_text() + "load=>func_cut.so\nload=>app_exec.so\n")


@dataclass
class Desk:
    """Workers by name, and who came to them."""

    pbx: Pbx
    ari: AriClient
    ami: AmiClient
    arrivals: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    """Worker, channel, arguments."""
    refusing: set[str] = field(default_factory=set)
    told: list[AmiEvent] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def workers(self, *names: str) -> AsyncIterator[None]:
        streams = [
            AriStream(self.ari, name, on_event=self._takes(name), on_connected=lambda: None, on_disconnected=lambda: None) for name in names
        ]
        tasks = [asyncio.create_task(stream.run()) for stream in streams]
        try:
            await until(lambda: all(stream.connected for stream in streams))
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _takes(self, name: str) -> Callable[[Event], None]:
        def take(event: Event) -> None:
            if isinstance(event, StasisStart):
                self.arrivals.append((name, event.channel.id, event.args))
                if name in self.refusing:
                    asyncio.get_running_loop().create_task(self.ari.continue_in_dialplan(event.channel.id, "patchcord-agent", "next"))

        return take

    async def call(self) -> str:
        """Returns the worker that got it."""
        before = len(self.arrivals)
        await self.pbx.dial(self.ari)
        await until(lambda: len(self.arrivals) > before)
        return self.arrivals[-1][0]

    def count(self, event: str) -> int:
        return sum(each.get("UserEvent") == event for each in self.told)


@pytest.fixture(scope="module")
def choosing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    pbx = ChoosingPbx(tmp_path_factory.mktemp("choosing"), deadman_s=2)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


@pytest.fixture
async def desk(choosing: Pbx) -> AsyncIterator[Desk]:
    ami = AmiClient("127.0.0.1", choosing.ami, "patchcord", SECRET, events="user")
    async with choosing.client() as ari:
        desk = Desk(choosing, ari, ami)
        ami.on_event("UserEvent", desk.told.append)
        running = asyncio.create_task(ami.run())
        try:
            await until(lambda: ami.connected)
            for name in ("PATCHCORD_WORKERS", "PATCHCORD_MAINTENANCE"):
                assert await ami.set_global(name, "")
            yield desk
        finally:
            for channel in await ari.list_channels():
                await ari.hangup(channel.id)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_calls_come_to_each_in_turn(desk: Desk) -> None:
    assert await desk.ami.set_global("PATCHCORD_WORKERS", "w-1&w-2&w-3")
    async with desk.workers("w-1", "w-2", "w-3"):
        got = [await desk.call() for _ in range(9)]
    assert Counter(got) == {"w-1": 3, "w-2": 3, "w-3": 3}
    assert desk.arrivals[0][2] == ("call", "front-desk", "100", "language:de record:off")


async def test_without_a_list_those_in_the_file_are_asked(desk: Desk) -> None:
    async with desk.workers("w-1", "w-2", "w-3"):
        assert {await desk.call() for _ in range(4)} == {"w-1", "w-2"}


async def test_those_that_are_gone_or_refuse_are_passed_over(desk: Desk) -> None:
    assert await desk.ami.set_global("PATCHCORD_WORKERS", "gone-1&w-1&w-2&gone-2")
    desk.refusing.add("w-1")
    async with desk.workers("w-1", "w-2"):
        for _ in range(4):
            await desk.pbx.dial(desk.ari)
        await until(lambda: Counter(name for name, _, _ in desk.arrivals)["w-2"] == 4)
    assert desk.count("RigFallback") == 0


async def test_when_all_refuse_the_call_goes_to_the_fallback_and_each_was_asked_once(desk: Desk) -> None:
    assert await desk.ami.set_global("PATCHCORD_WORKERS", "w-1&w-2&gone")
    desk.refusing |= {"w-1", "w-2"}
    async with desk.workers("w-1", "w-2"):
        await desk.pbx.dial(desk.ari)
        await until(lambda: desk.count("RigFallback") == 1)
    assert Counter(name for name, _, _ in desk.arrivals) == {"w-1": 1, "w-2": 1}


async def test_maintenance_asks_nobody(desk: Desk) -> None:
    assert await desk.ami.set_global("PATCHCORD_MAINTENANCE", "1")
    async with desk.workers("w-1", "w-2"):
        await desk.pbx.dial(desk.ari)
        await until(lambda: desk.count("RigFallback") == 1)
    assert not desk.arrivals


@pytest.mark.parametrize("refused", [False, True])
async def test_who_comes_back_goes_to_the_worker_that_had_them_first(desk: Desk, refused: bool) -> None:
    assert await desk.ami.set_global("PATCHCORD_WORKERS", "w-1&w-2&w-3")
    async with desk.workers("w-1", "w-2", "w-3"):
        for _ in range(3):
            first = await desk.call()
            _, channel, _ = desk.arrivals[-1]
            if refused:
                desk.refusing = {first}
            assert await desk.ari.continue_in_dialplan(channel, "patchcord-queue", "support") is True
            await until(lambda: desk.arrivals[-1][2][0] == "returned" and desk.arrivals[-1][0] not in desk.refusing)
            back = [(name, args) for name, ident, args in desk.arrivals if ident == channel and args[0] == "returned"]
            assert back[0] == (first, ("returned", "front-desk", "", "TIMEOUT", "100", "language:de record:off"))
            assert len(back) == (2 if refused else 1)
            desk.refusing.clear()


async def test_who_comes_back_to_nobody_waits_on_in_the_queue(desk: Desk) -> None:
    async with desk.workers("w-1", "w-2"):
        await desk.call()
        _, channel, _ = desk.arrivals[-1]
        desk.refusing |= {"w-1", "w-2"}
        assert await desk.ari.continue_in_dialplan(channel, "patchcord-queue", "support") is True
        await until(lambda: desk.count("RigAlone") == 1)
    assert desk.count("RigFallback") == 0


async def test_the_dead_man_timer_runs_anew_at_each_worker(desk: Desk) -> None:
    desk.refusing.add("w-1")
    async with desk.workers("w-1", "w-2"):
        await desk.pbx.dial(desk.ari)
        await until(lambda: bool(desk.arrivals) and desk.arrivals[-1][0] == "w-2")
        assert desk.count("RigFallback") == 0
        await until(lambda: desk.count("RigFallback") == 1, 4)


async def test_a_worker_that_dies_with_a_caller_who_had_come_back_leaves_them_to_their_queue(desk: Desk) -> None:
    async with desk.workers("w-1", "w-2"):
        await desk.call()
        assert await desk.ari.continue_in_dialplan(desk.arrivals[-1][1], "patchcord-queue", "support") is True
        await until(lambda: desk.arrivals[-1][2][0] == "returned")
        await until(lambda: desk.count("RigDied") == 1, 4)
    assert desk.told[-1]["Queue"] == "support"
