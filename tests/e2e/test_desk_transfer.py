"""A caller comes to a person who works in the browser alone: card, ring, brief, talk, wrap-up; a supervisor watches."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from ari_app.caller.calling import dialled, telephone
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from tests.e2e.crowd import until
from tests.e2e.desk_page import at_desk, desk_url, new_user, phone_on, seen_by
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, trunk
from tests.e2e.transfers import NUMBER, SETTINGS
from tests.handoff.desk.agent.chromium import Page
from tests.handoff.desk.agent.hearing import heard_by_caller, heard_by_page
from tests.handoff.desk.agent.phone_rig import HIGH_HZ, tone

CALLER_HZ: Final = 2500.0
"""What the caller hums: no voice is loudest there."""


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path / "instance", SETTINGS)
    running.start()
    yield running
    running.stop()


def noted(instance: Instance) -> list[tuple[Any, ...]]:
    """What agents saved after calls."""
    with psycopg.connect(mind_config(Layout(instance.data))["database_url"]) as connection:
        return connection.execute("SELECT call_id, agent, disposition FROM agent_wrap_ups").fetchall()


async def the_brief_is_heard(page: Page) -> None:
    await page.until("desk.phone.call.media.figures().then(({ level }) => level > 0.02)")


async def take_and_keep(agent: Page, supervisor: Page, instance: Instance) -> None:
    """From the ring to the end of the call, with a caller who hums all the time."""
    async with telephone(trunk(instance)) as (user_agent, threads), dialled(user_agent, threads, NUMBER) as line:
        await line.leg.answered()
        humming = asyncio.create_task(line.say(tone(CALLER_HZ, 90)))
        await agent.until("seen.rings.length === 1", 20)
        seen = await seen_by(agent)
        (call_id,) = seen.cards
        assert seen.cards[call_id] <= seen.rings[0], "the card is there before the phone rings"

        await agent.press("a")
        await agent.until("desk.phone.call.state === 'talking'")
        await the_brief_is_heard(agent)
        assert not await heard_by_page(agent, CALLER_HZ), "the caller is not with the person yet"
        row = f"document.querySelector('.floor-call[data-id=\"{call_id}\"]')"
        await supervisor.until(f"{row}?.querySelector('.badge').textContent === 'briefing a person'")
        assert "Please hold." in await supervisor.run(f"{row}.innerText")

        await agent.press("1")
        await agent.until("desk.card.current.state === 'joined'")
        assert await heard_by_caller(line, HIGH_HZ)
        assert await heard_by_page(agent, CALLER_HZ)
        assert await agent.run("document.getElementById('brief-keys').hidden")
        await supervisor.until(f"{row}.querySelector('.badge').textContent === 'with a person'")
        humming.cancel()
    await supervisor.until(f"{row} === null")
    assert await supervisor.run("document.getElementById('floor-count').textContent") == "0 calls"


async def wrap_up(page: Page) -> None:
    await page.until("desk.state.now === 'wrap-up' && !document.getElementById('wrap-panel').hidden")
    await page.run("document.querySelector('#wrap select').value = 'Resolved'; document.activeElement.blur()")
    await page.press("s")
    await page.until("desk.state.now === 'ready' && document.getElementById('wrap-panel').hidden")


async def test_an_agent_in_the_browser_takes_a_caller_and_a_supervisor_sees_it(staffed: Instance, tmp_path: Path) -> None:
    url = desk_url(staffed.data)
    passwords = {"agent": new_user(staffed, "agent", "agent", "2001"), "watcher": new_user(staffed, "watcher", "supervisor")}
    async with (
        at_desk(url, "agent", passwords["agent"], folder=tmp_path) as agent,
        at_desk(url, "watcher", passwords["watcher"], folder=tmp_path) as supervisor,
    ):
        await supervisor.goto(f"{url}/floor")
        await phone_on(agent, url)
        await take_and_keep(agent, supervisor, staffed)
        await wrap_up(agent)
        assert agent.problems == []
        assert supervisor.problems == []
    await settled(staffed, 15)
    await until(lambda: not staffed.status()["records_pending"], 5, "everything is written")
    call = newest_whole(staffed)
    assert call["outcome"] == "handover"
    assert call["card"]["state"] == "joined"
    ended = [event["data"] for event in call["events"] if event["kind"] == "transfer_ended"]
    assert [(data["kind"], data["member"]) for data in ended] == [("joined", "Agent 2001")], call["events"]
    assert any(event["kind"] == "with_person" for event in call["events"]), call["events"]
    assert noted(staffed) == [(call["id"], "agent", "Resolved")]
