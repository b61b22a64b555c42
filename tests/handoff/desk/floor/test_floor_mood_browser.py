"""Moods and rules on the floor in a real Chromium, as the feed tells them."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.desk_calls import HOSTILE
from tests.handoff.desk.floor.conftest import until
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.floor.test_floor_page import log_in, told
from tests.handoff.felt import felt, ruled

pytestmark = pytest.mark.postgres
PICTURES = os.environ.get("PATCHCORD_PICTURES", "")


@pytest.fixture
async def page(desk: Desk, mind: ControlRig, browser: Browser) -> AsyncIterator[Page]:
    """Three calls with the AI, c1 the first."""
    for place, caller in enumerate(("+441134960123", "+441134960456", "+441134960789"), 1):
        mind.control.calls.add(f"c{place}")
        mind.feed.publish("state", f"c{place}", {"state": "talking", "caller": caller, "number": "100", "agent": "front-desk"})
    assert desk.deps.control is not None
    live = desk.deps.control.state.live
    await until(lambda: len(live.calls) == 3)
    async with browser.page() as page:
        await log_in(page, desk)
        await page.until("document.querySelectorAll('.floor-call').length === 3")
        yield page
        assert page.problems == []


def feels(mind: ControlRig, call: str, *events: tuple[str, object]) -> None:
    for kind, data in events:
        mind.feed.publish("event", call, {"event": kind, "data": data})  # type: ignore[dict-item]


def mood(call: str) -> str:
    return f"document.querySelector('[data-id={call}] .floor-mood')"


async def test_mood_trend_flag_and_rule_of_a_call(page: Page, mind: ControlRig) -> None:
    assert await page.run(f"{mood('c1')}.hidden"), "nothing is judged yet"
    mind.feed.publish("turn", "c1", told("caller", 1, "Where is my order?"))
    feels(mind, "c1", ("emotion", felt(1, None, valence=0.1)))
    await page.until(f"{mood('c1')}.innerText === 'calm →'")
    mind.feed.publish("turn", "c1", told("caller", 3, "I have told you three times!"))
    feels(mind, "c1", ("emotion", felt(3, "frustrated", 0.82, -0.6, "audio")), ("escalation_rule", ruled()))
    feels(mind, "c1", ("flagged", {"reason": "shouting", "rule": "shouting"}))
    feels(mind, "c2", ("emotion", felt(1, "satisfied", 0.7, 0.5)), ("escalation_rule", ruled("stricter", shadow=True)))
    await page.until(f"{mood('c1')}.innerText === 'frustrated 0.82 ↘'")
    assert await page.run(f"{mood('c1')}.title") == "Mood of the caller, by words and voice"
    assert await page.run(f"{mood('c1')}.classList.contains('bad')")
    marks = await page.until("document.querySelector('[data-id=c1] .floor-marks').innerText")
    assert "rule: angry caller" in marks and "shouting" in marks
    await page.click("[data-id=c1] .floor-head")
    fact = "document.querySelector('#floor-detail [data-fact={}]').innerText"
    assert await page.run(fact.format("emotion")) == (
        "frustrated 0.82, valence −0.60 · getting worse · by words and voice · calm → frustrated"
    )
    assert await page.run(fact.format("ruling")) == ("angry caller called a person, queue support: frustrated 0.82 for 14 s (limit 0.7)")
    assert "seems frustrated" in await page.until("document.querySelector('#floor-alerts').innerText")
    await page.size(1400, 900)
    if PICTURES:
        await asyncio.to_thread((Path(PICTURES) / "mood-floor.png").write_bytes, await page.picture())


async def test_only_calls_that_need_attention(page: Page, mind: ControlRig) -> None:
    shown = "[...document.querySelectorAll('.floor-call')].filter((call) => call.checkVisibility()).map((call) => call.dataset.id)"
    await page.press("a")
    assert await page.run(shown) == []
    assert await page.run("document.querySelector('#floor-none-needs').checkVisibility()")
    feels(mind, "c2", ("emotion", felt(1, "frustrated", 0.6)))
    feels(mind, "c3", ("emotion", felt(1, "satisfied", 0.6)), ("escalation_rule", ruled(shadow=True)))
    await page.until("document.querySelector('#floor-attention-count').innerText === '1'")
    assert await page.run(shown) == ["c2"]
    assert not await page.run("document.querySelector('#floor-none-needs').checkVisibility()")
    await page.press("j")
    assert await page.run("document.querySelector('.floor-call.selected').dataset.id") == "c2", "the keys keep to what is seen"
    await page.press("a")
    assert await page.run(shown) == ["c1", "c2", "c3"]


async def test_with_a_person_the_mood_stands_still_and_says_so(page: Page, mind: ControlRig) -> None:
    feels(mind, "c1", ("emotion", felt(1, "frustrated", 0.6)))
    await page.until(f"{mood('c1')}.innerText === 'frustrated 0.60 →'")
    mind.feed.publish("state", "c1", {"state": "with_person"})
    feels(mind, "c1", ("emotion", felt(3, "satisfied", 0.9)))
    await page.until(f"{mood('c1')}.innerText === 'was frustrated 0.60'")
    assert "not judged any more" in await page.run(f"{mood('c1')}.title")


async def test_hostile_names_are_names(page: Page, mind: ControlRig) -> None:
    for bad in HOSTILE:
        feels(mind, "c1", ("emotion", {**felt(1, "frustrated"), "label": bad}), ("escalation_rule", ruled(queue=bad)))
        feels(mind, "c1", ("escalation_rule", ruled(rule=bad)), ("flagged", {"reason": bad}))
    await page.click("[data-id=c1] .floor-head")
    await page.until("document.querySelector('[data-id=c1] .floor-marks').innerText.includes('<script>')")
    assert await page.run("window.hacked ?? null") is None
    assert await page.run("document.querySelectorAll('[data-id=c1] :is(img, script)').length") == 0
