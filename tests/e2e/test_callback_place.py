"""Whoever asks to be called back keeps their place in the queue: a person answers for it, and the caller's telephone rings."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import soxr

from agents.audio import RATE
from ari_app.caller.answering import Behaviour, Person
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget, UserAgent
from handoff.tasks.settings import WEEK
from tests.e2e.crowd import until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk, voice_of
from tests.e2e.transfers import NUMBER, SETTINGS, TAKES, Scene, asking_to_be_called_back, first_hum, hum, scene
from tests.free_ports import free_port

CARRIER: Final = "127.0.0.2"
CALLER: Final = "5550100"
TRUNKS: Final = """
# No OPTIONS to the carrier: it listens only while its phone of a test does, and Asterisk calls no server that it holds for gone.
trunks:
  inward: {{profile: ip, addresses: [127.0.0.1/32]}}
  outward:
    profile: ip
    server: {carrier}:{port}
    qualify_s: 0
    addresses: [{carrier}/32]
    outbound: {{allow: ["{caller}"], caller: "5550000"}}
"""


@pytest.fixture(scope="module")
def carrier_port() -> int:
    return free_port(CARRIER)


@pytest.fixture(scope="module")
def calling_back(tmp_path_factory: pytest.TempPathFactory, carrier_port: int) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("calling-back")
    file: Path = folder / "trunks.yaml"
    file.write_text(TRUNKS.format(carrier=CARRIER, port=carrier_port, caller=CALLER))
    file.chmod(0o600)
    config = folder / "patchcord.yaml"
    config.write_text(json.dumps({"tasks": {"callbacks": {"hours": {"opens": "00:00", "closes": "23:59", "days": WEEK}}}}))
    running = Instance(
        folder / "data",
        {
            **SETTINGS,
            "dialplan.trunks": str(file),
            "transfer.callback_trunk": "outward",
        },
        arguments=["--config", str(config)],
    )
    running.start()
    running.settle_in()
    yield running
    running.stop()


@contextlib.asynccontextmanager
async def at_home(instance: Instance, port: int, behaviour: Behaviour) -> AsyncIterator[Person]:
    """The caller's own telephone, which the carrier reaches."""
    with RtpThreads() as threads:
        async with await UserAgent.open(SipTarget("127.0.0.1", instance.sip_port), bind=CARRIER, port=port) as agent:
            customer = Person(agent, threads, behaviour)
            task = asyncio.create_task(customer.run())
            try:
                yield customer
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def called_back(instance: Instance, port: int, customer: Behaviour) -> tuple[Person, Scene, dict[str, Any]]:
    async with scene(instance) as people, at_home(instance, port, customer) as home:
        people.behave(Behaviour(reaction="ignore"))
        await talk(instance, NUMBER, asking_to_be_called_back())
        people.behave(replace(TAKES, keys=(), speak_after_s=0.2, hangup_after_s=12.0))
        await home.call(limit_s=40)
        await asyncio.wait_for(home.calls[0].finished.wait(), 30)
        await settled(instance, 20)
    await until(lambda: not instance.status()["records_pending"], 5, "everything is written")
    return home, people, newest_whole(instance)


async def test_the_caller_is_called_when_a_person_has_answered_for_them(calling_back: Instance, carrier_port: int) -> None:
    home, people, call = await called_back(calling_back, carrier_port, Behaviour(ring_s=1.0, speech=hum(20), hangup_after_s=4.0))
    (rung,) = home.calls
    assert rung.answered
    assert rung.caller[1] == "5550000", "the carrier is shown a number of ours"
    assert first_hum(rung.session.log.received) is not None, "the caller hears the person"
    took = next(taken for person in people.people for taken in person.calls if taken.answered)
    assert took.headers.get("X-Patchcord-Card") == call["card"]["id"]
    assert took.caller[1] == CALLER, "the person sees who it is"
    async with voice_of(calling_back) as voice:
        before = took.recording().agent[: 8000 * 7]
        told = await voice.transcribe(np.asarray(soxr.resample(before, 8000, RATE), dtype=np.int16))
    assert re.search(r"call(er)? back.*(ending|wants|asked)", told.lower()), f"the person is told what it is about: {told}"
    assert not list((calling_back.data / "callback-briefs").glob("*")), "nothing of it is kept"
    assert first_hum(took.session.log.received) is not None, "the person hears the caller"
    assert call["outcome"] == "callback"
    assert call["callback"]["number"] == CALLER
    assert call["callback"]["done_at"] is not None, "nobody has to call them again"
    kept = [event["data"] for event in call["events"] if event["kind"] == "callback_kept"]
    assert kept == [{"queue": "support", "position": 1}]
    assert [event["kind"] for event in call["events"]][-1] == "callback_answered"


async def test_a_caller_who_cannot_be_reached_stays_in_the_list(calling_back: Instance, carrier_port: int) -> None:
    _, _, call = await called_back(calling_back, carrier_port, Behaviour(reaction="busy", ring_s=0.2))
    assert call["callback"]["done_at"] is None
    (failed,) = (event["data"] for event in call["events"] if event["kind"] == "callback_failed")
    assert failed == {"status": "BUSY"}
