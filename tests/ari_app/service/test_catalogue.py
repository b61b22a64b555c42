"""Agents out of files and versions: what new calls get, and that nothing broken ever takes the place of something that works."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from agents.flows.definition import AgentDefinition
from agents.library import FOLDER
from ari_app.service.catalogue import UNPUBLISHED, AgentCatalogue, UnknownAgent, gather
from handoff.records.agent_versions import AgentVersions
from tests.agents.flows.small_desk import FILE

TEXT = FILE.read_text("utf-8")
GREETING = "Hello, this is the automated assistant."


def greeting(definition: AgentDefinition) -> str:
    return next(text for text in definition.texts() if "automated assistant" in text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "agents"
    place.mkdir()
    shutil.copy(FILE, place / "front-desk.yaml")
    return place


def rewrite(folder: Path, words: str) -> None:
    file = folder / "front-desk.yaml"
    file.write_text(TEXT.replace(GREETING, f"{words} {GREETING}"), "utf-8")


def test_without_a_database_what_is_saved_is_served(folder: Path) -> None:
    catalogue = AgentCatalogue([folder], None)
    with pytest.raises(UnknownAgent, match="front-desk"):
        catalogue.look()
        catalogue.serve("frontdesk", "c")
    before = catalogue.serve("front-desk", "first")
    assert (greeting(before.definition), before.version) == (GREETING, UNPUBLISHED)
    rewrite(folder, "Good day.")
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "second").definition).startswith("Good day.")
    assert catalogue.serve("front-desk", "first") is before, "a call in progress keeps its version"


def test_a_broken_file_changes_nothing_until_it_is_mended(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    catalogue = AgentCatalogue([folder], None)
    catalogue.look()
    (folder / "front-desk.yaml").write_text(TEXT.replace("do: ask", "do: aks", 1), "utf-8")
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "c").definition) == GREETING
    refused = [record for record in caplog.records if record.message == "agent_refused"]
    assert refused
    assert "front-desk.yaml:" in str(vars(refused[0])["problems"])
    rewrite(folder, "Mended.")
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "d").definition).startswith("Mended.")


def test_ones_own_folder_goes_before_the_library(folder: Path) -> None:
    rewrite(folder, "Mine.")
    catalogue = AgentCatalogue([FOLDER, folder], None)
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "c").definition).startswith("Mine.")


def test_new_definitions_are_told_of_once(folder: Path) -> None:
    told: list[str] = []
    catalogue = AgentCatalogue([folder], None)
    catalogue.on_new = lambda definition: told.append(definition.name)
    catalogue.look()
    count = len(told)
    assert "front-desk" in told
    catalogue.look()
    assert len(told) == count
    rewrite(folder, "New.")
    catalogue.look()
    assert told[count:] == ["front-desk"]


def test_an_agent_of_files_in_code_needs_none(folder: Path) -> None:
    catalogue = AgentCatalogue([folder], None)
    catalogue.look()
    fixed = catalogue.serve("front-desk", "c").definition
    only = AgentCatalogue([], None, {"front-desk": fixed})
    only.look()
    assert only.serve("front-desk", "c").definition is fixed
    assert only.names() == ["front-desk"]


def test_what_a_flow_is_made_of_belongs_to_its_version(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text("extends: base\nnodes:\n  a: {do: subflow, flow: refund}\n")
    (tmp_path / "base.yaml").write_text("abstract: true\n")
    (tmp_path / "refund.yaml").write_text('extends: "base"\n')
    (tmp_path / "other.yaml").write_text("x: 1\n")
    assert list(gather(tmp_path / "desk.yaml", [tmp_path])) == ["desk.yaml", "refund.yaml", "base.yaml"]


@pytest.mark.postgres
def test_saving_publishes_and_a_split_divides_new_calls(folder: Path, database: str) -> None:
    store = AgentVersions(database)
    catalogue = AgentCatalogue([folder], store)
    catalogue.look()
    first = catalogue.serve("front-desk", "first")
    assert first.version == 1
    rewrite(folder, "Good day.")
    catalogue.look()
    assert catalogue.serve("front-desk", "second").version == 2
    store.share("front-desk", {1: 50, 2: 50})
    catalogue.look()
    got = Counter(catalogue.serve("front-desk", f"call-{n}").version for n in range(400))
    assert 140 < got[1] < 260
    assert got[1] + got[2] == 400
    assert catalogue.serve("front-desk", "first") is first


@pytest.mark.postgres
def test_a_rollback_survives_a_restart_with_the_newer_file_still_there(folder: Path, database: str) -> None:
    store = AgentVersions(database)
    catalogue = AgentCatalogue([folder], store)
    catalogue.look()
    rewrite(folder, "Good day.")
    catalogue.look()
    store.share("front-desk", {1: 100})
    again = AgentCatalogue([folder], store)
    again.look()
    served = again.serve("front-desk", "c")
    assert (served.version, greeting(served.definition)) == (1, GREETING)
    assert len(store.versions("front-desk")) == 2


@pytest.mark.postgres
def test_an_old_version_that_cannot_be_read_any_more_gives_way(folder: Path, database: str, caplog: pytest.LogCaptureFixture) -> None:
    store = AgentVersions(database)
    store.publish("front-desk", {"front-desk.yaml": "format: 1\n"})
    catalogue = AgentCatalogue([folder], store)
    catalogue.look()
    store.share("front-desk", {1: 100})
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "c").definition) == GREETING
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["agent_version_unusable"]


def test_a_database_that_is_away_stops_nobody(folder: Path) -> None:
    catalogue = AgentCatalogue([folder], AgentVersions("postgresql://nobody@127.0.0.1:1/none"))
    catalogue.look()
    assert catalogue.serve("front-desk", "c").version == UNPUBLISHED
    rewrite(folder, "Good day.")
    catalogue.look()
    assert greeting(catalogue.serve("front-desk", "d").definition).startswith("Good day.")
