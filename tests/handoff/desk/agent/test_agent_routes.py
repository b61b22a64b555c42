"""The agent's page by its requests: state, cards, wrap-up, callbacks, and what is refused."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from handoff.desk.agent.members import Member
from tests.handoff.desk.agent.conftest import Cases, MemoryMembers
from tests.handoff.desk.conftest import Client, Desk, csrf_in

pytestmark = pytest.mark.postgres

HOSTILE = "<img src=x onerror=alert(1)>"


async def post(client: Client, path: str, body: dict[str, Any], token: str | None = None) -> tuple[int, dict[str, Any]]:
    if token is None:
        token = csrf_in(await (await client.get("/agent")).text())
    answer = await client.post(path, json=body, headers={"X-CSRF-Token": token, "Accept": "application/json"})
    text = await answer.text()
    return answer.status, json.loads(text) if text.startswith("{") else {}


async def test_ready_pause_and_wrap_up(agent_desk: Desk, members: MemoryMembers) -> None:
    agent = await agent_desk.login("agent")
    assert (await (await agent.get("/agent/state")).json())["state"] == "ready"
    status, body = await post(agent, "/agent/state", {"state": "paused", "reason": "Lunch"})
    assert (status, body["state"], body["reason"]) == (200, "paused", "Lunch")
    assert members.member_of["member/2001"].reason == "Lunch"
    assert (await post(agent, "/agent/state", {"state": "wrap-up"}))[1]["state"] == "wrap-up"
    assert (await post(agent, "/agent/state", {"state": "ready"}))[1]["state"] == "ready"
    assert not members.member_of["member/2001"].paused


@pytest.mark.parametrize(
    "body", [{}, {"state": "away"}, {"state": "paused"}, {"state": "paused", "reason": "x\r\nAction: Originate"}, {"state": 3}]
)
async def test_other_states_are_refused(agent_desk: Desk, members: MemoryMembers, body: dict[str, Any]) -> None:
    agent = await agent_desk.login("agent")
    status, answer = await post(agent, "/agent/state", body)
    assert status == 400 and "Lunch" in answer["error"]
    assert not members.member_of["member/2001"].paused


async def test_who_has_no_phone_or_no_queue_is_told_so(agent_desk: Desk, members: MemoryMembers) -> None:
    supervisor = await agent_desk.login("supervisor")
    assert "No phone belongs to this user" in await (await supervisor.get("/agent")).text()
    assert (await post(supervisor, "/agent/state", {"state": "ready"}))[0] == 409
    members.member_of.clear()
    agent = await agent_desk.login("agent")
    assert "a member of no queue" in (await (await agent.get("/agent/state")).json())["problem"]


@pytest.mark.parametrize(
    "path", ["/agent/state", "/agent/wrap-up", "/agent/callbacks/a3aacf6f-a582-41db-ac6d-0b782f5dd283", "/agent/phone/authorise"]
)
async def test_nothing_is_changed_without_the_pages_token_or_by_an_auditor(agent_desk: Desk, path: str) -> None:
    agent = await agent_desk.login("agent")
    assert (await post(agent, path, {"state": "ready"}, token="guess"))[0] == 403
    auditor = await agent_desk.login("auditor")
    token = csrf_in(await (await auditor.get("/calls")).text())
    assert (await post(auditor, path, {"state": "ready"}, token=token))[0] == 403
    assert (await auditor.get("/agent")).status == 403


async def test_a_card_is_for_those_of_its_queue(agent_desk: Desk, cases: Cases) -> None:
    cases.call("call-1")
    cases.turn("call-1", 1, "caller", f"my order is late {HOSTILE}")
    cases.card("card-1", "call-1")
    cases.card("card-2", "call-1", queue="sales")
    agent = await agent_desk.login("agent")
    html = await (await agent.get("/agent/cards/card-1")).text()
    for expected in ("Ask the carrier for Friday", "Can it come on Friday?", "one-time code", "10482", 'data-coming="yes"', 'id="turn-1"'):
        assert expected in html
    assert HOSTILE not in html and "&lt;img src=x" in html
    assert (await agent.get("/agent/cards/card-2")).status == 404
    assert (await agent.get("/agent/cards/none")).status == 404
    assert (await agent.get("/agent/cards/card-2/turns")).status == 404
    listed = (await (await agent.get("/agent/cards")).json())["cards"]
    assert [card["id"] for card in listed] == ["card-1"]
    supervisor = await agent_desk.login("supervisor")
    assert (await supervisor.get("/agent/cards/card-2")).status == 200


async def test_what_the_caller_goes_on_saying_is_there(agent_desk: Desk, cases: Cases) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1", turns=[{"number": 1, "who": "caller", "text": "first", "heard": "first", "started_ms": 100}])
    agent = await agent_desk.login("agent")
    assert "first" in await (await agent.get("/agent/cards/card-1/turns")).text()
    cases.turn("call-1", 2, "caller", "and one more thing")
    html = await (await agent.get("/agent/cards/card-1/turns")).text()
    assert html.index("first") < html.index("and one more thing")


async def test_live_topics_are_those_of_the_own_queues_and_calls(agent_desk: Desk, cases: Cases) -> None:
    cases.call("call-1")
    cases.call("call-2")
    cases.card("card-1", "call-1")
    cases.card("card-2", "call-2", queue="sales")
    agent = await agent_desk.login("agent")
    for topic, status in (("cards:support", 200), ("cards:sales", 403), ("call:call-1", 200), ("call:call-2", 403), ("cards:@admin", 403)):
        async with agent.get("/live", params={"topic": topic}) as answer:
            assert answer.status == status, topic


async def test_wrap_up_is_kept_and_the_newest_holds(agent_desk: Desk, cases: Cases) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1", state="joined")
    cases.card("card-2", "call-1", queue="sales")
    agent = await agent_desk.login("agent")
    assert (await post(agent, "/agent/wrap-up", {"card": "card-1", "disposition": "Resolved", "notes": "first"}))[0] == 200
    assert (await post(agent, "/agent/wrap-up", {"card": "card-1", "disposition": "Follow-up needed", "notes": f"{HOSTILE}\0"}))[0] == 200
    assert cases.rows("SELECT call_id, agent, disposition, notes FROM agent_wrap_ups") == [("call-1", "agent", "Follow-up needed", HOSTILE)]
    assert (await post(agent, "/agent/wrap-up", {"card": "card-2", "disposition": "Resolved"}))[0] == 404
    assert (await post(agent, "/agent/wrap-up", {"card": "card-1", "disposition": "Great"}))[0] == 400
    assert (await post(agent, "/agent/wrap-up", {"card": "card-1", "disposition": "Other", "notes": "x" * 4001}))[0] == 400


async def test_a_callback_whose_place_is_kept_says_so(agent_desk: Desk, cases: Cases) -> None:
    kept = str(uuid4())
    cases.callback(kept, number="5550133")
    agent = await agent_desk.login("agent")
    assert "is called by itself" not in await (await agent.get("/agent/callbacks")).text()
    cases.held(kept, 600)
    html = await (await agent.get("/agent/callbacks")).text()
    assert "is called by itself" in html and "by hand from" in html
    cases.held(kept, -1)
    html = await (await agent.get("/agent/callbacks")).text()
    assert "5550133" in html and "is called by itself" not in html, "nobody calls them but people now"


async def test_callbacks_are_worked_off_once(agent_desk: Desk, cases: Cases) -> None:
    first, second, foreign = (str(uuid4()) for _ in range(3))
    cases.callback(first, number="5550111")
    cases.callback(second, number="5550122")
    cases.callback(foreign, queue="sales", number="5550133")
    agent = await agent_desk.login("agent")
    html = await (await agent.get("/agent/callbacks")).text()
    assert "5550111" in html and "5550122" in html and "5550133" not in html
    assert (await post(agent, f"/agent/callbacks/{first}", {"later": 30}))[0] == 200
    html = await (await agent.get("/agent/callbacks")).text()
    assert html.index("5550122") < html.index("5550111") and "tried 1" in html
    assert (await post(agent, f"/agent/callbacks/{first}", {"done": True}))[0] == 200
    assert (await post(agent, f"/agent/callbacks/{first}", {"done": True}))[0] == 409
    assert (await post(agent, f"/agent/callbacks/{first}", {"later": 30}))[0] == 409
    assert "5550111" not in await (await agent.get("/agent/callbacks")).text()
    for path, body, status in ((foreign, {"done": True}, 404), ("x", {"done": True}, 404), (second, {}, 400), (second, {"later": 0}, 400)):
        assert (await post(agent, f"/agent/callbacks/{path}", body))[0] == status


async def test_who_asked_in_two_calls_stands_there_once_and_is_called_once(agent_desk: Desk, cases: Cases) -> None:
    first, again, elsewhere = (str(uuid4()) for _ in range(3))
    cases.callback(first, number="5550144")
    cases.callback(again, number="5550144")
    cases.callback(elsewhere, queue="sales", number="5550144")
    agent = await agent_desk.login("agent")
    html = await (await agent.get("/agent/callbacks")).text()
    assert html.count("data-callback=") == 1 and again in html and "in 2 calls" in html
    assert (await post(agent, f"/agent/callbacks/{again}", {"later": 30}))[0] == 200
    html = await (await agent.get("/agent/callbacks")).text()
    assert html.count("data-callback=") == 1 and "tried 1" in html, "put off for both, tried once"
    assert (await post(agent, f"/agent/callbacks/{again}", {"done": True}))[0] == 200
    assert "5550144" not in await (await agent.get("/agent/callbacks")).text()
    assert (await post(agent, f"/agent/callbacks/{first}", {"done": True}))[0] == 409
    assert cases.rows("SELECT count(*) FROM callback_work WHERE done_at IS NOT NULL") == [(2,)], "not that of the other queue"


async def test_without_queues_the_page_says_so_and_cards_stay_hidden(desk: Desk, cases: Cases) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1")
    agent = await desk.login("agent")
    assert "not connected to queues" in await (await agent.get("/agent")).text()
    assert (await agent.get("/agent/cards/card-1")).status == 404
    assert (await agent.get("/agent/phone")).status == 404


async def test_a_telephone_system_that_is_away_leaves_the_own_cards_visible(
    agent_desk: Desk, members: MemoryMembers, cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1")
    agent = await agent_desk.login("agent")
    assert (await agent.get("/agent/cards/card-1")).status == 200

    async def away(interface: str) -> Member | None:
        from handoff.desk.agent.members import MembersAway

        raise MembersAway("The telephone system does not answer.")

    monkeypatch.setattr(members, "member", away)
    assert (await agent.get("/agent/cards/card-1")).status == 200
    assert (await (await agent.get("/agent/state")).json())["problem"] == "The telephone system does not answer."


async def test_the_card_of_the_caller_who_rings_the_own_phone_comes_up(agent_desk: Desk, members: MemoryMembers, cases: Cases) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1")
    agent = await agent_desk.login("agent")
    async with agent.get("/live", params={"topic": "ring:member/2001"}) as stream:
        for told in members.rung:
            told("member/2002", "patchcord-wait-call-1-1-2-q")
            told("member/2001", "1712345678.9")
            told("member/2001", "patchcord-wait-unknown-1-1-q")
            told("member/2001", "patchcord-wait-call-1-1-2-q")
        lines = b""
        while b"mine" not in lines:
            lines += await asyncio.wait_for(stream.content.readany(), 5)
    assert lines.count(b"event: mine") == 1 and b'"card_id":"card-1"' in lines
    async with agent.get("/live", params={"topic": "ring:member/2002"}) as answer:
        assert answer.status == 403


async def test_the_card_of_a_caller_whom_a_colleague_gives_on_comes_up_whatever_the_queue(
    agent_desk: Desk, members: MemoryMembers, cases: Cases
) -> None:
    cases.call("call-1")
    cases.card("card-1", "call-1", queue="sales")
    cases.card("card-2", "call-1", queue="sales")
    agent = await agent_desk.login("agent")
    assert (await agent.get("/agent/cards/card-1")).status == 404, "not given yet"
    assert (await agent.get("/live", params={"topic": "call:call-1"})).status == 403
    async with agent.get("/live", params={"topic": "ring:member/2001"}) as stream:
        for told in members.given:
            told("2002", "card-1")
            told("2001", "card-1")
        lines = b""
        while b"mine" not in lines:
            lines += await asyncio.wait_for(stream.content.readany(), 5)
    assert lines.count(b"event: mine") == 1 and b'"card_id":"card-1"' in lines
    assert (await agent.get("/agent/cards/card-1")).status == 200
    assert (await agent.get("/agent/cards/card-2")).status == 404, "only what was given"
    async with agent.get("/live", params={"topic": "call:call-1"}) as answer:
        assert answer.status == 200
    cases.ended("call-1")
    assert (await agent.get("/live", params={"topic": "call:call-1"})).status == 403
