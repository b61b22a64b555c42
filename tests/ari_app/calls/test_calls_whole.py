"""Whole calls through a real Asterisk and a real media process."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from ari_app.calls.held_places import Place
from ari_app.calls.live_control import LiveControl
from ari_app.calls.record import CallRecord
from handoff.desk.floor.actions import NotPossible
from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import Pbx, pbx, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


async def test_a_call_is_answered_greeted_and_leaves_nothing(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        talk = await rig.talk(0)
        await until(lambda: talk.greeted_at is not None)
        assert [(bridge.technology, len(bridge.channels)) for bridge in await rig.ari.list_bridges()] == [("simple_bridge", 2)]
        assert rig.manager.status()["media_ports"] == 1
        await rig.ari.hangup(caller)
        await rig.until_idle()
        call = await rig.call()
        assert (call["outcome"], call["caller"], call["number"], call["route"]) == ("caller_left", "5551234", "100", "front-desk")
        assert call["stats"]


async def test_goodbye_hangs_up(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await rig.press(caller, "2")
        await rig.until_idle()
        call = await rig.call()
        assert (call["outcome"], call["reason"]) == ("goodbye", "done")
        assert [turn["text"] for turn in call["turns"]] == ["2"]


async def _hand_over(rig: Rig, key: str) -> str:
    caller = await rig.dial()
    await rig.until_state("talking")
    await rig.press(caller, key)
    return caller


async def test_handover_carries_the_card_and_comes_back(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _hand_over(rig, "1")
        await rig.until_state("outside")
        await until(lambda: rig.seen("RigQueue"))
        queued = rig.seen("RigQueue")[0]
        card = (await rig.call())["card"]
        assert (queued["Queue"], queued["Card"], queued["Route"], queued["Caller"]) == ("support", card["id"], "front-desk", "5551234")
        assert queued["Db"] == "written", "reading the law through ARI must not poison the later dialplan"
        assert (card["reason"]["code"], card["intent"]["code"], card["slots"]) == ("caller_request", "person", {"order_number": "12345"})
        await until(lambda: [rig.manager.status()[name] for name in ("bridges", "media_ports", "conversations")] == [0, 0, 0])
        await rig.until_state("talking")
        resume = (await rig.talk(1)).resume
        assert resume is not None
        assert (resume.queue_status, dict(resume.slots), [turn.text for turn in resume.turns]) == (
            "TIMEOUT",
            {"order_number": "12345"},
            ["1"],
        )
        await rig.press(caller, "6")
        await rig.until_idle()
        call = await rig.call()
        assert call["outcome"] == "callback"
        assert (call["callback"]["number"], call["callback"]["queue"]) == ("5550000", "support")
        assert len(await rig.records.list_calls(10)) == 1


async def test_a_queue_that_is_closed_sends_the_caller_back_at_once(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _hand_over(rig, "4")
        await until(lambda: len(rig.talks) == 2)
        await rig.until_state("talking")
        resume = (await rig.talk(1)).resume
        assert resume is not None and resume.queue_status == "JOINEMPTY"
        await rig.press(caller, "2")
        await rig.until_idle()


async def test_a_person_takes_the_call_and_hangs_up_later(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _hand_over(rig, "5")
        await rig.until_state("outside")
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert (await rig.call())["outcome"] == "handover"


@pytest.mark.parametrize("key", ["3", "7"])
async def test_a_conversation_that_crashes_or_believes_the_caller_gone_hands_over(pbx: Pbx, tmp_path: Path, key: str) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _hand_over(rig, key)
        await until(lambda: rig.seen("RigQueue"))
        await rig.ari.hangup(caller)
        await rig.until_idle()
        call = await rig.call()
        assert (call["outcome"], call["reason"]) == ("handover", "pipeline_error")


async def test_a_conversation_that_does_not_end_is_ended(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _hand_over(rig, "9")
        talk = await rig.talk(0)
        await until(lambda: talk.digits == ["9"])
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert (await rig.call())["outcome"] == "caller_left"


async def test_echo_needs_no_conversation(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await rig.dial("101")
        await rig.until_state("talking")
        assert rig.manager.status()["media_ports"] == 1
        assert not rig.talks
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert (await rig.call())["outcome"] == "echo"


async def test_recording_leaves_two_legs(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        call_id = (await rig.call())["id"]
        folder = tmp_path / "recordings"
        await until(lambda: len(list(folder.glob(f"{call_id}-*.wav"))) == 2)
        heard = folder / f"{call_id}-agent.wav"
        await until(lambda: heard.stat().st_size > 2000, what="the greeting in the recording")
        await rig.press(caller, "2")
        await rig.until_idle()


async def test_an_announced_recording_begins_when_the_caller_has_been_told(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True, record_consent="announced") as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        record = rig.talks[-1].sink
        assert isinstance(record, CallRecord)
        assert record.recording_awaits == "notice"
        record.event("secret_entry", time.monotonic(), {"on": True})
        await asyncio.sleep(0.5)
        folder = tmp_path / "recordings"
        assert not folder.exists(), "nothing is recorded before"
        control = LiveControl()
        control.connect(rig.manager.switchboard)
        with pytest.raises(NotPossible, match="not recorded yet"):
            await control.pause_recording(record.facts.call_id, by="supervisor")
        record.announced(time.monotonic())
        await until(lambda: len(list(folder.glob("*.wav"))) == 2)
        await until(lambda: record.recording_state == "paused", what="a secret that is being keyed is not recorded")
        record.event("secret_entry", time.monotonic(), {"on": False})
        await until(lambda: record.recording_state == "on")
        await rig.press(caller, "2")
        await rig.until_idle()
        kinds = [event["kind"] for event in (await rig.call())["events"] if event["kind"].startswith("recording")]
        assert kinds == ["recording_announced", "recording_started", "recording_paused", "recording_resumed"]


async def _recording_events(rig: Rig) -> list[str]:
    return [event["kind"] for event in (await rig.call())["events"] if event["kind"].startswith("recording")]


async def test_a_recording_that_is_asked_for_begins_with_a_yes(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True, record_consent="asked") as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await until(lambda: rig.asks.asked and rig.asks.asked[0].greeted_at)
        assert rig.talks == [], "the agent comes after the answer"
        folder = tmp_path / "recordings"
        assert not folder.exists(), "nothing is recorded before"
        await rig.press(caller, "1")
        talk = await rig.talk(0)
        assert talk.resume is not None
        assert [turn.text for turn in talk.resume.turns] == ["1"]
        assert talk.resume.anew
        await until(lambda: talk.greeted_at)
        await until(lambda: len(list(folder.glob("*.wav"))) == 2)
        await rig.press(caller, "2")
        await rig.until_idle()
        call = await rig.call()
        assert (call["outcome"], call["reason"]) == ("goodbye", "done")
        assert await _recording_events(rig) == ["recording_granted", "recording_started"]


async def test_who_says_no_is_served_and_not_recorded(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True, record_consent="asked") as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await until(lambda: rig.asks.asked and rig.asks.asked[0].greeted_at)
        await rig.press(caller, "2")
        talk = await rig.talk(0)
        await until(lambda: talk.greeted_at)
        record = talk.sink
        assert isinstance(record, CallRecord)
        assert record.recording_consent == "refused"
        control = LiveControl()
        control.connect(rig.manager.switchboard)
        with pytest.raises(NotPossible, match="did not agree"):
            await control.pause_recording(record.facts.call_id, by="supervisor")
        await rig.press(caller, "1")
        await rig.until_state("outside")
        await until(lambda: rig.seen("RigQueue"))
        card = (await rig.call())["card"]
        assert card["consent"]["recording"] == "refused"
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert not (tmp_path / "recordings").exists()
        assert await _recording_events(rig) == ["recording_refused"]


async def test_who_wants_a_person_instead_of_answering_gets_one_unrecorded(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True, record_consent="asked") as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await until(lambda: rig.asks.asked and rig.asks.asked[0].greeted_at)
        await rig.press(caller, "0")
        await rig.until_state("outside")
        await until(lambda: rig.seen("RigQueue"))
        assert rig.seen("RigQueue")[0]["Queue"] == "support", "the queue of the call, not that of the agent that asked"
        assert rig.talks == []
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert await _recording_events(rig) == []


async def test_where_nobody_can_ask_the_agent_comes_at_once_and_nothing_is_recorded(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True, record_consent="asked") as rig:
        rig.asks.broken = True
        caller = await rig.dial()
        talk = await rig.talk(0)
        await until(lambda: talk.greeted_at)
        await rig.press(caller, "2")
        await rig.until_idle()
        assert not (tmp_path / "recordings").exists()
        assert await _recording_events(rig) == ["recording_not_asked"]


async def test_a_route_may_forbid_the_recording_and_its_share_of_a_split_is_written_down(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, record=True) as rig:
        caller = await rig.dial("102")
        await rig.until_state("talking")
        await until(lambda: rig.talks and rig.talks[0].greeted_at)
        await rig.press(caller, "2")
        await rig.until_idle()
        events = (await rig.call())["events"]
        assert [event["data"] for event in events if event["kind"] == "variant"] == [{"name": "b"}]
        assert not [event["kind"] for event in events if event["kind"].startswith("recording")]
        assert not list((tmp_path / "recordings").glob("*.wav"))


async def test_a_recording_that_cannot_be_made_costs_no_call(pbx: Pbx, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("in the way")
    async with service(pbx, tmp_path, record=True) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        await until(lambda: rig.talks and rig.talks[0].greeted_at)
        await rig.press(caller, "2")
        await rig.until_idle()
        kinds = [event["kind"] for event in (await rig.call())["events"]]
        assert "recording_failed" in kinds


class Keeping:
    """Stands for HeldPlaces: whose place is to be kept."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    async def keep(self, place: Place) -> None:
        self.places.append(place)


async def test_who_asks_to_be_called_back_without_waiting_for_a_person_keeps_a_place_too(pbx: Pbx, tmp_path: Path) -> None:
    """There is no card then, and so no brief."""
    keeping = Keeping()
    async with service(pbx, tmp_path) as rig:
        rig.manager._shell_deps = replace(rig.manager._shell_deps, held=cast("Any", keeping))
        caller = await rig.dial()
        await rig.until_state("talking")
        await rig.press(caller, "6")
        await rig.until_idle()
    (place,) = keeping.places
    assert (place.number, place.queue, place.card_id, place.brief) == ("5550000", "support", "", "")
