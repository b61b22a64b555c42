"""Every page of the desk with something in it, and what is opened on it so that all of it is seen."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from handoff.desk.links import CardLinks
from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import PASSWORD, SECRET, Desk
from tests.handoff.desk.felt_calls import FELT_CALL, FELT_CARD

_NEXT = "(async () => { {} })()"
_NOTICE = """
const { notice } = await import('/static/http.js');
notice('Saved.', { seconds: 60 });
notice('Not saved.', { bad: true, seconds: 60 });
"""
_OPEN = "document.querySelectorAll('main details').forEach((one) => { one.open = true; });"
_CALL = """
const by = (id) => document.getElementById(id);
for (const id of ['call', 'brief-keys', 'dial', 'wrap-panel', 'state-problem', 'live-state', 'phone-off']) by(id).hidden = false;
const words = {
  party: 'Kim, 5550100', 'call-state': 'is calling', 'call-time': '0:07', quality: 'Line: 0.1 % of packets lost',
  'state-problem': 'Phone 2001 is a member of no queue.', 'live-state': 'reconnecting …',
};
for (const [id, text] of Object.entries(words)) by(id).textContent = text;
"""


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    path: str
    ready: str = "document.readyState === 'complete'"
    """True when the page has what it fetches."""
    open: str = ""
    """Statements that show what is hidden at first."""
    then: str = ""
    """True when that is shown."""


SCENES: Final = (
    Scene("password", "/password"),
    Scene("error", "/nothing"),
    Scene("refused link", "/card/x"),
    Scene("agent", "/agent", "document.querySelectorAll('#card .turn').length === 2", f"{_OPEN} {_NOTICE}"),
    Scene(
        "agent, ringing",
        "/agent",
        "document.querySelectorAll('#card .turn').length === 2",
        f"{_OPEN} {_CALL} document.getElementById('call').dataset.state = 'ringing'",
    ),
    Scene(
        "agent, on hold",
        "/agent",
        "document.querySelectorAll('#card .turn').length === 2",
        f"{_CALL} by('call').dataset.state = 'held'; by('hold').setAttribute('aria-pressed', 'true')",
    ),
    Scene(
        "floor",
        "/floor",
        "document.querySelectorAll('.floor-call').length === 6 && document.querySelectorAll('#floor-alerts li').length > 2",
        "document.querySelector('[data-id=c1] .floor-head').click(); document.querySelector('[data-id=c4]').classList.add('ended');",
        "document.querySelector('.floor-call.selected') !== null",
    ),
    Scene(
        "floor, asking",
        "/floor",
        "document.querySelectorAll('.floor-call').length === 6",
        "document.querySelector('[data-id=c1] .floor-head').click(); document.querySelector('[data-action=instruct]').click()",
        "document.getElementById('floor-ask').open",
    ),
    Scene("calls", "/calls", open="document.querySelector('.menu').open = true"),
    Scene(
        "calls, not understood",
        "/calls",
        open="document.querySelector('[name=number]').value = 'x'; document.querySelector('[role=search]').requestSubmit()",
        then="document.querySelector('.problem') !== null",
    ),
    Scene(
        "call",
        f"/calls/{FELT_CALL}",
        "document.getElementById('position').textContent === '0:00 / 0:30'",
        f"{_OPEN} document.getElementById('all-events').click(); document.getElementById('turn-4').classList.add('now')",
    ),
    Scene("keys", "/calls", open="document.getElementById('keys-button').click()", then="document.getElementById('keys').open"),
    Scene("card", "(card)", "document.querySelector('.card figure.mood') !== null", _OPEN),
    Scene("agents", "/agents"),
    Scene("agents, overview", "/agents/refund"),
    Scene("agents, texts", "/agents/front-desk/texts#node-greeting"),
    Scene(
        "agents, knobs",
        "/agents/refund/knobs",
        open="const field = document.querySelector('[name=\"turns.endpointing.max_delay_s\"]'); field.value = '99';"
        "field.dispatchEvent(new Event('input', {bubbles: true}))",
        then="document.querySelector('#mistakes li') !== null",
    ),
    Scene("agents, hours", "/agents/front-desk/hours"),
    Scene("agents, yaml", "/agents/refund/yaml"),
    Scene(
        "agents, try",
        "/agents/front-desk/try",
        open="document.getElementById('chat-start').click()",
        then="document.querySelectorAll('#chat .turn').length > 0",
    ),
    Scene("agents, versions", "/agents/refund/versions"),
    Scene("agents, differences", "/agents/refund/diff?old=1&new=2"),
    Scene(
        "agents, publish",
        "/agents/refund/knobs",
        open="document.querySelector('[name=\"turns.endpointing.max_delay_s\"]').value = '1.7';"
        "document.querySelector('form[data-check]').requestSubmit()",
        then="document.querySelector('a[href$=\"/publish\"]') !== null",
    ),
    Scene("agents, publishing", "/agents/refund/publish", "document.querySelector('.knob-line.added') !== null"),
    Scene(
        "audit",
        "/audit",
        open="document.querySelector('form[method=post][action=\"/audit\"]').requestSubmit()",
        then="document.querySelector('p.good') !== null",
    ),
)


async def show(page: Page, desk: Desk, scene: Scene) -> None:
    """Open the page of the scene and wait until all of it is there."""
    path = scene.path
    if path == "(card)":
        path = CardLinks(SECRET, "", 600.0).card_url(FELT_CARD, time.time())
    # A form that holds what is not saved asks before it is left, and nobody is here to answer.
    await page.run("document.querySelectorAll('form[data-check]').forEach((form) => form.dispatchEvent(new Event('submit')))")
    await page.goto(str(desk.server.make_url(path)))
    await page.until(scene.ready)
    if scene.open:
        await page.run(_NEXT.replace("{}", scene.open))
        await page.until(scene.then or "true")
    await page.until("document.readyState === 'complete'")


async def wrong_login(page: Page, desk: Desk) -> None:
    """The page of the login after a wrong password."""
    await page.goto(str(desk.server.make_url("/login")))
    await page.fill("[name=name]", "admin")
    await page.fill("[name=password]", "wrong")
    await page.run("document.querySelector('main form').requestSubmit()")
    await page.until("document.querySelector('.problem') !== null && document.readyState === 'complete'")


@contextlib.asynccontextmanager
async def logged_in(browser: Browser, desk: Desk) -> AsyncIterator[Page]:
    """As admin."""
    async with browser.page(str(desk.server.make_url("/calls"))) as page:
        await page.fill("[name=name]", "admin")
        await page.fill("[name=password]", PASSWORD)
        await page.run("document.querySelector('form').requestSubmit()")
        await page.until("location.pathname === '/calls' && document.readyState === 'complete'")
        page.problems.clear()
        yield page
