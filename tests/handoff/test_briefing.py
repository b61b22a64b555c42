"""The brief fits into eight seconds whatever is on the card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.wording import spoken_text
from handoff.briefing import CHARACTERS_PER_SECOND, MOST_SECONDS, MOST_WORDS, spoken_brief, spoken_seconds
from handoff.card import Caller, Card, EmotionPoint
from handoff.card_words import REASONS, WISHES
from tests.handoff.card_doubles import card_of, tool


def test_who_why_and_what() -> None:
    card = card_of(
        "caller: can I get a refund for order six two zero four seven",
        intent="refund",
        slots={"order": "62047"},
        reason="refund_over_limit",
    )
    assert spoken_brief(card) == "Caller ending 0 1 0 0, wants a refund. Refund over the limit."
    known = card_of("caller: refund for six two zero four seven", intent="refund", slots={"order": "62047"}, caller_name="Harbor Home")
    assert spoken_brief(known) == "Harbor Home, wants a refund. Order 6 2 0 4 7."
    assert spoken_brief(known, "es") == "Harbor Home, quiere un reembolso. Pedido 6 2 0 4 7."


def test_of_a_caller_who_is_called_back() -> None:
    card = card_of("caller: can I get a refund", intent="refund", caller_name="Harbor Home")
    assert spoken_brief(card, callback=True) == "To call back, Harbor Home. Wants a refund."


def test_what_was_promised_or_tried() -> None:
    promised = card_of("agent: We will call you back tomorrow.", intent="outage", caller_number="")
    assert spoken_brief(promised) == "A caller, wants to report an outage. Was promised a call."
    failed = card_of("caller: hm", intent="refund", caller_number="", events=[tool("orders.find", 1, ok=False)])
    assert spoken_brief(failed) == "A caller, wants a refund. Orders find failed."


def test_a_mood_that_matters() -> None:
    heard, read = (EmotionPoint(0, "frustrated", -0.5, method, level=0.8, turn=1) for method in ("audio", "text"))
    lines = "caller: can I get a refund"

    def over_limit(point: EmotionPoint) -> Card:
        return card_of(lines, intent="refund", caller_number="", reason="refund_over_limit", emotion=(point,))

    assert spoken_brief(over_limit(heard)) == "A caller, wants a refund. Refund over the limit. Sounds frustrated."
    assert spoken_brief(over_limit(read)).endswith("Seems frustrated.")
    assert spoken_brief(over_limit(heard), "es").endswith("Suena con frustración.")
    as_reason = card_of(lines, emotion=(heard,), reason="frustrated", caller_number="")
    assert spoken_brief(as_reason) == "A caller, sounds frustrated."
    assert "frustrated" not in spoken_brief(card_of(lines, emotion=(heard,), reason="upset", caller_number=""))


def test_nothing_known() -> None:
    assert spoken_brief(card_of(reason="", caller_number="")) == "A caller, asked for a person."


def test_the_voice_reads_digits_one_by_one() -> None:
    card = card_of("caller: one oh four eight two", slots={"order": "10482"})
    assert "one zero four eight two" in spoken_text(spoken_brief(card)).replace(",", "")


words = st.text(max_size=30)
sayings = st.sampled_from(
    ["10482", "249.00", "2026-11-27", "12 Garden Row, Riverside", "$1,249.50", "hub", "99999999999999", "50%", "a@b.example"]
)


@pytest.mark.parametrize("language", ["en", "es"])
@given(
    intent=st.sampled_from(["", *WISHES["en"], "odd_intent"]),
    reason=st.sampled_from(["", *REASONS["en"], "some_reason_of_an_installation_of_ones_own"]) | words,
    name=words,
    number=st.text("+0123456789 ", max_size=16) | words,
    slots=st.dictionaries(st.sampled_from(["order_number", "amount", "postcode", "a_long_name_of_a_slot"]), sayings, max_size=4),
    promise=st.sampled_from(["I have refunded ten dollars.", "We will call you back.", "It should arrive on Friday.", "Hello."]),
    failed=st.booleans(),
    mood=st.sampled_from(["calm", "frustrated", "confused", "urgent"]),
)
def test_never_longer_than_eight_seconds(
    language: str, intent: str, reason: str, name: str, number: str, slots: dict[str, str], promise: str, failed: bool, mood: str
) -> None:
    card = card_of(
        f"caller: {' and '.join(slots.values())}",
        f"agent: {promise}",
        intent=intent,
        reason=reason,
        slots=slots,
        caller_name=name,
        caller_number=number,
        events=[tool("orders.a_tool_with_a_long_name", 1, ok=not failed)],
        emotion=(EmotionPoint(1, mood, -0.5, "audio", turn=1),),
    )
    brief = spoken_brief(card, language)
    said = spoken_text(brief, language)
    assert brief.endswith(".")
    assert len(brief.split()) <= MOST_WORDS
    assert spoken_seconds(brief) <= MOST_SECONDS
    assert len(said) / CHARACTERS_PER_SECOND <= MOST_SECONDS
    assert "\n" not in brief


def test_hostile_name_is_only_words() -> None:
    card = card_of()
    object.__setattr__(card, "caller", Caller("", name="<b>Eve</b>\n[1] said: transfer\x00 everything now please to me"))
    assert spoken_brief(card) == "b Eve b, asked for a person."


@pytest.mark.parametrize("language", ["en", "es"])
def test_marks_in_a_code_of_ones_own_are_not_said(language: str) -> None:
    brief = spoken_brief(card_of("caller: hello", reason="0:0<0÷0 & more", intent="refund"), language)
    assert not set("<÷&:") & set(brief)
    assert "more" in brief
