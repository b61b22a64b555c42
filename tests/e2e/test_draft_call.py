"""A draft is heard by a call before anybody else can get it: our phones dial it, its tools are scripts, and it leads to nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.library import FOLDER
from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Say, Step, Wait
from handoff.desk.knobs.draft_calls import CALLED, DIALLED, DraftCall, DraftCalls
from tests.e2e.crowd import until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import person, phone, settled, talk, trunk, was_heard
from tests.e2e.transfers import AGENTS, SETTINGS

WORDS = "This is the new sentence that nobody has published."


@pytest.fixture(scope="module")
def drafting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("drafting"), SETTINGS)
    running.start()
    running.settle_in()
    yield running
    running.stop()


async def ready(instance: Instance, said: str) -> str:
    """What to dial for a draft of the agent that hands over at once."""
    calls = DraftCalls(instance.data / "desk-drafts" / CALLED)
    text = (AGENTS / "at-once.yaml").read_text().replace("Please hold.", said)
    files = {"at-once.yaml": text, **{f"{name}.yaml": (FOLDER / f"{name}.yaml").read_text() for name in ("harbor-words", "harbor-wishes")}}
    code = calls.add(DraftCall("at-once", files, {}))
    await until(lambda: calls.state(code) == "ready", 20, "a worker has it ready")
    return DIALLED + code


async def dialled(instance: Instance, number: str, steps: list[Step], out: Path) -> CallReport:
    return await talk(instance, number, steps, target=phone(instance, "1001"), out=out)


async def test_a_draft_is_heard_and_nobody_is_called(drafting: Instance, tmp_path: Path) -> None:
    number = await ready(drafting, WORDS)
    async with person(drafting, "2001") as colleague:
        report = await dialled(drafting, number, [Wait(8), Hangup(wait=False)], tmp_path)
        assert was_heard(report, WORDS), report.transcript
        await settled(drafting, 15)
        assert not colleague.calls, "its transfer rings nobody"
    await until(lambda: not drafting.status()["records_pending"], 5, "everything is written")
    call = newest_whole(drafting)
    assert (call["route"], call["outcome"]) == ("desk-draft", "goodbye"), call
    assert call["card"] is None


async def test_a_code_that_is_none_is_told_of(drafting: Instance, tmp_path: Path) -> None:
    async with person(drafting, "2001") as colleague:
        report = await dialled(drafting, f"{DIALLED}000000", [Wait(10), Hangup(wait=False)], tmp_path)
        assert was_heard(report, "There is no draft to be heard with this code"), report.transcript
        await settled(drafting, 15)
        assert not colleague.calls


async def test_carriers_reach_no_draft(drafting: Instance) -> None:
    number = await ready(drafting, WORDS)
    report = await talk(drafting, number, [Say("hello"), Hangup(wait=False)], target=trunk(drafting))
    assert not report.answered and report.status == 404, report
