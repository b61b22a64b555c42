"""Places of callers who are to be called back: asked for once, and people see to what comes to nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest

from agents.transcript import JsonValue
from ari_app.ari.errors import AriRefused, Gone
from ari_app.calls import held_places
from ari_app.calls.held_places import EVENT, HeldPlaces, Place
from handoff.records.memory import MemoryRecords
from handoff.records.store import CallStarted

PLACE = Place("c1", "+442079460100", "support", 3, "card-1", "100", priority=5)


class Ari:
    def __init__(self, answer: object = None) -> None:
        self.answer = answer
        self.hung_up: list[str] = []
        self.channels: object = object()
        """What is said of a place that was asked for."""
        self.asked: list[tuple[str, str, str, Mapping[str, str]]] = []

    async def originate_in_dialplan(self, endpoint: str, context: str, extension: str, channel_id: str, **more: Any) -> object:
        assert (context, extension) == ("patchcord-callback", "s")
        assert (more["caller_id"], more["timeout_s"]) == (PLACE.number, 930)
        self.asked.append((endpoint, context, channel_id, more["variables"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def get_channel(self, channel_id: str) -> object:
        if isinstance(self.channels, Exception):
            raise self.channels
        return self.channels

    async def hangup(self, channel_id: str) -> bool:
        self.hung_up.append(channel_id)
        return True


@pytest.fixture
def records() -> MemoryRecords:
    found = MemoryRecords()
    found.call_started(CallStarted("c1", datetime.now().astimezone(), 0.0, "100", "5550100", "front-desk", "PJSIP/1"))
    found.callback("c1", PLACE.number, "support")
    return found


def places(records: MemoryRecords, ari: Ari, *, opened: bool = True) -> HeldPlaces:
    return HeldPlaces(cast("Any", ari), records, records, "patchcord-1", 900, lambda queue, now: opened)


async def told(records: MemoryRecords) -> tuple[list[tuple[str, JsonValue]], JsonValue]:
    call = cast("Any", await records.get_call("c1"))
    return [(event["kind"], event["data"]) for event in call["events"]], call["callback"]["done_at"]


async def test_the_place_is_asked_for_with_everything_that_the_dialplan_needs(records: MemoryRecords) -> None:
    ari = Ari(object())
    await places(records, ari).keep(PLACE)
    ((endpoint, _, channel, variables),) = ari.asked
    assert (endpoint, channel) == ("Local/support@patchcord-held/n", "patchcord-held-c1")
    assert variables == {
        "PATCHCORD_CALL": "c1",
        "PATCHCORD_CALLBACK": "+442079460100",
        "PATCHCORD_WORKER": "patchcord-1",
        "PATCHCORD_NUMBER": "100",
        "PATCHCORD_CARD": "card-1",
        "PATCHCORD_UUI": "636172642d31",
        "PATCHCORD_POSITION": "3",
        "QUEUE_PRIO": "5",
    }
    assert await told(records) == ([("callback_kept", {"queue": "support", "position": 3})], None)


@pytest.mark.parametrize(
    ("number", "opened", "answer", "why"),
    [
        ("this number", True, object(), "no number"),
        ("1234,5", True, object(), "no number"),
        ("", True, object(), "no number"),
        (PLACE.number, False, object(), "outside the hours"),
        (PLACE.number, True, Gone(404, "no such context"), "no such context"),
        (PLACE.number, True, AriRefused(500, "Allocation failed"), "Allocation failed"),
    ],
)
async def test_a_place_that_cannot_be_kept_is_said(records: MemoryRecords, number: str, opened: bool, answer: object, why: str) -> None:
    ari = Ari(answer)
    await places(records, ari, opened=opened).keep(Place("c1", number, "support", None, "card-1", "100"))
    ((kind, data),), done = await told(records)
    assert kind == "callback_not_kept" and why in str(data)
    assert done is None


async def test_who_asks_in_a_second_call_keeps_the_earlier_place(records: MemoryRecords) -> None:
    ari = Ari(object())
    held = places(records, ari)
    await held.keep(PLACE)
    records.call_started(CallStarted("c2", datetime.now().astimezone(), 0.0, "100", "5550100", "front-desk", "PJSIP/2"))
    records.callback("c2", PLACE.number, "support")
    await held.keep(replace(PLACE, call_id="c2", position=9))
    assert [channel for _, _, channel, _ in ari.asked] == ["patchcord-held-c1"]
    second = cast("Any", await records.get_call("c2"))
    assert "earlier call" in second["events"][-1]["data"]["reason"]
    held.heard({"UserEvent": EVENT, "Call": "c1", "Worker": "patchcord-1", "Status": "ANSWER"})
    assert cast("Any", await records.get_call("c2"))["callback"]["done_at"] is not None, "one call does for both"
    await held.keep(replace(PLACE, call_id="c2"))
    assert len(ari.asked) == 2, "once called, they may ask again"


@pytest.mark.parametrize(
    ("channels", "asked"), [(object(), 1), (Gone(404, "no such channel"), 2), (AriRefused(500, "Allocation failed"), 1)]
)
async def test_a_place_that_asterisk_has_forgotten_keeps_no_new_one_away(records: MemoryRecords, channels: object, asked: int) -> None:
    ari = Ari(object())
    held = places(records, ari)
    await held.keep(PLACE)
    ari.channels = channels
    await held.keep(replace(PLACE, call_id="c2"))
    assert len(ari.asked) == asked


async def test_only_an_answer_makes_it_done_and_only_for_the_worker_that_asked(records: MemoryRecords) -> None:
    held = places(records, Ari(object()))
    about = {"UserEvent": EVENT, "Call": "c1", "Worker": "patchcord-1"}
    for event in ({**about, "UserEvent": "Other", "Status": "ANSWER"}, {**about, "Worker": "patchcord-2", "Status": "ANSWER"}, {}):
        held.heard(event)
    assert await told(records) == ([], None)
    held.heard({**about, "Status": "QUEUE_TIMEOUT"})
    assert await told(records) == ([("callback_failed", {"status": "QUEUE_TIMEOUT"})], None)
    held.heard({**about, "Status": "ANSWER"})
    kinds, done = await told(records)
    assert kinds[-1] == ("callback_answered", {})
    assert done is not None


async def test_whom_a_person_has_called_by_hand_is_not_called_again(records: MemoryRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_places, "_LOOK_S", 0.01)
    ari = Ari(object())
    held = places(records, ari)
    await held.keep(PLACE)
    looking = asyncio.create_task(held.run())
    await asyncio.sleep(0.05)
    assert ari.hung_up == []
    records.callback_done("c1")
    await asyncio.sleep(0.1)
    looking.cancel()
    assert ari.hung_up == ["patchcord-held-c1"], "once"
