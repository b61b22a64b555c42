"""The broker of files, the timetable and the settings."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kombu.connection import Connection

from handoff.tasks.broker import embedded_broker
from handoff.tasks.schedule import due
from handoff.tasks.settings import HoursSettings, RetentionSettings, TaskSettings, WebhookSettings


@pytest.fixture
def broker(tmp_path: Path) -> Connection:
    url, options = embedded_broker(tmp_path / "broker")
    made: Connection = Connection(url, transport_options=options)  # type: ignore[no-untyped-call]
    return made


def test_messages_come_out_as_they_went_in(broker: Connection, tmp_path: Path) -> None:
    with broker as connection, connection.SimpleQueue("q") as queue:
        for number in range(20):
            queue.put({"n": number})
        assert queue.qsize() == 20
        got = []
        for _ in range(20):
            message = queue.get(timeout=1)
            got.append(message.payload["n"])
            message.ack()
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.05)
    assert got == list(range(20))
    assert list((tmp_path / "broker" / "messages").iterdir()) == []
    for folder in ("", "messages"):
        assert (tmp_path / "broker" / folder).stat().st_mode & 0o777 == 0o700


def test_queues_do_not_mix_and_can_be_emptied(broker: Connection) -> None:
    with broker as connection, connection.SimpleQueue("q") as one, connection.SimpleQueue("other.q") as other:
        one.put("one")
        other.put("other")
        assert (one.qsize(), other.qsize()) == (1, 1)
        assert other.clear() == 1
        assert one.get(timeout=1).payload == "one"


def test_two_may_come_to_a_fresh_broker_at_once(tmp_path: Path) -> None:
    """The clock's first message and the worker's queue meet: kombu's own transport fails one time in four."""
    for number in range(50):
        url, options = embedded_broker(tmp_path / str(number))
        gate = threading.Barrier(2, timeout=10)

        def come(gate: threading.Barrier = gate, url: str = url, options: dict[str, str] = options) -> None:
            with Connection(url, transport_options=options) as connection:  # type: ignore[no-untyped-call]
                gate.wait()
                connection.SimpleQueue("q").close()

        with ThreadPoolExecutor(2) as pool:
            for came in [pool.submit(come) for _ in range(2)]:
                came.result()


def test_what_a_dead_process_left_half_is_removed(tmp_path: Path) -> None:
    embedded_broker(tmp_path)
    whole = tmp_path / "messages" / "1-a.q.msg"
    whole.write_text(json.dumps({}))
    for half in (tmp_path / "messages" / ".2-b.q.msg", tmp_path / "messages" / ".taken-c"):
        half.write_text("")
    embedded_broker(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [whole]


@pytest.mark.parametrize(
    ("at", "expected"),
    [("02:59", "2026-03-01T03:00"), ("03:00", "2026-03-02T03:00"), ("23:59", "2026-03-02T03:00")],
)
def test_retention_is_written_each_night(at: str, expected: str) -> None:
    now = datetime.fromisoformat(f"2026-03-02T{at}+00:00")
    settings = RetentionSettings(at="03:00")
    assert [(timed.task, timed.subject) for timed in due(settings, now)] == [("retention", expected)]


def test_what_is_kept_no_day_goes_every_ten_minutes() -> None:
    settings = RetentionSettings(recordings_days=0)
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    subjects = {timed.subject for minute in range(60) for timed in due(settings, start + timedelta(minutes=minute))}
    assert len(subjects) == 7, "six and last night's"


@pytest.mark.parametrize(
    ("section", "given", "told"),
    [
        (HoursSettings, {"timezone": "Mars/Olympus"}, "no time zone"),
        (HoursSettings, {"opens": "18:00", "closes": "09:00"}, "closes must be later"),
        (WebhookSettings, {"receivers": {"crm": {"url": "ftp://x", "secret_env": "A"}}}, "url"),
        (WebhookSettings, {"receivers": {"crm": {"url": "https://user@x/", "secret_env": "A"}}}, "url"),
        (TaskSettings, {"broker": "sqla+sqlite:///x"}, "broker"),
        (TaskSettings, {"worker": 1}, "worker"),
    ],
)
def test_settings_that_make_no_sense(section: type[TaskSettings], given: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        section.model_validate(given)


def test_nothing_is_sent_by_default() -> None:
    settings = TaskSettings()
    assert not settings.webhooks.receivers and not settings.webhooks.include_transcript
    assert TaskSettings.model_validate(settings.model_dump(mode="json")) == settings
