"""What every store of call history must do: run against the database and against the double."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import Card, CardSource, card_from_json, make_card
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


def card(call_id: str, *turns: Turn, **more: object) -> Card:
    outcome = Outcome("handover", "caller_request", "support", "order_status", {"order": "10482"})
    source: dict[str, object] = {
        "card_id": "card-1",
        "call_id": call_id,
        "created_at": STARTED,
        "reason": "caller_request",
        "queue": "support",
        "outcome": outcome,
        "turns": turns,
        "started_monotonic": MONOTONIC,
        "caller_number": "+15550100",
        **more,
    }
    return make_card(CardSource(**source))  # type: ignore[arg-type]


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

    async def test_a_callback_is_done_once_somebody_has_called(self, store: Store) -> None:
        writer = store.writer
        writer.call_started(started("call-1"))
        writer.callback_done("call-1")  # nobody has asked for one yet
        writer.callback("call-1", "+15550101", "support")
        writer.callback_due("call-1", 3600)
        call = await self.whole(store, "call-1")
        assert isinstance(call["callback"], dict)
        assert call["callback"]["done_at"] is None
        for _ in range(2):
            writer.callback_done("call-1")
            writer.callback_due("call-1", 0)
        call = await self.whole(store, "call-1")
        assert isinstance(call["callback"], dict)
        assert call["callback"]["done_at"] is not None

    async def test_who_asked_to_be_called_back_in_two_calls_is_called_once(self, store: Store) -> None:
        asked = (("call-1", "+15550101", "support"), ("call-2", "+15550101", "support"), ("call-3", "+15550101", "sales"))
        for call_id, number, queue in asked:
            store.writer.call_started(started(call_id))
            store.writer.callback(call_id, number, queue)
        store.writer.callback_done("call-2")
        store.writer.call_started(started("call-4"))
        store.writer.callback("call-4", "+15550101", "support")
        done = {}
        for call_id in ("call-1", "call-2", "call-3", "call-4"):
            callback = (await self.whole(store, call_id))["callback"]
            assert isinstance(callback, dict)
            done[call_id] = callback["done_at"] is not None
        assert done == {"call-1": True, "call-2": True, "call-3": False, "call-4": False}, (
            "another queue, and who asked again since, are open"
        )

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

    async def test_code_that_answers_a_question_is_hidden_in_turns_events_and_cards(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        said = [
            turn(1, "agent", "I have sent you a code. Please tell me its six digits."),
            turn(2, "caller", "it is four nine three zero two seven"),
            turn(3, "caller", "my order is one oh four eight two"),
            turn(4, "agent", "Did you say 493027?"),
        ]
        for one in said:
            store.writer.turn("call-1", one)
        store.writer.event("call-1", "odd", MONOTONIC + 5, {"error": "no account for 493027", "list": ["493027"], "password": "tulip7"})
        store.writer.card(card("call-1", *said))
        call = await self.whole(store, "call-1")
        text = json.dumps(call)
        for secret in ("four nine three", "493027", "tulip"):
            assert secret not in text
        assert text.count("one oh four eight two") >= 2

    async def test_highest_revision_of_a_card_holds_however_they_come(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        changed = STARTED + timedelta(seconds=9)
        store.writer.card(card("call-1", revision=1))
        store.writer.card(card("call-1", revision=3, state="joined", updated_at=changed))
        store.writer.card(card("call-1", revision=2, state="ringing"))
        store.writer.card(card("call-1", revision=3, state="left"))
        call = await self.whole(store, "call-1")
        found = await store.reader.get_card("card-1")
        assert found is not None
        assert found == call["card"]
        assert (found["revision"], found["state"]) == (3, "joined")
        assert datetime.fromisoformat(str(found["created_at"])) == STARTED
        assert datetime.fromisoformat(str(found["updated_at"])) == changed
        assert card_from_json(found).state == "joined"

    async def test_call_shows_its_newest_card(self, store: Store) -> None:
        store.writer.call_started(started("call-1"))
        store.writer.card(card("call-1", card_id="first"))
        store.writer.card(card("call-1", card_id="second"))
        call = await self.whole(store, "call-1")
        assert isinstance(call["card"], dict)
        assert call["card"]["id"] == "second"
        store.writer.card(card("call-1", card_id="first", revision=2))
        call = await self.whole(store, "call-1")
        assert isinstance(call["card"], dict)
        assert call["card"]["id"] == "first"

    async def test_unknown_card(self, store: Store) -> None:
        for odd in ("nothing", "", "a\0b", "\ud800"):
            assert await store.reader.get_card(odd) is None

    async def test_cards_since_a_moment(self, store: Store) -> None:
        for index in range(4):
            store.writer.card(card("call-1", card_id=f"card-{index}", created_at=STARTED + timedelta(seconds=index)))
        store.writer.card(card("call-1", card_id="card-0", revision=2, updated_at=STARTED + timedelta(seconds=2.5)))
        assert await store.writer.flush(10)

        async def since(seconds: float, limit: int = 200) -> list[JsonValue]:
            return [found["id"] for found in await store.reader.cards_since(STARTED + timedelta(seconds=seconds), limit)]

        assert await since(1.5) == ["card-2", "card-0", "card-3"]
        assert await since(2.5) == ["card-0", "card-3"]
        assert await since(0, 2) == ["card-1", "card-2"]
        assert await since(4) == []

    async def test_unknown_call(self, store: Store) -> None:
        assert await store.reader.get_call("nothing") is None
        assert await store.reader.list_calls(10) == []
