"""People at the pages of a whole instance: who may log in, a browser for each, and when an agent saw the card and heard the ring."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.instance import Instance
from tests.handoff.desk.agent.chromium import Page, chromium, flags_for_microphone
from tests.handoff.desk.agent.phone_rig import microphone_file

_WATCH = """
(() => {
  const seen = globalThis.seen = { cards: {}, calls: [], rings: [] };
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    const card = document.querySelector("#card .agent-card");
    if (card?.checkVisibility()) seen.cards[card.dataset.call] ??= now();
  };
  new MutationObserver(look).observe(document.getElementById("card"), { childList: true, subtree: true });
  const call = document.getElementById("call");
  new MutationObserver((changes) => {
    if (call.dataset.state === "ringing" && changes.some(({ oldValue }) => oldValue !== "ringing")) seen.rings.push(now());
  }).observe(call, { attributes: true, attributeFilter: ["data-state"], attributeOldValue: true });
  const ringing = desk.card.ringing.bind(desk.card);
  desk.card.ringing = (id) => {
    seen.calls.push(now());
    return ringing(id);
  };
  look();
})()
"""


def desk_url(data: Path) -> str:
    """Of the instance whose files are in ``data``."""
    desk = json.loads((data / "run" / "mind.json").read_text())["settings"]["desk"]
    return f"http://127.0.0.1:{desk['port']}"


def password_in(said: str) -> str:
    """The one that ``patchcord desk user add`` made and told."""
    (found,) = (line.split()[1] for line in said.splitlines() if line.startswith("password "))
    return found


def new_user(instance: Instance, name: str, role: str, phone: str = "") -> str:
    """Let somebody in; returns their password."""
    return password_in(instance.cli("desk", "user", "add", name, "--role", role, *(("--phone", phone) if phone else ())))


async def log_in(page: Page, url: str, name: str, password: str) -> None:
    await page.goto(f"{url}/login")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", password)
    await page.click("main form button")
    await page.until("location.pathname !== '/login' && document.readyState === 'complete'")


async def phone_on(page: Page, url: str) -> None:
    """To the agent's page, with the browser phone registered and the queue told so."""
    await page.goto(f"{url}/agent")
    await page.until("globalThis.desk !== undefined")
    await page.run(_WATCH)
    await page.press("b")
    await page.until("document.getElementById('phone').dataset.state === 'registered'", 15)
    await page.until("desk.state.now === 'ready' && document.getElementById('state-more').textContent === ''", 15)


@contextlib.asynccontextmanager
async def at_desk(url: str, name: str, password: str, *, folder: Path, width: int = 1280, height: int = 900) -> AsyncIterator[Page]:
    """Somebody logged in, with a browser and a humming microphone of their own; ``folder`` takes the sound of it."""
    async with chromium(*flags_for_microphone(microphone_file(folder))) as browser, browser.page() as page:
        await page.size(width, height)
        await log_in(page, url, name, password)
        yield page


@dataclass(frozen=True, slots=True)
class Seen:
    """Times of the page's clock, in milliseconds since 1970."""

    cards: dict[str, float]
    """When the card of a call was first visible, by the call's id."""
    calls: list[float]
    """When each call reached the phone."""
    rings: list[float]
    """When the phone began to ring."""


async def seen_by(page: Page) -> Seen:
    found = await page.run("globalThis.seen")
    return Seen(found["cards"], found["calls"], found["rings"])
