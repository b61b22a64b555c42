"""Days and times relative to a Saturday, November 21, 2026, eleven in the morning."""

from datetime import UTC, datetime

import pytest

from agents.nlu.slots import Reading, SlotContext
from agents.nlu.slots.dates import DateReader
from agents.nlu.slots.datetimes import DateTimeReader
from agents.nlu.slots.part import DateSlot, DateTimeSlot, TimeSlot
from agents.nlu.slots.times import TimeReader

NOW = SlotContext(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
FUTURE = DateReader(DateSlot(kind="date", future=True))
ANY = DateReader(DateSlot(kind="date"))
TIME = TimeReader(TimeSlot(kind="time"))
WHEN = DateTimeReader(DateTimeSlot(kind="datetime", future=True))


def value(reading: Reading | None) -> str | None:
    return reading.value if reading else None


@pytest.mark.parametrize(
    ("said", "coming", "nearest"),
    [
        ("tomorrow", "2026-11-22", "2026-11-22"),
        ("today please", "2026-11-21", "2026-11-21"),
        ("the day after tomorrow", "2026-11-23", "2026-11-23"),
        ("next Tuesday", "2026-11-24", "2026-11-24"),
        ("a week from Friday", "2026-12-04", "2026-12-04"),
        ("Tuesday week", "2026-12-01", "2026-12-01"),
        ("a week on Monday", "2026-11-30", "2026-11-30"),
        ("the 27th", "2026-11-27", "2026-11-27"),
        ("the twenty-seventh", "2026-11-27", "2026-11-27"),
        ("the 31st", "2026-12-31", "2026-10-31"),
        ("November twenty-seventh", "2026-11-27", "2026-11-27"),
        ("the third of December", "2026-12-03", "2026-12-03"),
        ("December 3rd 2027", "2027-12-03", "2027-12-03"),
        ("December third twenty twenty seven", "2027-12-03", "2027-12-03"),
        ("November third", "2027-11-03", "2026-11-03"),
        ("in three days", "2026-11-24", "2026-11-24"),
        ("in a couple of days", "2026-11-23", "2026-11-23"),
        ("in two weeks", "2026-12-05", "2026-12-05"),
        ("in a month", "2026-12-21", "2026-12-21"),
        ("Friday", "2026-11-27", "2026-11-20"),
        ("this Friday", "2026-11-27", "2026-11-27"),
        ("last Friday", None, "2026-11-20"),
        ("yesterday", None, "2026-11-20"),
        ("two weeks ago", None, "2026-11-07"),
        ("11/27", "2026-11-27", "2026-11-27"),
        ("27/11", "2026-11-27", "2026-11-27"),
        ("2026-12-01", "2026-12-01", "2026-12-01"),
        ("Friday the 27th", "2026-11-27", "2026-11-27"),
        ("not Tuesday, Wednesday", "2026-11-25", "2026-11-18"),
        ("Tuesday, no, Wednesday", "2026-11-25", "2026-11-18"),
        ("Wednesday, not Tuesday", "2026-11-25", "2026-11-18"),
        ("February thirtieth", None, None),
        ("may I speak to somebody", None, None),
        ("four five six", None, None),
    ],
)
def test_days(said: str, coming: str | None, nearest: str | None) -> None:
    assert value(FUTURE.hear(said, NOW)) == coming
    assert value(ANY.hear(said, NOW)) == nearest


@pytest.mark.parametrize(
    ("today", "said", "day", "confidence"),
    [
        (16, "next Tuesday", "2026-11-24", 0.7),
        (19, "next Tuesday", "2026-11-24", 1.0),
        (17, "Tuesday", "2026-11-17", 1.0),
        (17, "next Tuesday", "2026-11-24", 1.0),
    ],
)
def test_next_weekday_is_that_of_the_next_week(today: int, said: str, day: str, confidence: float) -> None:
    assert FUTURE.hear(said, SlotContext(datetime(2026, 11, today, 9, 0, tzinfo=UTC))) == Reading(day, "complete", confidence)


def test_a_weekday_that_does_not_fit_its_day_is_doubted() -> None:
    assert FUTURE.hear("Thursday the 27th", NOW) == Reading("2026-11-27", "complete", 0.4)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("half past two", "14:30"),
        ("half past nine", "09:30"),
        ("quarter to nine", "08:45"),
        ("a quarter past ten", "10:15"),
        ("ten past eight in the evening", "20:10"),
        ("twenty minutes to five", "16:40"),
        ("2:30 pm", "14:30"),
        ("2:30 p.m.", "14:30"),
        ("2 pm", "14:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("three in the afternoon", "15:00"),
        ("seven in the morning", "07:00"),
        ("tonight at eight", "20:00"),
        ("9 at night", "21:00"),
        ("fourteen thirty", "14:30"),
        ("1430", "14:30"),
        ("02:30", "02:30"),
        ("nine oh five", "09:05"),
        ("four o'clock", "16:00"),
        ("at nine", "09:00"),
        ("twelve thirty am", "00:30"),
        ("in half an hour", "11:30"),
        ("in two hours", "13:00"),
        ("three pm, no, four pm", "16:00"),
        ("twenty five o'clock", None),
        ("tomorrow", None),
    ],
)
def test_times(said: str, at: str | None) -> None:
    assert value(TIME.hear(said, NOW)) == at


@pytest.mark.parametrize(
    ("current", "said", "at"),
    [
        ("14:00", "I said half past", "14:30"),
        ("14:00", "no, three", "15:00"),
        ("20:00", "no, ten thirty", "22:30"),
        ("09:00", "no, two pm", "14:00"),
    ],
)
def test_a_time_is_mended_in_its_half_of_the_day(current: str, said: str, at: str) -> None:
    assert value(TIME.mend(current, said, NOW, refused=True)) == at


@pytest.mark.parametrize(
    ("said", "when", "verdict"),
    [
        ("tomorrow at half past two", "2026-11-22T14:30", "complete"),
        ("two thirty tomorrow", "2026-11-22T14:30", "complete"),
        ("Friday at 3", "2026-11-27T15:00", "complete"),
        ("November twenty seventh two thirty", "2026-11-27T14:30", "complete"),
        ("the 27th at 14:30", "2026-11-27T14:30", "complete"),
        ("next Tuesday at nine in the morning", "2026-11-24T09:00", "complete"),
        ("tonight at eight", "2026-11-21T20:00", "complete"),
        ("today at nine", "2026-11-21T21:00", "complete"),
        ("in two hours", "2026-11-21T13:00", "complete"),
        ("tomorrow morning", "2026-11-22", "partial"),
        ("Friday", "2026-11-27", "partial"),
        ("at three pm", "T15:00", "partial"),
    ],
)
def test_day_and_time(said: str, when: str, verdict: str) -> None:
    reading = WHEN.hear(said, NOW)
    assert reading is not None
    assert (reading.value, reading.verdict) == (when, verdict)


def test_the_missing_half_is_put_to_the_one_that_is_there() -> None:
    assert value(WHEN.hear("at three", NOW, "2026-11-27")) == "2026-11-27T15:00"
    assert value(WHEN.hear("on Friday", NOW, "T15:00")) == "2026-11-27T15:00"


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("no, Monday", "2026-11-23T14:00"),
        ("not Friday, Monday", "2026-11-23T14:00"),
        ("I said half past", "2026-11-27T14:30"),
        ("not two, four", "2026-11-27T16:00"),
        ("Monday at ten in the morning", "2026-11-23T10:00"),
        ("yes", None),
    ],
)
def test_only_the_half_that_is_named_is_mended(said: str, when: str | None) -> None:
    assert value(WHEN.mend("2026-11-27T14:00", said, NOW, refused=True)) == when


def test_found_where_nobody_asked() -> None:
    assert value(WHEN.find("I would like to come on Monday at ten because of order 10482", NOW)) == "2026-11-23T10:00"
    assert WHEN.find("I would like to come on Monday", NOW) is None
    assert value(FUTURE.find("I want to return order 10482, it was forty dollars, on Friday", NOW)) == "2026-11-27"
    assert FUTURE.find("the second one I ordered today", NOW) is None
    assert TIME.find("order ten four eight two for three dollars", NOW) is None
    assert value(TIME.find("I can be there at three pm with order 10482", NOW)) == "15:00"


def test_keys() -> None:
    assert value(FUTURE.keyed("1127", NOW)) == "2026-11-27"
    assert value(FUTURE.keyed("12032027", NOW)) == "2027-12-03"
    assert FUTURE.keyed("1327", NOW) is None
    assert FUTURE.keyed("11202026", NOW) is None
    assert value(TIME.keyed("1430", NOW)) == value(TIME.keyed("230", NOW)) == "14:30"
    assert TIME.keyed("2575", NOW) is None
    assert value(WHEN.keyed("11271430", NOW)) == "2026-11-27T14:30"


def test_half_a_moment_is_waited_for() -> None:
    assert WHEN.unfinished("on Friday", NOW)
    assert WHEN.unfinished("Friday at", NOW)
    assert not WHEN.unfinished("Friday at three", NOW)
