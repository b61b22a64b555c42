"""The whole desk of an agent in a real Chromium at a real Asterisk: ring, card, answer, talk, keys, wrap-up."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from ari_app.ami.client import AmiClient
from ari_app.caller.calling import dialled, telephone
from ari_app.caller.user_agent import SipTarget
from ari_app.pbx.server import AsteriskServer
from ari_app.service.desk_members import AmiMembers
from ari_app.service.desk_phones import InstancePhones
from handoff.desk.agent.line import PHONES
from handoff.desk.agent.members import MEMBERS
from handoff.desk.app import build_desk
from handoff.desk.deps import DeskDeps
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from tests.ari_app.pbx.asterisk_tools import free_settings, running
from tests.handoff.desk.agent.chromium import Page, chromium, flags_for_microphone
from tests.handoff.desk.agent.conftest import Cases
from tests.handoff.desk.agent.hearing import heard_by_caller, heard_by_page
from tests.handoff.desk.agent.phone_rig import HIGH_HZ, LOW_HZ, microphone_file, tone
from tests.handoff.desk.conftest import PASSWORD
from tests.handoff.desk.sounding import SILENCE, heard, loudest, tap

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]
HOSTILE = "<script>document.title='taken'</script>"
PICTURES = os.environ.get("PATCHCORD_PICTURES", "")


@dataclass
class Floor:
    """A desk in a browser, and the Asterisk behind it."""

    asterisk: AsteriskServer
    page: Page
    members: AmiMembers

    async def picture(self, name: str) -> None:
        if PICTURES:
            await asyncio.to_thread((Path(PICTURES) / f"{name}.png").write_bytes, await self.page.picture())


@pytest.fixture
async def floor(desk_deps: DeskDeps, tmp_path: Path) -> AsyncIterator[Floor]:
    async with contextlib.AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(running(tmp_path / "instance", free_settings(queue_timeout_s=60)))
        secrets = asterisk.secrets
        ami = AmiClient("127.0.0.1", asterisk.settings.asterisk.ami_port, secrets.ami_user, secrets.ami_password)
        task = asyncio.create_task(ami.run())
        stack.callback(task.cancel)
        app = build_desk(desk_deps)
        app[PASSWORDS] = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        app[MEMBERS] = members = AmiMembers(ami)
        app[PHONES] = InstancePhones(asterisk.settings, secrets)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        browser = await stack.enter_async_context(chromium(*flags_for_microphone(microphone_file(tmp_path))))
        page = await stack.enter_async_context(browser.page())
        await page.size(1280, 900)
        await page.goto(str(server.make_url("/login")))
        await page.fill("input[name=name]", "agent")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("main form button")
        await page.until("location.pathname === '/agent' && globalThis.desk !== undefined")
        yield Floor(asterisk, page, members)


async def test_an_agent_takes_a_call_in_the_browser(floor: Floor, cases: Cases) -> None:
    page = floor.page
    await page.press("b")  # the phone on
    await page.until("document.getElementById('phone').dataset.state === 'registered'", 15)
    await page.until("document.getElementById('phone-which').textContent.includes('this browser will ring')")
    await page.until("desk.state.now === 'ready'")
    await floor.picture("agent-ready")

    # The card is there before anything rings.
    cases.call("call-1")
    cases.turn("call-1", 1, "caller", f"my order is late {HOSTILE}")
    cases.card("card-1", "call-1", state="requested")
    await page.until("desk.card.current?.id === 'card-1' && document.querySelector('#card .agent-card') !== null")
    assert await page.run("desk.phone.call") is None
    assert "my order is late <script>" in await page.run("document.getElementById('turns').innerText")

    target = SipTarget("127.0.0.1", floor.asterisk.settings.sip.port)
    async with telephone(target) as (agent, threads), dialled(agent, threads, "200") as line:
        await line.leg.answered()
        await page.until("desk.phone.call?.state === 'ringing'")
        cases.card("card-1", "call-1", state="briefing")
        cases.turn("call-1", 2, "caller", "and it is for Friday")
        await page.until("document.getElementById('turns').innerText.includes('for Friday')")
        assert "5550100" in await page.run("document.getElementById('party').textContent")
        await floor.picture("agent-ringing")
        await page.press("a")
        await page.until("desk.phone.call.state === 'talking'")
        speaking = asyncio.create_task(line.say(tone(LOW_HZ, 20.0)))
        assert await heard_by_caller(line, HIGH_HZ)
        assert await heard_by_page(page, LOW_HZ)
        # The buttons of the brief send keys.
        await page.until("desk.card.current.state === 'briefing'")
        await page.press("1")
        await page.until("desk.phone.call.media.sender.dtmf.toneBuffer === ''")
        cases.card("card-1", "call-1", state="joined")
        await page.until("document.getElementById('brief-keys').hidden && !document.getElementById('wrap-panel').hidden")
        await floor.picture("agent-talking")
        await page.press("m")
        await page.until("desk.phone.call.muted")
        assert not await heard_by_caller(line, HIGH_HZ)
        await page.press("m")
        assert await heard_by_caller(line, HIGH_HZ)
        await page.press("h")
        await page.until("desk.phone.call.state === 'held'")
        assert not await heard_by_page(page, LOW_HZ)
        await page.press("h")
        await page.until("desk.phone.call.state === 'talking'")
        assert await heard_by_caller(line, HIGH_HZ)
        assert await heard_by_page(page, LOW_HZ)
        speaking.cancel()
        await page.press("d")
        await asyncio.wait_for(line.leg.ended.wait(), 5)

    # After the call: no calls until it is wrapped up.
    await page.until("desk.state.now === 'wrap-up'")
    member = await floor.members.member("Local/2001@patchcord-members")
    assert member is not None and member.paused and member.reason == "wrap-up"
    await page.run(
        "document.querySelector('#wrap select').value = 'Resolved'; document.querySelector('#wrap textarea').value = 'comes on Friday'"
    )
    await floor.picture("agent-wrap-up")
    await page.run("document.activeElement.blur()")
    await page.press("s")
    await page.until("desk.state.now === 'ready'")
    assert cases.rows("SELECT call_id, agent, disposition, notes FROM agent_wrap_ups") == [
        ("call-1", "agent", "Resolved", "comes on Friday")
    ]
    assert await page.run("document.title") != "taken"
    assert page.problems == []


async def test_a_caller_who_hangs_up_while_it_rings_leaves_the_page_ready(floor: Floor, cases: Cases) -> None:
    page = floor.page
    await page.click("#phone-on")
    await page.until("document.getElementById('phone').dataset.state === 'registered'", 15)
    target = SipTarget("127.0.0.1", floor.asterisk.settings.sip.port)
    async with telephone(target) as (agent, threads), dialled(agent, threads, "200") as line:
        await line.leg.answered()
        await page.until("desk.phone.call?.state === 'ringing'")
    await page.until("desk.phone.call.state === 'ended' && document.getElementById('call').hidden")
    assert await page.run("desk.state.now") == "ready"
    # Pause: the queue does not ring any more.
    await page.press("p")
    await page.until("desk.state.now === 'paused'")
    member = await floor.members.member("Local/2001@patchcord-members")
    assert member is not None and member.paused and member.reason == "Break"
    await page.press("r")
    await page.until("desk.state.now === 'ready'")
    assert page.problems == []


async def test_the_ring_is_heard_until_somebody_answers_and_not_when_it_is_switched_off(floor: Floor) -> None:
    page = floor.page
    await page.click("#phone-on")
    await page.until("document.getElementById('phone').dataset.state === 'registered'", 15)
    await tap(page, "desk.tones")
    assert (await loudest(page, 0.5))[0] < SILENCE
    target = SipTarget("127.0.0.1", floor.asterisk.settings.sip.port)
    async with telephone(target) as (agent, threads), dialled(agent, threads, "200") as line:
        await line.leg.answered()
        await page.until("desk.phone.call?.state === 'ringing'")
        level, hertz = await heard(page)
        assert 0.03 < level < 0.2 and 400 < hertz < 500
        assert "rings" in await page.run("document.getElementById('said-ring').textContent")
        await page.click("#sound")
        assert (await loudest(page, 4.5))[0] < SILENCE, "longer than from one ring to the next"
        await page.click("#sound")
        assert (await heard(page))[0] > 0.03, "and at once when it is switched on"
        await page.press("a")
        await page.until("desk.phone.call.state === 'talking'")
        assert (await loudest(page, 4.5))[0] < SILENCE
        await page.press("d")
        await asyncio.wait_for(line.leg.ended.wait(), 5)
    assert page.problems == []


async def test_a_second_window_takes_the_phone_and_the_first_says_so(floor: Floor) -> None:
    page = floor.page
    await page.click("#phone-on")
    await page.until("document.getElementById('phone').dataset.state === 'registered'", 15)
    await page.run("window.other = new WebSocket(`ws://${location.host}/ws`, 'sip')")
    await page.until("document.getElementById('phone').dataset.state === 'off'")
    assert "another window" in await page.run("document.getElementById('notices').innerText")
    await page.run("other.close()")


async def test_the_page_fits_a_phone(floor: Floor, cases: Cases) -> None:
    page = floor.page
    cases.call("call-1")
    cases.turn("call-1", 1, "caller", "a_word_without_an_end" * 20)
    cases.card("card-1", "call-1")
    await page.size(390, 844)
    await page.until("document.querySelector('#card .agent-card') !== null")
    await floor.picture("agent-phone")
    assert await page.run("document.documentElement.scrollWidth") <= 390
    assert page.problems == []


@pytest.mark.parametrize(("asked", "stands"), [("*77123456", "*77123456"), ("<b>1</b>", "")])
async def test_a_page_that_offers_a_call_has_its_number_filled_in_here_and_nothing_else(floor: Floor, asked: str, stands: str) -> None:
    await floor.page.run(f"location.assign('/agent?dial=' + encodeURIComponent('{asked}'))")
    await floor.page.until("location.search !== '' && document.readyState === 'complete' && globalThis.desk !== undefined")
    assert await floor.page.run("document.querySelector('#dial input').value") == stands
