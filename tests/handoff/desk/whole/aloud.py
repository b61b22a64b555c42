"""What a screen reader gets of a page: Chromium's accessibility tree, and what the document says about itself."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from tests.handoff.desk.agent.chromium import Page

CONTROLS: Final = frozenset(
    [
        *("button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "slider", "spinbutton", "switch", "tab"),
        *("menuitem", "DisclosureTriangle", "Date"),
    ]
)
IMAGES: Final = frozenset({"image", "img", "Canvas", "SvgRoot"})
LANDMARKS: Final = frozenset({"main", "banner", "navigation", "search"})

# What has no name of its own that a person is told: fields without a label, pictures without words, and headings.
_FACTS: Final = """(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (field) => field.labels?.length || field.getAttribute('aria-label')?.trim() || field.hasAttribute('aria-labelledby');
  const told = (one) => one.closest('[aria-hidden=true]') || one.hasAttribute('alt') || (one.role === 'img' && one.ariaLabel);
  const short = (elements) => elements.map((one) => one.outerHTML.slice(0, 200));
  const ids = all('[id]').map(({ id }) => id);
  const meant = all('[aria-labelledby], [aria-describedby]').flatMap((one) =>
    ['aria-labelledby', 'aria-describedby'].flatMap((name) => (one.getAttribute(name) ?? '').split(' ').filter(Boolean)));
  return {
    title: document.title, lang: document.documentElement.lang, modal: document.querySelector('dialog:modal') !== null,
    unlabelled: short(all('input:not([type=hidden]), select, textarea').filter((field) => !named(field))),
    mute: short(all('canvas, svg, img').filter((one) => one.checkVisibility() && !told(one))),
    doubled: ids.filter((id, place) => ids.indexOf(id) !== place), lost: meant.filter((id) => !ids.includes(id)),
  };
})()"""


@dataclass(slots=True)
class Aloud:
    controls: list[tuple[str, str]] = field(default_factory=list)
    """Role and name, in the order of the page."""
    images: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def faults(self) -> list[str]:
        found = [f"a {role} without a name" for role, name in self.controls if not name]
        found += ["a picture without words"] * self.images.count("")
        found += [f"a field without a label: {one}" for one in self.facts["unlabelled"]]
        found += [f"a picture without words: {one}" for one in self.facts["mute"]]
        found += [f"two elements are {one}" for one in self.facts["doubled"]]
        found += [f"named by '{one}', which is not there" for one in self.facts["lost"]]
        levels = [level for level, _ in self.headings]
        modal = self.facts["modal"]  # then the rest of the page is not there
        if levels.count(1) != 1 and not modal:
            found.append(f"{levels.count(1)} headings of the first level")
        found += [f"heading '{name}' has no words" for _, name in self.headings if not name]
        found += [f"level {to} after level {at}" for at, to in pairwise(levels) if to > at + 1]
        if self.landmarks.count("main") != 1 and not modal:
            found.append(f"{self.landmarks.count('main')} main parts")
        if not self.facts["title"].strip(" –") or self.facts["lang"] != "en":
            found.append(f"title {self.facts['title']!r}, language {self.facts['lang']!r}")
        return found


async def aloud(page: Page) -> Aloud:
    await page.send("Accessibility.enable")
    found = Aloud(facts=await page.run(_FACTS))
    for node in (await page.send("Accessibility.getFullAXTree"))["nodes"]:
        if node.get("ignored"):
            continue
        role, name = _text(node, "role"), _text(node, "name").strip()
        if role in CONTROLS:
            found.controls.append((role, name))
        elif role in IMAGES:
            found.images.append(name)
        elif role == "heading":
            level = next(one["value"]["value"] for one in node["properties"] if one["name"] == "level")
            found.headings.append((level, name))
        elif role in LANDMARKS:
            found.landmarks.append(role)
    await page.send("Accessibility.disable")
    return found


async def live_of(page: Page, selector: str) -> tuple[str, str]:
    """How urgently Chromium says what changes in there, ``off`` not at all; and what kinds of change."""
    await page.send("Accessibility.enable")
    element = await page.send("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
    tree = await page.send("Accessibility.getPartialAXTree", objectId=element["result"]["objectId"], fetchRelatives=False)
    values = {one["name"]: one["value"].get("value", "") for one in tree["nodes"][0].get("properties", [])}
    return values.get("live", "off"), values.get("relevant", "additions text")


def _text(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", ""))
