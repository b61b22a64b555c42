"""The pages of agents: who may do what, drafts, checks at the field, publishing, rolling back, trying out."""

import html
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from agents.library import FOLDER
from ari_app.service.desk_agents import InstanceAgents
from handoff.desk.access import Role
from handoff.records.agent_versions import AgentVersions
from tests.handoff.desk.conftest import Desk, csrf_in

pytestmark = pytest.mark.postgres
Client = TestClient[web.Request, web.Application]

GET = ("", "/texts", "/knobs", "/hours", "/yaml", "/try", "/versions")
CHANGING = ("/draft", "/check", "/discard", "/begin", "/publish", "/share")


async def read(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, (path, await answer.text())
    return await answer.text()


async def send(client: Client, path: str, status: int = 303, /, **fields: str) -> str:
    token = csrf_in(await read(client, "/password"))
    answer = await client.post(path, data={"csrf": token, **fields}, allow_redirects=False)
    text = await answer.text()
    assert answer.status == status, (path, text)
    return text


async def ask(client: Client, path: str, body: dict[str, object], status: int = 200) -> dict[str, object]:
    token = csrf_in(await read(client, "/password"))
    answer = await client.post(path, json=body, headers={"X-CSRF-Token": token, "Accept": "application/json"})
    assert answer.status == status, await answer.text()
    found: dict[str, object] = await answer.json()
    return found


async def publish(client: Client, name: str, note: str = "") -> None:
    seen = re.search(r'name="preview" value="(\w+)"', await read(client, f"/agents/{name}/publish"))
    assert seen
    await send(client, f"/agents/{name}/publish", preview=seen[1], note=note)


async def test_who_may_look_and_who_may_change(desk: Desk) -> None:
    for role in Role:
        client = await desk.login(role.value)
        looks, changes = role in (Role.SUPERVISOR, Role.ADMIN), role is Role.ADMIN
        assert ("/agents" in await read(client, "/password")) == looks
        await read(client, "/agents", 200 if looks else 403)
        for path in GET:
            await read(client, f"/agents/refund{path}", 200 if looks else 403)
        await read(client, "/agents/refund/publish", 200 if changes else 403)
        for path in CHANGING:
            if not changes:
                await send(client, f"/agents/refund{path}", 403)
            answer = await client.post(f"/agents/refund{path}", data={"csrf": "guess"})
            assert answer.status == 403, path
        if not changes and looks:
            page = await read(client, "/agents/refund/texts") + await read(client, "/agents/refund/knobs")
            assert "Save draft" not in page and "<textarea" not in page


async def test_the_list_shows_agents_numbers_and_shares(desk: Desk, versions: AgentVersions) -> None:
    for text in ("one", "two"):
        versions.publish("refund", {"refund.yaml": text})
    versions.share("refund", {1: 90, 2: 10})
    page = await read(await desk.login("supervisor"), "/agents")
    assert "version 1: 90 %" in page and "version 2: 10 %" in page
    assert ">front-desk<" in page and "<td>100</td>" in page and "<td>102</td>" in page
    assert "harbor-base" not in page


async def test_agents_that_are_not_there(desk: Desk) -> None:
    client = await desk.login("admin")
    for name in ("nobody", "harbor-base", "..%2fsettings", "REFUND"):
        await read(client, f"/agents/{name}", 404)
    await read(client, "/agents/refund/diff?old=1&new=2", 404)
    await read(client, "/agents/refund/diff?old=x&new=2", 400)


async def test_a_knob_is_changed_looked_at_and_published(desk: Desk, versions: AgentVersions, instance: InstanceAgents) -> None:
    client = await desk.login("admin")
    assert "leave: no" in await read(client, "/agents/refund/knobs")
    await send(client, "/agents/refund/draft", section="knobs", **{"turns.endpointing.max_delay_s": "1,3"})
    assert versions.versions("refund") == [] and not instance.own.exists(), "a draft is not used by any call"
    assert "your draft" in await read(client, "/agents")
    assert "your draft" not in await read(await desk.login("supervisor"), "/agents"), "a draft is its user's alone"
    preview = await read(client, "/agents/refund/publish")
    assert "turns: {endpointing: {max_delay_s: 1.3}}" in preview
    await publish(client, "refund", "more patience")
    history = await read(client, "/agents/refund/versions")
    assert "more patience" in history and "<td>admin</td>" in history
    assert "your own" in await read(client, "/agents/refund") and "your draft" not in await read(client, "/agents")
    actions = [entry["action"] for entry in await desk.deps.audit.entries(actor="admin")]
    assert actions.count("agent_draft") == 1 and actions.count("agent_publish") == 1


async def test_a_wrong_value_stays_in_the_draft_is_named_at_its_field_and_is_not_published(desk: Desk, versions: AgentVersions) -> None:
    client = await desk.login("admin")
    await send(client, "/agents/refund/draft", section="knobs", **{"turns.endpointing.max_delay_s": "99", "turns.bargein.min_words": "few"})
    page = await read(client, "/agents/refund/knobs")
    for name, value, what in (("endpointing.max_delay_s", "99", "less than or equal to 10"), ("bargein.min_words", "few", "valid integer")):
        assert f'value="{value}"' in page
        assert re.search(rf'data-wrong="turns.{name}">[^<]*{what}', page), name
    assert "<code>refund.yaml:" in page
    assert " disabled" in await read(client, "/agents/refund/publish")
    seen = re.search(r'name="preview" value="(\w+)"', await read(client, "/agents/refund/publish"))
    assert seen
    answer = await send(client, "/agents/refund/publish", 409, preview=seen[1])
    assert "This cannot be published" in answer
    assert versions.versions("refund") == []


async def test_what_is_typed_is_checked_and_not_kept(desk: Desk) -> None:
    client = await desk.login("admin")
    found = await ask(client, "/agents/refund/check", {"fields": {"turns.keypad.menu_key_s": "6", "hours.monday": "9-5"}})
    assert set(found["fields"]) == {"turns.keypad.menu_key_s", "hours.monday"}  # type: ignore[call-overload]
    text = "text|harbor-base|nodes.farewell.say|en|0"
    found = await ask(client, "/agents/refund/check", {"fields": {text: "Bye {nobody}."}})
    assert "text|harbor-base|nodes.farewell.say" in found["fields"], found  # type: ignore[operator]
    found = await ask(client, "/agents/refund/check", {"fields": {"yaml|refund": "name: [\n"}})
    assert found["mistakes"][0]["line"] >= 1  # type: ignore[index]
    assert (await ask(client, "/agents/refund/check", {"fields": {}}))["mistakes"] == []
    await ask(client, "/agents/refund/check", {"fields": {"x": 1}}, 400)
    assert "Preview and publish" not in await read(client, "/agents/refund")


async def test_what_cannot_be_written_comes_back_in_the_form(desk: Desk) -> None:
    client = await desk.login("admin")
    tied = (FOLDER / "refund.yaml").read_text("utf-8").replace("name: refund\n", "name: refund\nturns:\n  <<: {keypad: {menu_key_s: 2}}\n")
    await send(client, "/agents/refund/draft", section="yaml", **{"yaml|refund": tied})
    page = await send(client, "/agents/refund/draft", 400, section="knobs", **{"turns.keypad.menu_key_s": "", "turns.style": "formal"})
    assert re.search(r'data-wrong="turns.keypad.menu_key_s">[^<]*change it in the YAML', page)
    assert 'value="formal" selected' in page, "what could be written is kept"


async def test_yaml_is_saved_as_it_is_even_when_it_is_wrong(desk: Desk) -> None:
    client = await desk.login("admin")
    text = "\n# mine\nname: refund # <script>alert(1)</script>\nbroken: [\u202e\n"
    await send(client, "/agents/refund/draft", section="yaml", **{"yaml|refund": text.replace("\n", "\r\n")})
    page = await read(client, "/agents/refund/yaml")
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert area and html.unescape(area[1]) == text
    assert "<script>alert" not in page
    assert "<script>alert" not in await read(client, "/agents/refund/publish")
    await send(client, "/agents/refund/discard")
    assert "# mine" not in await read(client, "/agents/refund/yaml")


async def test_a_hostile_text_is_shown_as_text(desk: Desk) -> None:
    client = await desk.login("admin")
    hostile = '</textarea><script>alert("x")</script>'
    await send(client, "/agents/refund/draft", section="texts", **{"text|harbor-base|nodes.farewell.say|en|0": hostile})
    for path in ("/texts", "/publish", "/yaml?file=harbor-base"):
        page = await read(client, f"/agents/refund{path}")
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page, path
    await publish(client, "refund", "<b>bold</b>")
    for path in ("/versions", "/texts"):
        page = await read(client, f"/agents/refund{path}")
        assert "<b>bold" not in page and "<script>alert" not in page


async def test_a_text_is_changed_and_its_file_keeps_all_else(desk: Desk, instance: InstanceAgents) -> None:
    client = await desk.login("admin")
    await send(client, "/agents/refund/draft", section="texts", **{"text|harbor-base|nodes.farewell.say|en|0": "Thanks. Bye."})
    await publish(client, "refund")
    shipped = (FOLDER / "harbor-base.yaml").read_bytes()
    assert (instance.own / "harbor-base.yaml").read_bytes() == shipped.replace(b"Thank you for calling. Goodbye.", b"Thanks. Bye.")
    assert (instance.own / "refund.yaml").read_bytes() == (FOLDER / "refund.yaml").read_bytes()


async def test_versions_are_compared_rolled_back_divided_and_begun_from(desk: Desk, versions: AgentVersions) -> None:
    client = await desk.login("admin")
    for delay in ("1.1", "1.2"):
        await send(client, "/agents/refund/draft", section="knobs", **{"turns.endpointing.max_delay_s": delay})
        await publish(client, "refund", f"delay {delay}")
    page = await read(client, "/agents/refund/diff?old=1&new=2")
    assert "max_delay_s: 1.1" in page and "max_delay_s: 1.2" in page
    await send(client, "/agents/refund/share", whole="1")
    assert versions.live()["refund"] == {1: 100}
    assert "New calls get version 1" in await read(client, "/agents/refund")
    await send(client, "/agents/refund/share", **{"share-1": "90", "share-2": "10"})
    assert versions.live()["refund"] == {1: 90, 2: 10}
    for shares, what in (({"share-1": "90"}, "add up to 90"), ({"share-1": "x"}, "no whole number"), ({"share-9": "100"}, "no version 9")):
        assert what in await send(client, "/agents/refund/share", 400, **shares)
    assert versions.live()["refund"] == {1: 90, 2: 10}
    await send(client, "/agents/refund/begin", version="1")
    assert "max_delay_s: 1.1" in await read(client, "/agents/refund/publish")
    acts = await read(client, "/agents/refund/versions")
    assert "1=90, 2=10" in acts and "divided new calls" in acts
    await send(client, "/agents/refund/begin", 404, version="9")


async def test_a_draft_is_tried_in_writing(desk: Desk) -> None:
    client, other = await desk.login("admin"), await desk.login("supervisor")
    await send(client, "/agents/front-desk/draft", section="texts", **{"text|harbor-base|nodes.greeting.say|en|0": "Welcome to the draft."})
    begun = await ask(client, "/agents/front-desk/try", {})
    assert begun["lines"][0] == {"who": "agent", "text": "Welcome to the draft."}  # type: ignore[index]
    assert begun["node"] == "main"
    path = f"/agents/front-desk/try/{begun['id']}"
    said = await ask(client, path, {"words": "a person please"})
    assert said["ended"] and said["lines"][-1]["who"] == "end"  # type: ignore[index]
    await ask(client, path, {"words": " "}, 400)
    await ask(other, path, {"words": "hello"}, 410)
    theirs = await ask(other, "/agents/front-desk/try", {})
    assert "draft" not in str(theirs["lines"]), "others try what is published"
    await ask(other, f"/agents/front-desk/try/{theirs['id']}", {"words": "#10482"})
    page = await read(other, "/agents/front-desk/try")
    assert "<strong>100</strong>" in page
    await send(client, "/agents/front-desk/draft", section="knobs", **{"turns.style": "rude"})
    assert "cannot be tried" in str(await ask(client, "/agents/front-desk/try", {}, 409))
