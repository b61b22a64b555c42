"""A card's JSON, of any version and however incomplete, as a template shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from handoff.card_types import EmotionPoint
from handoff.desk.calls.timeline import readable
from handoff.desk.cards.mood import MoodView, mood_of_events, mood_view

_IDENTITY: Final = {
    "none": "not verified",
    "claimed": "claimed, not verified",
    "otp": "verified by one-time code",
    "kba": "verified by questions",
}
_MOOD_RESTS_ON: Final = {"text": "mood by words only", "audio_announced": "was told that the voice is judged"}
_LONGEST_LABEL: Final = 64
_RECORDING: Final = {"on": "is recorded", "paused": "recording paused", "off": "not recorded"}


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    turn: int
    """Where it was said; 0: nowhere."""


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    value: str
    turn: int
    source: str


@dataclass(frozen=True, slots=True)
class CardView:
    id: str
    call_id: str
    state: str
    reason: str
    reason_detail: str
    triggered_by: str
    queue: str
    intent: str
    confidence: float | None
    caller_number: str
    caller_name: str
    customer_id: str
    language: str
    identity: str
    identity_method: str
    identity_good: bool
    summary: str
    summary_facts: tuple[Statement, ...]
    told: tuple[Told, ...]
    attempted: tuple[tuple[str, bool, str, int], ...]
    """Tool, whether it answered, error, turn."""
    promises: tuple[Statement, ...]
    open_question: Statement | None
    next_action: str
    next_why: str
    mood: MoodView
    recording: str
    ai_disclosed: bool
    consent: str
    mood_rests_on: str
    """What the caller was told of it; empty: nothing."""
    turns: tuple[Mapping[str, Any], ...]
    """As in the call's JSON."""


def card_view(body: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = ()) -> CardView:
    """Never raises: what is missing is empty. ``events``: of the call, for a course and rules newer and fuller than those of the card."""
    reason, caller, intent = body.get("reason"), _object(body.get("caller")), body.get("intent")
    verified, level = _object(caller.get("verified")), str(_object(caller.get("verified")).get("level") or "none")
    summary, action = body.get("summary"), _object(body.get("next_action"))
    consent, confidence = _object(body.get("consent")), _object(intent).get("confidence")
    return CardView(
        id=str(body.get("id", "")),
        call_id=str(body.get("call_id", "")),
        state=str(body.get("state", "")),
        reason=readable(_named(reason, "code")),
        reason_detail=str(_object(reason).get("detail") or ""),
        triggered_by=readable(str(_object(reason).get("triggered_by") or "")),
        queue=_named(body.get("queue"), "name"),
        intent=readable(_named(intent, "code")),
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        caller_number=str(caller.get("number") or body.get("caller_number") or ""),
        caller_name=str(caller.get("name") or ""),
        customer_id=str(caller.get("customer_id") or ""),
        language=str(caller.get("language") or ""),
        identity=_IDENTITY.get(level, level),
        identity_method=str(verified.get("method") or ""),
        identity_good=level in ("otp", "kba"),
        summary=_named(summary, "text"),
        summary_facts=_statements(_object(summary).get("facts")),
        told=_told(body),
        attempted=tuple(
            (readable(str(item.get("tool", ""))), bool(item.get("ok")), str(item.get("error") or ""), _turn(item))
            for item in _objects(body.get("attempted"))
        ),
        promises=_statements(body.get("promises")),
        open_question=next(iter(_statements([body.get("open_question")])), None),
        next_action=str(action.get("text") or ""),
        next_why=str(action.get("why") or ""),
        mood=mood_of_events(events) or mood_view([_point(item) for item in _objects(body.get("emotion"))]),
        recording=_RECORDING.get(_named(body.get("recording"), "state"), ""),
        ai_disclosed=bool(consent.get("ai_disclosed")),
        consent=str(consent.get("recording") or ""),
        mood_rests_on=_MOOD_RESTS_ON.get(str(consent.get("emotion") or ""), ""),
        turns=tuple(_objects(body.get("turns"))),
    )


def _point(item: Mapping[str, Any]) -> EmotionPoint:
    reasons = item.get("reasons")
    return EmotionPoint(
        int(_number(item.get("at_ms"))),
        str(item.get("label", ""))[:_LONGEST_LABEL],
        max(-1.0, min(1.0, _number(item.get("value")))),
        "audio" if item.get("method") == "audio" else "text",
        level=max(0.0, min(1.0, _number(item.get("level")))),
        turn=_turn(item),
        reasons=tuple(str(reason) for reason in reasons) if isinstance(reasons, list) else (),
    )


def _told(body: Mapping[str, Any]) -> tuple[Told, ...]:
    """Key facts, then slots that are not among them."""
    facts = [
        Told(readable(str(item.get("key", ""))), str(item.get("value", "")), _turn(item), str(item.get("source", "")))
        for item in _objects(body.get("key_facts"))
    ]
    known = {fact.name for fact in facts}
    slots = [Told(readable(str(name)), str(value), 0, "") for name, value in _object(body.get("slots")).items()]
    return (*facts, *(slot for slot in slots if slot.name not in known))


def _statements(value: object) -> tuple[Statement, ...]:
    return tuple(Statement(str(item.get("text", "")), _turn(item)) for item in _objects(value) if item.get("text"))


def _named(value: object, name: str) -> str:
    """``value[name]``, or ``value`` itself when it is a text, as in version 1."""
    return str(_object(value).get(name) or "") if isinstance(value, Mapping) else str(value or "")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _turn(item: Mapping[str, Any]) -> int:
    return int(_number(item.get("turn")))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
