"""What whoever picks up should do first, by why they were asked for and how the caller feels. In English: it is said to our own people."""

from typing import Final

from handoff.card_facts import wish_of
from handoff.card_types import Card, NextAction
from handoff.card_words import REASONS, WISHES, in_words
from handoff.emotion_course import mood_in_words, mood_that_matters

_BY_REASON: Final[dict[str, tuple[str, str]]] = {
    "refund_over_limit": ("Approve or refuse the refund.", "It is over the assistant's limit."),
    "refund_too_old": ("Decide whether to refund although it is late.", "The time for refunds has passed."),
    "account_locked": ("Check who is calling, then unlock the account.", "The account is locked."),
    "code_refused": ("Check who is calling in another way.", "The one-time code was refused."),
    "payment_failed": ("Offer another way to pay; take no card number by voice.", "The payment failed."),
    "refused_by_policy": ("Explain the rule, or decide on an exception.", "The assistant's rules forbid it."),
    "upset": ("Apologise first, then take the matter over.", "The caller is upset."),
    "repeated_failure": ("Let the caller say again what it is about.", "The assistant did not understand them."),
    "no_input": ("Check that you hear each other.", "Nothing could be heard of the caller."),
    "device": ("Go on where the steps for the device ended.", "They did not help."),
    "language": ("Talk in the caller's language.", "They asked for it."),
    "time_limit": ("Sum up, and settle one thing after the other.", "The call has become long."),
    "frustrated": ("Apologise first, then take the matter over.", "The caller seems frustrated."),
    "confused": ("Sum up what it is about, then go one step at a time.", "The caller seems confused."),
    "urgent": ("Begin with what cannot wait.", "The caller seems in a hurry."),
    "complaint": ("Listen to the complaint to its end, then say what you will do.", "The caller makes a complaint."),
    "cancels": ("Ask why, then cancel or offer another way.", "The caller wants to cancel."),
    "legal_threat": ("Listen and note what is demanded; promise and admit nothing.", "The caller speaks of legal steps."),
    "emergency": (
        "Ask whether anybody is in danger; if so, have them call the emergency number at once.",
        "The caller speaks of an emergency.",
    ),
    "vulnerable": ("Take time, ask what help they need, and confirm each step.", "The caller may need particular care."),
    "pipeline_error": ("Take over at once: the caller may have heard nothing for a moment.", "The assistant failed."),
}
_BY_MOOD: Final[dict[str, str]] = {
    "frustrated": "Apologise first.",
    "confused": "Sum up first, then go one step at a time.",
    "urgent": "Come to the point at once.",
}
_HOLDS_MOOD: Final = frozenset({"upset", "emergency"})
"""Reasons whose advice is already for such a caller, or leaves no time for it."""


def next_action(card: Card) -> NextAction:
    """A sentence or two of advice and its reason."""
    action, point = _by_reason(card), mood_that_matters(card.emotion)
    if point is None or point.label not in _BY_MOOD or card.reason.code in _HOLDS_MOOD:
        return action
    told = f"The caller {mood_in_words(point)}{f' (turn {point.turn})' if point.turn else ''}."
    if card.reason.code == point.label:
        return NextAction(action.text, told)
    return NextAction(f"{_BY_MOOD[point.label]} {action.text}", f"{action.why} {told}")


def _by_reason(card: Card) -> NextAction:
    code = card.reason.code
    if code == "tool_error":
        failed = next((attempt for attempt in reversed(card.attempted) if not attempt.ok), None)
        return NextAction(
            "Do by hand what the system did not.", f"{failed.tool} failed at turn {failed.turn}." if failed else "A system failed."
        )
    if code in _BY_REASON:
        return NextAction(*_BY_REASON[code])
    if card.open_question is not None:
        return NextAction("Answer the caller's question.", f"It was not answered at turn {card.open_question.turn}.")
    why = (
        f"The caller {in_words(REASONS, 'en', code)}."
        if code in ("caller_request", "asks_person")
        else f"Reason: {in_words(REASONS, 'en', code) or 'none given'}."
    )
    if wish := wish_of(card):
        return NextAction(f"Help with: {in_words(WISHES, 'en', wish).removeprefix('to ')}.", why)
    return NextAction("Ask what it is about.", why)
