"""From a draft to what the next call gets: the catalogue of the service sees it, now and after a restart."""

from pathlib import Path

import pytest

from agents.library import FOLDER
from ari_app.service.catalogue import AgentCatalogue
from ari_app.service.desk_agents import InstanceAgents
from handoff.desk.knobs.applying import apply
from handoff.desk.knobs.drafts import Draft, Drafts
from handoff.desk.knobs.publishing import Publisher, PublishRefused, who_and_note
from handoff.desk.knobs.workspace import read_all
from handoff.records.agent_versions import AgentVersions


def draft_of(instance: InstanceAgents, name: str, fields: dict[str, str]) -> Draft:
    texts = read_all(instance)
    return Draft({file: text for file, text in apply(name, texts, fields).texts.items() if text != texts[file]}, "now")


def put(publisher: Publisher, name: str, draft: Draft, note: str = "") -> dict[str, int]:
    return dict(publisher.publish(name, draft, publisher.preview(name, draft).token, "admin", note))


def catalogue(instance: InstanceAgents, versions: AgentVersions) -> AgentCatalogue:
    found = AgentCatalogue([instance.shipped, instance.own], versions, None, instance.describe)
    found.look()
    return found


@pytest.mark.postgres
def test_a_published_knob_is_what_the_next_call_gets(instance: InstanceAgents, versions: AgentVersions) -> None:
    running = catalogue(instance, versions)
    before = running.serve("refund", "a call in progress")
    publisher = Publisher(instance, versions)
    draft = draft_of(instance, "refund", {"turns.endpointing.max_delay_s": "1.3"})
    assert put(publisher, "refund", draft, "more patience") == {"refund": 2}
    running.look()
    served = running.serve("refund", "next")
    assert (served.version, served.definition.turns) == (2, {"endpointing": {"max_delay_s": 1.3}})
    assert running.serve("refund", "a call in progress") is before
    assert who_and_note(versions.versions("refund")[0].note) == ("admin", "more patience")
    restarted = catalogue(instance, versions)
    assert restarted.serve("refund", "later").version == 2
    assert len(versions.versions("refund")) == 2, "a restart publishes nothing anew"
    versions.share("refund", {1: 100})
    assert catalogue(instance, versions).serve("refund", "later").version == 1, "nor does it undo a rollback"
    assert "max_delay_s" not in (FOLDER / "refund.yaml").read_text("utf-8"), "what ships is never changed"


@pytest.mark.postgres
def test_a_text_of_a_shared_file_goes_to_ones_own_agents_and_no_others(instance: InstanceAgents, versions: AgentVersions) -> None:
    publisher = Publisher(instance, versions)
    farewell = {"text|harbor-base|nodes.farewell.say|en|0": "So long."}
    assert put(publisher, "refund", draft_of(instance, "refund", farewell)) == {"refund": 1}
    assert sorted(path.name for path in instance.own.iterdir()) == ["harbor-base.yaml", "refund.yaml"]
    assert put(publisher, "outage", draft_of(instance, "outage", {"turns.style": "formal"})) == {"outage": 1}
    farewell = {"text|harbor-base|nodes.farewell.say|en|0": "Bye now."}
    preview = publisher.preview("outage", draft_of(instance, "outage", farewell))
    assert list(preview.agents) == ["outage", "refund"]
    assert put(publisher, "outage", draft_of(instance, "outage", farewell), "shorter") == {"outage": 2, "refund": 2}
    assert who_and_note(versions.versions("refund")[0].note) == ("admin", "with outage: shorter")
    running = catalogue(instance, versions)
    assert "Bye now." in set(running.serve("refund", "c").definition.texts())
    assert "Thank you for calling. Goodbye." in set(running.serve("front-desk", "c").definition.texts())


@pytest.mark.postgres
def test_nothing_invalid_is_published(instance: InstanceAgents, versions: AgentVersions) -> None:
    publisher = Publisher(instance, versions)
    for fields, what in (
        ({"turns.endpointing.max_delay_s": "99"}, "endpointing.max_delay_s"),
        ({"yaml|refund": "name: [refund"}, "not valid YAML"),
        ({"yaml|refund": read_all(instance)["refund"].replace("orders.", "ordres.")}, "ordres"),
        ({"yaml|refund": read_all(instance)["refund"].replace("name: refund", "name: other")}, "must be refund"),
    ):
        draft = draft_of(instance, "refund", fields)
        with pytest.raises(PublishRefused, match=what):
            put(publisher, "refund", draft)
        mistake = publisher.preview("refund", draft).mistakes[0]
        assert (mistake.file, mistake.line > 0) == ("refund.yaml", True)
    assert not instance.own.exists()
    assert versions.versions("refund") == []


@pytest.mark.postgres
def test_only_what_was_looked_at_is_published(instance: InstanceAgents, versions: AgentVersions) -> None:
    publisher = Publisher(instance, versions)
    first = draft_of(instance, "refund", {"turns.style": "formal"})
    token = publisher.preview("refund", first).token
    with pytest.raises(PublishRefused, match="changed since"):
        publisher.publish("refund", draft_of(instance, "refund", {"turns.style": "casual"}), token, "admin", "")
    put(publisher, "refund", draft_of(instance, "refund", {"turns.style": "urgent"}))
    with pytest.raises(PublishRefused, match="changed since"):
        publisher.publish("refund", first, token, "admin", "")
    with pytest.raises(PublishRefused, match="nothing to publish"):
        put(publisher, "refund", Draft())


@pytest.mark.postgres
def test_a_folder_that_cannot_be_written_leaves_calls_as_they_were(instance: InstanceAgents, versions: AgentVersions) -> None:
    running = catalogue(instance, versions)
    instance.own.parent.mkdir(parents=True, exist_ok=True)
    instance.own.write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        put(Publisher(instance, versions), "refund", draft_of(instance, "refund", {"turns.style": "formal"}))
    running.look()
    assert running.serve("refund", "next").version == 1


def test_a_file_from_windows_keeps_its_ends_of_lines(instance: InstanceAgents) -> None:
    instance.own.mkdir(parents=True)
    (instance.own / "refund.yaml").write_bytes((FOLDER / "refund.yaml").read_bytes().replace(b"\n", b"\r\n"))
    draft = draft_of(instance, "refund", {"turns.style": "formal"})
    publisher = Publisher(instance, AgentVersions("postgresql://nowhere"))
    publisher._write(draft.files)
    assert (instance.own / "refund.yaml").read_bytes().count(b"\n") == (instance.own / "refund.yaml").read_bytes().count(b"\r\n") > 10


def test_drafts_are_of_one_user_and_readable_by_nobody_else(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    drafts.put("anybody", "refund", Draft({"refund": "broken: ["}, "now"))
    assert Drafts(tmp_path / "drafts").get("anybody", "refund").files == {"refund": "broken: ["}
    assert not drafts.get("somebody", "refund")
    assert drafts.agents("anybody") == ["refund"]
    file = next((tmp_path / "drafts").rglob("*.json"))
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    drafts.put("anybody", "refund", Draft())
    assert drafts.agents("anybody") == []
    with pytest.raises(ValueError, match="no name"):
        drafts.get("anybody", "../../etc/passwd")
