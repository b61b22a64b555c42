"""What holds for every kind of slot: what is spoken is heard, nothing raises, and nothing is found that would not be heard."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agents.nlu.slots import SlotContext, SlotPart, SlotReader, slot_reader

NOW = SlotContext(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
PARTS: dict[str, dict[str, Any]] = {
    "digits": {"shortest": 5, "longest": 8},
    "code": {"shortest": 4, "longest": 8},
    "amount": {"most": 5000},
    "date": {"future": True},
    "time": {},
    "datetime": {"future": True},
    "number": {"least": 1, "most": 200},
    "yes_no": {},
    "name": {},
    "email": {},
    "phone": {"region": "US"},
    "address": {},
    "choice": {"choices": {"red": ["red", "reddish"], "solid_blue": ["solid blue", "blue"]}},
    "text": {},
}
KINDS = sorted(PARTS)
VOCABULARY = """
one two four seven oh double twenty fifteen hundred thousand dollars and cents point at dot com no yes not sorry wait tomorrow friday next
november half past quarter to pm order number is my name address street red blue b bravo see as in the 10482 49.99 2:30 27th $ , a week from
three email call me on it was last digit nine plus extension maybe i think
"""
WORDS = VOCABULARY.split()


def reader(kind: str) -> SlotReader:
    part: SlotPart = TypeAdapter[SlotPart](SlotPart).validate_python({"kind": kind, **PARTS[kind]})
    return slot_reader(part)


READERS = {kind: reader(kind) for kind in KINDS}
sentences = st.one_of(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.text(max_size=60))

days = st.dates(date(2026, 11, 21), date(2027, 11, 20))
clocks = st.times().map(lambda t: time(t.hour, t.minute))
VALUES: dict[str, st.SearchStrategy[str]] = {
    "digits": st.from_regex(r"[0-9]{5,8}", fullmatch=True),
    "code": st.from_regex(r"[A-Z0-9]{4,8}", fullmatch=True).filter(lambda code: any(c.isalpha() for c in code)),
    "amount": st.integers(1, 500_000).map(lambda cents: f"{cents // 100}.{cents % 100:02}"),
    "date": days.map(date.isoformat),
    "time": clocks.map(lambda t: f"{t:%H:%M}"),
    "datetime": st.tuples(days.map(lambda d: d + timedelta(days=1)), clocks)
    .map(lambda pair: f"{pair[0]}T{pair[1]:%H:%M}")
    .filter(lambda v: v < "2027-11-20"),
    "number": st.integers(1, 200).map(str),
    "yes_no": st.sampled_from(["yes", "no"]),
    "name": st.sampled_from(["Anna Smith", "Peter", "Mary Jane", "Juan de la Cruz"]),
    "email": st.from_regex(r"[bdfgklmnprtw]{3,6}[._-][0-9]{1,3}@example\.(com|org|net)", fullmatch=True),
    "phone": st.integers(2_000_000, 9_999_999).map(lambda n: f"+1415{n}"),
    "address": st.sampled_from(["12 Oak Street, Springfield, 62704", "9 Hill Road", "221B Baker Street, London"]),
    "choice": st.sampled_from(["red", "solid_blue"]),
    "text": st.sampled_from(["the door does not close", "please ring twice"]),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_spoken_is_heard(kind: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    reading = READERS[kind].hear(READERS[kind].speak(value), NOW)
    assert reading is not None
    assert (reading.value, reading.verdict) == (value, "complete")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=120, deadline=None)
@given(text=sentences, so_far=sentences, refused=st.booleans())
def test_no_sentence_raises(kind: str, text: str, so_far: str, refused: bool) -> None:
    made = READERS[kind]
    current = so_far[:8] or "1"
    for reading in (
        made.hear(text, NOW),
        made.hear(text, NOW, so_far),
        made.find(text, NOW),
        made.mend(current, text, NOW, refused=refused),
        made.keyed(text, NOW),
    ):
        assert reading is None or (0 < reading.confidence <= 1 and reading.value)
    assert made.unfinished(text, NOW, so_far) in (True, False)
    assert isinstance(made.speak(text), str)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300, deadline=None)
@given(text=sentences)
def test_nothing_is_found_that_would_not_be_heard(kind: str, text: str) -> None:
    found = READERS[kind].find(text, NOW)
    if found is not None:
        assert found.verdict == "complete"
        heard = READERS[kind].hear(text, NOW)
        assert heard is not None
        assert heard.value == found.value


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(keys=st.text("0123456789*", max_size=14))
def test_no_keys_raise_and_none_is_longer_than_the_reader_says(kind: str, keys: str) -> None:
    reading = READERS[kind].keyed(keys, NOW)
    if reading is not None and reading.verdict == "complete":
        assert len(keys.replace("*", "")) <= max(READERS[kind].longest_keys, 17)
    if READERS[kind].longest_keys == 0:
        assert reading is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_language_without_words_is_named(kind: str) -> None:
    with pytest.raises(ValueError, match=r"languages/xx\.yaml"):
        READERS[kind].unfinished("four five", SlotContext(NOW.now, "xx"))
