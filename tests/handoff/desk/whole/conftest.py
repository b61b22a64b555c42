"""A desk with everything in it: calls in the history and on the line, a card that comes, queues, alerts, agents with a draft."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer

from ari_app.service.desk_agents import InstanceAgents
from ari_app.service.layout import Layout
from ari_app.settings import Settings
from handoff.desk.agent.line import PHONES
from handoff.desk.agent.members import MEMBERS
from handoff.desk.app import build_desk
from handoff.desk.deps import DeskDeps
from handoff.desk.floor.live_calls import JsonObject
from handoff.desk.knobs.agents_port import AGENTS
from handoff.desk.knobs.applying import apply
from handoff.desk.knobs.drafts import Draft
from handoff.desk.knobs.publishing import Publisher
from handoff.desk.knobs.workspace import read_all
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from handoff.desk.resting import resting_text
from handoff.records.agent_versions import AgentVersions
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.agent.conftest import Cases, MemoryMembers
from tests.handoff.desk.agent.test_phone_routes import EchoLines
from tests.handoff.desk.conftest import _CHEAP, Desk
from tests.handoff.desk.desk_calls import ordinary_call, write_recording
from tests.handoff.desk.felt_calls import FELT_CALL, felt_call
from tests.handoff.desk.floor.conftest import until
from tests.handoff.desk.floor.control_rig import ControlRig, desk_of
from tests.handoff.desk.floor.queue_facts import entry, fill, member, params
from tests.handoff.desk.knobs.conftest import SETTINGS
from tests.handoff.felt import felt, ruled

_TURNS = (
    ("agent", "How can I help?", "How can I help?"),
    ("caller", "My order is late!", "My order is late!"),
    ("agent", "I am sorry to hear that.", "I am sorry"),
)


@pytest.fixture
async def mind() -> AsyncIterator[ControlRig]:
    async with ControlRig() as rig:
        yield rig


@pytest.fixture
async def desk_deps(desk_database: str, mind: ControlRig, tmp_path: Path) -> AsyncIterator[DeskDeps]:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    async with desk_of(mind, desk_database, ("admin", "2001"), recordings) as deps:
        deps.resting = lambda: resting_text("the carrier is changed")
        yield deps


@pytest.fixture
def instance(tmp_path: Path) -> InstanceAgents:
    return InstanceAgents(Settings.model_validate(SETTINGS), Layout(tmp_path / "data"))


@pytest.fixture
async def desk(
    desk_deps: DeskDeps, desk_database: str, instance: InstanceAgents, mind: ControlRig, records: PostgresRecords
) -> AsyncIterator[Desk]:
    """With the user ``admin``, who may see every page and has the phone 2001."""
    app = build_desk(desk_deps)
    app[PASSWORDS] = Passwords(_CHEAP)
    app[MEMBERS] = MemoryMembers()
    app[PHONES] = EchoLines("ws://127.0.0.1:9/ws")
    app[AGENTS] = instance
    server = TestServer(app)
    await server.start_server()
    felt_call(records)
    ordinary_call(records)
    assert await records.flush(10)
    assert desk_deps.recordings is not None
    write_recording(desk_deps.recordings, FELT_CALL)
    _people(Cases(desk_database))
    await asyncio.to_thread(_versions, instance, AgentVersions(desk_database))
    await _floor(desk_deps, mind)
    found = Desk(app, desk_deps, server)
    yield found
    await found.close()


def _people(cases: Cases) -> None:
    """A caller whose card comes, another one behind, and two who wait to be called back."""
    cases.call("call-1")
    cases.turn("call-1", 1, "caller", "my order is late")
    cases.turn("call-1", 2, "agent", "I am sorry to hear that.")
    cases.card("card-2", "call-1", state="requested")
    cases.card("card-1", "call-1", state="ringing")
    cases.callback(str(uuid4()))
    held = str(uuid4())
    cases.callback(held, number="5550124")
    cases.held(held, 600)


def _versions(instance: InstanceAgents, versions: AgentVersions) -> None:
    """Two published ones of the agent ``refund``."""
    publisher = Publisher(instance, versions)
    for delay in ("1.3", "1.4"):
        texts = read_all(instance)
        fields = {"turns.endpointing.max_delay_s": delay}
        draft = Draft({file: text for file, text in apply("refund", texts, fields).texts.items() if text != texts[file]}, "now")
        publisher.publish("refund", draft, publisher.preview("refund", draft).token, "admin", "more patience")


async def _floor(deps: DeskDeps, mind: ControlRig) -> None:
    """Calls in every state, moods, rules, flags and marks; a queue with callers, people, and alerts of both kinds."""
    now = time.time()
    states = ("talking", "waiting", "with_person", "arriving", "ending", "talking")
    for place, state in enumerate(states, 1):
        mind.control.calls.add(f"c{place}")
        facts = {"state": state, "caller": f"+44113496012{place}", "number": "100", "agent": "front-desk", "recording": "on"}
        mind.feed.publish("state", f"c{place}", {**facts, "state_since": now - 150})
    for number, (who, text, heard) in enumerate(_TURNS, 1):
        said: JsonObject = {"number": number, "who": who, "text": text, "heard": heard, "interrupted": heard != text}
        mind.feed.publish("turn", "c1", said)
    mind.feed.publish("partial", "c1", {"text": "I want"})
    events: tuple[tuple[str, str, JsonObject], ...] = (
        ("c1", "emotion", felt(2, "frustrated", 0.82, -0.6, "audio")),
        ("c1", "escalation_rule", ruled()),
        ("c1", "flagged", {"reason": "shouting", "rule": "shouting"}),
        ("c1", "tool", {"name": "orders.find", "ok": True, "ms": 84}),
        ("c2", "emotion", felt(1, "frustrated", 0.55)),
        ("c2", "escalation_rule", ruled("stricter", shadow=True)),
        ("c6", "emotion", felt(1, "satisfied", 0.7, 0.5)),
    )
    for call, kind, data in events:
        mind.feed.publish("event", call, {"event": kind, "data": dict(data)})
    mind.feed.publish("state", "c6", {"recording": "paused", "audio": "no audio from the caller"})
    mind.feed.publish("state", "c3", {"listeners": [{"name": "admin", "mode": "listen", "phone": "2001"}]})
    people = (member("support", "kim"), member("support", "lee", paused="1", reason="Lunch"), member("support", "max", status="5"))
    assert deps.board is not None and deps.control is not None
    live = deps.control.state.live
    fill(deps.board, params("billing"), params("support"), *people, entry("support", 1, 70), entry("support", 2, 20), now=now)
    await until(lambda: len(live.calls) == len(states) and "listeners" in live.calls["c3"].facts)
