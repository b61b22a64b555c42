"""What a supervisor does about a live call, through the worker's control page, with real phones."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ari_app.caller.answering import Behaviour
from ari_app.caller.calling import record_call, telephone
from ari_app.caller.script import Hangup, Step, Wait
from ari_app.caller.speech_level import levels_of
from ari_app.media.g711 import LAW_OF_TYPE
from tests.e2e.crowd import AUDIBLE_DBOV, until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, trunk
from tests.e2e.transfers import Scene, first_hum, hum, scene

_QUIET: list[Step] = [Wait(25), Hangup(wait=False)]


@pytest.fixture(scope="module")
def attended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("attended"), {"calls.record": "true"})
    running.start()
    yield running
    running.stop()


def command(instance: Instance, call_id: str, action: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """What the control page answers."""
    token = json.loads((instance.data / "run" / "mind.json").read_text())["control_token"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{instance.state['http_port']}/control/calls/{call_id}/{action}",
        json.dumps({"by": "a supervisor", **body}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own page
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def live_call(instance: Instance) -> str:
    calls = instance.get("/live")["calls"]
    return str(calls[0]["id"]) if calls and calls[0]["state"] == "talking" else ""


def audible(packets: Any) -> int:
    """Packets with something to hear."""
    audio = [packet for packet in packets if packet.is_audio]
    levels = levels_of([packet.payload for packet in audio], [LAW_OF_TYPE[packet.payload_type] for packet in audio])
    return sum(level > AUDIBLE_DBOV for level in levels)


async def on_a_call(people: Scene, steps: list[Step]) -> "asyncio.Task[Any]":
    async def call() -> Any:
        async with telephone(trunk(people.instance)) as (agent, threads):
            return await record_call(agent, threads, "100", steps)

    calling = asyncio.create_task(call())
    await until(lambda: bool(live_call(people.instance)), 10, "the agent talks")
    return calling


async def test_a_supervisor_listens_unheard_and_speaks_through_the_agent(attended: Instance) -> None:
    async with scene(attended) as people:
        listener, other = people.people
        people.behave(Behaviour(ring_s=0.2, speech=hum(20), speak_after_s=0.1))
        calling = await on_a_call(people, _QUIET)
        call_id = live_call(attended)
        listener.behaviour = replace(listener.behaviour, hangup_after_s=14)
        assert command(attended, call_id, "listen", phone="2001")[0] == 200
        taken = await listener.call(0)
        await until(lambda: taken.answered, 5, "the supervisor's phone is answered")
        await asyncio.sleep(6)
        assert command(attended, call_id, "say", text="One thing more: we close at six today.")[0] == 200
        await asyncio.sleep(6)
        assert command(attended, call_id, "whisper", phone="2001")[0] == 409, "no person is on the call"
        assert command(attended, call_id, "pause_recording")[0] == 200
        await asyncio.wait_for(taken.finished.wait(), 10)
        assert command(attended, call_id, "end")[0] == 200
        record = await calling
        assert not other.calls
    assert audible(taken.session.log.received) > 50, "the supervisor hears the agent"
    assert first_hum(record.log.received) is None, "the caller does not hear the supervisor"
    await settled(attended)
    call = newest_whole(attended)
    assert any("close at six" in turn["heard"] for turn in call["turns"]), call["turns"]
    kinds = {event["kind"]: event["data"] for event in call["events"]}
    assert kinds["supervisor_entered"] == {"by": "a supervisor", "phone": "2001", "mode": "listen"}
    assert kinds["supervisor_left"] == {"by": "a supervisor"}
    assert kinds["recording_paused"]["done"] is True
    assert (call["outcome"], call["reason"]) == ("goodbye", "ended_by_supervisor")


async def test_a_supervisor_takes_the_call_and_gives_it_to_somebody_else(attended: Instance) -> None:
    async with scene(attended) as people:
        first, second = people.people
        people.behave(Behaviour(ring_s=0.2, speech=hum(20), speak_after_s=0.1))
        calling = await on_a_call(people, _QUIET)
        call_id = live_call(attended)
        assert command(attended, call_id, "take_over", phone="2001")[0] == 200
        await until(lambda: any(call.answered for call in first.calls), 10, "the supervisor has the caller")
        await asyncio.sleep(2)
        second.behaviour = Behaviour(ring_s=0.2)
        assert command(attended, call_id, "transfer", phone="2002")[0] == 200
        await until(lambda: any(call.answered for call in second.calls), 10, "somebody else has the caller")
        await until(lambda: all(call.finished.is_set() for call in first.calls), 5, "the supervisor is let go")
        record = await calling
    assert first_hum(record.log.received) is not None, "the caller heard the supervisor"
    await settled(attended)
    assert newest_whole(attended)["outcome"] == "handover"


def test_without_the_token_nothing_is_done(attended: Instance) -> None:
    url = f"http://127.0.0.1:{attended.state['http_port']}/control/feed"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=3)
    with refused.value:
        assert refused.value.code == 401
