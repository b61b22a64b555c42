"""Advice that meets the caller as they are."""

import pytest

from handoff.card import Card, EmotionPoint
from handoff.card_words import REASONS
from tests.handoff.card_doubles import card_of


def troubled(label: str, reason: str, method: str = "audio") -> Card:
    point = EmotionPoint(2000, label, -0.5, method, level=0.8, turn=1)  # type: ignore[arg-type]
    return card_of("caller: where is my order", reason=reason, intent="order_status", emotion=(point,))


def advice(card: Card) -> tuple[str, str]:
    assert card.next_action is not None
    return card.next_action.text, card.next_action.why


def test_a_frustrated_caller_is_met_with_an_apology_whatever_they_want() -> None:
    assert advice(troubled("frustrated", "refund_over_limit")) == (
        "Apologise first. Approve or refuse the refund.",
        "It is over the assistant's limit. The caller sounds frustrated (turn 1).",
    )


def test_the_mood_as_the_reason_is_told_once() -> None:
    assert advice(troubled("frustrated", "frustrated", "text")) == (
        "Apologise first, then take the matter over.",
        "The caller seems frustrated by their words (turn 1).",
    )


@pytest.mark.parametrize("label", ["calm", "satisfied", "angry"])
def test_other_moods_change_nothing(label: str) -> None:
    assert advice(troubled(label, "payment_failed")) == ("Offer another way to pay; take no card number by voice.", "The payment failed.")


@pytest.mark.parametrize("reason", ["upset", "emergency"])
def test_what_is_urgent_or_apologised_for_already_is_not_said_twice(reason: str) -> None:
    text, _ = advice(troubled("frustrated", reason))
    assert "Apologise first." not in text


@pytest.mark.parametrize("reason", ["legal_threat", "vulnerable", "complaint", "cancels", "confused", "urgent", "asks_person"])
def test_reasons_of_rules_have_advice_and_words(reason: str) -> None:
    text, why = advice(card_of("caller: hello", reason=reason))
    assert text and why
    assert "Reason:" not in why
    assert reason in REASONS["en"] and reason in REASONS["es"]
