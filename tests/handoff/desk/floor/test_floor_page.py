"""The floor in a real Chromium: what a supervisor sees, presses and is asked."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handoff.desk.agent.chromium import Browser, Page
from tests.handoff.desk.conftest import PASSWORD, Desk
from tests.handoff.desk.floor.conftest import until
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.floor.queue_facts import entry, fill, member, params

pytestmark = pytest.mark.postgres


async def shown(page: Page, call_id: str, selector: str) -> str:
    found: str = await page.run(f"document.querySelector('[data-id={call_id}] {selector}').innerText")
    return found


def told(who: str, number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "who": who, "text": text, "heard": text, **more}


async def log_in(page: Page, desk: Desk, name: str = "supervisor") -> None:
    await page.goto(str(desk.server.make_url("/login")))
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.run("document.querySelector('form[action*=login], main form').requestSubmit()")
    await page.until("!location.pathname.startsWith('/login')")
    await page.goto(str(desk.server.make_url("/floor")))


@pytest.fixture
async def page(desk: Desk, mind: ControlRig, browser: Browser) -> AsyncIterator[Page]:
    """The floor with two calls and a queue, nothing selected."""
    mind.control.calls.add("c2")
    mind.feed.publish("state", "c1", {"state": "talking", "caller": "+441134960123", "number": "100", "agent": "front-desk"})
    mind.feed.publish("state", "c2", {"state": "with_person", "caller": "+441134960456", "number": "101", "recording": "on"})
    assert desk.deps.control is not None
    assert desk.deps.board is not None
    live = desk.deps.control.state.live
    await until(lambda: len(live.calls) == 2)
    now = desk.deps.clock().timestamp()
    fill(desk.deps.board, params("billing"), params("support"), member("support", "kim"), entry("support", 1, 70), now=now)
    async with browser.page() as page:
        await log_in(page, desk)
        await page.until("document.querySelectorAll('.floor-call').length === 2")
        yield page
        assert page.problems == []


async def test_calls_queues_agents_and_alerts_are_there(page: Page) -> None:
    head = await shown(page, "c1", ".floor-head")
    assert "with the AI" in head
    assert "…0123" in head
    assert "to 100 · front-desk" in head
    text = await page.run("document.querySelector('main').innerText")
    assert "answered within 20 s ÷ (answered + abandoned)" in text
    assert "kim" in text
    assert "Queue support: a caller waits longer than 60 s" in text


async def test_rows_are_patched_in_place_as_people_speak(page: Page, mind: ControlRig) -> None:
    await page.run("window.before = document.querySelector('[data-id=c1]')")
    mind.feed.publish("turn", "c1", told("agent", 1, "How can I help?"))
    mind.feed.publish("partial", "c1", {"text": "My order"})
    await page.until("document.querySelector('[data-id=c1] .floor-now').innerText === 'My order …'")
    mind.feed.publish("turn", "c1", told("caller", 2, "My order is late"))
    mind.feed.publish("turn", "c1", {**told("agent", 3, "I am sorry to hear that."), "heard": "I am sorry", "interrupted": True})
    await page.until("document.querySelectorAll('[data-id=c1] .floor-words .turn:not(.floor-now)').length === 3")
    assert await page.run("document.querySelector('[data-id=c1] .floor-now').hidden")
    assert await page.run("document.querySelector('[data-id=c1] .turn:nth-child(3) .unheard').textContent") == " to hear that."
    for number in range(4, 12):
        mind.feed.publish("turn", "c1", told("caller", number, f"sentence {number}"))
    last = "[...document.querySelectorAll('[data-id=c1] .turn:not(.floor-now) .body')].map(body => body.children[1].textContent)"
    await page.until(f"({last}).at(-1) === 'sentence 11'")
    assert await page.run(last) == [f"sentence {number}" for number in range(6, 12)]
    assert await page.run("window.before === document.querySelector('[data-id=c1]')")


async def test_hostile_words_are_shown_as_words(page: Page, mind: ControlRig) -> None:
    hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202egnp.exe'
    mind.feed.publish("turn", "c1", told("caller", 1, hostile))
    mind.feed.publish(
        "state", "c1", {"agent": hostile, "node": hostile, "flags": [hostile], "listeners": [{"name": hostile, "mode": "listen"}]}
    )
    await page.until("document.querySelector('[data-id=c1] .turn.caller:not(.floor-now)') !== null")
    words = await page.run("document.querySelector('[data-id=c1] .turn.caller .body').innerText")
    assert '<img src=x onerror="window.hit=1">' in words
    assert "⟨U+202E⟩gnp.exe" in words
    assert await page.run("document.querySelectorAll('[data-id=c1] img, [data-id=c1] script').length") == 0
    assert await page.run("window.hit ?? null") is None


async def test_by_keyboard_move_listen_steer_transfer_end(page: Page, mind: ControlRig) -> None:
    done = mind.control.done
    await page.press("j")
    await page.until("document.querySelector('.floor-call.selected')?.dataset.id === 'c1'")
    await page.press("l")
    await until(lambda: len(done) == 1)
    await page.press("s")
    await page.until("document.querySelector('#floor-ask').open")
    assert await page.run("document.activeElement.tagName") == "TEXTAREA"
    await page.run("document.activeElement.value = 'Offer a refund.'")
    await page.click("#floor-ask-yes")
    await until(lambda: len(done) == 2)
    await page.press("j")
    await page.until("document.querySelector('.floor-call.selected')?.dataset.id === 'c2'")
    await page.press("t")
    await page.until("document.querySelector('#floor-ask').open")
    assert await page.run("[...document.querySelectorAll('#floor-ask select option')].map(option => option.value)") == [
        "billing",
        "support",
    ]
    await page.click("#floor-ask-yes")
    await until(lambda: len(done) == 3)
    await page.press("k")
    await page.press("x")
    await page.until("document.querySelector('#floor-ask').open")
    await page.click("#floor-ask-yes")
    await until(lambda: len(done) == 4)
    assert done == [
        ("listen", "c1", {"phone": "2009"}, "supervisor"),
        ("instruct", "c1", {"text": "Offer a refund."}, "supervisor"),
        ("transfer", "c2", {"queue": "billing"}, "supervisor"),
        ("end", "c1", {}, "supervisor"),
    ]


async def test_what_cannot_be_undone_is_asked_first_and_not_done_on_no(page: Page, mind: ControlRig) -> None:
    await page.press("j")
    await page.until("document.querySelector('.floor-call.selected') !== null")
    for key in ("x", "o", "b", "t"):
        await page.press(key)
        await page.until("document.querySelector('#floor-ask').open")
        await page.click("#floor-ask button[value=no]")
        await page.until("!document.querySelector('#floor-ask').open")
    await page.press("l")
    await until(lambda: len(mind.control.done) > 0)
    assert [entry[0] for entry in mind.control.done] == ["listen"]


async def test_what_makes_no_sense_now_cannot_be_pressed_and_says_why(page: Page, mind: ControlRig) -> None:
    async def disabled() -> set[str]:
        script = "[...document.querySelectorAll('#floor-detail button:disabled')].map(button => button.dataset.action)"
        return set(await page.run(script))

    await page.press("j")
    await page.until("document.querySelector('.floor-call.selected') !== null")
    assert await disabled() == {"whisper", "pause_recording", "resume_recording"}
    assert "no person yet" in await page.run("document.querySelector('[data-action=whisper]').title")
    await page.press("j")
    assert await disabled() == {"say", "instruct", "resume_recording"}
    await page.press("w")
    await until(lambda: [entry[0] for entry in mind.control.done] == ["whisper"])


async def test_recording_is_paused_and_resumed_with_one_key_and_who_listens_is_shown(page: Page, mind: ControlRig) -> None:
    await page.press("j")
    await page.press("j")
    await page.press("r")
    await until(lambda: len(mind.control.done) == 1)
    mind.feed.publish("state", "c2", {"recording": "paused"})
    await page.until("document.querySelector('[data-id=c2] .floor-marks').innerText.includes('recording paused')")
    await page.press("r")
    await until(lambda: len(mind.control.done) == 2)
    assert [entry[0] for entry in mind.control.done] == ["pause_recording", "resume_recording"]
    mind.feed.publish("state", "c1", {"listeners": [{"name": "supervisor", "mode": "listen", "phone": "2009"}]})
    await page.until("document.querySelector('[data-id=c1] .floor-marks').innerText.includes('listening: supervisor')")
    mind.feed.publish("state", "c1", {"listeners": []})
    await page.until("!document.querySelector('[data-id=c1] .floor-marks').innerText")


async def test_a_refusal_is_told(page: Page, mind: ControlRig) -> None:
    mind.control.refusals["listen"] = "Your phone is busy."
    await page.press("j")
    await page.press("l")
    await page.until("document.querySelector('#notices').innerText.includes('Your phone is busy.')")
    # Chromium reports every answer from 400 on as an error of the console.
    assert [problem for problem in page.problems if "409" not in problem] == []
    page.problems.clear()


async def test_calls_come_and_go(page: Page, mind: ControlRig) -> None:
    mind.feed.publish("state", "c3", {"state": "arriving"})
    await page.until("document.querySelector('#floor-count').innerText === '3 calls'")
    mind.feed.publish("ended", "c3", {})
    await page.until("document.querySelector('[data-id=c3].ended') !== null")
    assert await page.run("document.querySelector('#floor-count').innerText") == "2 calls"
    await page.until("document.querySelector('[data-id=c3]') === null")


async def test_the_mind_dies_and_comes_back(page: Page, mind: ControlRig) -> None:
    await mind.stop()
    await page.until("document.querySelector('#floor-alerts').innerText.includes('Live calls cannot be seen')")
    await mind.start()
    mind.feed.publish("state", "c9", {"state": "talking"})
    await page.until(
        "document.querySelector('[data-id=c9]') && !document.querySelector('#floor-alerts').innerText.includes('cannot be seen')"
    )
    await page.until("document.querySelector('[data-id=c1]') === null")


async def test_help_lists_the_keys_and_the_number_is_there_only_when_asked_for(page: Page) -> None:
    assert "441134960123" not in await page.run("document.documentElement.outerHTML")
    await page.press("j")
    await page.press("n")
    await page.until("document.querySelector('[data-id=c1] .floor-caller').innerText === '+441134960123'")
    await page.until("document.querySelector('.floor-call.selected') !== null")
    await page.press("?")
    await page.until("document.querySelector('#keys').open")
    text = await page.run("document.querySelector('#keys').innerText")
    for title in ("Next call", "Previous call", "Listen", "Steer the agent", "Transfer to a queue"):
        assert title in text, json.dumps(text)


async def test_the_keys_can_be_switched_off_for_good(page: Page) -> None:
    shortcuts = "document.querySelectorAll('[aria-keyshortcuts]').length"
    assert await page.run(shortcuts) > 0
    await page.click("#keys-button")
    await page.click("#keys-wanted")
    await page.click("#keys button")
    await page.until("!document.querySelector('#keys').open")
    for key in ("?", "j"):
        await page.press(key)
    assert not await page.run("document.querySelector('#keys').open")
    assert await page.run("document.querySelector('.floor-call.selected') === null")
    assert await page.run(shortcuts) == 0
    await page.run("window.before = true; location.reload()")
    await page.until("!window.before && document.querySelector('[data-id=c1]') !== null && !document.querySelector('#keys-wanted').checked")
    await page.click("#keys-button")
    await page.click("#keys-wanted")
    await page.click("#keys button")
    await page.press("j")
    await page.until("document.querySelector('.floor-call.selected') !== null")


async def test_a_number_asked_for_stays_when_the_page_is_told_everything_anew(page: Page, mind: ControlRig) -> None:
    await page.press("j")
    await page.press("n")
    number = "document.querySelector('[data-id=c1] .floor-caller').innerText"
    await page.until(f"{number} === '+441134960123'")
    mind.feed.publish("state", "c1", {"state": "talking", "caller": "+441134960129", "number": "102"})
    await page.until("document.querySelector('[data-id=c1] .floor-about').innerText.includes('102')")
    assert await page.run(number) == "+441134960123"


async def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, mind: ControlRig) -> None:
    await page.size(390, 844)
    mind.feed.publish("turn", "c1", told("caller", 1, "w" * 300))
    await page.click("[data-id=c1] .floor-head")
    await page.until("document.querySelector('.floor-call.selected') !== null")
    assert await page.run("document.documentElement.scrollWidth") <= 390
