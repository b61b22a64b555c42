"""Callbacks: when they are due, and that people are told once."""

from datetime import UTC, datetime, timedelta

import pytest

from handoff.tasks.callbacks import Callbacks, look_for_due
from handoff.tasks.hours import is_open
from handoff.tasks.job import Connection
from handoff.tasks.settings import WEEK, CallbackSettings, HoursSettings
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres
ALWAYS = {"timezone": "UTC", "days": WEEK, "opens": "00:00", "closes": "23:59"}
NEVER = {"days": ()}
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""
NUMBER = "+441632960011"


def settings(**more: object) -> CallbackSettings:
    return CallbackSettings.model_validate({"hours": ALWAYS, **more})


def due(db: Connection) -> list[str]:
    return [str(row["callback_id"]) for row in db.execute("SELECT callback_id FROM callbacks_due").fetchall()]


def look(db: Connection, do: Do, what: CallbackSettings) -> list[str]:
    """As the clock does each minute; the states of the jobs that came of it."""
    look_for_due(db, what, datetime.now(UTC))
    waiting = db.execute("SELECT subject FROM task_runs WHERE task = 'callback' AND state = 'waiting'").fetchall()
    states = [str(do(Callbacks(what).handle, "callback", row["subject"])["state"]) for row in waiting]
    db.execute("DELETE FROM task_runs WHERE task = 'callback'")  # the next look is in another minute
    return states


def test_people_are_told_once(db: Connection, calls: Calls, do: Do) -> None:
    callback = calls.callback("c1", NUMBER)
    db.execute("LISTEN patchcord_calls")
    assert look(db, do, settings()) == ["done"]
    assert due(db) == [callback]
    told = [notice.payload for notice in db.notifies(timeout=2, stop_after=1)]
    assert callback in told[0] and NUMBER not in told[0]
    assert look(db, do, settings()) == []


@pytest.mark.parametrize("done", ["done_at", "due_at"])
def test_what_people_do_counts(db: Connection, calls: Calls, do: Do, done: str) -> None:
    callback = calls.callback("c1", NUMBER)
    db.execute("INSERT INTO callback_work (callback_id, agent) VALUES (%s::uuid, 'agent-1')", (callback,))
    column = "done_at = now()" if done == "done_at" else "due_at = now() + interval '1 hour'"
    db.execute(f"UPDATE callback_work SET {column}".encode())  # noqa: S608 - one of two constants
    assert look(db, do, settings()) == []
    assert due(db) == []


def test_nobody_is_due_outside_the_hours(db: Connection, calls: Calls, do: Do) -> None:
    night, day = calls.callback("c1", NUMBER, "night"), calls.callback("c2", NUMBER, "support")
    what = settings(queue_hours={"night": NEVER})
    assert look(db, do, what) == ["done"]
    assert due(db) == [day]
    db.execute("INSERT INTO task_runs (task, subject) VALUES ('callback', %s)", (f"{night}/late",))
    assert do(Callbacks(what).handle, "callback", f"{night}/late")["state"] == "done"
    assert due(db) == [day], "it was due and the queue had closed since"


@pytest.mark.parametrize(
    ("zone", "at", "open_"),
    [
        ("UTC", NOW, True),
        ("UTC", NOW.replace(hour=8, minute=59), False),
        ("UTC", NOW.replace(hour=9, minute=0), True),
        ("UTC", NOW.replace(hour=18), False),
        ("UTC", NOW + timedelta(days=5), False),
        ("America/New_York", NOW, False),
        ("America/New_York", NOW.replace(hour=14), True),
        # Summer time begins on 29 March 2026.
        ("Europe/London", datetime(2026, 3, 27, 17, 30, tzinfo=UTC), True),
        ("Europe/London", datetime(2026, 3, 30, 17, 30, tzinfo=UTC), False),
        # Already Monday there.
        ("Pacific/Auckland", datetime(2026, 3, 1, 21, 0, tzinfo=UTC), True),
    ],
)
def test_hours_are_the_callers_own(zone: str, at: datetime, open_: bool) -> None:
    assert is_open(HoursSettings(timezone=zone), at) is open_
