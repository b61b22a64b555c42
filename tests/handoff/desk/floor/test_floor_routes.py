"""The floor over HTTP: who may, what is done, what is written down, and what pages are told."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from handoff.desk.floor.actions import BODIES
from tests.handoff.desk.conftest import Desk, csrf_in
from tests.handoff.desk.floor.conftest import until
from tests.handoff.desk.floor.control_rig import ControlRig
from tests.handoff.desk.floor.queue_facts import entry, fill, member, params

pytestmark = pytest.mark.postgres
Client = TestClient[web.Request, web.Application]

TARGET: dict[str, dict[str, str]] = {
    "say": {"text": "One moment."},
    "instruct": {"text": "Offer a refund."},
    "transfer": {"queue": "support"},
}
PHONES = {"listen", "whisper", "barge", "take_over"}


class Supervisor:
    def __init__(self, client: Client, csrf: str) -> None:
        self.client = client
        self._headers = {"X-CSRF-Token": csrf, "Accept": "application/json"}

    async def act(self, action: str, call_id: str = "c1", /, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = await self.client.post(f"/floor/calls/{call_id}/{action}", json=body, headers=self._headers)
        return answer.status, await answer.json()

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = await (await self.client.get("/floor/state")).json()
        return found


async def enter(desk: Desk, name: str) -> Supervisor:
    client = await desk.login(name)
    return Supervisor(client, csrf_in(await (await client.get("/floor")).text()))


@pytest.fixture
async def floor(desk: Desk, mind: ControlRig) -> Desk:
    """With one live call and one queue."""
    mind.feed.publish("state", "c1", {"state": "talking", "caller": "+441134960123", "number": "100"})
    assert desk.deps.control is not None
    assert desk.deps.board is not None
    live = desk.deps.control.state.live
    await until(lambda: "c1" in live.calls)
    now = desk.deps.clock().timestamp()
    fill(desk.deps.board, params("support"), member("support", "kim"), entry("support", 1, 4), now=now)
    return desk


@pytest.fixture
async def supervisor(floor: Desk) -> Supervisor:
    return await enter(floor, "supervisor")


async def audited(desk: Desk) -> list[tuple[str, str, str, dict[str, Any]]]:
    rows = await desk.deps.audit.entries()
    found = [(row["actor"], row["action"], row["call_id"], row["detail"]) for row in rows if row["action"].startswith("floor.")]
    return found[::-1]


@pytest.mark.parametrize("name", ["agent", "auditor"])
async def test_others_see_nothing_of_the_floor(floor: Desk, mind: ControlRig, name: str) -> None:
    client = await floor.login(name)
    for path in ("/floor", "/floor/state", "/live?topic=floor"):
        assert (await client.get(path)).status == 403
    token = csrf_in(await (await client.get("/password")).text())
    for action in (*BODIES, "number"):
        answer = await client.post(f"/floor/calls/c1/{action}", json=TARGET.get(action, {}), headers={"X-CSRF-Token": token})
        assert answer.status == 403
    assert mind.control.done == []
    assert await audited(floor) == []


async def test_nothing_without_the_token_of_the_page(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    for headers in ({}, {"X-CSRF-Token": "x" * 43}):
        assert (await supervisor.client.post("/floor/calls/c1/end", json={}, headers=headers)).status == 403
    assert mind.control.done == []


@pytest.mark.parametrize("action", sorted(BODIES))
async def test_an_action_is_done_in_the_supervisors_name_and_written_down(
    floor: Desk, supervisor: Supervisor, mind: ControlRig, action: str
) -> None:
    given = TARGET.get(action, {})
    assert await supervisor.act(action, **given) == (200, {"detail": f"{action} done"})
    target = {"phone": "2009"} if action in PHONES else given
    assert mind.control.done == [(action, "c1", target, "supervisor")]
    where = {} if "text" in target else target
    assert await audited(floor) == [("supervisor", f"floor.{action}", "c1", where)]


async def test_what_is_said_is_in_no_audit(floor: Desk, supervisor: Supervisor) -> None:
    await supervisor.act("say", text="the secret word")
    await supervisor.act("instruct", text="the secret word")
    assert "secret" not in json.dumps(await audited(floor))


async def test_only_on_ones_own_phone_and_in_ones_own_name(supervisor: Supervisor, mind: ControlRig) -> None:
    await supervisor.act("listen", phone="2001", by="somebody")
    await supervisor.act("transfer", queue="support", phone="2001", by="somebody")
    assert mind.control.done == [("listen", "c1", {"phone": "2009"}, "supervisor"), ("transfer", "c1", {"queue": "support"}, "supervisor")]


async def test_without_a_phone_nobody_listens(floor: Desk, mind: ControlRig) -> None:
    admin = await enter(floor, "admin")
    status, answer = await admin.act("listen")
    assert (status, answer["error"]) == (409, "You have no phone to be called on: an admin gives your user one.")
    assert (await admin.act("end"))[0] == 200
    assert [done[0] for done in mind.control.done] == ["end"]


async def test_refused_by_the_call(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    mind.control.refusals["whisper"] = "There is no member yet: use steer."
    assert await supervisor.act("whisper") == (409, {"error": "There is no member yet: use steer."})
    assert [entry[1] for entry in await audited(floor)] == ["floor.whisper", "floor.whisper.refused"]


@pytest.mark.parametrize(
    ("action", "call_id", "body", "status"),
    [
        ("end", "gone", {}, 404),
        ("explode", "c1", {}, 404),
        ("say", "c1", {}, 422),
        ("say", "c1", {"text": " "}, 422),
        ("say", "c1", {"text": 7}, 422),
        ("say", "c1", {"text": "x" * 601}, 422),
        ("transfer", "c1", {}, 422),
        ("transfer", "c1", {"queue": "no-such"}, 422),
        ("transfer", "c1", {"queue": "support,,x"}, 422),
    ],
)
async def test_what_cannot_be(
    floor: Desk, supervisor: Supervisor, mind: ControlRig, action: str, call_id: str, body: dict[str, Any], status: int
) -> None:
    found, answer = await supervisor.act(action, call_id, **body)
    assert found == status
    assert answer["error"]
    assert mind.control.done == []
    assert await audited(floor) == []


async def test_the_service_that_holds_the_calls_is_away(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    await mind.stop()
    assert floor.deps.control is not None
    state = floor.deps.control.state
    await until(lambda: not state.connected)
    status, answer = await supervisor.act("end")
    assert status == 503
    assert "Calls go on" in answer["error"]
    assert [alert["key"] for alert in (await supervisor.state())["alerts"]] == ["feed"]


async def test_the_number_is_shown_to_who_asks_and_that_is_written_down(floor: Desk, supervisor: Supervisor) -> None:
    html = await (await supervisor.client.get("/floor")).text()
    assert "0123" in html
    assert "441134960123" not in html
    assert "441134960123" not in json.dumps(await supervisor.state())
    assert await supervisor.act("number") == (200, {"caller": "+441134960123"})
    assert await audited(floor) == [("supervisor", "floor.number", "c1", {})]
    assert (await supervisor.act("number", "gone"))[0] == 404


async def test_hostile_words_are_data_in_the_page(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    hostile = "'><script>alert(1)</script><img src=x onerror=alert(1)> \"</div>"
    mind.feed.publish("turn", "c1", {"number": 1, "who": "caller", "text": hostile, "heard": hostile})
    assert floor.deps.control is not None
    call = floor.deps.control.state.live.calls["c1"]
    await until(lambda: bool(call.turns))
    html = await (await supervisor.client.get("/floor")).text()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert (await supervisor.state())["calls"][0]["turns"][0]["text"] == hostile


async def test_pages_are_told_what_changed(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    state = await supervisor.state()
    assert [call["id"] for call in state["calls"]] == ["c1"]
    assert [queue["name"] for queue in state["queues"]["queues"]] == ["support"]
    told = Told()
    reading = asyncio.create_task(told.read(supervisor.client, state["live_id"]))
    await until(lambda: floor.deps.hub.readers == 1)
    mind.feed.publish("turn", "c1", {"number": 1, "who": "agent", "text": "Hello"})
    mind.feed.publish("state", "c2", {"state": "arriving"})
    await until(lambda: "c2" in told.calls)
    assert [turn["text"] for turn in told.calls["c1"]["turns"]] == ["Hello"]
    mind.feed.publish("ended", "c1", {})
    await until(lambda: told.gone == ["c1"])
    assert floor.deps.board is not None
    fill(
        floor.deps.board,
        params("support"),
        member("support", "kim", status="5"),
        entry("support", 1, 70),
        now=floor.deps.clock().timestamp(),
    )
    await until(lambda: told.alerts == ["nobody:support"])
    assert told.queues[0]["serving"] == 0
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


class Told:
    """What a page knows from the stream alone."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.gone: list[str] = []
        self.queues: list[dict[str, Any]] = []
        self.alerts: list[str] = []
        self.patches = 0

    async def read(self, client: Client, since: str) -> None:
        async with client.get("/live", params={"topic": "floor", "since": since}) as stream:
            kind = ""
            async for line in stream.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self.take(kind, json.loads(value))

    def take(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "floor_calls":
            self.patches += 1
            for call_id, fields in data["calls"].items():
                self.calls.setdefault(call_id, {}).update(fields)
            self.gone.extend(data["gone"])
        elif kind == "floor_queues":
            self.queues = data["queues"]
        elif kind == "floor_alerts":
            self.alerts = [alert["key"] for alert in data["alerts"]]


async def test_fifty_busy_calls_make_few_patches(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    told = Told()
    reading = asyncio.create_task(told.read(supervisor.client, (await supervisor.state())["live_id"]))
    await until(lambda: floor.deps.hub.readers == 1)
    for number in range(50):
        mind.feed.publish("state", f"b{number}", {"state": "talking"})
        for word in range(20):
            mind.feed.publish("partial", f"b{number}", {"text": "well " * (word + 1)})
    last = ("well " * 20).strip()
    await until(lambda: all(told.calls.get(f"b{number}", {}).get("partial", "").strip() == last for number in range(50)))
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert 1 <= told.patches < 100


async def test_a_page_that_came_while_nobody_looked_misses_nothing(floor: Desk, supervisor: Supervisor, mind: ControlRig) -> None:
    since = (await supervisor.state())["live_id"]
    mind.feed.publish("state", "c1", {"node": "billing"})
    assert floor.deps.control is not None
    facts = floor.deps.control.state.live.calls["c1"].facts
    await until(lambda: facts.get("node") == "billing")
    await asyncio.sleep(0.3)
    told = Told()
    reading = asyncio.create_task(told.read(supervisor.client, since))
    await until(lambda: told.calls.get("c1", {}).get("node") == "billing")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_desk_without_call_control_says_so(floor: Desk, supervisor: Supervisor) -> None:
    floor.deps.control = None
    status, answer = await supervisor.act("end")
    assert (status, answer["error"]) == (503, "Live calls cannot be steered here: this desk runs without call control.")
