"""Maintenance mode: the file that keeps it, and who obeys."""

import json
import stat
from pathlib import Path

import pytest

from ari_app.service.layout import Layout
from ari_app.service.maintenance import MOST_REASON, UNREADABLE, MaintenanceNotice, begin, end, lasts, notice_file


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_it_is_off_until_somebody_wants_it_and_after_it_ends(layout: Layout) -> None:
    notice = MaintenanceNotice(layout)
    assert (notice.now(), notice.value()) == (None, "")
    begin(layout, "new trunk")
    found = notice.now()
    assert found is not None
    assert (found.reason, notice.value()) == ("new trunk", "on")
    assert end(layout)
    assert notice.now() is None
    assert not end(layout)


def test_the_file_is_for_its_owner_only(layout: Layout) -> None:
    begin(layout, "")
    assert stat.S_IMODE(notice_file(layout).stat().st_mode) == 0o600


def test_another_reason_keeps_the_beginning(layout: Layout) -> None:
    first = begin(layout, "one")
    notice_file(layout).write_text(json.dumps({"reason": "one", "since": "2026-01-02T03:04:05+00:00"}))
    second = begin(layout, "two")
    assert (second.reason, second.since) == ("two", "2026-01-02T03:04:05+00:00")
    assert first.since != second.since


def test_a_change_is_seen_and_a_reader_that_comes_later_sees_it_too(layout: Layout) -> None:
    notice = MaintenanceNotice(layout)
    for reason in ("one", "two", "three"):
        begin(layout, reason)
        for reader in (notice, MaintenanceNotice(layout)):
            found = reader.now()
            assert found is not None and found.reason == reason


def test_a_reason_cannot_leave_its_line(layout: Layout) -> None:
    assert begin(layout, "a\nb\x1b[31m" + "c" * 500).reason == ("a b [31m" + "c" * 500)[:MOST_REASON]
    assert MaintenanceNotice(layout).value() == "on"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"reason": 1}', "\xff"])
def test_a_file_that_cannot_be_read_means_on(layout: Layout, text: str) -> None:
    begin(layout, "x")
    notice_file(layout).write_text(text, encoding="latin-1")
    found = MaintenanceNotice(layout).now()
    assert found is not None and found.reason == UNREADABLE


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("1970-01-01T00:00:00+00:00", "2 h 5 min"),
        ("1970-01-01T02:00:00+00:00", "5 min"),
        ("1970-01-01T09:00:00+00:00", "0 min"),
        ("", ""),
    ],
)
def test_how_long_it_lasts(since: str, told: str) -> None:
    assert lasts(since, now=7500.0) == told
