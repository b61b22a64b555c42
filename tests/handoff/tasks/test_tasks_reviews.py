"""Reviews of calls in a real database."""

from datetime import UTC, datetime

import pytest

from handoff.tasks.job import Connection, Row
from handoff.tasks.summaries import review
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres


def a_call(calls: Calls, call_id: str = "c1") -> None:
    calls.call(call_id)
    calls.turn(call_id, 1, "agent", "Good morning, how can I help?", 500, 2000)
    calls.turn(call_id, 2, "caller", "I want to know where my order 45678 is.", 2500, 5000)
    calls.turn(call_id, 3, "agent", "Your blue glass lamp is on its way.", 5700, 8000, latency_ms={"gap": 700})
    calls.turn(call_id, 4, "caller", "Thank you.", 8500, 9000)
    calls.turn(call_id, 5, "agent", "Good bye.", 9600, 10500, latency_ms={"gap": 600})
    calls.event(call_id, "tool", 5200, name="order_status", ok=True, ms=40)


def reviewed(db: Connection, call_id: str = "c1") -> Row:
    row = db.execute("SELECT * FROM call_reviews WHERE call_id = %s", (call_id,)).fetchone()
    assert row is not None
    return row


def test_a_call_that_ended_is_reviewed(db: Connection, calls: Calls, do: Do) -> None:
    a_call(calls)
    assert do(review, "review", "c1/1")["state"] == "done"
    row = reviewed(db)
    assert "order" in row["summary"].lower() and len(row["summary"].split()) <= 60
    assert row["facts"] and all(1 <= fact["turn"] <= 5 for fact in row["facts"])
    assert row["score"] == 100
    assert row["parts"]["answer_gap_ms"] == {"value": 700, "score": 100, "weight": 25}


def test_the_review_of_an_end_that_was_none_does_not_hold(db: Connection, calls: Calls, do: Do) -> None:
    a_call(calls)
    seq = calls.end("c1", datetime.now(UTC), "failed", "pipeline_error")
    do(review, "review", f"c1/{seq}")
    later = reviewed(db)
    assert later["score"] < 100
    assert do(review, "review", "c1/1")["state"] == "done"
    assert reviewed(db) == later


def test_a_call_that_is_gone_leaves_nothing(db: Connection, calls: Calls, do: Do) -> None:
    a_call(calls)
    db.execute("DELETE FROM calls")
    assert do(review, "review", "c1/1")["state"] == "done"
    assert db.execute("SELECT FROM call_reviews").fetchone() is None


def test_a_call_without_a_word(db: Connection, calls: Calls, do: Do) -> None:
    calls.call("c1", outcome="caller_left")
    assert do(review, "review", "c1/1")["state"] == "done"
    assert (reviewed(db)["score"], reviewed(db)["summary"]) == (None, "")
