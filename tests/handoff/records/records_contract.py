"""What every store of call history must do: run against the database and against the double."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from agents.transcript import JsonValue, Turn
from handoff.card import Card, card_from_json
from handoff.records.store import CallEnded, CallReader, CallStarted, CallWriter

NOW = time.monotonic()
STARTED = datetime.now(UTC) - timedelta(seconds=30)
MONOTONIC = NOW - 30


class Store(Protocol):
    writer: CallWriter
    reader: CallReader


def started(call_id: str, *, later_s: float = 0.0, caller: str = "+15550100") -> CallStarted:
    return CallStarted(call_id, STARTED + timedelta(seconds=later_s), MONOTONIC + later_s, "100", caller, "front-desk", "PJSIP/1001-1")


def ended(call_id: str, outcome: str = "goodbye") -> CallEnded:
    return CallEnded(call_id, STARTED + timedelta(seconds=20), outcome, "done", {"lost": 0, "jitter_ms": 0.5})


def turn(number: int, who: str = "agent", text: str = "Hello.", **more: object) -> Turn:
    begin = MONOTONIC + number
    values: dict[str, object] = {"number": number, "text": text, "heard": text, "started_at": begin, "ended_at": begin + 0.5, **more}
    return Turn(who="caller" if who == "caller" else "agent", **values)  # type: ignore[arg-type]


def card(call_id: str, *turns: Turn) -> Card:
    return Card("card-1", call_id, STARTED, "caller_request", "support", "order_status", {"order": "10482"}, "+15550100", turns)


def rows(value: JsonValue) -> list[dict[str, JsonValue]]:
    assert isinstance(value, list)
    found = [row for row in value if isinstance(row, dict)]
    assert len(found) == len(value)
    return found


class RecordsContract:
    """Subclasses provide the fixture ``store``."""

    async def whole(self, store: Store, call_id: str) -> dict[str, JsonValue]:
        assert await store.writer.flush(10)
        found = await store.reader.get_call(call_id)
        assert found is not None
        return found

    async def test_call_comes_back_whole(self, store: Store) -> None:
        writer = store.writer
        writer.call_started(started("call-1"))
        writer.turn("call-1", turn(1, heard="Hel", interrupted=True, latency_ms={"gap": 600.0}))
        writer.turn("call-1", turn(2, "caller", "12345", via="keypad"))
        writer.event("call-1", "no_input", MONOTONIC + 3.25, {"count": 1, "deep": {"list": [1, None, True]}})
        writer.card(card("call-1", turn(1)))
        writer.callback("call-1", "+15550101", "support")
        writer.call_ended(ended("call-1", "handover"))
        call = await self.whole(store, "call-1")
        assert (call["id"], call["number"], call["caller"], call["route"]) == ("call-1", "100", "+15550100", "front-desk")
        assert (call["outcome"], call["reason"], call["channel"]) == ("handover", "done", "PJSIP/1001-1")
        assert call["stats"] == {"lost": 0, "jitter_ms": 0.5}
        assert datetime.fromisoformat(str(call["started_at"])) == STARTED
        assert datetime.fromisoformat(str(call["ended_at"])) == STARTED + timedelta(seconds=20)
        common = {"via": "speech", "interrupted": False, "latency_ms": {}}
        first = {"number": 1, "who": "agent", "text": "Hello.", "heard": "Hel", "started_ms": 1000, "ended_ms": 1500}
        second = {"number": 2, "who": "caller", "text": "12345", "heard": "12345", "started_ms": 2000, "ended_ms": 2500}
        assert call["turns"] == [
            {**common, **first, "interrupted": True, "latency_ms": {"gap": 600.0}},
            {**common, **second, "via": "keypad"},
        ]
        assert call["events"] == [{"kind": "no_input", "at_ms": 3250, "data": {"count": 1, "deep": {"list": [1, None, True]}}}]
        assert isinstance(call["callback"], dict)
        assert (call["callback"]["number"], call["callback"]["queue"]) == ("+15550101", "support")
        assert isinstance(call["card"], dict)
        assert card_from_json(call["card"], started=MONOTONIC).slots == {"order": "10482"}

    async def test_latency_is_summed_up_by_stage(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        for number in range(1, 21):
            store.writer.turn("call-1", turn(number, latency_ms={"gap": number * 10.0}))
        call = await self.whole(store, "call-1")
        assert call["latency"] == {"gap": {"count": 20, "median_ms": 105.0, "p95_ms": 190.0}}

    async def test_list_is_newest_first_and_limited(self, store: Store) -> None:
        for index in range(4):
            store.writer.call_started(started(f"call-{index}", later_s=index))
        store.writer.turn("call-3", turn(1))
        assert await store.writer.flush(10)
        calls = await store.reader.list_calls(3)
        assert [(call["id"], call["turns"]) for call in calls] == [("call-3", 1), ("call-2", 0), ("call-1", 0)]
        assert set(calls[0]) == {"id", "started_at", "ended_at", "number", "caller", "route", "outcome", "reason", "turns"}

    async def test_unambiguous_prefix_finds_the_call(self, store: Store) -> None:
        for call_id in ("abc", "abcd", "xyz%_1"):
            store.writer.call_started(started(call_id))
        assert await store.writer.flush(10)

        async def found(text: str) -> JsonValue:
            call = await store.reader.get_call(text)
            return None if call is None else call["id"]

        assert await found("abcd") == "abcd"
        assert await found("abc") == "abc"  # exact, although it begins another one too
        assert await found("ab") is None
        assert await found("xyz") == "xyz%_1"
        assert await found("%") is None
        assert await found("x_z") is None
        assert await found("") is None
        assert await found("nothing\0") is None

    async def test_turns_come_back_on_this_clock(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        original = turn(1, latency_ms={"gap": 1.5})
        store.writer.turn("call-1", original)
        assert await store.writer.flush(10)
        (back,) = await store.reader.turns_of("call-1")
        assert back.started_at == pytest.approx(original.started_at, abs=0.05)
        assert back.ended_at - back.started_at == pytest.approx(0.5, abs=0.002)
        assert (back.number, back.who, back.text, back.latency_ms) == (1, "agent", "Hello.", {"gap": 1.5})
        assert await store.reader.turns_of("unknown") == []

    async def test_newest_ending_and_card_hold(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        store.writer.call_ended(ended("call-1", "rescued"))
        store.writer.call_ended(ended("call-1", "callback"))
        assert (await self.whole(store, "call-1"))["outcome"] == "callback"

    async def test_call_of_which_only_the_end_is_known(self, store: Store) -> None:
        store.writer.event("call-1", "odd", MONOTONIC + 1, {})
        store.writer.call_ended(ended("call-1", "rescued"))
        call = await self.whole(store, "call-1")
        assert (call["started_at"], call["outcome"]) == (None, "rescued")

    async def test_calls_without_an_end_are_found(self, store: Store) -> None:
        for index, call_id in enumerate(("open-2", "open-1", "closed", "later")):
            store.writer.call_started(started(call_id, later_s=-index if call_id.startswith("open") else index))
        store.writer.call_ended(ended("closed"))
        store.writer.event("unannounced", "x", NOW, {})
        assert await store.writer.flush(10)
        found = await store.reader.unended(STARTED + timedelta(seconds=1))
        assert [(call.call_id, call.channel) for call in found] == [("open-1", "PJSIP/1001-1"), ("open-2", "PJSIP/1001-1")]

    async def test_text_that_cannot_be_stored_is_cleaned(self, store: Store) -> None:
        store.writer.call_started(started("call-1", caller="ev\0il\ud800"))
        store.writer.turn("call-1", turn(1, text="a\0b\udfff é 漢 🙂"))
        store.writer.event("call-1", "odd", float("nan"), {"k\0ey": float("nan"), "huge": 10**40, "set": {1}})  # type: ignore[dict-item]
        call = await self.whole(store, "call-1")
        assert call["caller"] == "ev\ufffdil?"
        (said,), (event,) = rows(call["turns"]), rows(call["events"])
        assert said["text"] == "a\ufffdb? é 漢 🙂"
        assert event["data"] == {"k\ufffdey": None, "huge": hex(10**40), "set": [1]}

    async def test_payment_cards_are_masked(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        said = turn(1, "caller", "it is 4111 1111 1111 1111")
        store.writer.turn("call-1", said)
        store.writer.card(card("call-1", said))
        call = await self.whole(store, "call-1")
        assert "4111" not in str(call)
        assert "**** **** **** 1111" in str(call["turns"])
        assert "**** **** **** 1111" in str(call["card"])

    async def test_orders(self, store: Store) -> None:
        order = await store.reader.find_order("10482")
        assert order is not None
        assert (order.number, order.status, order.item) == ("10482", "shipped", "a brass desk lamp")
        assert datetime.fromisoformat(order.expected_on)
        cancelled = await store.reader.find_order("70236")
        assert cancelled is not None
        assert (cancelled.status, cancelled.expected_on) == ("cancelled", "")
        assert await store.reader.find_order("99999") is None
        assert await store.reader.find_order("1\0") is None

    async def test_unknown_call(self, store: Store) -> None:
        assert await store.reader.get_call("nothing") is None
        assert await store.reader.list_calls(10) == []
