"""The caller stays with the agent until a person has heard what it is about and takes them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from ari_app.caller.answering import Behaviour
from tests.agents.llm.local_server import LocalServer, Reply
from tests.e2e.crowd import until
from tests.e2e.figures import tell
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk
from tests.e2e.transfers import (
    MOST_SILENCE_MS,
    NUMBER,
    OUTCOMES,
    SETTINGS,
    asking_to_be_called_back,
    in_mode,
    line_full,
    many_at_once,
    nobody_on_duty,
    person_leaves_while_introduced,
    scene,
    worker_killed_while_briefing,
)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("staffed"), {**SETTINGS, "service.spare": "true"})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def consulting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("consulting"), {**SETTINGS, "transfer.mode": "consult"})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Instance]:
    """One caller may wait at a time."""
    running = Instance(tmp_path, {**SETTINGS, "calls.queue_most": 1})
    running.start()
    yield running
    running.stop()


async def test_without_people_the_agent_has_the_caller_back_at_once(staffed: Instance) -> None:
    await nobody_on_duty(staffed)


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_every_outcome_of_a_transfer_keeps_its_promises(staffed: Instance, outcome: str) -> None:
    async with scene(staffed) as people:
        await OUTCOMES[outcome](people)


async def test_several_callers_are_served_one_after_the_other(staffed: Instance) -> None:
    async with scene(staffed) as people:
        await many_at_once(people, callers=6)


async def test_a_killed_worker_costs_no_caller_their_person_nor_long_silence(
    staffed: Instance, record_property: Callable[[str, object], None]
) -> None:
    async with scene(staffed) as people:
        await until(staffed.spare_stands_by, 60, "a spare of the mind process is loaded")
        silence_ms = await worker_killed_while_briefing(people)
    tell(record_property, "killed_while_briefing", silence_ms=round(silence_ms))
    assert silence_ms <= MOST_SILENCE_MS


async def test_announced_joins_without_a_key(tmp_path: Path) -> None:
    running = Instance(tmp_path, {**SETTINGS, "transfer.mode": "announced"})
    running.start()
    try:
        await in_mode(running, "announced")
    finally:
        running.stop()


async def test_consult_introduces_before_it_leaves_them_alone(consulting: Instance) -> None:
    await in_mode(consulting, "consult")


async def test_a_person_who_leaves_while_introduced_does_not_take_the_caller_along(consulting: Instance) -> None:
    transfer = await person_leaves_while_introduced(consulting)
    kinds = [event["kind"] for event in transfer.call["events"]]
    assert kinds.count("transfer_ended") == 1
    texts = [turn["text"] for turn in transfer.call["turns"] if turn["who"] == "agent"]
    assert any("colleague" in text or "person" in text for text in texts[2:]), texts


async def test_a_full_line_sends_the_caller_back_to_the_agent(full: Instance) -> None:
    await line_full(full)


async def test_a_language_model_sums_up_what_was_said(tmp_path: Path) -> None:
    server = LocalServer(lambda body: Reply(("Please hold [1].",)))
    await server.start()
    config = tmp_path / "patchcord.yaml"
    config.write_text(yaml.safe_dump({"llm": {"models": [{"name": "local", "base_url": server.url, "model": "sums-up"}]}}))
    running = Instance(tmp_path / "data", dict(SETTINGS), arguments=["--config", str(config)])
    running.start()
    try:
        running.settle_in()
        async with scene(running) as people:
            transfer = await OUTCOMES["accepted"](people)
        assert transfer.call["card"]["summary"] == {"text": "Please hold.", "facts": [{"text": "Please hold.", "turn": 1}]}
    finally:
        running.stop()
        await server.stop()


async def test_a_waiting_caller_may_ask_to_be_called_back(staffed: Instance) -> None:
    """Over the music, with a phone ringing for them; the place in the queue is given up."""
    async with scene(staffed) as people:
        people.behave(Behaviour(reaction="ignore"))
        await talk(staffed, NUMBER, asking_to_be_called_back())
        assert not any(call.answered for person in people.people for call in person.calls)
    await settled(staffed, 10)
    call = newest_whole(staffed)
    assert call["outcome"] == "callback", call["turns"]
    assert call["callback"]["number"] == "5550100"
    assert call["card"]["state"] == "callback"
