import asyncio
import json
from typing import Any, cast

import pytest

from ari_app.calls.live_feed import LiveFeed, Subscription
from ari_app.calls.record import CallFacts, CallRecord
from handoff.records.store import CallWriter


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


async def read(subscription: Subscription) -> list[dict[str, Any]]:
    async with asyncio.timeout(5):
        return lines(await subscription.read())


def turn(number: int, text: str = "hello", who: str = "caller", **more: Any) -> dict[str, Any]:
    return {"number": number, "who": who, "text": text, "heard": text, **more}


@pytest.fixture
def feed() -> LiveFeed:
    return LiveFeed(backlog=5, clock=lambda: 1000.0)


async def test_a_reader_gets_what_is_live_and_then_what_happens_in_order(feed: LiveFeed) -> None:
    feed.publish("state", "c1", {"number": "100", "state": "talking"}, at=990.0)
    with feed.subscribe() as reader:
        [snapshot] = await read(reader)
        feed.publish("turn", "c1", turn(1))
        feed.publish("ended", "c1", {"outcome": "goodbye"})
        first, second = await read(reader)
    assert snapshot["kind"] == "snapshot"
    assert snapshot["calls"][0]["facts"] == {"started": 990.0, "number": "100", "state": "talking", "state_since": 990.0}
    assert (first["kind"], first["call_id"], first["at"], first["data"]["text"]) == ("turn", "c1", 1000.0, "hello")
    assert (second["kind"], second["data"]) == ("ended", {"outcome": "goodbye"})
    assert [snapshot["seq"] + 1, first["seq"] + 1] == [first["seq"], second["seq"]]


async def test_a_slow_reader_gets_a_snapshot_for_what_it_missed_and_the_quick_one_everything(feed: LiveFeed) -> None:
    with feed.subscribe() as slow, feed.subscribe() as quick:
        await read(slow)
        await read(quick)
        feed.publish("state", "c1", {"state": "talking"})
        seen = await read(quick)
        for number in range(1, 9):
            feed.publish("turn", "c1", turn(number))
            seen += await read(quick)
        [resync] = await read(slow)
        assert slow.dropped > 0
        assert quick.dropped == 0
        assert [line["kind"] for line in seen] == ["state", *["turn"] * 8]
        assert [entry["number"] for entry in resync["calls"][0]["turns"]] == [3, 4, 5, 6, 7, 8]
        feed.publish("ended", "c1", {})
        [after] = await read(slow)
        assert (after["kind"], after["seq"]) == ("ended", resync["seq"] + 1)


async def test_lines_before_the_first_read_are_in_the_snapshot_only(feed: LiveFeed) -> None:
    with feed.subscribe() as reader:
        feed.publish("state", "c1", {"state": "talking"})
        [snapshot] = await read(reader)
        assert [call["id"] for call in snapshot["calls"]] == ["c1"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await reader.read()
        feed.publish("partial", "c1", {"text": "I"})
        assert [line["kind"] for line in await read(reader)] == ["partial"]


async def test_card_numbers_do_not_leave(feed: LiveFeed) -> None:
    feed.publish("state", "c1", {})
    with feed.subscribe() as reader:
        await read(reader)
        feed.publish("partial", "c1", {"text": "it is 4111 1111 1111 1111"})
        feed.publish("turn", "c1", turn(1, "it is 4111 1111 1111 1111"))
        told = await reader.read()
    assert b"4111" not in told
    assert told.count(b"1111") == 3


async def test_the_open_question_is_shown_without_card_numbers_and_gone_once_a_person_talks(feed: LiveFeed) -> None:
    record = CallRecord(CallFacts("c1", "channel", "PJSIP/x", "front-desk", "100", "5550100"), cast(CallWriter, None), feed)
    with feed.subscribe() as reader:
        await read(reader)
        record.listens("pay/amount", "Is 4111 1111 1111 1111 right?")
        record.show_state("with_person", member="Agent 2001")
        asked, joined = await read(reader)
    assert asked["data"]["node"] == "pay/amount"
    assert "4111 1111" not in asked["data"]["question"]
    assert asked["data"]["question"].endswith("right?")
    assert (joined["data"]["node"], joined["data"]["question"]) == (None, None)
    [shown] = json.loads(json.dumps(feed.live.whole()))
    assert "question" not in shown["facts"]


async def test_words_are_not_shown_while_something_secret_is_keyed(feed: LiveFeed) -> None:
    feed.publish("state", "c1", {})
    with feed.subscribe() as reader:
        await read(reader)
        feed.publish("event", "c1", {"event": "secret_entry", "data": {"on": True}})
        feed.publish("partial", "c1", {"text": "one two three"})
        feed.publish("event", "c1", {"event": "secret_entry", "data": {"on": False}})
        told = await read(reader)
    assert [line["kind"] for line in told] == ["event", "event"]


async def test_what_cannot_be_written_as_json_is_logged_and_hurts_nobody(feed: LiveFeed, caplog: pytest.LogCaptureFixture) -> None:
    feed.publish("state", "c1", {})
    with feed.subscribe() as reader:
        await read(reader)
        feed.publish("card", "c1", {"state": {1, 2}})  # type: ignore[dict-item]
        feed.publish("partial", "c1", {"text": "still here"})
        [line] = await read(reader)
    assert line["data"] == {"text": "still here"}
    assert [record.message for record in caplog.records] == ["live_feed_failed"]


async def test_a_closed_feed_ends_readers_of_now_and_later(feed: LiveFeed) -> None:
    with feed.subscribe() as reader:
        await read(reader)
        waiting = asyncio.create_task(reader.read())
        await asyncio.sleep(0)
        feed.close()
        assert await waiting == b""
    with feed.subscribe() as late:
        assert await late.read() == b""
    assert feed.readers == 0


async def test_a_snapshot_of_ones_own(feed: LiveFeed) -> None:
    with feed.subscribe(lambda: [{"id": "mine"}]) as reader:
        [snapshot] = await read(reader)
    assert snapshot["calls"] == [{"id": "mine"}]
