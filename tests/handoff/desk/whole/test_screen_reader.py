"""What somebody gets who hears the pages and uses the keyboard only (WCAG 2.1 AA: 1.1.1, 1.3.1, 2.1.1, 2.4.7, 4.1.2, 4.1.3)."""

import json
from typing import Any, Final

import pytest

from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.agent.conftest import Cases
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.desk_calls import LIVE_CALL, live_call
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.whole.aloud import aloud, live_of
from tests.handoff.desk.whole.scenes import SCENES, Scene, logged_in, show, wrong_login

pytestmark = pytest.mark.postgres

SIZES: Final = ((1366, 900), (390, 844))
AGENT: Final = next(scene for scene in SCENES if scene.name == "agent")
RINGING: Final = next(scene for scene in SCENES if scene.name == "agent, ringing")
FLOOR: Final = next(scene for scene in SCENES if scene.name == "floor")

_STOPS: Final = """[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !document.querySelector('dialog[open]') || one.closest('dialog[open]'))"""
# Marks what has the focus; false when it has an outline that can be seen.
_HERE: Final = """(() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element);
  const unseen = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2;
  const again = element.dataset.reached === 'yes';
  element.dataset.reached = 'yes';
  return [unseen ? element.outerHTML.slice(0, 120) : '', again];
})()"""


async def tab(page: Page) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        await page.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)


async def tab_through(page: Page) -> tuple[int, list[str]]:
    """How many controls the tabulator reaches, and what is wrong: those that it does not reach, and those whose focus is not seen."""
    wrong: list[str] = []
    stops = await page.run(f"document.activeElement.blur(); {_STOPS}.length")
    for _ in range(stops * 2 + 20):  # fields of dates are three stops each
        await tab(page)
        here = await page.run(_HERE)
        left = await page.run(f"{_STOPS}.filter((one) => one.dataset.reached !== 'yes').length")
        if here and here[0]:
            wrong.append(f"no outline: {here[0]}")
        if not left:
            break
    wrong += await page.run(
        f"{_STOPS}.filter((one) => one.dataset.reached !== 'yes').map((one) => `not reached: ${{one.outerHTML.slice(0, 120)}}`)"
    )
    return stops, wrong


async def test_everything_has_a_name_and_every_page_a_shape(desk: Desk, browser: Browser) -> None:
    faults: dict[str, list[str]] = {}
    counted: dict[str, int] = {}
    async with browser.page() as page:
        await wrong_login(page, desk)
        heard = await aloud(page)
        faults["login"], counted["login"] = heard.faults(), len(heard.controls)
    async with logged_in(browser, desk) as page:
        for scene in SCENES:
            for width, height in SIZES:
                await page.size(width, height)
                await show(page, desk, scene)
                heard = await aloud(page)
                faults[f"{scene.name}, {width}"], counted[scene.name] = heard.faults(), len(heard.controls)
                if await page.run("document.querySelector('header.top') !== null && document.querySelector('dialog[open]') === null"):
                    assert {"banner", "navigation"} <= set(heard.landmarks), scene.name
            assert counted[scene.name] >= (1 if scene.name == "keys" else 2), f"{scene.name}: hardly a control was found"
    print(f"{sum(counted.values())} controls with names: {counted}")  # noqa: T201 - for who looks with pytest -s
    assert {name: found for name, found in faults.items() if found} == {}


async def test_the_tabulator_reaches_every_control_and_shows_where_it_is(desk: Desk, browser: Browser) -> None:
    faults: dict[str, list[str]] = {}
    reached = 0
    async with browser.page() as page:
        await wrong_login(page, desk)
        count, faults["login"] = await tab_through(page)
        reached += count
    async with logged_in(browser, desk) as page:
        await page.size(1366, 900)
        for scene in SCENES:
            await show(page, desk, scene)
            count, faults[scene.name] = await tab_through(page)
            reached += count
    print(f"{reached} controls reached")  # noqa: T201 - for who looks with pytest -s
    assert {name: found for name, found in faults.items() if found} == {}


async def test_a_control_without_a_name_and_a_field_without_a_label_are_found(desk: Desk, browser: Browser) -> None:
    """The measure itself."""
    async with browser.page() as page:
        await page.goto(str(desk.server.make_url("/login")))
        await page.run(
            "document.querySelector('main').innerHTML = '<h3>Deep</h3><button></button><input placeholder=x><canvas></canvas>"
            "<a href=/calls>Calls</a>'; document.querySelector('main a').style.outline = 'none'"
        )
        found = (await aloud(page)).faults()
        assert "a button without a name" in found and "0 headings of the first level" in found
        assert [fault.split(":")[0] for fault in found if ":" in fault] == ["a field without a label", "a picture without words"]
        assert [fault.split(":")[0] for fault in (await tab_through(page))[1]] == ["no outline"]


@pytest.mark.parametrize(
    ("scene", "selector", "urgency"),
    [
        (AGENT, "#said", "assertive"),
        (AGENT, "#card .agent-card > header", "off"),
        (AGENT, "#turns", "polite"),
        (RINGING, "#call-state", "polite"),
        (AGENT, "#state", "polite"),
        (AGENT, "#notices", "polite"),
        (AGENT, "#notices .notice.bad", "assertive"),
        (AGENT, "#call-time", "off"),
        (FLOOR, "#floor-alerts", "assertive"),
        (FLOOR, "#floor-alerts .floor-since", "off"),
        (FLOOR, "[data-id=c1] .floor-words", "polite"),
        (FLOOR, "[data-id=c1] .floor-now", "off"),
        (FLOOR, "[data-id=c2] .floor-words", "off"),
        (FLOOR, "#resting", "polite"),
        (Scene("", f"/calls/{LIVE_CALL}", "document.querySelectorAll('.turn').length === 1"), "#transcript", "polite"),
        (next(scene for scene in SCENES if scene.name == "call"), "#position", "off"),
        (next(scene for scene in SCENES if scene.name == "agents, try"), "#chat", "polite"),
    ],
    ids=lambda value: value.path if isinstance(value, Scene) else str(value),
)
async def test_what_changes_by_itself_is_said(
    desk: Desk, browser: Browser, records: Any, scene: Scene, selector: str, urgency: str
) -> None:
    if LIVE_CALL in scene.path:
        live_call(records)
        assert await records.flush(10)
    async with logged_in(browser, desk) as page:
        await show(page, desk, scene)
        assert (await live_of(page, selector))[0] == urgency


WATCH: Final = """(() => {
  window.said = [];
  const seen = (records) => {
    for (const { addedNodes, removedNodes } of records) {
      for (const node of addedNodes) said.push(`+ ${node.textContent.replace(/\\s+/g, ' ').trim()}`);
      for (const node of removedNodes) said.push(`- ${node.textContent.replace(/\\s+/g, ' ').trim()}`);
    }
  };
  new MutationObserver(seen).observe(document.querySelector(SELECTOR), { childList: true, subtree: true });
})()"""


async def watch(page: Page, selector: str) -> None:
    await page.run(WATCH.replace("SELECTOR", json.dumps(selector)))


async def test_of_a_transcript_that_grows_only_the_new_line_is_new(desk: Desk, browser: Browser, desk_database: str) -> None:
    cases = Cases(desk_database)
    cases._seq = 100  # behind those that the desk was given
    async with logged_in(browser, desk) as page:
        await show(page, desk, AGENT)
        await watch(page, "#turns")
        cases.turn("call-1", 3, "caller", "Can it come on Friday?")
        await page.until("said.length > 0")
        cases.card("card-1", "call-1", state="briefing")  # the card is drawn anew, the transcript is not
        await page.until("document.querySelector('.agent-card').dataset.state === 'briefing'")
        assert await page.run("said") == ["+ 0:06 Caller, turn 3Can it come on Friday?"]
        assert page.problems == []


async def test_the_card_of_the_next_caller_is_said_once(desk: Desk, browser: Browser, desk_database: str) -> None:
    cases = Cases(desk_database)
    cases._seq = 100
    async with logged_in(browser, desk) as page:
        await show(page, desk, AGENT)
        first = await page.until("document.getElementById('said-card').textContent")
        assert "5550100" in first and "order status" in first and "Next: Ask the carrier for Friday" in first
        await watch(page, "#said")
        cases.card("card-1", "call-1", state="briefing")
        await page.until("document.querySelector('.agent-card').dataset.state === 'briefing'")
        assert await page.run("said") == []
        cases.card("card-1", "call-1", state="joined")
        await page.until("document.getElementById('said-card').textContent === ''")


async def test_an_alert_on_the_floor_is_new_once_and_its_time_runs_unsaid(desk: Desk, browser: Browser, mind: ControlRig) -> None:
    async with logged_in(browser, desk) as page:
        await show(page, desk, FLOOR)
        await watch(page, "#floor-alerts")
        mind.feed.publish("event", "c4", {"event": "recognised", "data": {"confidence": 0.2}})
        mind.feed.publish("state", "c4", {"state": "talking"})
        await page.until("said.some((line) => line.startsWith('+ The agent is not sure'))")
        added = [line for line in await page.run("said") if line.startswith("+") and "not sure" in line]
        assert len(added) == 1
        assert await live_of(page, "#floor-alerts") == ("assertive", "additions")
