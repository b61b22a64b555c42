"""Numbers lead where routes.yaml says, in a whole Patchcord: languages, patterns, hours, callers who are refused, recordings."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ari_app.caller.script import Hangup, Wait
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk, trunk

pytestmark = pytest.mark.e2e

ROUTES = """
timezone: Europe/Madrid
routes:
  spanish:
    about: Callers who speak Spanish
    numbers: ["700"]
    agent: front-desk
    language: es
  many:
    about: A block of numbers
    numbers: ["_70[2-4]"]
    agent: front-desk
    record: false
  shut:
    about: Never open
    numbers: ["705"]
    agent: front-desk
    hours: {}
    closed: {announce: [vm-nobodyavail]}
  wary:
    about: Some callers are not wanted
    numbers: ["706"]
    agent: front-desk
    callers: {blocked: ["666"]}
"""


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("routed")
    (folder / "routes.yaml").write_text(ROUTES)
    running = Instance(folder, {"calls.record": "true"})
    running.start()
    yield running
    running.stop()


def recordings(instance: Instance, call_id: object) -> list[str]:
    return sorted(path.name for path in Path(instance.data / "recordings").glob(f"{call_id}-*.wav"))


async def test_a_route_with_a_language_begins_in_it_and_is_recorded(routed: Instance) -> None:
    report = await talk(routed, "700", [Wait(4.0), Hangup(wait=False)])
    assert report.answered
    await settled(routed)
    call = newest_whole(routed)
    assert (call["number"], call["route"]) == ("700", "front-desk")
    assert "asistente" in call["turns"][0]["text"], "the greeting in Spanish"
    assert len(recordings(routed, call["id"])) == 2


async def test_a_pattern_keeps_the_number_that_was_dialled_and_a_route_may_forbid_the_recording(routed: Instance) -> None:
    report = await talk(routed, "703", [Wait(3.0), Hangup(wait=False)])
    assert report.answered
    await settled(routed)
    call = newest_whole(routed)
    assert (call["number"], call["route"]) == ("703", "front-desk")
    assert recordings(routed, call["id"]) == []


async def test_outside_of_the_hours_callers_hear_so_and_no_agent(routed: Instance) -> None:
    before = newest_whole(routed)["id"]
    report = await talk(routed, "705", [Wait(20.0)])
    assert report.answered
    await asyncio.sleep(0.5)
    assert newest_whole(routed)["id"] == before


async def test_callers_who_are_not_wanted_are_refused_and_others_are_not(routed: Instance) -> None:
    refused = await talk(routed, "706", [Wait(1.0), Hangup(wait=False)], target=trunk(routed, "6661234"))
    assert not refused.answered
    served = await talk(routed, "706", [Wait(1.0), Hangup(wait=False)], target=trunk(routed, "5550100"))
    assert served.answered
    await settled(routed)


async def test_numbers_of_no_route_are_not_there(routed: Instance) -> None:
    assert not (await talk(routed, "100", [Wait(1.0), Hangup(wait=False)])).answered
    assert not (await talk(routed, "701", [Wait(1.0), Hangup(wait=False)])).answered


async def test_prometheus_is_told_of_the_calls_and_of_nobody_who_called(routed: Instance) -> None:
    await talk(routed, "700", [Wait(2.5), Hangup(wait=False)])
    await settled(routed)
    shown = await asyncio.to_thread(routed.text, "/metrics")
    figures = {family.name: family.samples for family in text_string_to_metric_families(shown)}
    turns = sum(sample.value for sample in figures["patchcord_turns"] if sample.labels.get("who") == "agent")
    assert turns >= 1
    assert [sample.value for sample in figures["patchcord_ready"]] == [1.0]
    assert {sample.labels["worker"] for sample in figures["patchcord_call_seconds"]} == {"1"}
    assert "5550100" not in shown
