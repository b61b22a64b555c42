"""``calls show``: moods below the turns, rules with their grounds; on the terminal nothing but text."""

import json
from datetime import UTC, datetime

import pytest

from agents.transcript import Turn
from ari_app.commands.call_mood import valence_bar
from ari_app.commands.calls import print_call
from handoff.records.memory import MemoryRecords
from handoff.records.store import CallStarted
from handoff.rules.decisions import Ground
from tests.handoff.felt import felt, ruled

STARTED = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def records() -> MemoryRecords:
    records = MemoryRecords()
    records.call_started(CallStarted("call-1", STARTED, 100.0, "100", "+15550100", "front-desk", "PJSIP/1"))
    records.turn("call-1", Turn(1, "agent", "Hello.", "Hello.", 100.5, 101.0))
    records.turn("call-1", Turn(2, "caller", "Where is it?", "Where is it?", 102.0, 103.0))
    records.event("call-1", "emotion", 103.1, felt(2, None, valence=0.2))
    records.turn("call-1", Turn(4, "caller", "Three times!", "Three times!", 112.0, 114.5))
    records.event("call-1", "emotion", 114.6, felt(4, "frustrated", 0.82, -0.6, "audio"))
    records.event("call-1", "escalation_rule", 114.7, ruled())
    return records


async def shown(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert await print_call(records, "call-1", as_json=False) == 0
    return capsys.readouterr().out.splitlines()


async def test_moods_stand_below_their_turns(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    lines = await shown(records, capsys)
    start = lines.index("") + 1
    assert lines[start : start + 5] == [
        "00:00.500 00:01.000  agent   Hello.",
        "00:02.000 00:03.000  caller  Where is it?",
        "                             calm  [.....|#....] +0.20  by words: words: called often, loudness above usual, asks the same again",
        "00:12.000 00:14.500  caller  Three times!",
        "                             frustrated 0.82  [..###|.....] -0.60  by voice and words: words: called often, loudness above usual, "
        "asks the same again",
    ]


async def test_rules_stand_below_with_their_grounds(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    records.event("call-1", "escalation_rule", 115.0, ruled("watching", shadow=True, queue=""))
    lines = await shown(records, capsys)
    start = lines.index("rules")
    assert lines[start + 1 : start + 3] == [
        "  00:14.700  angry_caller called a person, queue support: frustrated 0.82 for 14 s (limit 0.7)",
        "             frustrated  0.82  >= 0.7  turn 4  00:12.000 to 00:14.500  held 14.2 s",
    ]
    assert "  00:15.000  watching would have called a person (shadow): frustrated 0.82 for 14 s (limit 0.7)" in lines
    assert not any("escalation_rule" in line for line in lines)


async def test_a_call_without_moods_says_nothing_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    records = MemoryRecords()
    records.call_started(CallStarted("call-1", STARTED, 100.0, "100", "", "front-desk", "PJSIP/1"))
    records.event("call-1", "emotion", 101.0, {"label": "half of one"})
    lines = await shown(records, capsys)
    assert "rules" not in lines
    assert any("emotion (label=half of one)" in line for line in lines), "what cannot be read is shown as it is"


async def test_names_cannot_play_with_the_terminal(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    bad = "\x1b[31mred\u202e"
    records.event("call-1", "escalation_rule", 115.0, ruled(grounds=(Ground(f"queue.{bad}.waiting", bad, ">=", 1),), queue=bad))
    out = "\n".join(await shown(records, capsys))
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\x1b[31mred" in out


async def test_as_json(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_call(records, "call-1", as_json=True) == 0
    call = json.loads(capsys.readouterr().out)
    assert [(point["turn"], point["label"], point["level"], point["value"]) for point in call["emotion"]] == [
        (2, "calm", 0.0, 0.2),
        (4, "frustrated", 0.82, -0.6),
    ]
    (rule,) = call["rules"]
    assert (rule["rule"], rule["act"], rule["shadow"], rule["why"]) == (
        "angry_caller",
        "escalate",
        False,
        "frustrated 0.82 for 14 s (limit 0.7)",
    )
    assert rule["grounds"][0]["threshold"] == 0.7


@pytest.mark.parametrize(
    ("valence", "bar"), [(0.0, "[.....|.....]"), (-1.0, "[#####|.....]"), (0.61, "[.....|###..]"), (-0.05, "[.....|.....]")]
)
def test_bar(valence: float, bar: str) -> None:
    assert valence_bar(valence) == bar
