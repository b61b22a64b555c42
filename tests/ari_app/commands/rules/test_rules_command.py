"""``patchcord rules`` on a real database with calls written as the worker writes them."""

import argparse
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from agents.transcript import JsonValue, Turn
from ari_app.commands.rules.command import rules
from ari_app.commands.rules.parser import add_rules
from ari_app.commands.rules.since import since
from ari_app.service.state import NotRunning
from ari_app.settings import Settings
from handoff.records.store import CallEnded, CallStarted, RecordsUnavailable
from handoff.records.writer import PostgresRecords
from handoff.rules.past_calls import PastCalls
from tests.handoff.records.own_server import own_database
from tests.handoff.rules.rules_scenes import concern, emotion

pytestmark = pytest.mark.postgres

EARLY = """\
rules:
  early:
    when: {emotion: {state: frustrated, of: utterance, at_least: 0.4}}
    act: escalate
    reason: frustrated
"""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture
async def records(database: str, tmp_path: Path) -> AsyncIterator[PostgresRecords]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE calls, turns, events")
    writer = PostgresRecords(database, tmp_path / "journal")
    await writer.open()
    yield writer
    await writer.close()


@pytest.fixture
def data(database: str, tmp_path: Path) -> Path:
    """An instance that has been started."""
    (tmp_path / "run").mkdir()
    told = {"database_url": database, "settings": Settings().model_dump(mode="json")}
    (tmp_path / "run" / "mind.json").write_text(json.dumps(told), "utf-8")
    return tmp_path


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_rules(parser.add_subparsers(dest="command"))
    return parser.parse_args(["rules", *words])


def write(
    records: PostgresRecords,
    name: str,
    levels: list[float | None],
    *,
    ago: timedelta = timedelta(hours=1),
    decided: tuple[int, str] | None = None,
    number: str = "100",
    fraud: bool = False,
) -> str:
    """A call with one turn of the caller for each level (None: its feeling is not on record), twelve seconds apart.

    ``decided``: the index of the turn after which a rule called a person, and the rule's name.
    """
    call, base = f"{name}-{uuid.uuid4().hex}", time.monotonic() - ago.total_seconds()
    begun = datetime.now(UTC) - ago
    records.call_started(CallStarted(call, begun, base, number, "+15550199", "front-desk", "PJSIP/1"))
    for i, level in enumerate(levels):
        turn, at = 2 * i + 2, base + 10 + 12 * i
        records.turn(call, Turn(turn, "caller", "My secret words.", "My secret words.", at - 2, at))
        if level is not None:
            records.event(call, "emotion", at, _json(emotion(turn, 10 + 12 * i, level).data))
        if fraud:
            records.event(call, "concern", at, _json(concern(turn, at, "fraud").data))
        if decided is not None and decided[0] == i:
            ground: dict[str, JsonValue] = {"signal": "emotion.frustrated", "value": 0.91, "op": ">=", "threshold": 0.9, "turn": turn}
            told: dict[str, JsonValue] = {"rule": decided[1], "act": "escalate", "reason": "frustrated", "queue": "", "shadow": False}
            records.event(call, "escalation_rule", at, {**told, "grounds": [ground]})
            records.event(call, "conversation_ended", at + 4, {"kind": "handover", "reason": "frustrated"})
    records.call_ended(CallEnded(call, begun + timedelta(seconds=90), "goodbye", "", {}))
    return call


def _json(data: object) -> dict[str, JsonValue]:
    read: dict[str, JsonValue] = json.loads(json.dumps(data))
    return read


@pytest.fixture
async def past(records: PostgresRecords) -> dict[str, str]:
    written = {
        "earlier": write(records, "earlier", [0.1, 0.5, 0.95], decided=(2, "late_rule")),
        "newly": write(records, "newly", [0.1, 0.5, 0.1]),
        "not_at_all": write(records, "notatall", [0.1, 0.1], decided=(1, "odd_rule")),
        "same": write(records, "same", [0.9], decided=(0, "some_rule")),
        "never": write(records, "never", [0.1, 0.2]),
        "old": write(records, "old", [None, None]),
        "long_ago": write(records, "longago", [0.9], ago=timedelta(days=30)),
    }
    assert await records.flush(10)
    return written


async def replay(data: Path, *words: str, text: str = EARLY) -> int:
    (data / "new.yaml").write_text(text, "utf-8")
    return await rules(options("replay", "--rules", str(data / "new.yaml"), "--data", str(data), *words))


async def test_replay_says_what_would_have_changed(data: Path, past: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay(data) == 0
    out = capsys.readouterr().out
    assert "6 calls. A person would have taken over:" in out
    counts = {line.split("  ")[1].strip(): line.split()[-1] for line in out.splitlines() if line.startswith("  ") and line[-1].isdigit()}
    assert counts["earlier"] == counts["newly, had none"] == counts["not at all"] == counts["as it was"] == "1"
    assert counts["none, as it was"] == "2"
    assert "1 of them have no record of the caller's feelings" in out
    block = next(block for block in out.split("\n\n") if block.startswith(past["earlier"][:12]))
    lines = block.splitlines()
    assert lines[0].endswith("to 100, front-desk: earlier")
    assert lines[1] == "  was    0:34.0 by rule late_rule: frustrated"
    assert lines[2] == "         emotion.frustrated 0.91 >= 0.9 (turn 6)"
    assert lines[3] == "  would  0:22.0 by rule early: frustrated"
    assert lines[4].startswith("         emotion.frustrated.said 0.5 >= 0.4 (turn 4, 0:20.5-0:22.0")
    assert "secret" not in out
    assert "15550199" not in out


async def test_replay_as_json(data: Path, past: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay(data, "--json", "--since", "2h") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"] == {"earlier": 1, "later": 0, "newly": 1, "not_at_all": 1, "same": 1, "never": 2}
    assert found["not_judged"] == {"emotion": 1, "facts": 0, "queue": 0, "clock": 0}
    changed = {call["change"]: call for call in found["changed"]}
    assert {change: call["id"] for change, call in changed.items()} == {name: past[name] for name in ("earlier", "newly", "not_at_all")}
    assert changed["newly"]["was"] is None
    assert changed["not_at_all"]["would"] is None
    would = changed["earlier"]["would"]
    assert (would["by"], would["at_ms"], would["reason"]) == ("early", 22_000, "frustrated")
    ground = would["grounds"][0]
    assert (ground["signal"], ground["value"], ground["threshold"], ground["turn"]) == ("emotion.frustrated.said", 0.5, 0.4, 4)
    assert changed["earlier"]["was"]["grounds"][0]["value"] == 0.91


async def test_replay_with_the_rules_that_hold(data: Path, past: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await rules(options("replay", "--data", str(data), "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calls"] == 6
    assert found["decisions"]["clear_frustration escalate"] == 2


async def test_shadows_do_not_escalate_unless_taken_as_live(data: Path, past: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay(data, "--json", text=f"shadow: true\n{EARLY}") == 0
    assert json.loads(capsys.readouterr().out)["counts"]["not_at_all"] == 3
    assert await replay(data, "--json", "--as-if-live", text=f"shadow: true\n{EARLY}") == 0
    assert json.loads(capsys.readouterr().out)["counts"]["not_at_all"] == 1


async def test_limits(data: Path, past: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay(data, "--limit", "1") == 0
    out = capsys.readouterr().out
    assert "2 more changed calls are not shown" in out
    assert out.count("  was  ") == 1
    assert await replay(data, "--most", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["calls"] == 2
    assert await replay(data, "--since", "1m") == 0
    assert "No calls began since then" in capsys.readouterr().out


async def test_many_calls_come_in_batches(data: Path, records: PostgresRecords, database: str) -> None:
    written = [write(records, f"c{i}", [0.1], ago=timedelta(minutes=200 - i)) for i in range(120)]
    assert await records.flush(20)
    async with PastCalls(database, datetime.now(UTC) - timedelta(hours=5), most=1000) as past:
        assert await past.count() == 120
        read = [call async for call in past]
    assert [call.id for call in read] == written
    assert all(len(call.turns) == len(call.events) == 1 for call in read)
    assert not any("text" in turn or "said" in turn for call in read for turn in call.turns)


async def test_a_database_that_is_away_is_named_with_the_remedy(data: Path, database: str) -> None:
    url = f"postgresql://u:geheim@/nothing?host={data}"
    told = {"database_url": url, "settings": Settings().model_dump(mode="json")}
    (data / "run" / "mind.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(RecordsUnavailable, match=r"\./patchcord up") as caught:
        await replay(data)
    assert "geheim" not in str(caught.value)


async def test_wrong_use(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay(data, "--since", "yesterday") == 2
    assert "write it like 24h, 7d, 2w or 2026-11-01" in capsys.readouterr().err
    assert await replay(data, text="rules: {it: {when: {}, act: flag}}") == 1
    assert "new.yaml:1: rules.it.when: holds nothing" in capsys.readouterr().err
    with pytest.raises(NotRunning):
        await rules(options("replay", "--data", str(tmp_path / "elsewhere")))


async def test_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(EARLY, "utf-8")
    assert await rules(options("check", str(file))) == 0
    assert capsys.readouterr().out == f"{file}: sound. 1 rules: 1 escalate; 0 in shadow.\n"
    file.write_text(EARLY.replace("frustrated, of", "frustated, of"), "utf-8")
    assert await rules(options("check", str(file))) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"{file}:3: rules.early.when.emotion.state: 'frustated' is unknown; did you mean 'frustrated'?" in told.err
    assert await rules(options("check", str(tmp_path / "none.yaml"))) == 1
    assert "cannot be read" in capsys.readouterr().err


async def test_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await rules(options("show", "--data", str(tmp_path))) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].endswith("default.yaml")
    assert "clear_frustration: a person takes over" in out
    assert "  says [es] Entiendo que esto es frustrante." in out
    assert "voice_alone" in out
    assert "for 2 turns in a row" in out
    only = tmp_path / "only.yaml"
    only.write_text(EARLY + "    only: {numbers: ['200'], hours: '09:00-17:00'}\n", "utf-8")
    assert await rules(options("show", "--rules", str(only), "--number", "200")) == 0
    assert "  only numbers 200, hours 09:00-17:00" in capsys.readouterr().out
    assert await rules(options("show", "--rules", str(only), "--number", "100")) == 0
    assert "No rule holds here." in capsys.readouterr().out
    assert await rules(options("show", "--rules", str(only), "--number", "200", "--json")) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["rules"]["early"]["when"] == {"emotion": {"state": "frustrated", "of": "utterance", "at_least": 0.4}}


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options("--help")
    out = capsys.readouterr().out
    assert "extends: default" in out
    assert "replay --since 7d --rules my-rules.yaml" in out


def test_the_example_of_the_help_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ari_app.commands.rules.parser import EPILOG
    from handoff.rules.loading import parse_rules

    lines = EPILOG.splitlines()
    first, last = lines.index("  extends: default"), next(i for i, line in enumerate(lines) if line.lstrip().startswith("shadow: true"))
    example = "\n".join(line[2:].split("                  only")[0] for line in lines[first : last + 1])
    assert parse_rules(example, "help").rules["vip_waits"].shadow


@pytest.mark.parametrize(
    ("text", "ago"),
    [("30m", timedelta(minutes=30)), ("24h", timedelta(days=1)), ("7d", timedelta(days=7)), ("2w", timedelta(days=14))],
)
def test_since_a_span(text: str, ago: timedelta) -> None:
    now = datetime(2030, 3, 1, tzinfo=UTC)
    assert since(text, now) == now - ago


def test_since_a_date() -> None:
    now = datetime(2030, 3, 1, tzinfo=UTC)
    assert since("2030-02-01T10:00:00+00:00", now) == datetime(2030, 2, 1, 10, tzinfo=UTC)
    assert since("2030-02-01", now).tzinfo is not None
    for wrong in ("", "7", "7y", "-3d", "soon"):
        with pytest.raises(ValueError, match="--since"):
            since(wrong, now)
