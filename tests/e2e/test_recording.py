"""Recordings: both sides of a call, and a call that does not suffer when they cannot be written."""

import asyncio
import json
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Say, Wait
from tests.e2e.crowd import answered_calls, audible_since, until
from tests.e2e.history import newest_calls, newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk, was_heard


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path, {"calls.record": "true"})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def announcing(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path, {"calls.record": "true", "calls.record_consent": "announced"})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path, {"calls.record": "true", "calls.record_consent": "asked"})
    running.start()
    yield running
    running.stop()


def seconds_and_level(path: Path) -> tuple[float, float]:
    """Length, and root mean square of the loudest second in dBov."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
    assert len(samples) >= 8000
    loudest = max(float(np.mean(block**2)) for block in np.array_split(samples, len(samples) // 8000))
    return len(samples) / 8000, float(10 * np.log10(max(loudest, 1e-9) / 32768.0**2))


async def question(instance: Instance, *answers: str) -> CallReport:
    """``answers``: to what is asked before the greeting."""
    first = [Say(answer) for answer in answers]
    report = await talk(instance, "100", [*first, Say("What are your opening hours?"), Wait(1.5), Hangup(wait=False)])
    assert report.answered
    assert report.problem is None
    await settled(instance)
    await until(lambda: not instance.status()["records_pending"], 5, "everything is written")
    return report


async def test_both_sides_are_recorded_and_a_full_disk_costs_no_call(recording: Instance) -> None:
    report = await question(recording)
    call = newest_whole(recording)
    assert "recording_started" in {event["kind"] for event in call["events"]}
    lasted_s = ((report.ended_ms or 0) - (report.answered_ms or 0)) / 1000
    for side in ("caller", "agent"):
        path = recording.data / "recordings" / f"{call['id']}-{side}.wav"
        assert path.stat().st_mode & 0o077 == 0, "recordings are for their owner only"
        length_s, level = await asyncio.to_thread(seconds_and_level, path)
        assert abs(length_s - lasted_s) < 0.5
        assert level > -35, f"the {side}'s side is silent"

    folder = recording.data / "recordings"
    folder.rename(folder.with_name("recordings.old"))
    folder.write_text("in the way of a folder")
    async with answered_calls(recording, ["100"]) as lines:
        line = lines["5550200"]
        await until(lambda: audible_since(line.session.log.received, line.invite_ns), 3, "the agent greets")
        await asyncio.sleep(1)
        assert not line.leg.ended.is_set()
    await settled(recording)
    await until(lambda: not recording.status()["records_pending"], 5, "everything is written")
    call = newest_whole(recording)
    failed = [event for event in call["events"] if event["kind"] == "recording_failed"]
    assert len(failed) == 1
    assert str(folder) in failed[0]["data"]["error"]
    assert [turn["who"] for turn in call["turns"]] == ["agent"]
    assert json.loads(recording.cli("calls", "show", call["id"][:16], "--json")) == call
    assert [each["id"] for each in json.loads(recording.cli("calls", "--json"))] == [each["id"] for each in newest_calls(recording)]


async def test_callers_are_told_before_they_are_recorded(announcing: Instance) -> None:
    report = await question(announcing)
    assert was_heard(report, "this call is recorded"), report.transcript
    call = newest_whole(announcing)
    at = {event["kind"]: event["at_ms"] for event in call["events"] if event["kind"].startswith("recording")}
    assert list(at) == ["recording_announced", "recording_started"]
    told = next(turn for turn in call["turns"] if "This call is recorded." in turn["text"])
    assert told["started_ms"] < at["recording_announced"] <= told["ended_ms"], "the moment at which the notice was heard to its end"
    assert at["recording_announced"] <= at["recording_started"]
    length_s, level = await asyncio.to_thread(seconds_and_level, announcing.data / "recordings" / f"{call['id']}-caller.wav")
    assert abs(length_s - ((report.ended_ms or 0) - (report.answered_ms or 0) - at["recording_started"]) / 1000) < 1.0
    assert level > -35, "what they ask after the notice is recorded"


async def test_who_is_asked_and_says_yes_is_recorded_and_who_says_no_is_served_all_the_same(asking: Instance) -> None:
    folder = asking.data / "recordings"
    report = await question(asking, "no thank you")
    assert was_heard(report, "may we record this call"), report.transcript
    assert was_heard(report, "this call is not recorded"), report.transcript
    refused = newest_whole(asking)
    assert [event["kind"] for event in refused["events"] if event["kind"].startswith("recording")] == ["recording_refused"]
    assert not list(folder.glob("*"))
    assert "open" in refused["turns"][-1]["text"].lower(), "the agent has answered"

    report = await question(asking, "yes, that is fine")
    granted = newest_whole(asking)
    at = {event["kind"]: event["at_ms"] for event in granted["events"] if event["kind"].startswith("recording")}
    assert list(at) == ["recording_granted", "recording_started"]
    length_s, level = await asyncio.to_thread(seconds_and_level, folder / f"{granted['id']}-caller.wav")
    assert abs(length_s - ((report.ended_ms or 0) - (report.answered_ms or 0) - at["recording_started"]) / 1000) < 1.0
    assert level > -35, "what they ask after their yes is recorded"
    numbers = [turn["number"] for turn in granted["turns"]]
    assert numbers == sorted(set(numbers)), "one call, one count of turns"
