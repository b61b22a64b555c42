"""``patchcord tasks`` on a real database."""

import argparse
import json
from pathlib import Path

import pytest

from ari_app.cli import build_parser
from ari_app.commands.tasks import tasks
from ari_app.settings import Settings
from handoff.records.store import RecordsUnavailable
from handoff.tasks.job import Connection
from tests.handoff.tasks.conftest import Calls

pytestmark = pytest.mark.postgres


def options_of(folder: Path, url: str, *words: str) -> argparse.Namespace:
    (folder / "run").mkdir(exist_ok=True)
    told = {"database_url": url, "settings": Settings().model_dump(mode="json")}
    (folder / "run" / "mind.json").write_text(json.dumps(told))
    return build_parser().parse_args(["tasks", *words, "--data", str(folder)])


async def test_dead_letters_are_told_and_sent_again(tmp_path: Path, url: str, db: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert await tasks(options_of(tmp_path, url, "dead-letters")) == 0
    assert "Every webhook was taken." in capsys.readouterr().out
    db.execute(
        "INSERT INTO webhook_deliveries (id, event, subject, receiver, happened_at, tries)"
        " VALUES ('d1', 'call.ended', 'c1/1', 'crm', now(), 12)"
    )
    db.execute("INSERT INTO webhook_dead_letters (delivery_id, reason) VALUES ('d1', 'the receiver answered 503, 12 tries')")
    assert await tasks(options_of(tmp_path, url, "dead-letters", "--json")) == 0
    assert [(row["id"], row["reason"]) for row in json.loads(capsys.readouterr().out)] == [("d1", "the receiver answered 503, 12 tries")]
    assert await tasks(options_of(tmp_path, url, "redeliver", "d2")) == 1
    assert "no dead letter d2" in capsys.readouterr().out
    assert await tasks(options_of(tmp_path, url, "redeliver", "d1")) == 0
    assert db.execute("SELECT subject FROM task_runs WHERE task = 'deliver'").fetchall() == [{"subject": "d1"}]


async def test_what_a_purge_would_remove_is_told_and_kept(
    tmp_path: Path, url: str, db: Connection, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.call("c1")
    db.execute("UPDATE calls SET started_at = now() - interval '400 days', ended_at = now() - interval '400 days'")
    assert await tasks(options_of(tmp_path, url, "retention", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["calls"] == 1
    assert db.execute("SELECT id FROM calls").fetchall() == [{"id": "c1"}]


async def test_a_database_that_is_away_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(RecordsUnavailable, match=r"\./patchcord up"):
        await tasks(options_of(tmp_path, f"postgresql:///nothing?host={tmp_path}", "dead-letters"))
