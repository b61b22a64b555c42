"""Live topics: nothing lost, nothing endless, nobody hears what is not theirs."""

import asyncio
import json

import psycopg
import pytest

from handoff.desk.listen import CHANNEL
from handoff.desk.live import RELOAD, LiveHub
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.conftest import Client, Desk
from tests.handoff.desk.desk_calls import CALL, CARD, LIVE_CALL, live_call, ordinary_call


def events(stream: bytes) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in stream.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


async def test_readers_get_their_topics_only() -> None:
    hub = LiveHub()
    one, both = hub.subscribe(["a"]), hub.subscribe(["a", "b"])
    hub.publish("a", "tick", {"n": 1})
    hub.publish("b", "tock", {"n": 2})
    assert events(await one.take(1)) == [("tick", {"topic": "a", "n": 1})]
    assert events(await both.take(1)) == [("tick", {"topic": "a", "n": 1}), ("tock", {"topic": "b", "n": 2})]
    assert await one.take(0.01) == b""


async def test_text_cannot_break_out_of_an_event() -> None:
    hub = LiveHub()
    reader = hub.subscribe(["a"])
    hub.publish("a", "turn", {"text": "x\n\nevent: forged\ndata: {}\n\n\ud800\u2028"})
    assert [name for name, _ in events(await reader.take(1))] == ["turn"]


async def test_who_comes_back_misses_nothing() -> None:
    hub = LiveHub()
    hub.publish("a", "tick", {"n": 1})
    seen = hub.last_id
    for number in (2, 3):
        hub.publish("a", "tick", {"n": number})
        hub.publish("b", "tick", {"n": number})
    reader = hub.subscribe(["a"], seen)
    assert [data["n"] for _, data in events(await reader.take(1))] == [2, 3]
    reader = hub.subscribe(["a"], hub.last_id)
    assert await reader.take(0.01) == b""


@pytest.mark.parametrize("since", ["", "x", "1", "other-1", "-", "SAME-999", "SAME-x", "SAME-²", "SAME--1", "SAME-" + "9" * 5000])
async def test_who_comes_from_elsewhere_begins_anew(since: str) -> None:
    hub = LiveHub()
    hub.publish("a", "tick", {})
    reader = hub.subscribe(["a"], since.replace("SAME", hub.last_id.split("-")[0]))
    assert await reader.take(1) == RELOAD


async def test_who_was_away_too_long_begins_anew() -> None:
    hub = LiveHub(ring=3)
    first = hub.last_id
    for number in range(3):
        hub.publish("a", "tick", {"n": number})
    assert len(events(await hub.subscribe(["a"], first).take(1))) == 3
    hub.publish("a", "tick", {"n": 3})
    assert await hub.subscribe(["a"], first).take(1) == RELOAD


async def test_a_slow_reader_is_dropped_and_told_and_others_go_on() -> None:
    hub = LiveHub(queue=4)
    slow, quick = hub.subscribe(["a"]), hub.subscribe(["a"])
    got = []
    for number in range(10):
        hub.publish("a", "tick", {"n": number})
        got += events(await quick.take(1))
    assert [data["n"] for _, data in got] == list(range(10))
    assert slow.closed and await slow.take(1) == RELOAD
    assert hub.readers == 1


async def test_the_ring_that_is_larger_than_a_queue_makes_nobody_wait_for_ever() -> None:
    hub = LiveHub(ring=100, queue=4)
    since = hub.last_id
    for number in range(10):
        hub.publish("a", "tick", {"n": number})
    assert await hub.subscribe(["a"], since).take(1) == RELOAD
    assert hub.readers == 0


async def test_reload_reaches_those_who_are_here_and_those_who_come_back() -> None:
    hub = LiveHub()
    hub.publish("a", "tick", {})
    here, since = hub.subscribe(["a"]), hub.last_id
    hub.reload()
    assert await here.take(1) == RELOAD
    assert await hub.subscribe(["a"], since).take(1) == RELOAD
    assert await hub.subscribe(["a"], hub.last_id).take(0.01) == b""


async def test_unsubscribing_twice_is_no_harm() -> None:
    hub = LiveHub()
    reader = hub.subscribe(["a", "b"])
    hub.unsubscribe(reader)
    hub.unsubscribe(reader)
    assert hub.readers == 0


async def read_until(client: Client, path: str, kind: str, limit_s: float = 10.0) -> list[tuple[str, dict[str, object]]]:
    """All events up to the first of ``kind``."""
    got = b""
    async with asyncio.timeout(limit_s):
        answer = await client.get(path)
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        async for chunk in answer.content.iter_any():
            got += chunk
            if f"event: {kind}\n".encode() in got and got.endswith(b"\n\n"):
                answer.close()
                return events(got)
    raise AssertionError(f"the stream ended: {got!r}")


async def until_listening(desk: Desk, url: str) -> None:
    """Until what is told to the database comes out of the hub."""
    reader = desk.deps.hub.subscribe(["call:probe"])
    async with asyncio.timeout(10):
        while not await reader.take(0.05):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps({"table": "events", "call_id": "probe", "id": "1"})))
    desk.deps.hub.unsubscribe(reader)


async def test_what_is_written_comes_to_the_browser(desk: Desk, records: PostgresRecords, desk_database: str) -> None:
    await until_listening(desk, desk_database)
    client = await desk.login("supervisor")
    since = desk.deps.hub.last_id
    call = live_call(records)
    call.says("caller", "Where is my <b>lamp</b>?", 3.0, 4.0)
    assert await records.flush(10)
    got = await read_until(client, f"/live?topic=call:{LIVE_CALL}&topic=calls&since={since}", "turn")
    turn = next(data for kind, data in got if kind == "turn")
    assert (turn["number"], turn["who"], turn["text"], turn["at_ms"]) == (1, "agent", "Hello, how can I help?", 500)
    assert ("call", {"topic": "calls", "call_id": LIVE_CALL}) in got


async def test_a_card_is_told_to_its_queue_without_what_is_in_it(desk: Desk, records: PostgresRecords, desk_database: str) -> None:
    await until_listening(desk, desk_database)
    client = await desk.login("supervisor")
    since = desk.deps.hub.last_id
    ordinary_call(records)
    got = await read_until(client, f"/live?topic=cards:support&since={since}", "card")
    told = got[-1][1]
    assert (told["id"], told["call_id"], told["state"], told["revision"]) == (CARD, CALL, "requested", 1)
    assert set(told) == {"topic", "id", "card_id", "call_id", "queue", "state", "revision"}


async def test_a_lost_connection_is_made_anew_and_pages_are_told(desk: Desk, desk_database: str) -> None:
    await until_listening(desk, desk_database)
    reader = desk.deps.hub.subscribe(["call:other"])
    with psycopg.connect(desk_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
    assert await reader.take(10) == RELOAD
    await until_listening(desk, desk_database)


@pytest.mark.parametrize(
    ("role", "topic", "status"),
    [
        ("agent", "calls", 403),
        ("agent", f"call:{LIVE_CALL}", 403),
        ("agent", "cards:@supervisor", 403),
        ("agent", "nothing", 403),
        ("auditor", "cards:support", 403),
        ("auditor", "calls:x", 403),
        ("supervisor", "", 403),
    ],
)
async def test_topics_of_others_are_refused(desk: Desk, records: PostgresRecords, role: str, topic: str, status: int) -> None:
    live_call(records)
    assert await records.flush(10)
    client = await desk.login(role)
    assert (await client.get("/live", params={"topic": topic})).status == status


async def test_topics_are_named_and_not_too_many(desk: Desk) -> None:
    client = await desk.login("supervisor")
    assert (await client.get("/live")).status == 400
    assert (await client.get("/live", params=[("topic", f"call:{number}") for number in range(40)])).status == 400


async def test_a_stream_ends_when_the_user_is_disabled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.desk.stream.HEARTBEAT_S", 0.05)
    client = await desk.login("agent")
    waiting = asyncio.create_task(read_until(client, "/live?topic=cards:@agent", "ended"))
    while desk.deps.hub.readers == 0:
        await asyncio.sleep(0.01)
    await desk.deps.users.disable("agent")
    assert (await waiting)[-1][0] == "ended"
    while desk.deps.hub.readers:
        await asyncio.sleep(0.01)


async def test_who_goes_away_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.desk.stream.HEARTBEAT_S", 0.05)
    client = await desk.login("agent")
    answer = await client.get("/live", params={"topic": "cards:@agent"})
    assert desk.deps.hub.readers == 1
    answer.close()
    async with asyncio.timeout(5):
        while desk.deps.hub.readers:
            await asyncio.sleep(0.02)
