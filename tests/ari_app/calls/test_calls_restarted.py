"""A worker dies while a call is in each of its states, and another one starts: nobody is lost, and nothing is left over.

Asterisk, the media process and the transfer are real; callers and people are Local channels.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.conversation.messages import Unanswered
from agents.line import Line, LineClosed
from agents.transcript import Outcome, Sink
from ari_app.calls.conversations import Resume
from ari_app.calls.live_control import LiveControl
from ari_app.calls.shell_names import BRIDGE_PREFIX, LEG_PREFIX
from ari_app.calls.transfer_names import PLACE_PREFIX
from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import Pbx, until

pytestmark = pytest.mark.e2e

_MORE = """
[patchcord-place]
exten => _s[a-z].,1,NoOp()
 same => n,GotoIf($["${CHANNEL(name):-1}" = "1"]?over)
 same => n,Queue(${EXTEN},,,,60)
 same => n,UserEvent(PatchcordQueueLeft,Queue: ${EXTEN},Place: ${PATCHCORD_PLACE},Status: ${QUEUESTATUS})
 same => n(over),Hangup()
[patchcord-joined]
exten => s,1,Set(TIMEOUT(absolute)=0)
 same => n,Bridge(${PATCHCORD_PEER})
 same => n,Hangup()
[patchcord-members]
exten => _X.,1,Answer()
 same => n,Wait(40)
[patchcord-listen]
exten => s,1,ChanSpy(${PATCHCORD_HEARD},${PATCHCORD_HOW}E)
 same => n,Hangup()
"""


class PbxWithPeople(Pbx):
    """Knows of places in a queue, and of supervisors."""

    def render(self) -> None:
        super().render()
        dialplan = self.home / "etc/extensions.conf"
        dialplan.write_text(dialplan.read_text().replace("${PATCHCORD_CARD},,3)", "${PATCHCORD_CARD},,60)"))
        with (self.home / "etc/extensions.conf").open("a") as file:
            file.write(_MORE)
        with (self.home / "etc/modules.conf").open("a") as file:
            file.write("load=>app_chanspy.so\n")


@pytest.fixture(scope="module")
def people_pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    started = PbxWithPeople(tmp_path_factory.mktemp("pbx"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@dataclass
class Talk:
    """Keeps quiet until it is told how to end."""

    line: Line
    answer: "asyncio.Future[Outcome]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def unanswered(self) -> Sequence[Unanswered]:
        return ()

    def say(self, text: str) -> None:
        """Nobody listens."""

    def instruct(self, text: str) -> None:
        """The same."""

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        """The same."""

    def announce(self, name: str, facts: Mapping[str, str] | None = None, *, at_once: bool = False) -> None:
        """The same."""

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        if not self.answer.done():
            self.answer.set_result(Outcome("goodbye", reason))

    async def run(self) -> Outcome:
        reading = asyncio.create_task(self._closed())
        await asyncio.wait((reading, self.answer), return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()
        return self.answer.result() if self.answer.done() else Outcome("caller_left")

    async def _closed(self) -> None:
        async for event in self.line.events():
            if isinstance(event, LineClosed):
                return


@dataclass
class Company:
    """Both talks of a transfer."""

    callers: list[Talk] = field(default_factory=list)
    people: list[Talk] = field(default_factory=list)

    def company(self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, resume: Resume) -> Talk:
        self.callers.append(Talk(line))
        return self.callers[-1]

    def briefing(self, *, call_id: str, language: str, line: Line, sink: Sink, text: str, choice: bool) -> Talk:
        self.people.append(Talk(line))
        return self.people[-1]


async def _never(*_: Any, **__: Any) -> None:
    await asyncio.sleep(3600)


Reach = Callable[[Rig, Company, str], Awaitable[None]]


async def _talking(rig: Rig, company: Company, caller: str) -> None:
    await rig.until_state("talking")
    await rig.talk(0)


async def _talked(rig: Rig, company: Company, caller: str) -> None:
    await _talking(rig, company, caller)
    await rig.press(caller, "8")
    await until(lambda: rig.talks[0].digits == ["8"])


async def _storing_the_card(rig: Rig, company: Company, caller: str) -> None:
    await _talking(rig, company, caller)
    rig.ami.setvar = _never  # type: ignore[method-assign,assignment]
    await rig.press(caller, "5")
    await rig.until_state("briefing")


async def _leaving(rig: Rig, company: Company, caller: str) -> None:
    await _talking(rig, company, caller)
    rig.ari.continue_in_dialplan = _never  # type: ignore[method-assign,assignment]
    rig.media.process.kill()
    await rig.until_state("leaving")


async def _waiting_for_a_person(rig: Rig, company: Company, caller: str) -> None:
    await _talking(rig, company, caller)
    await rig.press(caller, "1")  # a queue of somebody who never picks up
    await until(lambda: company.callers)
    await until(_rings(rig, "deaf"))


async def _person_hears_the_brief(rig: Rig, company: Company, caller: str) -> None:
    await _talking(rig, company, caller)
    await rig.press(caller, "5")
    await until(lambda: company.people)


async def _joined_with_a_person(rig: Rig, company: Company, caller: str) -> None:
    await _person_hears_the_brief(rig, company, caller)
    company.people[0].end("accepted")
    await rig.until_state("outside")
    await until(lambda: _with_person(rig, caller))


def _rings(rig: Rig, member: str) -> Callable[[], Awaitable[bool]]:
    async def rings() -> bool:
        return any(f"Local/{member}@" in channel.name for channel in await rig.ari.list_channels())

    return rings


async def _with_person(rig: Rig, caller: str) -> bool:
    """The caller is in a bridge with somebody, and that bridge is none of ours."""
    return any(
        f"{caller}-in" in bridge.channels and len(bridge.channels) == 2 for bridge in await rig.ari.list_bridges() if _foreign(bridge.id)
    )


def _foreign(bridge_id: str) -> bool:
    return not bridge_id.startswith(BRIDGE_PREFIX)


async def _nothing_left_but_callers(rig: Rig, *, joined: bool = False) -> None:
    """No leg, no bridge of ours, no place in a queue, no port: of all that the dead worker had."""

    async def clean() -> bool:
        channels = await rig.ari.list_channels()
        legs = [channel.id for channel in channels if channel.id.startswith(LEG_PREFIX)]
        places = [channel.id for channel in channels if channel.id.startswith(PLACE_PREFIX)]
        bridges = [bridge.id for bridge in await rig.ari.list_bridges() if not _foreign(bridge.id)]
        return not legs and not bridges and bool(places) is joined

    await until(clean, 5, "nothing of the dead worker is left")
    link = rig.manager._media.link
    assert link is not None
    assert (await link.status())["ports_used"] == 0


async def _context(rig: Rig, caller: str) -> str:
    return next((channel.context for channel in await rig.ari.list_channels() if channel.id == f"{caller}-in"), "gone")


async def _rescued(rig: Rig, caller: str) -> None:
    async def waits() -> bool:
        return await _context(rig, caller) == "patchcord-fallback"

    await until(waits, 5, "the caller is sent on")


SERVED: dict[str, Reach] = {
    "greeted": _talking,
    "talking": _talked,
    "storing the card": _storing_the_card,
    "leaving": _leaving,
    "waiting for a person": _waiting_for_a_person,
    "a person hears the brief": _person_hears_the_brief,
}


@pytest.mark.parametrize("reach", SERVED.values(), ids=SERVED.keys())
async def test_who_was_with_the_dead_worker_waits_in_the_queue(people_pbx: Pbx, tmp_path: Path, reach: Reach) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    company = Company()
    async with service(people_pbx, first, company=company) as rig:
        caller = await rig.dial()
        await reach(rig, company, caller)
        await rig.die()
        records = rig.records
    async with service(people_pbx, second, records=records, company=Company()) as rig:
        await _rescued(rig, caller)
        await _nothing_left_but_callers(rig)
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert len(await records.list_calls(10)) == 1


async def test_a_call_that_was_not_yet_answered_is_rescued_too(people_pbx: Pbx, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with service(people_pbx, first) as rig:
        rig.ari.answer = _never  # type: ignore[method-assign,assignment]
        caller = await rig.dial()
        await rig.until_state("attaching")
        await rig.die()
    async with service(people_pbx, second) as rig:
        await _rescued(rig, caller)
        await _nothing_left_but_callers(rig)
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_caller_with_a_person_stays_with_them(people_pbx: Pbx, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    company = Company()
    async with service(people_pbx, first, company=company) as rig:
        caller = await rig.dial()
        await _joined_with_a_person(rig, company, caller)
        await rig.die()
    async with service(people_pbx, second, company=Company()) as rig:
        await asyncio.sleep(1.0)  # two looks of the new worker, and a third that finds nothing
        await _nothing_left_but_callers(rig, joined=True)
        assert await _with_person(rig, caller)
        assert not rig.seen("RigFallback")
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_caller_in_a_queue_stays_where_they_are(people_pbx: Pbx, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with service(people_pbx, first) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await rig.press(caller, "1")
        await rig.until_state("outside")
        await rig.die()
        records = rig.records
    async with service(people_pbx, second, records=records) as rig:
        await asyncio.sleep(1.0)
        await _nothing_left_but_callers(rig)
        assert await _context(rig, caller) == "patchcord-queue"
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_supervisor_who_listens_is_no_orphan(people_pbx: Pbx, tmp_path: Path) -> None:
    """They go on hearing the caller, and go with them."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with service(people_pbx, first) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        control = LiveControl()
        control.connect(rig.manager.switchboard)
        actor = rig.manager._directory.actors()[0]
        await control.listen(actor.record.facts.call_id, "3001", by="lead")

        async def listens() -> bool:
            return any(channel.app == "ChanSpy" for channel in await rig.ari.list_channels())

        await until(listens)
        await rig.die()
    async with service(people_pbx, second) as rig:
        await _rescued(rig, caller)
        await _nothing_left_but_callers(rig)
        await rig.ari.hangup(caller)
        await rig.until_idle()
