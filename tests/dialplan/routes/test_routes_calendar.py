"""Opening hours and holidays: what is open when, and the pieces that the dialplan compares."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.routes.calendar import DAYS, Hours, check_holiday, falls_on, month_pieces
from tests.dialplan.routes.making_routes import hours, spans, yearly

WEEK = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday


@given(hours(), st.integers(0, 7 * 24 * 60 - 1))
def test_the_pieces_hold_exactly_the_open_minutes(given_hours: dict[str, object], minute: int) -> None:
    made = Hours.model_validate(given_hours)
    at = WEEK + timedelta(minutes=minute)
    of_day = at.hour * 60 + at.minute
    in_pieces = any(day == at.weekday() and first <= of_day <= last for day, first, last in made.pieces())
    assert in_pieces == (made.open_at(at) is not None)


@given(spans)
def test_the_end_of_a_span_is_closed_and_its_begin_open(span: str) -> None:
    made = Hours.model_validate({"monday": [span]})
    begin = WEEK.replace(hour=int(span[:2]), minute=int(span[3:5]))
    length = (int(span[6:8]) * 60 + int(span[9:]) - int(span[:2]) * 60 - int(span[3:5])) % (24 * 60) or 24 * 60
    assert made.open_at(begin) == (0, span)
    assert made.open_at(begin + timedelta(minutes=length - 1)) == (0, span)
    assert made.open_at(begin + timedelta(minutes=length)) is None


def test_a_day_of_its_own_takes_the_place_of_weekdays() -> None:
    made = Hours.model_validate({"weekdays": ["09:00-17:00"], "friday": [], "weekend": ["10:00-11:00"]})
    assert [made.of(day) for day in (0, 4, 5)] == [("09:00-17:00",), (), ("10:00-11:00",)]
    assert made.words() == "Monday to Thursday 09:00-17:00, Saturday to Sunday 10:00-11:00"
    assert len(DAYS) == 7


@given(st.tuples(yearly, yearly).map("..".join) | yearly, st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_the_pieces_of_a_yearly_holiday_hold_exactly_its_days(holiday: str, day: date) -> None:
    check_holiday(holiday)
    in_pieces = any(day.month == month and first <= day.day <= last for month, first, last in month_pieces(holiday))
    assert in_pieces == falls_on(holiday, day)


@pytest.mark.parametrize(
    ("holiday", "closed", "opened"),
    [
        ("12-25", ["2026-12-25", "2031-12-25"], ["2026-12-24"]),
        ("02-29", ["2028-02-29"], ["2027-03-01", "2027-02-28"]),
        ("12-24..01-02", ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"], ["2026-12-23", "2027-01-03"]),
        ("2026-12-24..2027-01-02", ["2026-12-24", "2027-01-02"], ["2027-12-24", "2026-12-23"]),
        ("2026-04-03", ["2026-04-03"], ["2027-04-03"]),
    ],
)
def test_a_holiday_falls_on_its_days(holiday: str, closed: list[str], opened: list[str]) -> None:
    assert all(falls_on(holiday, date.fromisoformat(day)) for day in closed)
    assert not any(falls_on(holiday, date.fromisoformat(day)) for day in opened)
