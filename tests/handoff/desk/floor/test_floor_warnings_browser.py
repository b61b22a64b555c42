"""What the floor warns of, in a real Chromium: maintenance, and a caller who cannot be heard."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handoff.desk.deps import DeskDeps
from handoff.desk.resting import resting_text
from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.floor.conftest import until
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.floor.test_floor_page import log_in

pytestmark = pytest.mark.postgres
PICTURES = os.environ.get("PATCHCORD_PICTURES", "")
BANNER = "document.getElementById('resting')"
MARKS = "document.querySelector('[data-id=c1] .floor-marks').innerText"


class Maintenance:
    """Switched by the test, as ``patchcord maintenance`` switches the file."""

    text = ""

    def now(self) -> str:
        return self.text


@pytest.fixture
def maintenance(desk_deps: DeskDeps) -> Maintenance:
    switch = Maintenance()
    desk_deps.resting = switch.now
    return switch


@pytest.fixture
async def page(maintenance: Maintenance, desk: Desk, mind: ControlRig, browser: Browser) -> AsyncIterator[Page]:
    mind.feed.publish("state", "c1", {"state": "talking", "caller": "+441134960123", "number": "100", "agent": "front-desk"})
    assert desk.deps.control is not None
    live = desk.deps.control.state.live
    await until(lambda: len(live.calls) == 1)
    async with browser.page() as page:
        await log_in(page, desk)
        await page.until("document.querySelectorAll('.floor-call').length === 1")
        yield page
        assert page.problems == []


async def test_the_banner_comes_and_goes_without_a_reload(page: Page, maintenance: Maintenance, desk: Desk) -> None:
    assert await page.run(f"{BANNER}.hidden")
    maintenance.text = resting_text("<img src=x onerror=alert(1)> new trunk")
    await page.until(f"!{BANNER}.hidden")
    assert await page.run(f"{BANNER}.textContent") == maintenance.text, "a reason is words, never markup"
    await page.goto(str(desk.server.make_url("/calls")))
    await page.until(f"{BANNER}?.checkVisibility()")
    assert await page.run(f"{BANNER}.textContent") == maintenance.text, "on every page"
    await page.goto(str(desk.server.make_url("/floor")))
    await page.until(f"{BANNER}?.checkVisibility()")
    maintenance.text = ""
    await page.until(f"{BANNER}.hidden")


async def test_a_caller_who_cannot_be_heard_is_marked_as_long_as_it_lasts(page: Page, mind: ControlRig, maintenance: Maintenance) -> None:
    assert await page.run(MARKS) == ""
    mind.feed.publish("state", "c1", {"audio": "no audio from the caller"})
    await page.until(f"{MARKS}.includes('no audio from the caller')")
    assert await page.run("document.querySelector('[data-id=c1] .floor-marks .badge.bad') !== null")
    if PICTURES:
        maintenance.text = resting_text("the carrier is changed")
        await page.until(f"!{BANNER}.hidden")
        await page.size(1400, 700)
        await asyncio.to_thread((Path(PICTURES) / "floor-warnings.png").write_bytes, await page.picture())
    mind.feed.publish("state", "c1", {"audio": None})
    await page.until(f"{MARKS} === ''")
