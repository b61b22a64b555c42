"""The phone in a real Chromium at a real Asterisk, without the desk around it: who hears whom, and how calls end."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ari_app.caller.answering import Behaviour, on_duty
from ari_app.caller.calling import dialled, telephone
from ari_app.caller.outcome import CallFailed
from ari_app.caller.recording import sides
from ari_app.caller.user_agent import SipTarget
from ari_app.pbx.server import AsteriskServer
from tests.ari_app.pbx.asterisk_tools import free_settings, running
from tests.handoff.desk.agent.chromium import Page, chromium, flags_for_microphone
from tests.handoff.desk.agent.hearing import heard_by_caller, heard_by_page
from tests.handoff.desk.agent.phone_rig import HIGH_HZ, LOW_HZ, microphone_file, phone_rig, share_of, tone

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Rig:
    asterisk: AsteriskServer
    page: Page

    @property
    def colleague(self) -> SipTarget:
        """Another phone of the same Asterisk."""
        return SipTarget("127.0.0.1", self.asterisk.settings.sip.port, "1001", self.asterisk.secrets.phones["1001"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("browser-phone")
    async with (
        running(folder / "instance", free_settings()) as asterisk,
        phone_rig(asterisk, "2001") as url,
        chromium(*flags_for_microphone(microphone_file(folder))) as browser,
        browser.page(url) as page,
    ):
        await page.until("window.log?.includes('registered')", 20)
        yield Rig(asterisk, page)


async def test_both_sides_hear_each_other_and_nothing_is_transcoded(rig: Rig) -> None:
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001") as line:
        await rig.page.until("window.call?.state === 'ringing'")
        await rig.page.run("call.answer()")
        await line.leg.answered()
        speaking = asyncio.create_task(line.say(tone(LOW_HZ, 10.0)))
        assert await heard_by_caller(line, HIGH_HZ)
        assert await heard_by_page(rig.page, LOW_HZ)
        figures = await rig.page.run("call.media.figures()")
        assert figures["codec"] == "audio/PCMU" and figures["lost"] == 0
        channels = (await rig.asterisk.rx("core show channels concise")).split()
        web = next(row.split("!")[0] for row in channels if "2001-web" in row.split("!")[0])
        shown = await rig.asterisk.rx(f"core show channel {web}")
        assert "WriteTranscode: No" in shown and "ReadTranscode: No" in shown
        speaking.cancel()
    await rig.page.until("call.state === 'ended'")  # the other side hung up
    assert await rig.page.run("call.endedBy") == "hung up there"


async def test_nothing_is_sent_before_the_answer(rig: Rig) -> None:
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001") as line:
        await rig.page.until("window.call?.state === 'ringing'")
        await asyncio.sleep(1.0)
        assert await rig.page.run("call.media.track.enabled") is False
        assert line.session.log.audio_received() == []
        start = time.monotonic_ns()
        await rig.page.run("call.answer()")
        await line.leg.answered()
        assert await heard_by_caller(line, HIGH_HZ)
        both = sides(line.session.log)
        assert share_of(both.cut(both.agent, start, time.monotonic_ns()), HIGH_HZ) > 0.5
        await rig.page.run("call.hangup()")
        await asyncio.wait_for(line.leg.ended.wait(), 5)


async def test_declining_is_busy_to_the_caller(rig: Rig) -> None:
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001") as line:
        await rig.page.until("window.call?.state === 'ringing'")
        await rig.page.run("call.decline()")
        with pytest.raises(CallFailed) as refused:
            await asyncio.wait_for(line.leg.answered(), 5)
        assert refused.value.status == 486


async def test_a_caller_who_gives_up_ends_the_ringing(rig: Rig) -> None:
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001"):
        await rig.page.until("window.call?.state === 'ringing'")
    await rig.page.until("call.state === 'ended'")
    assert await rig.page.run("call.endedBy") == "caller gone"
    await rig.page.until("phone.call === undefined")


async def test_the_sip_phone_and_the_browser_ring_together_and_one_answers(rig: Rig) -> None:
    sip = SipTarget("127.0.0.1", rig.asterisk.settings.sip.port, "2001", rig.asterisk.secrets.phones["2001"])
    async with (
        on_duty(sip, Behaviour(reaction="ignore")) as person,
        telephone(rig.colleague) as (agent, threads),
        dialled(agent, threads, "2001") as line,
    ):
        taken = await person.call()
        await rig.page.until("window.call?.state === 'ringing'")
        await rig.page.run("call.answer()")
        await line.leg.answered()
        await asyncio.wait_for(taken.call.ended.wait(), 5)
        assert not taken.answered
        assert await heard_by_caller(line, HIGH_HZ)
    await rig.page.until("call.state === 'ended'")


async def test_the_browser_calls_a_colleague(rig: Rig) -> None:
    speech = tone(LOW_HZ, 10.0)
    sip = SipTarget("127.0.0.1", rig.asterisk.settings.sip.port, "2002", rig.asterisk.secrets.phones["2002"])
    async with on_duty(sip, Behaviour(ring_s=0.3, speech=speech, speak_after_s=0.0)) as person:
        await rig.page.run("phone.dial('2002')")
        await rig.page.until("call.state === 'talking'")
        taken = await person.call()
        assert taken.caller == ("Agent 2001", "2001")
        assert await heard_by_page(rig.page, LOW_HZ)
        await rig.page.run("call.hangup()")
        await asyncio.wait_for(taken.finished.wait(), 5)
    heard = taken.recording().agent
    assert share_of(heard[len(heard) // 2 :], HIGH_HZ) > 0.8


async def test_a_number_that_does_not_exist_is_told(rig: Rig) -> None:
    await rig.page.run("phone.dial('999999')")
    await rig.page.until("call.state === 'ended'")
    assert (await rig.page.run("call.endedBy")).startswith("refused: 404")


async def test_calling_can_be_given_up_while_it_rings(rig: Rig) -> None:
    sip = SipTarget("127.0.0.1", rig.asterisk.settings.sip.port, "2002", rig.asterisk.secrets.phones["2002"])
    async with on_duty(sip, Behaviour(reaction="ignore")) as person:
        await rig.page.run("void phone.dial('2002')")
        taken = await person.call()
        await rig.page.until("call.state === 'dialling'")
        await rig.page.run("call.hangup()")
        await asyncio.wait_for(taken.call.ended.wait(), 5)
    await rig.page.until("phone.call === undefined")


async def test_a_second_call_finds_the_phone_busy(rig: Rig) -> None:
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001") as line:
        await rig.page.until("window.call?.state === 'ringing'")
        await rig.page.run("call.answer()")
        await line.leg.answered()
        async with dialled(agent, threads, "2001") as second:
            with pytest.raises(CallFailed) as refused:
                await asyncio.wait_for(second.leg.answered(), 5)
            assert refused.value.status == 486
        assert await heard_by_caller(line, HIGH_HZ)
    await rig.page.until("call.state === 'ended'")


async def test_a_lost_socket_comes_back_and_the_phone_registers_anew(rig: Rig) -> None:
    before = await rig.page.run("log.length")
    await rig.page.run("phone.socket.socket.close()")
    await rig.page.until(f"log.slice({before}).includes('reconnecting') && log.at(-1) === 'registered'")
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001"):
        await rig.page.until("window.call?.state === 'ringing'")
    await rig.page.until("call.state === 'ended'")


async def test_a_closed_page_is_no_phone_any_more(rig: Rig) -> None:
    await rig.page.run("phone.stop()")
    async with telephone(rig.colleague) as (agent, threads), dialled(agent, threads, "2001") as line:
        with pytest.raises(CallFailed):
            await asyncio.wait_for(line.leg.answered(), 5)
    assert [problem for problem in rig.page.problems if "favicon" not in problem] == []
