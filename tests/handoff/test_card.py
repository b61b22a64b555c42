import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import handoff.card
from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import Card, CardError, build_card, card_from_json, card_to_json
from handoff.redaction import luhn_valid, mask_card_numbers

SCHEMA = json.loads(Path(handoff.card.__file__).with_name("card.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

turns = st.builds(
    Turn,
    number=st.integers(1, 1000),
    who=st.sampled_from(["caller", "agent"]),
    text=st.text(max_size=20),
    heard=st.text(max_size=20),
    started_at=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    ended_at=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    via=st.sampled_from(["speech", "keypad"]),
    interrupted=st.booleans(),
    latency_ms=st.dictionaries(st.sampled_from(["gap", "stt"]), st.floats(0, 1e6)),
)
names = st.text(min_size=1, max_size=10)
cards = st.builds(
    Card,
    id=names,
    call_id=names,
    created_at=st.datetimes(timezones=st.just(UTC)),
    reason=names,
    queue=names,
    intent=st.text(max_size=5),
    slots=st.dictionaries(names, st.text(max_size=10)),
    caller_number=st.text(max_size=10),
    turns=st.lists(turns, max_size=4).map(tuple),
)


@given(card=cards)
def test_every_card_fits_the_schema_and_comes_back(card: Card) -> None:
    data = card_to_json(card, started=0.0, redact=str)
    VALIDATOR.validate(data)
    back = card_from_json(json.loads(json.dumps(data)), started=0.0)
    assert card_to_json(back, started=0.0, redact=str) == data
    assert (back.id, back.slots, back.created_at) == (card.id, card.slots, card.created_at)


def test_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def example() -> Card:
    said = Turn(1, "caller", "a person please", "a person please", 101.5, 102.25)
    outcome = Outcome("handover", "caller_request", "support", "order_status", {"order": "10482"})
    return build_card("call-1", outcome, [said], caller_number="+15550100", now=datetime(2030, 1, 2, tzinfo=UTC))


def test_built_from_the_outcome() -> None:
    card = example()
    assert (card.call_id, card.reason, card.queue, card.intent) == ("call-1", "caller_request", "support", "order_status")
    assert card.slots == {"order": "10482"}
    assert len(card.id) == 16
    assert card.id != example().id
    assert set(card.id) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_queue_of_the_settings_when_the_outcome_names_none() -> None:
    assert build_card("c", Outcome("handover"), [], queue="support").queue == "support"
    assert build_card("c", Outcome("handover", queue="billing"), [], queue="support").queue == "billing"


def test_times_count_from_the_start_of_the_call() -> None:
    data = card_to_json(example(), started=100.0)
    assert [(turn["started_ms"], turn["ended_ms"]) for turn in data["turns"]] == [(1500, 2250)]  # type: ignore[union-attr,index,call-overload]
    unknown = card_to_json(example())
    assert unknown["turns"][0]["started_ms"] == 0  # type: ignore[index,call-overload]
    assert card_from_json(data, started=500.0).turns[0].started_at == 501.5


def test_what_was_said_is_redacted_everywhere() -> None:
    number = "4111-1111-1111-1111"
    said = Turn(1, "caller", f"it is {number}", f"it is {number}", 0, 1)
    card = build_card("call-1", Outcome("handover", slots={"digits": number}), [said])
    assert "4111" not in json.dumps(card_to_json(card))
    hidden = card_to_json(card, redact=lambda text: "x" * len(text))
    assert "it is" not in json.dumps(hidden)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2"),
        ({"version": None}, "version None"),
        ({"slots": None}, "not a card"),
        ({"id": 7}, "field id must be a text, not int"),
        ({"turns": [{}]}, "not a turn: field 'who'"),
        ({"turns": [{"who": "robot", "via": "speech"}]}, "who is 'robot'"),
        ({"turns": 3}, "not a card"),
    ],
)
def test_anything_else_is_refused_by_name(change: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(CardError, match=message):
        card_from_json({**card_to_json(example()), **change})


# Test numbers that card schemes publish for this purpose.
KNOWN = ["4222222222222", "30569309025904", "378282246310005", "4111111111111111", "5555555555554444"]


@pytest.mark.parametrize("number", KNOWN)
def test_known_card_numbers_are_masked(number: str) -> None:
    groups = "-".join(number[index : index + 4] for index in range(0, len(number), 4))
    for form in (number, groups, groups.replace("-", " "), groups.replace("-", ".")):
        masked = mask_card_numbers(f"so {form}, please")
        assert masked.startswith("so *")
        assert sum(char.isdigit() for char in masked) == 4
        assert len(masked) == len(f"so {form}, please")


def test_security_code_behind_the_number_does_not_hide_it() -> None:
    assert mask_card_numbers("4111 1111 1111 1111 123") == "**** **** **** 1111 123"
    assert mask_card_numbers("12 4111 1111 1111 1111") == "12 **** **** **** 1111"


@pytest.mark.parametrize("text", ["10482", "+1 555 010 0123", "4111111111111112", "12345678901234567890123", "no digits", "", "1  2"])
def test_other_numbers_stay(text: str) -> None:
    assert mask_card_numbers(text) == text


@given(text=st.text(alphabet="0123456789 -.x", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_card_numbers(text)
    assert len(once) == len(text)
    assert mask_card_numbers(once) == once


@given(digits=st.text(alphabet="0123456789", min_size=12, max_size=18))
def test_every_number_with_its_check_digit_is_masked(digits: str) -> None:
    whole = next(digits + str(check) for check in range(10) if luhn_valid(digits + str(check)))
    assert mask_card_numbers(whole) == "*" * (len(whole) - 4) + whole[-4:]
