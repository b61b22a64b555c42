"""``patchcord calls``, over the double that passes the same contract as the database."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transcript import Outcome, Turn
from ari_app.commands.calls import print_call, print_calls, shown
from handoff.card import CardSource, make_card, new_card_id
from handoff.records.memory import MemoryRecords
from handoff.records.store import CallEnded, CallStarted

STARTED = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def records() -> MemoryRecords:
    records = MemoryRecords()
    records.call_started(CallStarted("call-1-and-more", STARTED, 100.0, "100", "\x1b[31mEve\x07\n", "front-desk", "PJSIP/1"))
    records.turn("call-1-and-more", Turn(1, "agent", "Hello, how can I help you?", "Hello, how", 100.5, 101.25, interrupted=True))
    records.event("call-1-and-more", "barge_in", 101.2, {"word": "wait\r"})
    records.turn("call-1-and-more", Turn(2, "caller", "10482", "10482", 161.3, 163.0, via="keypad"))
    records.turn("call-1-and-more", Turn(3, "agent", "It is on its way.", "It is on its way.", 163.62, 165.0, latency_ms={"gap": 620.0}))
    outcome = Outcome("handover", "caller_request", "support", "order_status", {"order": "10482"})
    records.card(
        make_card(
            CardSource(
                card_id=new_card_id(),
                call_id="call-1-and-more",
                created_at=STARTED,
                reason=outcome.reason,
                queue=outcome.queue,
                outcome=outcome,
                turns=(),
                started_monotonic=100.0,
            )
        )
    )
    records.callback("call-1-and-more", "+15550101", "support")
    records.call_ended(CallEnded("call-1-and-more", STARTED + timedelta(seconds=75), "handover", "caller_request", {"lost": 0}))
    return records


async def test_list_in_columns(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_calls(records, as_json=False, limit=10) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "STARTED", "LENGTH", "CALLER", "NUMBER", "ROUTE", "OUTCOME", "TURNS"]
    assert row.startswith("call-1-and-m  ")
    assert "\\x1b[31mEve\\x07\\x0a" in row
    assert row.split()[-3:] == ["front-desk", "handover", "3"]
    assert " 1:15 " in row
    assert row.index("front-desk") == head.index("ROUTE")


async def test_list_as_json(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_calls(records, as_json=True, limit=10) == 0
    (call,) = json.loads(capsys.readouterr().out)
    assert call["id"] == "call-1-and-more"


async def test_empty_list_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_calls(MemoryRecords(), as_json=False, limit=10) == 0
    assert "./patchcord call" in capsys.readouterr().out
    assert await print_calls(MemoryRecords(), as_json=True, limit=10) == 0
    assert json.loads(capsys.readouterr().out) == []


async def test_transcript(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_call(records, "call-1", as_json=False) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    start = lines.index("") + 1
    assert lines[start : start + 5] == [
        "00:00.500 00:01.250  agent   Hello, how can I help you?",
        "                             interrupted; heard: Hello, how",
        "00:01.200            -       barge_in (word=wait\\x0d)",
        "01:01.300 01:03.000  caller  10482 [keypad]",
        "01:03.620 01:05.000  agent   It is on its way.  (620 ms after the caller)",
    ]
    assert "outcome   handover (caller_request)" in lines
    assert any(line.startswith("callback  +15550101, queue support") for line in lines)
    assert any(
        line.startswith("card      ") and "caller_request, queue support, intent order_status (order 10482)" in line for line in lines
    )
    assert ["gap", "620.0", "620.0", "1"] in [line.split() for line in lines]
    assert lines[-1] == "media     lost 0"
    assert "\x1b" not in out
    assert "\x07" not in out


async def test_whole_call_as_json(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_call(records, "call-1-and-more", as_json=True) == 0
    out = capsys.readouterr().out
    call = json.loads(out)
    assert call["turns"][0]["heard"] == "Hello, how"
    assert "\x1b" not in out  # JSON escapes them


async def test_call_that_has_only_begun(capsys: pytest.CaptureFixture[str]) -> None:
    records = MemoryRecords()
    records.call_started(CallStarted("call-2", STARTED, 1.0, "100", "", "echo", "x"))
    assert await print_call(records, "call-2", as_json=False) == 0
    out = capsys.readouterr().out
    assert "(withheld)" in out
    assert "(not ended)" in out
    assert "(nothing was said)" in out
    records.call_ended(CallEnded("call-3", STARTED, "rescued", "", {}))
    assert await print_call(records, "call-3", as_json=False) == 0
    assert await print_calls(records, as_json=False) == 0


async def test_unknown_id(records: MemoryRecords, capsys: pytest.CaptureFixture[str]) -> None:
    assert await print_call(records, "no\x1bpe", as_json=False) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no\\\\x1bpe" in captured.err or "no\\x1bpe" in captured.err
    assert "./patchcord calls" in captured.err


@given(text=st.text())
def test_nothing_plays_with_the_terminal(text: str) -> None:
    safe = shown(text)
    assert len(safe.splitlines()) <= 1
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2066\u200f" for char in safe)


def test_ordinary_names_stay() -> None:
    assert shown("Zoë 漢字 +1 (555)") == "Zoë 漢字 +1 (555)"
