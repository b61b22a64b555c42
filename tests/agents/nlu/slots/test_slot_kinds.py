"""The other kinds: what is heard in an answer, found unasked, mended after the read-back, and keyed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from agents.nlu.slots import SlotContext, SlotPart, SlotReader, slot_reader

NOW = SlotContext(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))


def reader(kind: str, **fields: Any) -> SlotReader:
    return slot_reader(TypeAdapter[SlotPart](SlotPart).validate_python({"kind": kind, **fields}))


CODE = reader("code", shortest=4, longest=8)
AMOUNT = reader("amount", least=1, most=5000)
NUMBER = reader("number", least=1, most=20)
YES_NO = reader("yes_no")
NAME = reader("name")
EMAIL = reader("email")
PHONE = reader("phone")
US_PHONE = reader("phone", region="US")
ADDRESS = reader("address")
LIGHT = reader("choice", choices={"red": ["red", "reddish"], "blue": ["blue"], "green": ["green", "solid green"]})
SHIPPING = reader("choice", choices={"express": ["express", "fast"], "standard": ["standard"]})
NOTE = reader("text")


def heard(made: SlotReader, said: str, so_far: str = "") -> str | None:
    reading = made.hear(said, NOW, so_far)
    return reading.value if reading and reading.verdict == "complete" else f"{reading.verdict} {reading.value}" if reading else None


@pytest.mark.parametrize(
    ("made", "said", "value"),
    [
        (CODE, "B as in Bravo, four, seven, X", "B47X"),
        (CODE, "bee four seven see", "B47C"),
        (CODE, "My code is B47X", "B47X"),
        (CODE, "It's B-47-X.", "B47X"),
        (CODE, "my code is abx12", "ABX12"),
        (CODE, "A B C 1 2 3", "ABC123"),
        (CODE, "capital b four seven lower case x", "B47X"),
        (CODE, "double u four four double b", "W44BB"),
        (CODE, "sierra tango zero one nine", "ST019"),
        (CODE, "you see four five", "UC45"),
        (CODE, "a b o one oh two", "BO102"),
        (CODE, "no, charlie four four two", "C442"),
        (CODE, "B four seven", "partial B47"),
        (CODE, "I want to talk to someone", None),
        (AMOUNT, "forty nine ninety nine", "49.99"),
        (AMOUNT, "fifty bucks", "50.00"),
        (AMOUNT, "a hundred and twenty dollars and five cents", "120.05"),
        (AMOUNT, "1,200", "1200.00"),
        (AMOUNT, "$49.99", "49.99"),
        (AMOUNT, "twelve hundred dollars", "1200.00"),
        (AMOUNT, "two thousand three hundred", "2300.00"),
        (AMOUNT, "twenty point five", "20.50"),
        (AMOUNT, "three and a half dollars", "3.50"),
        (AMOUNT, "one hundred twenty three dollars forty five", "123.45"),
        (AMOUNT, "forty dollars, no, fifty dollars", "50.00"),
        (AMOUNT, "nine thousand dollars", "too_many 9000.00"),
        (AMOUNT, "ninety cents", None),
        (AMOUNT, "a lot", None),
        (NUMBER, "two of them", "2"),
        (NUMBER, "just one please", "1"),
        (NUMBER, "a dozen", "12"),
        (NUMBER, "a couple", "2"),
        (NUMBER, "three lamps for forty dollars", "3"),
        (NUMBER, "for", "4"),
        (NUMBER, "fifty", "too_many 50"),
        (NUMBER, "zero", None),
        (NAME, "my name is Anna Smith", "Anna Smith"),
        (NAME, "it's Anna", "Anna"),
        (NAME, "uh, Peter", "Peter"),
        (NAME, "Anna, A N N A", "Anna"),
        (NAME, "Smith, S M Y T H", "Smyth"),
        (NAME, "that's spelled J O N", "Jon"),
        (NAME, "This is Anna calling about my order", "Anna"),
        (NAME, "Juan de la Cruz", "Juan de la Cruz"),
        (NAME, "My name is Anna and I want to know my order status", "Anna"),
        (NAME, "I want to talk to someone", None),
        (NAME, "yes", None),
        (EMAIL, "anna dot smith at gmail dot com", "anna.smith@gmail.com"),
        (EMAIL, "It's anna.smith@gmail.com.", "anna.smith@gmail.com"),
        (EMAIL, "my email is a n n a underscore smith at example dash shop dot co dot uk", "anna_smith@example-shop.co.uk"),
        (EMAIL, "anna smith all one word at g mail dot com thank you", "annasmith@gmail.com"),
        (EMAIL, "send it to john forty two at hotmail dot com please", "john42@hotmail.com"),
        (EMAIL, "anna dot smith", "partial anna.smith"),
        (EMAIL, "I live at the corner", None),
        (PHONE, "four one five, double five five, oh one two three", "4155550123"),
        (PHONE, "plus one four one five double five five zero one two three", "+14155550123"),
        (PHONE, "415", "partial 415"),
        (PHONE, "415 555 0123 extension 12", "too_many 415555012312"),
        (US_PHONE, "(415) 555-2671", "+14155552671"),
        (US_PHONE, "one four one five five five five two six seven one", "+14155552671"),
        (US_PHONE, "+44 20 7946 0018", "+442079460018"),
        (US_PHONE, "415 555", "partial 415555"),
        (ADDRESS, "twelve Oak Street, Springfield, 62704", "12 Oak Street, Springfield, 62704"),
        (ADDRESS, "it's 45 north main street in Springfield", "45 North Main Street, Springfield"),
        (
            ADDRESS,
            "one twenty three elm avenue apartment four b springfield six two seven zero four",
            "123 Elm Avenue, Apartment 4B, Springfield, 62704",
        ),
        (ADDRESS, "12 St James Street, Boston", "12 St James Street, Boston"),
        (ADDRESS, "4500 West 5th Street Chicago", "4500 West 5th Street, Chicago"),
        (ADDRESS, "221B Baker Street, London", "221B Baker Street, London"),
        (ADDRESS, "Oak Street", "partial Oak Street"),
        (ADDRESS, "I don't know", None),
        (LIGHT, "flashing red, not blue", "red"),
        (LIGHT, "not the red one, the blue one", "blue"),
        (LIGHT, "blue, no, red", "red"),
        (LIGHT, "blew", "blue"),
        (LIGHT, "gren", "green"),
        (LIGHT, "the second one", "blue"),
        (LIGHT, "option three", "green"),
        (LIGHT, "the last one", "green"),
        (LIGHT, "red or blue", None),
        (LIGHT, "it isn't red", None),
        (LIGHT, "I don't know", None),
        (SHIPPING, "not express", "standard"),
        (NOTE, "  the door  does not close ", "the door does not close"),
        (NOTE, "...", None),
    ],
)
def test_heard(made: SlotReader, said: str, value: str | None) -> None:
    assert heard(made, said) == value


@pytest.mark.parametrize(
    "said",
    [
        "yep that's the one",
        "correct",
        "uh huh",
        "yeah no that's right",
        "no, yes",
        "sure why not",
        "I guess so",
        "that's fine",
        "yes it is",
        "Mhm.",
        "no problem",
        "no that's correct",
        "yes please",
        "okay",
        "go ahead",
        "you got that right",
        "please do",
        "not wrong",
        "no, it's fine",
    ],
)
def test_yes(said: str) -> None:
    assert heard(YES_NO, said) == "yes"


@pytest.mark.parametrize(
    "said",
    [
        "not really",
        "I don't think so",
        "no that is wrong",
        "yeah, no",
        "not quite",
        "that's not right",
        "absolutely not",
        "of course not",
        "no it's not",
        "Nope.",
        "that isn't it",
        "that's incorrect",
        "I'd rather not",
        "no thank you",
        "yes that's wrong",
        "that's not what I said",
        "no no no",
        "negative",
    ],
)
def test_no(said: str) -> None:
    assert heard(YES_NO, said) == "no"


@pytest.mark.parametrize(
    "said", ["maybe", "I'm not sure", "I don't know", "is that my order?", "", "hmm", "what do you mean", "four five six"]
)
def test_neither(said: str) -> None:
    assert heard(YES_NO, said) is None


@pytest.mark.parametrize(
    ("made", "said", "value"),
    [
        (AMOUNT, "I want to return order 10482, it was forty dollars, on Friday", "40.00"),
        (AMOUNT, "order 10482 please", None),
        (AMOUNT, "forty dollars and not fifty dollars", "40.00"),
        (AMOUNT, "forty dollars or fifty dollars", None),
        (NUMBER, "I want three of them for forty dollars", "3"),
        (NUMBER, "order one zero four", None),
        (YES_NO, "yes I want a refund", None),
        (NAME, "my name is Anna and my order is 10482", "Anna"),
        (NAME, "it is Friday", None),
        (EMAIL, "bob at example dot org and my order is 10482", "bob@example.org"),
        (EMAIL, "meet me at noon", None),
        (PHONE, "call me on 555 0123 please", "5550123"),
        (PHONE, "my order is 1048213", None),
        (US_PHONE, "call me at 415-555-2671 about order 10482", "+14155552671"),
        (ADDRESS, "change my address to 9 hill road", "9 Hill Road"),
        (ADDRESS, "I'd like to change my address", None),
        (CODE, "my code is B47X and I paid forty dollars", "B47X"),
        (CODE, "I see you are here", None),
        (LIGHT, "since Friday the light is flashing red", "red"),
        (LIGHT, "the second one", None),
        (NOTE, "anything at all", None),
    ],
)
def test_found_where_nobody_asked(made: SlotReader, said: str, value: str | None) -> None:
    found = made.find(said, NOW)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("made", "current", "said", "refused", "value"),
    [
        (CODE, "B47X", "no, C47X", True, "C47X"),
        (AMOUNT, "40.00", "no, fifty dollars", True, "50.00"),
        (AMOUNT, "40.00", "not forty, fifty", True, "50.00"),
        (NUMBER, "3", "no, two", True, "2"),
        (NUMBER, "3", "yes, that's the one", False, None),
        (YES_NO, "yes", "no", True, "no"),
        (NAME, "Anna Smith", "no, it's Anna Smyth", True, "Anna Smyth"),
        (NAME, "Anna Smith", "S M Y T H", True, "Anna Smyth"),
        (NAME, "Anna Smith", "yes", False, None),
        (EMAIL, "anna.smith@gmail.com", "no, at hotmail dot com", True, "anna.smith@hotmail.com"),
        (EMAIL, "anna.smith@gmail.com", "yes", False, None),
        (PHONE, "4155550123", "the last digit is four", True, "4155550124"),
        (ADDRESS, "12 Oak Street, Springfield", "no, fourteen", True, "14 Oak Street, Springfield"),
        (ADDRESS, "12 Oak Street, Springfield", "no, 14 Elm Street, Boston", True, "14 Elm Street, Boston"),
        (LIGHT, "red", "no, blue", True, "blue"),
        (SHIPPING, "express", "no", True, "standard"),
        (LIGHT, "red", "no", True, None),
        (NOTE, "a", "no, the other door", True, "the other door"),
    ],
)
def test_mended(made: SlotReader, current: str, said: str, refused: bool, value: str | None) -> None:
    reading = made.mend(current, said, NOW, refused=refused)
    assert (reading.value if reading else None) == value


@pytest.mark.parametrize(
    ("made", "keys", "value"),
    [
        (AMOUNT, "49*99", "49.99"),
        (AMOUNT, "50", "50.00"),
        (AMOUNT, "**", None),
        (NUMBER, "12", "12"),
        (YES_NO, "1", "yes"),
        (YES_NO, "2", "no"),
        (YES_NO, "3", None),
        (LIGHT, "2", "blue"),
        (LIGHT, "4", None),
        (PHONE, "4155550123", "4155550123"),
        (US_PHONE, "*14155552671", "+14155552671"),
        (US_PHONE, "004420794600180", None),
        (CODE, "4711", "4711"),
        (NAME, "123", None),
    ],
)
def test_keyed(made: SlotReader, keys: str, value: str | None) -> None:
    reading = made.keyed(keys, NOW)
    assert (reading.value if reading and reading.verdict == "complete" else None) == value


@pytest.mark.parametrize(
    ("made", "so_far", "said", "value"),
    [
        (CODE, "B4", "seven x", "B47X"),
        (EMAIL, "anna.smith", "at gmail dot com", "anna.smith@gmail.com"),
        (US_PHONE, "415555", "two six seven one", "+14155552671"),
        (ADDRESS, "12", "Oak Street", "12 Oak Street"),
    ],
)
def test_in_pieces(made: SlotReader, so_far: str, said: str, value: str) -> None:
    assert heard(made, said, so_far) == value


@pytest.mark.parametrize(
    ("made", "value", "spoken"),
    [
        (CODE, "B47X", "B, four, seven, X"),
        (AMOUNT, "49.99", "forty-nine dollars and ninety-nine cents"),
        (YES_NO, "yes", "yes"),
        (EMAIL, "anna.smith@gmail.com", "anna dot smith at gmail dot com"),
        (PHONE, "+1415", "plus, one, four, one, five"),
        (LIGHT, "green", "green"),
    ],
)
def test_spoken(made: SlotReader, value: str, spoken: str) -> None:
    assert made.speak(value) == spoken


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "digit"}, "does not match any of the expected tags"),
        ({"kind": "digits", "shortest": 5}, "longest"),
        ({"kind": "digits", "shortest": 9, "longest": 5}, "shortest: 9 is more than longest: 5; swap them"),
        ({"kind": "amount", "least": 9, "most": 5}, "least: 9 is more than most: 5; swap them"),
        ({"kind": "name", "longest": 5}, "Extra inputs are not permitted"),
        ({"kind": "phone", "region": "usa"}, "pattern"),
        ({"kind": "choice", "choices": {"red": ["red"]}}, "at least 2"),
        ({"kind": "choice", "choices": {"red": ["red"], "Blue one": ["blue"]}}, "'Blue one' must be small letters"),
        ({"kind": "choice", "choices": {"red": ["red"], "blue": ["Red"]}}, "'Red' stands for both red and blue"),
        ({"kind": "choice", "choices": {"red": ["red"], "blue": ["?"]}}, "holds no word"),
    ],
)
def test_a_wrong_part_is_explained(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter[SlotPart](SlotPart).validate_python(fields)
