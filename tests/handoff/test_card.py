import json
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import handoff.card
from agents.transcript import JsonValue, Turn
from handoff.card import (
    CARD_STATES,
    Attempt,
    Caller,
    Card,
    CardError,
    Consent,
    EmotionPoint,
    Fact,
    Intent,
    KeyFact,
    NextAction,
    Reason,
    Summary,
    Timing,
    Verified,
    card_from_json,
    card_to_json,
    new_card_id,
)
from tests.handoff.card_doubles import MADE, card_of, tool

SCHEMA = json.loads(Path(handoff.card.__file__).with_name("card.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

numbers = st.integers(0, 1000)
texts = st.text(max_size=20)
names = st.text(min_size=1, max_size=10)
moments = st.datetimes(timezones=st.just(UTC))
facts = st.builds(Fact, text=texts, turn=numbers)
turns = st.builds(
    Turn,
    number=st.integers(1, 1000),
    who=st.sampled_from(["caller", "agent"]),
    text=texts,
    heard=texts,
    started_at=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    ended_at=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    via=st.sampled_from(["speech", "keypad"]),
    interrupted=st.booleans(),
    latency_ms=st.dictionaries(st.sampled_from(["gap", "stt"]), st.floats(0, 1e6)),
)
verified = st.builds(Verified, level=st.sampled_from(["none", "claimed", "otp", "kba"]), method=texts, turn=numbers)
cards = st.builds(
    Card,
    id=names,
    call_id=names,
    transfer_id=texts,
    revision=st.integers(1, 50),
    state=st.sampled_from(CARD_STATES),
    created_at=moments,
    updated_at=moments,
    reason=st.builds(Reason, code=names, detail=texts, triggered_by=texts),
    caller=st.builds(Caller, number=texts, name=texts, customer_id=texts, language=names, verified=verified),
    intent=st.builds(Intent, code=texts, confidence=st.none() | st.floats(0, 1)),
    queue=names,
    timing=st.builds(Timing, call_s=st.floats(0, 1e5), started_at=moments),
    agent=texts,
    number=texts,
    slots=st.dictionaries(names, texts),
    summary=st.builds(Summary, text=texts, facts=st.lists(facts, max_size=3).map(tuple)),
    key_facts=st.lists(st.builds(KeyFact, key=names, value=texts, source=st.sampled_from(["caller", "tool"]), turn=numbers)).map(tuple),
    attempted=st.lists(st.builds(Attempt, tool=names, ok=st.booleans(), error=texts, turn=numbers), max_size=3).map(tuple),
    promises=st.lists(facts, max_size=2).map(tuple),
    open_question=st.none() | facts,
    next_action=st.none() | st.builds(NextAction, text=texts, why=texts),
    emotion=st.lists(
        st.builds(
            EmotionPoint,
            at_ms=numbers,
            label=names,
            value=st.floats(-1, 1),
            method=st.sampled_from(["text", "audio"]),
            arousal=st.floats(0, 1),
            level=st.floats(0, 1),
            turn=numbers,
            reasons=st.lists(texts, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    consent=st.builds(
        Consent,
        ai_disclosed=st.booleans(),
        recording=st.sampled_from(["none", "announced", "granted", "refused"]),
        emotion=st.sampled_from(["none", "text", "audio_announced"]),
    ),
    recording=st.sampled_from(["on", "paused", "off"]),
    turns=st.lists(turns, max_size=4).map(tuple),
    started_monotonic=st.just(0.0),
)


@given(card=cards)
def test_every_card_fits_the_schema_and_comes_back(card: Card) -> None:
    data = card_to_json(card)
    VALIDATOR.validate(data)
    back = card_from_json(json.loads(json.dumps(data)))
    again = card_to_json(back)
    assert again == data
    assert (back.id, back.revision, back.state, back.created_at, back.consent) == (
        card.id,
        card.revision,
        card.state,
        card.created_at,
        card.consent,
    )


def test_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


SAID: dict[str, JsonValue] = {"number": 1, "who": "caller", "text": "a person", "heard": "a person", "started_ms": 500, "ended_ms": 1500}
VERSION_1: dict[str, JsonValue] = {
    "version": 1,
    "id": "old-card",
    "call_id": "call-1",
    "created_at": "2030-01-02T03:04:05+00:00",
    "reason": "caller_request",
    "queue": "support",
    "intent": "order_status",
    "slots": {"order": "10482"},
    "caller_number": "+15550100",
    "turns": [{**SAID, "via": "speech", "interrupted": False, "latency_ms": {}}],
}


def test_version_1_is_read_and_written_as_version_2() -> None:
    VALIDATOR.validate(VERSION_1)
    card = card_from_json(VERSION_1, started=100.0)
    assert (card.reason.code, card.intent.code, card.caller.number, card.slots) == (
        "caller_request",
        "order_status",
        "+15550100",
        {"order": "10482"},
    )
    assert (card.revision, card.state, card.updated_at, card.turns[0].started_at) == (1, "requested", card.created_at, 100.5)
    data = card_to_json(card)
    VALIDATOR.validate(data)
    assert card_from_json(data, started=100.0) == card


def test_cards_from_before_moods_had_levels_are_still_read() -> None:
    data = card_to_json(card_of("caller: hello"))
    data["emotion"] = [{"at_ms": 4000, "label": "angry", "value": -0.5, "method": "text"}]
    data["consent"] = {"ai_disclosed": True, "recording": "none"}
    VALIDATOR.validate(data)
    card = card_from_json(data)
    assert card.emotion == (EmotionPoint(4000, "angry", -0.5, "text", arousal=0.5, level=0.0, turn=0, reasons=()),)
    assert card.consent == Consent(True, "none", "none")
    VALIDATOR.validate(card_to_json(card))


REFUND = (
    "agent: You are talking to an automated assistant. How can I help you?",
    "caller: can I get a refund for order six two zero four seven",
    "agent: Shall I refund two hundred and forty-nine dollars for a smart thermostat?",
    "caller: yes, and when does the money come?",
    "agent: A refund of more than one hundred dollars needs a colleague. I will put you through. Please hold.",
)


def refund(**more: object) -> Card:
    return card_of(
        *REFUND,
        intent="refund",
        slots={"order_number": "62047", "amount": "249.00", "settled": "yes", "made_up": "77777"},
        events=[tool("orders.find", 2), tool("orders.refund", 4, ok=False, error="not for 4111111111111111")],
        reason="refund_over_limit",
        **more,
    )


def test_card_says_what_was_said_and_where() -> None:
    card = refund()
    assert card.key_facts == (KeyFact("order_number", "62047", "caller", 2), KeyFact("amount", "249.00", "tool", 3))
    assert card.slots["made_up"] == "77777"
    assert card.attempted == (
        Attempt("orders.find", True, "", 2),
        Attempt("orders.refund", False, "not for ************1111", 4),
    )
    assert card.open_question == Fact("yes, and when does the money come?", 4)
    assert card.promises == ()
    assert card.reason == Reason("refund_over_limit", "", "flow")
    assert card.next_action == NextAction("Approve or refuse the refund.", "It is over the assistant's limit.")
    assert card.caller == Caller("+15550100")
    assert card.timing == Timing(10.0, MADE - timedelta(seconds=10))
    VALIDATOR.validate(card_to_json(card))


def test_same_source_gives_the_same_card() -> None:
    assert refund() == refund()
    assert card_from_json(card_to_json(refund()), started=99.0) == refund()


def test_revisions_keep_the_date_of_the_first() -> None:
    later = refund(revision=3, state="joined", updated_at=MADE + timedelta(seconds=30), call_s=40.0)
    assert (later.created_at, later.updated_at, later.revision, later.state) == (MADE, MADE + timedelta(seconds=30), 3, "joined")
    assert later.timing == Timing(40.0, MADE - timedelta(seconds=10))


def test_ids_are_long_and_different() -> None:
    ids = {new_card_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(one) == 24 for one in ids)
    assert set("".join(ids)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_promises_are_statements_that_the_caller_heard() -> None:
    card = card_of(
        "agent: I have refunded ten dollars. Shall I refund another amount?",
        "caller: no, will you call me back?",
        "agent: We will call you back tomorrow. If it does not come, we will send another one.",
        "caller: wait",
        "agent: Your visit is booked for Monday. A technician will come | Your visit is booked for Monday. A technician will",
        "agent: I have not refunded anything. I will put you through to a colleague.",
        "agent: El paquete debería llegar el viernes.",
        "agent: We will call you back tomorrow.",
    )
    assert card.promises == (
        Fact("I have refunded ten dollars.", 1),
        Fact("Your visit is booked for Monday.", 5),
        Fact("El paquete debería llegar el viernes.", 7),
        Fact("We will call you back tomorrow.", 8),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("caller: where is it", "agent: Please hold."), Fact("where is it", 1)),
        (("caller: where is it", "agent: It is on its way."), None),
        (("caller: where is it", "caller: hello", "agent: I will put you through to a colleague. Please hold."), Fact("where is it", 1)),
        (("caller: can I talk to a person?",), None),
        (("caller: my lamp is broken",), None),
        ((), None),
    ],
)
def test_open_question(lines: tuple[str, ...], expected: Fact | None) -> None:
    assert card_of(*lines).open_question == expected


def test_identity_is_a_claim_until_an_event_proves_it() -> None:
    said = ("agent: Which phone number?", "caller: five five five zero one zero one", "keys: 10")
    assert card_of(*said).caller.verified == Verified()
    assert card_of(*said, slots={"phone": "5550101"}).caller.verified == Verified("claimed", "phone", 2)
    proof = ("verified", 105.0, {"level": "otp", "method": "one-time code"})
    assert card_of(*said, slots={"phone": "5550101"}, events=[proof]).caller.verified == Verified("otp", "one-time code", 3)
    forged = ("verified", 105.0, {"level": "everything"})
    assert card_of(*said, events=[forged]).caller.verified == Verified()


def test_what_was_corrected_counts_at_its_last_place() -> None:
    card = card_of("caller: order one two three four five", "caller: no, one two three four six", slots={"order_number": "12346"})
    assert card.key_facts == (KeyFact("order_number", "12346", "caller", 2),)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("34.50", "thirty-four dollars and fifty cents"),
        ("249.00", "two hundred and forty-nine dollars"),
        ("1249", "one thousand two hundred and forty nine"),
        ("2026-11-27", "on Friday, November twenty-seventh"),
        ("2026-11-03", "el tres de noviembre"),
        ("12 Garden Row", "it is twelve garden row please"),
        ("hub", "the HUB!"),
        ("5550101", "five five five, oh one oh one"),
    ],
)
def test_values_are_found_however_they_are_said(value: str, said: str) -> None:
    assert [fact.turn for fact in card_of("caller: hm", f"caller: {said}", slots={"it": value}).key_facts] == [2]


@pytest.mark.parametrize(("value", "said"), [("49", "two hundred and forty-nine"), ("104", "10482"), ("2026-11-27", "the twenty-seventh")])
def test_parts_of_values_are_not_the_values(value: str, said: str) -> None:
    assert card_of(f"caller: {said}", slots={"it": value}).key_facts == ()


def test_secrets_are_nowhere_on_a_card() -> None:
    card = card_of(
        "agent: I have sent you a code. Please say its six digits.",
        "caller: four nine three zero two seven",
        "caller: and my card is 4111 1111 1111 1111, the password is bluebird",
        "keys: ••••••",
        slots={"code": "493027", "note": "code 493027", "card": "4111111111111111"},
        events=[tool("accounts.check_code", 2, ok=False, error="493027 is wrong")],
        reason_detail="said 493027",
    )
    text = json.dumps(card_to_json(card), ensure_ascii=False)
    for secret in ("493027", "four nine", "4111", "bluebird"):
        assert secret not in text
        assert secret not in repr(card)


def test_card_made_by_hand_is_redacted_when_it_is_written() -> None:
    card = replace(refund(), promises=(Fact("your code is 493027", 1),), summary=Summary("pin is 4421", (Fact("pin is 4421", 1),)))
    text = json.dumps(card_to_json(card))
    assert "493027" not in text
    assert "4421" not in text


def test_times_that_are_none_do_not_spoil_a_card() -> None:
    bad = Turn(1, "caller", "hm", "hm", float("nan"), float("inf"))
    card = card_of(turns=(bad,), events=[("tool", float("nan"), {"name": "x"})], emotion=(EmotionPoint(1, "sad", float("nan")),))
    VALIDATOR.validate(card_to_json(card))
    json.dumps(card_to_json(card), allow_nan=False)


GOOD = card_to_json(refund())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 3}, "version 3"),
        ({"version": None}, "version None"),
        ({"version": True}, "version True"),
        ({"slots": None}, "field slots must be an object"),
        ({"id": 7}, "field id must be a text, not int"),
        ({"turns": [{}]}, "not a turn: field 'who'"),
        ({"turns": [{"who": "robot", "via": "speech"}]}, "who is 'robot'"),
        ({"turns": 3}, "turns must be a list"),
        ({"state": "gone"}, "state must be one of requested, ringing"),
        ({"revision": 1.5}, "revision must be a whole number"),
        ({"created_at": "yesterday"}, "created_at must be a date"),
        ({"reason": "caller_request"}, "reason must be an object"),
        ({"summary": {"text": ""}}, "field 'facts'"),
        ({"consent": {"ai_disclosed": "yes", "recording": "none"}}, "ai_disclosed must be true or false"),
        ({"key_facts": [3]}, "key_facts must be a list of objects"),
        ({"consent": {"ai_disclosed": True, "recording": "none", "emotion": "guessed"}}, "emotion must be one of none, text"),
        ({"emotion": [{"at_ms": 1, "label": "x", "value": 0, "method": "text", "reasons": [1]}]}, "reasons must be a list of texts"),
        ({"emotion": [{"at_ms": 1, "label": "x", "value": 0, "method": "text", "level": "high"}]}, "level must be a number"),
    ],
)
def test_anything_else_is_refused_by_name(change: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(CardError, match=message):
        card_from_json({**GOOD, **change})


@pytest.mark.parametrize("field", sorted(GOOD))
def test_no_field_may_be_missing(field: str) -> None:
    with pytest.raises(CardError):
        card_from_json({name: value for name, value in GOOD.items() if name != field})
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({name: value for name, value in GOOD.items() if name != field})
