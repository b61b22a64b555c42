"""Drafts that can be called: kept for half an hour, made ready by a worker, and told of where they cannot be used."""

import os
from pathlib import Path

import pytest

from agents.library import FOLDER
from agents.rehearsal.scripted_tools import ScriptedAnswer
from ari_app.service.catalogue import AgentCatalogue
from ari_app.service.desk_agents import InstanceAgents
from dialplan.extensions import render_extensions
from handoff.desk.knobs.draft_calls import CALLED, DIALLED, GOOD_FOR_S, MOST, DraftCall, DraftCalls
from tests.dialplan.test_dialplan_extensions import plan
from tests.handoff.desk.conftest import Desk, csrf_in

GREETS = """
format: 2
name: greeter
extends: harbor-words
languages: [en]
queue: support
start: first
resume: first
give_up_after: 2
everywhere: {{person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, to_person: first, to_goodbye: first, give_up: out,
  time_up: out, tool_trouble: out, repeat_with: ["Once more."]}}
nodes:
  first: {{do: end, reason: done, say: ["{words}"]}}
  out: {{do: transfer, reason: caller_request, say: ["Please hold."]}}
"""
ANSWERS = {"orders.find": (ScriptedAnswer.model_validate({"with": {"order": "1"}, "gives": {"found": True}}),)}


def draft(words: str = "Good morning.") -> DraftCall:
    built_of = {f"{name}.yaml": (FOLDER / f"{name}.yaml").read_text() for name in ("harbor-words", "harbor-wishes")}
    files = {"greeter.yaml": GREETS.format(words=words), **built_of}
    return DraftCall("greeter", files, ANSWERS)


def test_what_was_left_is_read_as_it_was_and_only_its_owner_can(tmp_path: Path) -> None:
    calls = DraftCalls(tmp_path / "called")
    code = calls.add(draft())
    assert calls.read(code) == draft()
    assert len(code) == 6 and code.isdigit() and calls.state(code) == "preparing"
    assert ((tmp_path / "called").stat().st_mode & 0o777, (tmp_path / "called" / f"{code}.json").stat().st_mode & 0o777) == (0o700, 0o600)
    calls.became(code, "ready")
    assert calls.state(code) == "ready"


def test_after_half_an_hour_or_fifty_more_it_is_over(tmp_path: Path) -> None:
    now = [0.0]
    calls = DraftCalls(tmp_path, lambda: now[0])
    first, second = calls.add(draft()), calls.add(draft())
    for code, at in ((first, 1000), (second, 2000)):
        os.utime(tmp_path / f"{code}.json", (at, at))
    calls.became(first, "ready")
    now[0] = 1000 + GOOD_FOR_S
    assert (calls.state(first), calls.state(second)) == ("over", "preparing")
    third = calls.add(draft())
    assert not list(tmp_path.glob(f"{first}.*")), "taken away, with what was said of it"
    for _ in range(MOST):
        calls.add(draft())
    assert len(list(tmp_path.glob("*.json"))) == MOST
    assert calls.state(second) == "over" and calls.state(third) in ("preparing", "over")
    assert calls.state("../etc") == "over"


def test_a_worker_makes_it_ready_and_forgets_it_when_it_is_over(tmp_path: Path) -> None:
    calls = DraftCalls(tmp_path)
    catalogue = AgentCatalogue([], None, drafts=calls)
    good, broken = calls.add(draft("Hello there.")), calls.add(DraftCall("greeter", {"greeter.yaml": "format: 2\nname: greeter\n"}, {}))
    assert catalogue.draft(good) is None, "not before it was read"
    catalogue.look()
    assert (calls.state(good), calls.state(broken)) == ("ready", "failed")
    served = catalogue.draft(f"77{good}")
    assert served is not None and served.scripts == ANSWERS and served.definition.name == "greeter"
    assert "Hello there." in served.definition.fixed_sentences("en")
    assert catalogue.draft(broken) is None and catalogue.draft("000") is None
    (tmp_path / f"{good}.json").unlink()
    catalogue.look()
    assert catalogue.draft(good) is None


def test_the_dialplan_leads_there_by_what_the_page_says_is_dialled(tmp_path: Path) -> None:
    code = DraftCalls(tmp_path).add(draft())
    assert f"exten => _{DIALLED}{'X' * len(code)},1," in render_extensions(plan())


async def test_the_page_offers_a_number_and_says_when_it_can_be_dialled(desk: Desk, instance: InstanceAgents) -> None:
    admin = await desk.login("admin")
    page = await (await admin.get("/agents/order-status/try")).text()
    assert "/agents/order-status/draft-calls" in page
    offered = await (
        await admin.post("/agents/order-status/draft-calls", json={}, headers={"X-CSRF-Token": csrf_in(page), "Accept": "application/json"})
    ).json()
    assert offered["number"] == DIALLED + offered["code"]
    assert (await (await admin.get(f"/agents/order-status/draft-calls/{offered['code']}")).json()) == {"state": "preparing"}
    call = DraftCalls(instance.drafts / CALLED).read(offered["code"])
    assert call.agent == "order-status" and "order-status.yaml" in call.files and call.scripts
    AgentCatalogue([], None, drafts=DraftCalls(instance.drafts / CALLED)).look()
    assert (await (await admin.get(f"/agents/order-status/draft-calls/{offered['code']}")).json()) == {"state": "ready"}


@pytest.mark.parametrize("name", ["agent", "auditor"])
async def test_only_who_may_look_at_agents_gets_one(desk: Desk, name: str) -> None:
    session = await desk.login(name)
    assert (await session.get("/agents/order-status/draft-calls/123456")).status == 403
