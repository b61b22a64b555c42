"""A card as JSON: card.schema.json."""

import math
from datetime import UTC, datetime

from agents.transcript import JsonValue, Turn
from handoff.card_types import CARD_VERSION, Card, Fact
from handoff.redaction import CallRedaction


def card_to_json(card: Card, *, started: float | None = None) -> dict[str, JsonValue]:
    """The card as ``card.schema.json`` describes it; whatever anybody said is redacted.

    ``started`` overrides the card's own ``started_monotonic``, from which times are counted in ms.
    """
    base = card.started_monotonic if started is None else started
    hide = CallRedaction()
    turns: list[JsonValue] = [turn_to_json(hide.turn(turn), base) for turn in card.turns]
    clean = hide.text

    def fact(item: Fact) -> JsonValue:
        return {"text": clean(item.text), "turn": item.turn}

    question, action, verified = card.open_question, card.next_action, card.caller.verified
    return {
        "version": CARD_VERSION,
        "id": card.id,
        "transfer_id": card.transfer_id,
        "call_id": card.call_id,
        "revision": card.revision,
        "state": card.state,
        "created_at": _iso(card.created_at),
        "updated_at": _iso(card.updated_at),
        "reason": {"code": card.reason.code, "detail": clean(card.reason.detail), "triggered_by": card.reason.triggered_by},
        "caller": {
            "number": card.caller.number,
            "name": clean(card.caller.name),
            "customer_id": card.caller.customer_id,
            "language": card.caller.language,
            "verified": {"level": verified.level, "method": verified.method, "turn": verified.turn},
        },
        "intent": {"code": card.intent.code, "confidence": _finite(card.intent.confidence)},
        "queue": card.queue,
        "agent": card.agent,
        "number": card.number,
        "slots": {name: hide.slot(name, value) for name, value in card.slots.items()},
        "summary": {"text": clean(card.summary.text), "facts": [fact(item) for item in card.summary.facts]},
        "key_facts": [
            {"key": item.key, "value": hide.slot(item.key, item.value), "source": item.source, "turn": item.turn} for item in card.key_facts
        ],
        "attempted": [{"tool": item.tool, "ok": item.ok, "error": clean(item.error), "turn": item.turn} for item in card.attempted],
        "promises": [fact(item) for item in card.promises],
        "open_question": None if question is None else fact(question),
        "next_action": None if action is None else {"text": clean(action.text), "why": clean(action.why)},
        "emotion": [
            {
                "at_ms": point.at_ms,
                "label": point.label,
                "value": _finite(point.value) or 0.0,
                "method": point.method,
                "arousal": _share(point.arousal, 0.5),
                "level": _share(point.level, 0.0),
                "turn": max(0, point.turn),
                "reasons": [clean(reason) for reason in point.reasons],
            }
            for point in card.emotion
        ],
        "consent": {"ai_disclosed": card.consent.ai_disclosed, "recording": card.consent.recording, "emotion": card.consent.emotion},
        "recording": {"state": card.recording},
        "timing": {"call_s": max(0.0, round(_finite(card.timing.call_s) or 0.0, 3)), "started_at": _iso(card.timing.started_at)},
        "turns": turns,
    }


def turn_to_json(turn: Turn, started: float) -> dict[str, JsonValue]:
    """Times become whole milliseconds from ``started``. Nothing is redacted here: CallRedaction does it, turn by turn."""
    return {
        "number": turn.number,
        "who": turn.who,
        "text": turn.text,
        "heard": turn.heard,
        "started_ms": whole_ms(turn.started_at - started),
        "ended_ms": whole_ms(turn.ended_at - started),
        "via": turn.via,
        "interrupted": turn.interrupted,
        "latency_ms": dict(turn.latency_ms),
    }


def whole_ms(seconds: float) -> int:
    """A time that is none (NaN, infinite) counts as 0: a record with it is worth more than no record."""
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _share(value: float, default: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else default


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
