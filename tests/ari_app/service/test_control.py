import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from ari_app.calls.live_feed import LiveFeed
from ari_app.service.control import add_control
from ari_app.service.http import build_app
from handoff.desk.floor.actions import BODIES
from tests.handoff.desk.floor.memory_control import MemoryLiveControl

TOKEN = "t" * 43
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def feed() -> LiveFeed:
    return LiveFeed()


@pytest.fixture
def control() -> MemoryLiveControl:
    return MemoryLiveControl({"c1"})


@pytest.fixture
async def client(feed: LiveFeed, control: MemoryLiveControl) -> AsyncIterator[Client]:
    app = build_app(not_ready=list, status=dict, live=dict, registry=CollectorRegistry())
    add_control(app, control, feed, TOKEN, beat_s=0.05)
    async with TestClient(TestServer(app), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


async def act(client: Client, action: str, call_id: str = "c1", **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await client.post(f"/control/calls/{call_id}/{action}", json={"by": "Supervisor", **body})
    return answer.status, await answer.json()


async def line(feed: ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        found: dict[str, Any] = json.loads(await feed.content.readline())
    return found


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \udcff"])
async def test_nothing_without_the_token(client: Client, control: MemoryLiveControl, given: str) -> None:
    for method, path in (("GET", "/control/feed"), ("POST", "/control/calls/c1/end")):
        answer = await client.request(method, path, headers={"Authorization": given}, json={"by": "Supervisor"})
        assert answer.status == 401
    assert control.done == []


async def test_a_page_elsewhere_cannot_reach_it_by_name(client: Client, control: MemoryLiveControl) -> None:
    answer = await client.post("/control/calls/c1/end", json={"by": "Supervisor"}, headers={"Host": "evil.example"})
    assert (answer.status, control.done) == (403, [])


def test_a_token_that_can_be_guessed_is_refused(feed: LiveFeed, control: MemoryLiveControl) -> None:
    with pytest.raises(ValueError, match="32 characters"):
        add_control(web.Application(), control, feed, "secret")


WANTED: dict[str, dict[str, str]] = {
    "say": {"text": "One moment."},
    "instruct": {"text": "Offer a refund."},
    "transfer": {"queue": "billing"},
    "end": {},
    "pause_recording": {},
    "resume_recording": {},
    "listen": {"phone": "2001"},
    "whisper": {"phone": "2001"},
    "barge": {"phone": "2001"},
    "take_over": {"phone": "2001"},
}


def test_every_action_is_tried_here() -> None:
    assert set(WANTED) == set(BODIES)


@pytest.mark.parametrize("action", sorted(WANTED))
async def test_an_action_is_done_with_what_was_given(client: Client, control: MemoryLiveControl, action: str) -> None:
    assert await act(client, action, **WANTED[action]) == (200, {"detail": f"{action} done"})
    assert control.done == [(action, "c1", WANTED[action], "Supervisor")]


async def test_to_a_phone_instead_of_a_queue(client: Client, control: MemoryLiveControl) -> None:
    assert (await act(client, "transfer", phone="2001"))[0] == 200
    assert control.done == [("transfer", "c1", {"phone": "2001"}, "Supervisor")]


async def test_a_call_that_has_ended(client: Client) -> None:
    status, answer = await act(client, "end", call_id="gone")
    assert (status, answer["error"]) == (404, "There is no live call gone: it has ended.")


async def test_not_possible_now(client: Client, control: MemoryLiveControl) -> None:
    control.refusals["whisper"] = "There is no member yet: use steer."
    assert await act(client, "whisper", phone="2001") == (409, {"error": "There is no member yet: use steer."})


async def test_an_action_that_does_not_exist_names_those_that_do(client: Client) -> None:
    status, answer = await act(client, "explode")
    assert status == 404
    assert "take_over" in answer["error"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("say", {}),
        ("say", {"text": "   "}),
        ("say", {"text": "x" * 601}),
        ("say", {"text": 7}),
        ("say", {"text": "hi", "volume": "loud"}),
        ("transfer", {}),
        ("transfer", {"queue": "a", "phone": "b"}),
        ("transfer", {"queue": "billing,,timeout"}),
        ("listen", {"phone": "2001&PJSIP/3000"}),
        ("listen", {"phone": ""}),
        ("end", {"by": ""}),
    ],
)
async def test_bad_values_are_refused_by_name(client: Client, control: MemoryLiveControl, action: str, body: dict[str, Any]) -> None:
    status, answer = await act(client, action, **body)
    assert (status, control.done) == (422, [])
    assert answer["error"]


async def test_a_refusal_does_not_repeat_what_was_to_be_said(client: Client) -> None:
    _, answer = await act(client, "say", text="my secret " * 100)
    assert "secret" not in answer["error"]
    assert answer["error"].startswith("text: ")


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"end"'])
async def test_a_body_that_is_no_object(client: Client, body: str) -> None:
    answer = await client.post("/control/calls/c1/end", data=body)
    assert answer.status == 422


async def test_the_feed_begins_with_a_snapshot_beats_in_silence_and_tells(client: Client, feed: LiveFeed) -> None:
    feed.publish("state", "c1", {"number": "100"})
    async with client.get("/control/feed") as lines:
        assert lines.content_type == "application/x-ndjson"
        assert [call["id"] for call in (await line(lines))["calls"]] == ["c1"]
        assert (await line(lines))["kind"] == "beat"
        feed.publish("partial", "c1", {"text": "hello"})
        told = await line(lines)
        while told["kind"] == "beat":
            told = await line(lines)
        assert told["data"] == {"text": "hello"}


async def test_the_feed_ends_with_the_process(client: Client, feed: LiveFeed) -> None:
    async with client.get("/control/feed") as lines:
        await line(lines)
        async with asyncio.timeout(5):
            await client.server.app.shutdown()  # type: ignore[attr-defined]
            while await lines.content.readline():
                pass


async def test_a_reader_that_leaves_is_forgotten(client: Client, feed: LiveFeed) -> None:
    async with client.get("/control/feed") as lines:
        await line(lines)
        assert feed.readers == 1
    async with asyncio.timeout(5):
        while feed.readers:
            await asyncio.sleep(0.01)
