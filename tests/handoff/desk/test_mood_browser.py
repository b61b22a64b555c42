"""Mood and rules in a real Chromium: drawn within the page, without breaking its policy, and leading into turns and sound."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handoff.desk.links import CardLinks
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import PASSWORD, SECRET, Desk
from tests.handoff.desk.desk_calls import write_recording
from tests.handoff.desk.felt_calls import FELT_CALL, FELT_CARD, TAINTED_CALL, felt_call, tainted_call

pytestmark = pytest.mark.postgres
PICTURES = os.environ.get("PATCHCORD_PICTURES", "")


async def picture(page: Page, name: str) -> bytes:
    found = await page.picture()
    if PICTURES:
        await asyncio.to_thread((Path(PICTURES) / f"{name}.png").write_bytes, found)
    return found


@pytest.fixture
async def page(desk: Desk, records: PostgresRecords, browser: Browser) -> AsyncIterator[Page]:
    """Logged in as supervisor."""
    assert desk.deps.recordings is not None
    felt_call(records)
    tainted_call(records)
    assert await records.flush(10)
    write_recording(desk.deps.recordings, FELT_CALL)
    async with browser.page(str(desk.server.make_url("/calls"))) as page:
        await page.until("document.querySelector('[name=password]') !== null")
        await page.fill("[name=name]", "supervisor")
        await page.fill("[name=password]", PASSWORD)
        await page.run("document.querySelector('form').requestSubmit()")
        await page.until("location.pathname === '/calls' && document.readyState === 'complete'")
        page.problems.clear()
        yield page
        assert page.problems == []


async def test_the_call_page(desk: Desk, page: Page) -> None:
    await page.size(1400, 1900)
    await page.goto(str(desk.server.make_url(f"/calls/{FELT_CALL}")))
    await page.until("document.querySelectorAll('figure.mood circle').length === 3")
    drawn = "getComputedStyle(document.querySelector('{}')).{}"
    assert await page.run(drawn.format(".mood .dot.bad", "fill")) != await page.run(drawn.format(".mood .dot:not(.bad, .warn)", "fill"))
    assert await page.run(drawn.format(".mood .rule.shadow path", "strokeDasharray")) == "3px, 3px"
    inside = """[...document.querySelectorAll('figure.mood svg :is(circle, polyline, path)')].every((shape) => {
        const [one, all] = [shape.getBoundingClientRect(), shape.ownerSVGElement.getBoundingClientRect()];
        return one.left >= all.left && one.right <= all.right && one.top >= all.top - 1 && one.bottom <= all.bottom + 1; })"""
    assert await page.run(inside)
    await page.until("document.getElementById('position').textContent === '0:00 / 0:30'")
    seen = await picture(page, "mood-call")
    assert len(seen) > 20_000
    await page.run("document.querySelector('.ruling [data-play-ms=\"12000\"]').click()")
    await page.until("document.getElementById('turn-4').classList.contains('now')")
    assert 11.5 < await page.run("document.getElementById('audio').currentTime") < 14.5
    await page.run("document.querySelector('.mood-table').open = true")
    assert await page.run("document.querySelectorAll('.mood-table tbody tr').length") == 3


async def test_on_a_phone_nothing_is_wider_than_the_screen(desk: Desk, page: Page) -> None:
    await page.size(390, 844)
    await page.goto(str(desk.server.make_url(f"/calls/{FELT_CALL}")))
    await page.run("document.querySelector('.mood-table').open = true")
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")
    await page.run("document.getElementById('mood-title').scrollIntoView()")
    await picture(page, "mood-phone")


async def test_hostile_names_run_nowhere(desk: Desk, page: Page) -> None:
    await page.size(390, 844)
    await page.goto(str(desk.server.make_url(f"/calls/{TAINTED_CALL}")))
    await page.until("document.querySelectorAll('.ruling').length > 0")
    await asyncio.sleep(0.2)
    assert await page.run("window.hacked ?? null") is None
    assert await page.run("document.querySelectorAll('.ruling script, .ruling img, .mood script').length") == 0
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_the_card(desk: Desk, page: Page) -> None:
    await page.size(1200, 1300)
    url = CardLinks(SECRET, "https://desk.example.com", 600.0).card_url(FELT_CARD, time.time())
    await page.goto(str(desk.server.make_url("/")).rstrip("/") + url.removeprefix("https://desk.example.com"))
    await page.until("document.querySelector('.card figure.mood') !== null")
    await picture(page, "mood-card")
    await page.run("document.querySelector('.ruling a.from').click()")
    assert await page.run("location.hash") == "#turn-4"
