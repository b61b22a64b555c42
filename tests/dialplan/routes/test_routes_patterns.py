"""Which numbers a pattern takes, and which of two goes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import DialplanError
from dialplan.routes.patterns import clash, read_pattern

places = st.sampled_from(["0", "1", "2", "9", "X", "Z", "N", "[1-3]", "[25-7]"])
patterns = st.builds(
    lambda body, end: f"_44{''.join(body)}{end}", st.lists(places, min_size=1, max_size=4), st.sampled_from(["", "."])
).filter(lambda text: text.endswith(".") or any(letter in text for letter in "XZN["))
numbers = st.from_regex(r"44[0-9]{0,6}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "takes", "leaves"),
    [
        ("+4420", ["+4420"], ["4420", "+442", "+44201"]),
        ("_+44X", ["+440", "+449"], ["+44", "+4400", "+44+"]),
        ("_1Z0", ["110", "190"], ["100"]),
        ("_1N", ["12", "19"], ["10", "11"]),
        ("_1[1-35]", ["11", "12", "13", "15"], ["14", "10"]),
        ("_12.", ["120", "12abc"], ["12", "13"]),
    ],
)
def test_a_pattern_takes_what_asterisk_says(pattern: str, takes: list[str], leaves: list[str]) -> None:
    made = read_pattern(pattern)
    assert [number for number in [*takes, *leaves] if made.matches(number)] == takes


@pytest.mark.parametrize(
    "text",
    [
        "_.",
        "_X.",
        "_X!",
        "_1.",
        "_+4.",
        "_[1-9]X.",
        "_12!",
        "_12",
        "_",
        "_1[",
        "_1[a]",
        "_1[3-1]",
        "_1]",
        "_s",
        "_12..",
        "_1x",
        "_" + "X" * 21,
    ],
)
def test_a_pattern_that_takes_too_much_or_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(DialplanError):
        read_pattern(text)


@given(patterns, patterns, numbers)
def test_a_clash_is_told_exactly_when_two_share_a_number_and_none_is_narrower(one: str, other: str, number: str) -> None:
    a, b = read_pattern(one), read_pattern(other)
    shared = a.both(b)
    if shared:
        assert a.matches(shared) and b.matches(shared)
    if a.matches(number) and b.matches(number):
        assert shared
    if a.matches(number) and a.within(b):
        assert b.matches(number)
    assert bool(clash(a, b)) == bool(shared and a.within(b) == b.within(a))
    assert bool(clash(a, b)) == bool(clash(b, a))


widened = st.sampled_from([("1", "1"), ("1", "X"), ("2", "[1-3]"), ("[1-3]", "X"), ("N", "Z"), ("Z", "X"), ("X", "X")])


@given(st.lists(widened, min_size=1, max_size=5), st.integers(1, 5), st.sampled_from(["", "."]))
def test_the_narrower_of_two_is_the_one_asterisk_tries_first(pairs: list[tuple[str, str]], kept: int, end: str) -> None:
    """Asterisk sorts by the first place that differs: fewer characters first, then what is no '.'."""
    kept = min(kept, len(pairs))
    wide_end = "." if kept < len(pairs) or end else end
    a = read_pattern("_44" + "".join(narrow for narrow, _ in pairs) + ("X" if not end else "") + end)
    b = read_pattern("_44" + "".join(wide for _, wide in pairs[:kept]) + ("X" if not wide_end else "") + wide_end)
    assert a.within(b) and clash(a, b) in ("", f"{a.text} and {b.text} are the same numbers")
    if not b.within(a):
        differs = next((len(one) < len(other) for one, other in zip(a.places, b.places, strict=False) if one != other), None)
        assert differs if differs is not None else len(a.places) > len(b.places)
