"""Alerts that are heard: measured before the loudspeaker, switched off, and where the browser does not let the page sound yet."""

import asyncio
from typing import Any, Final

import pytest

from tests.handoff.desk.agent.chromium import Browser, Page, chromium
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.sounding import SILENCE, heard, loudest, tap
from tests.handoff.desk.whole.scenes import SCENES, logged_in, show

pytestmark = pytest.mark.postgres

AGENT: Final = next(scene for scene in SCENES if scene.name == "agent")
FLOOR: Final = next(scene for scene in SCENES if scene.name == "floor")
RING: Final = {"card_id": "card-1", "call_id": "call-1", "queue": "support", "state": "ringing"}
MARGIN_HZ: Final = 40.0


def unsure(mind: ControlRig, call: str) -> None:
    """Brings an alert that warns."""
    mind.feed.publish("state", call, {"state": "talking"})
    mind.feed.publish("event", call, {"event": "recognised", "data": {"confidence": 0.2}})


async def test_a_telephone_that_rings_is_heard_once_on_the_agents_page(desk: Desk, browser: Browser) -> None:
    async with logged_in(browser, desk) as page:
        await show(page, desk, AGENT)
        await tap(page, "desk.tones")
        assert (await loudest(page, 0.4))[0] < SILENCE
        for _ in range(2):  # told by the queue, and by whoever put the caller through
            desk.deps.hub.publish("ring:member/2001", "mine", RING)
        level, hertz = await heard(page)
        assert 0.03 < level < 0.2 and 400 < hertz < 500
        await page.until("desk.tones.sounding.size === 0")
        assert (await loudest(page, 0.5))[0] < SILENCE
        await page.until("desk.tones.context.state === 'suspended'")
        assert page.problems == []


async def test_a_new_alert_on_the_floor_is_heard_and_those_that_stood_there_are_not(desk: Desk, browser: Browser, mind: ControlRig) -> None:
    async with logged_in(browser, desk) as page:
        await show(page, desk, FLOOR)
        await tap(page, "floor.tones")
        assert await page.run("document.querySelectorAll('#floor-alerts li').length") > 2
        assert (await loudest(page, 0.6))[0] < SILENCE
        unsure(mind, "c4")
        level, hertz = await heard(page)
        assert 0.02 < level < 0.2 and abs(hertz - 587) < MARGIN_HZ
        mind.feed.publish("event", "c4", {"event": "recognised", "data": {"confidence": 0.9}})
        await page.until("!document.getElementById('floor-alerts').innerText.includes('not sure')")
        unsure(mind, "c4")
        await page.until("document.getElementById('floor-alerts').innerText.includes('not sure')")
        assert (await loudest(page, 0.6))[0] < SILENCE, "what comes and goes is not heard each time"
        await page.run("window.loudest = { level: 0, hertz: 0 }")
        await mind.stop()
        level, hertz = await heard(page)
        assert level > 0.03 and min(abs(hertz - 880), abs(hertz - 660)) < MARGIN_HZ
        assert page.problems == []


async def test_the_switch_is_remembered_and_says_how_it_stands(desk: Desk, browser: Browser, mind: ControlRig) -> None:
    async with logged_in(browser, desk) as page:
        await show(page, desk, FLOOR)
        pressed = "document.getElementById('sound').getAttribute('aria-pressed')"
        assert await page.run(pressed) == "true"
        await page.press("v")
        assert await page.run(pressed) == "false"
        for scene in (AGENT, FLOOR):
            await show(page, desk, scene)
            await page.until(f"{pressed} === 'false'")
        await tap(page, "floor.tones")
        unsure(mind, "c4")
        await page.until("document.getElementById('floor-alerts').innerText.includes('not sure')")
        assert (await loudest(page, 0.6))[0] < SILENCE
        await page.click("#sound")
        assert await page.run(pressed) == "true"
        await page.size(390, 844)
        await page.run("document.getElementById('sound-blocked').hidden = false")
        assert await page.run("document.getElementById('sound').checkVisibility() && document.documentElement.scrollWidth <= innerWidth")


async def quietly(page: Page, script: str) -> Any:
    """As ``run``, and nothing that a person would have done."""
    return (await page.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True))["result"].get("value")


async def until_quietly(page: Page, script: str) -> None:
    async with asyncio.timeout(10):
        while not await quietly(page, script):
            await asyncio.sleep(0.05)


async def test_where_the_browser_wants_a_click_first_the_page_says_so_and_is_heard_after_it(desk: Desk, mind: ControlRig) -> None:
    said = "document.getElementById('sound-blocked')"
    async with chromium("--autoplay-policy=document-user-activation-required") as browser, logged_in(browser, desk), browser.page() as page:
        await page.send("Page.navigate", url=str(desk.server.make_url("/floor")))
        await until_quietly(page, f"{said}?.checkVisibility() === true")
        assert await quietly(page, "floor.tones.context.state") == "suspended"
        unsure(mind, "c4")
        await until_quietly(page, "document.getElementById('floor-alerts').innerText.includes('not sure')")
        for kind in ("mousePressed", "mouseReleased"):
            await page.send("Input.dispatchMouseEvent", type=kind, x=400, y=700, button="left", clickCount=1)
        await until_quietly(page, f"{said}.hidden")
        await tap(page, "floor.tones")
        assert (await loudest(page, 0.6))[0] < SILENCE, "what is over is not heard late"
        await mind.stop()
        assert (await heard(page))[0] > 0.03
        assert page.problems == []
