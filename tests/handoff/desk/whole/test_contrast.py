"""Can it be read: every text of every page, light and dark, on a laptop and on a phone (WCAG 2.1 AA, 1.4.3 and 1.4.11)."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import pytest

from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.whole.scenes import SCENES, logged_in, show, wrong_login

pytestmark = pytest.mark.postgres

PICTURES: Final = os.environ.get("PATCHCORD_PICTURES", "")
TEXTS: Final = Path(__file__).with_name("contrast.js").read_text("utf-8")
OUTLINES: Final = Path(__file__).with_name("focus.js").read_text("utf-8")
SIZES: Final = {"laptop": (1366, 900), "phone": (390, 844)}
HOVERED: Final = "main tbody tr, .nav a, .knob-tabs a, .button, button.at"
MOST_HOVERED: Final = 12
"""Of a page: more of them look the same."""

Row = dict[str, Any]


async def appearance(page: Page, theme: str, size: str) -> None:
    await page.size(*SIZES[size])
    features = [{"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
    await page.send("Emulation.setEmulatedMedia", features=features)


async def hover(page: Page, selector: str) -> None:
    """As if the pointer were over all of them at once."""
    for domain in ("DOM", "CSS"):
        await page.send(f"{domain}.enable")
    root = (await page.send("DOM.getDocument", depth=0))["root"]["nodeId"]
    for node in (await page.send("DOM.querySelectorAll", nodeId=root, selector=selector))["nodeIds"][:MOST_HOVERED]:
        await page.send("CSS.forcePseudoState", nodeId=node, forcedPseudoClasses=["hover"])


async def measure(page: Page, name: str) -> dict[str, Row]:
    """The worst text of each appearance of the page that is open, and the worst outline, by where that is."""
    worst: dict[str, Row] = {}
    for size in SIZES:
        for theme in ("light", "dark"):
            await appearance(page, theme, size)
            rows = await page.run(TEXTS)
            assert len(rows) >= 3, f"{name}: no text was found"
            worst[f"{name}, {theme}, {size}"] = rows[0]
            if PICTURES:
                file = Path(PICTURES) / f"{name.replace(', ', '-').replace(' ', '-')}-{theme}-{size}.png"
                await asyncio.to_thread(file.write_bytes, await page.picture())
    for theme in ("light", "dark"):
        await appearance(page, theme, "laptop")
        if rows := await page.run(OUTLINES):
            worst[f"{name}, {theme}, outline"] = rows[0]
        await hover(page, HOVERED)
        worst[f"{name}, {theme}, hovered"] = (await page.run(TEXTS))[0]
    return worst


def judged(worst: dict[str, Row]) -> list[str]:
    return [f"{place}: {row['ratio']:.2f} “{row['text']}” {row['on']}" for place, row in worst.items() if row["ratio"] < row["least"]]


async def test_every_text_and_every_outline_can_be_seen(desk: Desk, browser: Browser) -> None:
    found: dict[str, dict[str, Row]] = {}
    async with browser.page() as page:
        await wrong_login(page, desk)
        found["login"] = await measure(page, "login")
    async with logged_in(browser, desk) as page:
        for scene in SCENES:
            await show(page, desk, scene)
            found[scene.name] = await measure(page, scene.name)
    for name, worst in found.items():
        row = min(worst.values(), key=lambda row: row["ratio"] / row["least"])
        print(f"{name}: {row['ratio']:.2f} of {row['least']} {row['text']!r} {row['on']}")  # noqa: T201 - for who looks with pytest -s
    assert [fault for worst in found.values() for fault in judged(worst)] == []


async def test_what_cannot_be_read_is_found(desk: Desk, browser: Browser) -> None:
    """The measure itself: known pairs of colours, alpha, opacity of what is around, large letters."""
    async with browser.page() as page:
        await page.goto(str(desk.server.make_url("/login")))
        await page.run(
            """document.querySelector('main').replaceChildren(...[
              ['#767676', '#fff', '16px', 1], ['#777', '#fff', '16px', 1], ['#777', '#fff', '24px', 1],
              ['rgb(0 0 0 / 50%)', '#fff', '16px', 1], ['#000', '#fff', '16px', 0.5]].map(([color, background, size, opacity], place) => {
                const box = document.createElement('div');
                Object.assign(box.style, { background, opacity });
                const text = Object.assign(document.createElement('p'), { textContent: `pair ${place}` });
                Object.assign(text.style, { color, fontSize: size });
                box.append(text);
                return box;
              }))"""
        )
        rows = {row["text"]: (round(row["ratio"], 2), row["least"]) for row in await page.run(TEXTS)}
    assert {name: row for name, row in rows.items() if name.startswith("pair")} == {
        "pair 0": (4.54, 4.5),
        "pair 1": (4.48, 4.5),
        "pair 2": (4.48, 3),
        "pair 3": (pytest.approx(3.98, abs=0.05), 4.5),
        "pair 4": (pytest.approx(4.08, abs=0.05), 4.5),
    }
