"""Whoever picks up: their keys count from the moment they answer."""

import asyncio
from typing import Any, cast

import pytest

from ari_app.calls import transfer_people
from ari_app.calls.record import CallFacts, CallRecord
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.calls.transfer_names import Place
from ari_app.calls.transfer_people import People
from handoff.records.memory import MemoryRecords
from handoff.transfer_steps import ConsultReady, TransferEvent


class Keys:
    def __init__(self) -> None:
        self.pressed: list[str] = []

    def digit(self, digit: str) -> None:
        self.pressed.append(digit)


class SlowLeg:
    """A SideLeg whose line comes when ``gate`` opens."""

    gate: asyncio.Event
    keys: Keys

    def __init__(self, *_: Any) -> None:
        self.line: Keys | None = None

    async def build(self, link: object) -> None:
        del link
        self.line = self.keys
        await self.gate.wait()

    async def close(self) -> dict[str, Any]:
        self.line = None
        return {}


class Deps:
    ari = app = media_host = None
    mode = "warm"

    @staticmethod
    def media() -> None:
        return None


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[TransferEvent]:
    SlowLeg.gate, SlowLeg.keys = asyncio.Event(), Keys()
    monkeypatch.setattr(transfer_people, "SideLeg", SlowLeg)
    return []


def people_of(told: list[TransferEvent]) -> People:
    record = CallRecord(CallFacts("c1", "ch1", "PJSIP/1", "front-desk", "100", "5550100"), MemoryRecords())
    return People(record, cast("TransferDeps", Deps()), "bridge", told.append, asyncio.create_task)


async def test_keys_pressed_while_the_line_is_made_arrive_when_it_is_there(told: list[TransferEvent]) -> None:
    people = people_of(told)
    people.digit(1, "2")
    people.build(Place("c1", 1, 1))
    await asyncio.sleep(0)
    people.digit(1, "1")
    assert SlowLeg.keys.pressed == []
    SlowLeg.gate.set()
    await asyncio.sleep(0.01)
    assert told == [ConsultReady(1)]
    assert SlowLeg.keys.pressed == ["2", "1"]
    people.digit(1, "7")
    assert SlowLeg.keys.pressed == ["2", "1", "7"]
    await people.drop(1, joined=False)


async def test_keys_for_another_attempt_and_after_the_end_reach_nobody(told: list[TransferEvent]) -> None:
    people = people_of(told)
    people.build(Place("c1", 1, 2))
    people.digit(1, "1")
    SlowLeg.gate.set()
    await asyncio.sleep(0.01)
    await people.drop(2, joined=False)
    people.digit(2, "1")
    assert SlowLeg.keys.pressed == []
