"""What a card states about a call, found in its turns and events. Nothing is stated that is not in them."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agents.transcript import Turn
from handoff.card_types import IDENTITY_LEVELS, Attempt, CallEvent, Card, Fact, KeyFact, Verified
from handoff.card_words import WISHES
from handoff.grounding import Transcript, sentences_of, words_in
from handoff.redaction import HIDDEN, CallRedaction

_FLAGS: Final = frozenset({"yes", "no", "true", "false", "none", "sí"})
"""Slots with such a value steer the flow; they tell a person nothing."""
_STEERING: Final = frozenset({"wish", "visit", "second", "earliest", "all_of", "brief", "mode", "caller", "call_language"})
"""Slots of the library's flows that hold no fact about the caller's matter."""
_IDENTITY_SLOTS: Final = ("customer_id", "customer_number", "account", "account_number", "name", "email", "phone")
_LONGEST_QUOTE: Final = 200
_MOST_PROMISES: Final = 8

_PROMISE: Final = re.compile(
    r"\b(?:i|we)(?: have|'ve| had)(?: just| now| already)? (?:refunded|booked|moved|cancelled|canceled|changed|sent"
    r"|ordered|credited|charged|arranged|scheduled|reported|noted|written|opened|placed|reserved|taken|told)\b"
    r"|\b(?:is|are|has been|have been)(?: now| all)? (?:booked|refunded|cancelled|canceled|moved|changed|sent|approved|paid"
    r"|confirmed|on its way|due|expected)\b"
    r"|\b(?:you|it|they|he|she|that|order|parcel|payment|refund|money|technician|engineer|visit|link|colleague|someone|somebody|we|i)"
    r"(?: will|'ll| should| is going to| are going to) (?:\w+ )?(?:get|receive|arrive|reach|come|be (?:there|with you|delivered"
    r"|sent|refunded|back|on|credited|here)|call|ring|send|refund|bring|deliver|repair|contact|text|write|credit|see to|check|look into)\b"
    r"|\b(?:call|ring) you back\b|\bas soon as possible\b|\bi promise\b|\bguarantee\b|\btakes? (?:a few|\w+) (?:working )?days\b"
    r"|\b(?:he|hemos) (?:reservado|enviado|devuelto|reembolsado|cambiado|cancelado|anotado)\b"
    r"|\ble (?:llamaremos|llamará|enviaré|enviaremos)\b"
    r"|\b(?:debería|deberá|va a|tiene que) llegar\b|\bllegará\b|\bha sido (?:\w+ado|\w+ido)\b",
    re.IGNORECASE,
)
_NO_PROMISE: Final = re.compile(
    r"\?|^\s*(?:if|unless|when|si|cuando)\b|\b(?:put you through|transfer you|pasar con|le paso|un momento|one moment|please hold"
    r"|cannot|can't|can not|no longer|could not|have not|haven't|will not|won't|no puedo|not (?:been|be|refunded|find|get))\b"
    r"|\bi have (?:sent|texted) (?:you )?a code\b",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"[?]|^(?:(?:and|but|so|well|ok|okay|hello|hi|y|pero|uh|um|yeah|yes|no|please)[, ]+)*(?:what|when|where|who|why|how|which"
    r"|whose|is|are|was|were|can|could|will|would|should|may|(?:do|did|have) (?:you|i|we|they)|"
    r"(?:does|did|has) (?:it|he|she|the|that|this|my)"
    r"|qué|cuándo|dónde|quién|por qué|cómo|cuál|cuánto)\b",
    re.IGNORECASE,
)
_NO_ANSWER: Final = re.compile(
    r"put you through|transfer you|please hold|connect you|colleague|one moment|just a moment|take your time"
    r"|did not (?:understand|hear|get|catch)|let me (?:see|look|check)|le paso|pasar con|un momento"
    r"|no le he (?:entendido|oído)|thank you|i understand|i am looking|of course|certainly",
    re.IGNORECASE,
)
_FOR_A_PERSON: Final = re.compile(
    r"\b(?:person|human|someone|somebody|agent|operator|representative|colleague|adviser|advisor|manager|supervisor|real people"
    r"|persona|alguien|operador|operadora|agente|humano)\b",
    re.IGNORECASE,
)


def slot_name(name: str) -> str:
    """Without the name of the flow that a slot is private to: ``refund__amount``."""
    return name.rpartition("__")[2] or name


def wish_of(card: Card) -> str:
    """The intent that the call is about. Empty: unknown, or one that only says what the caller did last, such as ``repeat``."""
    return card.intent.code if card.intent.code in WISHES["en"] else ""


def clean_events(events: Sequence[CallEvent], hide: CallRedaction) -> list[CallEvent]:
    """Those of which a card is made."""
    cleaned: list[CallEvent] = []
    for kind, at, data in events:
        if kind not in ("tool", "verified"):
            continue
        clean = hide.data(dict(data))
        cleaned.append((kind, at, clean if isinstance(clean, dict) else {}))
    return cleaned


def turn_at(at: float, turns: Sequence[Turn]) -> int:
    """The number of the last turn that had begun by ``at``; 0: none."""
    return max((turn.number for turn in turns if turn.started_at <= at), default=0)


def attempts_in(events: Sequence[CallEvent], turns: Sequence[Turn]) -> tuple[Attempt, ...]:
    """The tools that were used, in order; the same one with the same result several times in a row is one attempt, the last."""
    found: list[Attempt] = []
    for kind, at, data in events:
        name = data.get("name")
        if kind != "tool" or not isinstance(name, str) or not name:
            continue
        attempt = Attempt(name, data.get("ok") is True, str(data.get("error") or ""), turn_at(at, turns))
        if found and (found[-1].tool, found[-1].ok) == (attempt.tool, attempt.ok):
            found.pop()
        found.append(attempt)
    return tuple(found)


def verified_in(events: Sequence[CallEvent], turns: Sequence[Turn], slots: Mapping[str, str], transcript: Transcript) -> Verified:
    """Only an event ``verified`` {level, method} proves an identity; what the caller merely said about it is a claim."""
    for kind, at, data in reversed(events):
        if kind == "verified":
            for level in IDENTITY_LEVELS:
                if data.get("level") == level:
                    return Verified(level, str(data.get("method") or level), turn_at(at, turns))
    for name in _IDENTITY_SLOTS:
        turn = transcript.turn_that_says(slots[name], "caller") if slots.get(name) else None
        if turn is not None:
            return Verified("claimed", name, turn.number)
    return Verified()


def key_facts_in(slots: Mapping[str, str], transcript: Transcript) -> tuple[KeyFact, ...]:
    """The slots whose values were really said: by the caller, else by the agent, who then had them from a tool."""
    found: list[KeyFact] = []
    for name, value in slots.items():
        if not value.strip() or HIDDEN in value or "*" in value or value.lower() in _FLAGS or slot_name(name) in _STEERING:
            continue
        if turn := transcript.turn_that_says(value, "caller"):
            found.append(KeyFact(name, value, "caller", turn.number))
        elif turn := transcript.turn_that_says(value, "agent"):
            found.append(KeyFact(name, value, "tool", turn.number))
    return tuple(found)


def promises_in(turns: Sequence[Turn]) -> tuple[Fact, ...]:
    """What the caller heard the agent promise, or say that it was done, sentence by sentence; repeated ones once, at their last place."""
    found: dict[str, Fact] = {}
    for turn in turns:
        if turn.who != "agent":
            continue
        for sentence in sentences_of(turn.heard):
            if _PROMISE.search(sentence) and not _NO_PROMISE.search(sentence) and _was_finished(turn, sentence):
                key = " ".join(words_in(sentence))
                found.pop(key, None)
                found[key] = Fact(shortened(sentence), turn.number)
    return tuple(found.values())[-_MOST_PROMISES:]


def open_question_in(turns: Sequence[Turn]) -> Fact | None:
    """The last thing that the caller asked, when the agent has said nothing to it since but that they have to wait."""
    for turn in reversed(turns):
        if turn.who == "agent":
            if not all(_NO_ANSWER.search(sentence) for sentence in sentences_of(turn.heard)):
                return None
        elif turn.via == "speech" and _QUESTION.search(turn.text) and not asks_for_a_person(turn.text):
            return Fact(shortened(turn.text), turn.number)
    return None


def asks_for_a_person(text: str) -> bool:
    return _FOR_A_PERSON.search(text) is not None


def shortened(text: str, most: int = _LONGEST_QUOTE) -> str:
    """The beginning of ``text``, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0] + "…"


def _was_finished(turn: Turn, sentence: str) -> bool:
    """The end of an interrupted turn may be half of a promise."""
    return not turn.interrupted or sentence[-1:] in ".!…" or not turn.heard.rstrip().endswith(sentence)
