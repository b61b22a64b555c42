"""The pages in a real Chromium: logging in, keyboard, hostile words, the player, a call that goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from handoff.records.writer import PostgresRecords
from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import PASSWORD, Desk
from tests.handoff.desk.desk_calls import CALL, HOSTILE, HOSTILE_CALL, LIVE_CALL, hostile_call, live_call, ordinary_call, write_recording


@pytest.fixture
async def page(desk: Desk, browser: Browser) -> AsyncIterator[Page]:
    """Logged in as supervisor."""
    async with browser.page(str(desk.server.make_url("/calls"))) as page:
        await page.until("document.querySelector('[name=password]') !== null")
        await page.fill("[name=name]", "supervisor")
        await page.fill("[name=password]", PASSWORD)
        await page.run("document.querySelector('form').requestSubmit()")
        await page.until("location.pathname === '/calls' && document.readyState === 'complete'")
        page.problems.clear()
        yield page


async def goto(page: Page, desk: Desk, path: str) -> None:
    await page.goto(str(desk.server.make_url(path)))


async def test_a_form_of_ours_is_taken_and_shortcuts_work(desk: Desk, page: Page) -> None:
    await page.press("?")
    assert "Open the newest call" not in await page.until("document.querySelector('dialog[open]')?.innerText")
    await page.run("document.querySelector('dialog').close()")
    await page.press("/")
    assert await page.run("document.activeElement.name") == "text"
    await page.run("document.activeElement.blur()")
    await page.press("g")
    await page.press("f")
    await page.until("location.pathname === '/floor'")


async def test_the_first_tab_leads_past_the_menu(page: Page) -> None:
    await page.send("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert await page.run("document.activeElement.className") == "skip"
    assert await page.run("document.activeElement.getBoundingClientRect().left >= 0")


async def test_hostile_words_run_nowhere(desk: Desk, page: Page, records: PostgresRecords) -> None:
    hostile_call(records)
    assert await records.flush(10)
    for path in ("/calls", f"/calls/{HOSTILE_CALL}"):
        await goto(page, desk, path)
        await asyncio.sleep(0.2)
        assert await page.run("window.hacked ?? null") is None, path
        assert page.problems == [], path
    said = await page.run("[...document.querySelectorAll('.turn.caller bdi')].map(e => e.textContent)")
    assert said[0] == HOSTILE[0] and said[1] == HOSTILE[1] and said[4] == HOSTILE[4]
    await page.size(390, 844)
    assert await page.run("document.documentElement.scrollWidth <= innerWidth"), "ten thousand letters do not widen a phone's page"


async def test_the_player_follows_and_is_led_by_the_transcript(desk: Desk, page: Page, records: PostgresRecords) -> None:
    assert desk.deps.recordings is not None
    ordinary_call(records)
    assert await records.flush(10)
    write_recording(desk.deps.recordings, CALL)
    await goto(page, desk, f"/calls/{CALL}")
    await page.until("document.getElementById('position').textContent === '0:00 / 0:30'")
    assert await desk.deps.audit.entries(action="listen_recording") == [], "opening a page is not listening"
    await page.run("document.querySelector('#turn-4 button.at').click()")
    await page.until("document.getElementById('turn-4').classList.contains('now')")
    assert 11.5 < await page.run("document.getElementById('audio').currentTime") < 14.5
    await page.press("k")
    await page.until("document.getElementById('audio').paused")
    before = await page.run("document.getElementById('audio').currentTime")
    await page.press("j")
    await page.until(f"Math.abs(document.getElementById('audio').currentTime - {before - 5}) < 0.2")
    assert len(await desk.deps.audit.entries(action="listen_recording")) == 1
    assert page.problems == []


async def test_a_call_that_goes_on_grows_on_the_page(desk: Desk, page: Page, records: PostgresRecords) -> None:
    call = live_call(records)
    assert await records.flush(10)
    await goto(page, desk, f"/calls/{LIVE_CALL}")
    await page.until("document.querySelectorAll('.turn').length === 1")
    call.says("caller", "<b>Where</b> is my lamp?", 3.0, 4.0)
    await page.until("document.querySelector('#turn-2 bdi')?.textContent === '<b>Where</b> is my lamp?'")
    assert page.problems == []
