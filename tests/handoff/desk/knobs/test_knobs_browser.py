"""The pages of agents in a real Chromium: checked while typing, nothing hostile runs, nothing is wider than a phone."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.service.catalogue import AgentCatalogue
from ari_app.service.desk_agents import InstanceAgents
from handoff.desk.knobs.draft_calls import CALLED, DraftCalls
from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import PASSWORD, Desk

PICTURES = "PATCHCORD_PICTURES"
"""Folder for what is seen, when somebody wants to look."""


@pytest.fixture
async def page(desk: Desk, browser: Browser) -> AsyncIterator[Page]:
    """Logged in as admin."""
    async with browser.page(str(desk.server.make_url("/agents"))) as page:
        await page.fill("[name=name]", "admin")
        await page.fill("[name=password]", PASSWORD)
        await page.run("document.querySelector('form').requestSubmit()")
        await page.until("location.pathname === '/agents' && document.readyState === 'complete'")
        page.problems.clear()
        yield page


async def look(page: Page, name: str) -> None:
    if folder := os.environ.get(PICTURES):
        (Path(folder) / f"{name}.png").write_bytes(await page.picture())


@pytest.mark.postgres
async def test_a_knob_is_checked_while_it_is_typed_saved_and_published(desk: Desk, page: Page) -> None:
    await page.goto(str(desk.server.make_url("/agents/refund/knobs")))
    name = "turns.endpointing.max_delay_s"
    wrong = f"document.querySelector('[data-wrong=\"{name}\"]')"
    await page.fill(f"[name='{name}']", "99")
    assert "less than or equal to 10" in await page.until(f"{wrong}.hidden ? '' : {wrong}.textContent")
    assert await page.run("document.querySelector('#mistakes').innerText.includes('refund.yaml:')")
    await look(page, "knobs-wrong")
    await page.fill(f"[name='{name}']", "1.3")
    await page.until(f"{wrong}.hidden")
    await page.run("document.querySelector('form[data-check]').requestSubmit()")
    await page.until("document.body.innerText.includes('Preview and publish')")
    await page.size(1366, 900)
    await page.goto(str(desk.server.make_url("/agents/refund/publish")))
    assert await page.run("document.querySelector('.knob-line.added bdi').textContent") == "turns: {endpointing: {max_delay_s: 1.3}}"
    await look(page, "publish")
    await page.run("document.querySelector('form[action$=\"/publish\"]').requestSubmit()")
    await page.until("location.pathname.endsWith('/versions') && document.readyState === 'complete'")
    await page.size(390, 844)
    await look(page, "versions")
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


@pytest.mark.postgres
async def test_hostile_texts_run_nowhere_and_are_tried_as_text(desk: Desk, page: Page) -> None:
    await page.goto(str(desk.server.make_url("/agents/front-desk/texts#node-greeting")))
    hostile = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script> Hi"
    area = "[name='text|harbor-base|nodes.greeting.say|en|0']"
    assert await page.run("document.getElementById('node-greeting').open")
    await page.fill(area, hostile)
    await page.run(f'document.querySelector("{area}").form.requestSubmit()')
    await page.until("document.body.innerText.includes('Preview and publish')")
    await page.until(f"document.querySelector(\"{area}\").value.startsWith('<img')")
    for path in ("texts", "publish", "yaml?file=harbor-base", "try"):
        await page.goto(str(desk.server.make_url(f"/agents/front-desk/{path}")))
        assert await page.run("window.hacked ?? null") is None, path
    await page.click("#chat-start")
    await page.until("document.querySelectorAll('#chat .turn').length >= 2")
    await page.fill("#chat-words", "where is my order")
    await page.run("document.getElementById('chat-form').requestSubmit()")
    await page.until("document.getElementById('chat-state').textContent.includes('order_number')")
    await look(page, "try")
    assert await page.run("window.hacked ?? null") is None
    assert page.problems == []


@pytest.mark.postgres
async def test_no_page_is_wider_than_a_phone(desk: Desk, page: Page) -> None:
    for width, height in ((1366, 768), (390, 844)):
        await page.size(width, height)
        for path in (
            "",
            "/front-desk",
            "/front-desk/texts#node-main",
            "/front-desk/knobs",
            "/front-desk/hours",
            "/front-desk/yaml",
            "/front-desk/try",
        ):
            await page.goto(str(desk.server.make_url(f"/agents{path}")))
            await page.until("document.readyState === 'complete'")
            await look(page, f"{width}{path.replace('/', '-').replace('#', '-')}")
            assert await page.run("document.documentElement.scrollWidth <= innerWidth"), (width, path)
    assert page.problems == []


@pytest.mark.postgres
async def test_a_draft_is_made_ready_for_a_call_and_my_desk_has_its_number(desk: Desk, page: Page, instance: InstanceAgents) -> None:
    await page.goto(str(desk.server.make_url("/agents/refund/try")))
    await page.run("document.querySelector('#draft-call').requestSubmit()")
    said = "document.querySelector('#draft-call-state').textContent"
    await page.until(f"{said}.includes('being made ready')")
    calls = DraftCalls(instance.drafts / CALLED)
    while not (codes := calls.codes()):
        await asyncio.sleep(0.05)
    await asyncio.to_thread(AgentCatalogue([], None, drafts=calls).look)
    await page.until(f"{said}.includes('*77{codes[0]}')")
    await page.size(1366, 900)
    await look(page, "draft-call")
    assert await page.run("document.querySelector('#draft-call-state a').getAttribute('href')") == f"/agent?dial=*77{codes[0]}"
    assert page.problems == []
