"""The context card: what the person who picks up must know."""

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from agents.transcript import JsonValue, Outcome, Turn
from handoff.redaction import Redaction, mask_card_numbers

CARD_VERSION = 1


class CardError(ValueError):
    """Not a card of a version that is understood here; the message names the field."""


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    """Opaque; the only thing that travels in SIP and as the queue URL argument."""
    call_id: str
    created_at: datetime
    reason: str
    queue: str
    intent: str
    slots: Mapping[str, str]
    caller_number: str
    turns: tuple[Turn, ...] = field(default_factory=tuple)


def build_card(
    call_id: str, outcome: Outcome, turns: Sequence[Turn], *, caller_number: str = "", queue: str = "", now: datetime | None = None
) -> Card:
    """The card for a conversation that ended in ``outcome``. Its id cannot be guessed: it is all one needs to ask for the card.

    ``queue`` is used when the outcome names none.
    """
    return Card(
        id=secrets.token_urlsafe(12),
        call_id=call_id,
        created_at=now or datetime.now(UTC),
        reason=outcome.reason,
        queue=outcome.queue or queue,
        intent=outcome.intent,
        slots=dict(outcome.slots),
        caller_number=caller_number,
        turns=tuple(turns),
    )


def card_to_json(card: Card, *, started: float | None = None, redact: Redaction = mask_card_numbers) -> dict[str, JsonValue]:
    """The card as ``card.schema.json`` describes it.

    ``started`` is ``time.monotonic()`` at the start of the call, from which times are counted in ms; unknown, it is the first turn's start.
    ``redact`` is applied to everything the caller or the agent said, slots included.
    """
    base = started if started is not None else min((turn.started_at for turn in card.turns), default=0.0)
    return {
        "version": CARD_VERSION,
        "id": card.id,
        "call_id": card.call_id,
        "created_at": card.created_at.astimezone(UTC).isoformat(),
        "reason": card.reason,
        "queue": card.queue,
        "intent": card.intent,
        "slots": {name: redact(value) for name, value in card.slots.items()},
        "caller_number": card.caller_number,
        "turns": [turn_to_json(turn, base, redact) for turn in card.turns],
    }


def turn_to_json(turn: Turn, started: float, redact: Redaction = mask_card_numbers) -> dict[str, JsonValue]:
    """Times become whole milliseconds from ``started``."""
    return {
        "number": turn.number,
        "who": turn.who,
        "text": redact(turn.text),
        "heard": redact(turn.heard),
        "started_ms": whole_ms(turn.started_at - started),
        "ended_ms": whole_ms(turn.ended_at - started),
        "via": turn.via,
        "interrupted": turn.interrupted,
        "latency_ms": dict(turn.latency_ms),
    }


def whole_ms(seconds: float) -> int:
    """A time that is none (NaN, infinite) counts as 0: a record with it is worth more than no record."""
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def card_from_json(data: Mapping[str, JsonValue], *, started: float = 0.0) -> Card:
    """The reverse; ``started`` becomes the ``time.monotonic()`` of the start of the call. Raises CardError."""
    if data.get("version") != CARD_VERSION:
        raise CardError(f"card version {data.get('version')!r}: this program understands {CARD_VERSION}")
    try:
        return Card(
            id=_text(data, "id"),
            call_id=_text(data, "call_id"),
            created_at=datetime.fromisoformat(_text(data, "created_at")),
            reason=_text(data, "reason"),
            queue=_text(data, "queue"),
            intent=_text(data, "intent"),
            slots={name: str(value) for name, value in cast(Mapping[str, JsonValue], data["slots"]).items()},
            caller_number=_text(data, "caller_number"),
            turns=tuple(turn_from_json(cast(Mapping[str, JsonValue], turn), started) for turn in cast(list[JsonValue], data["turns"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CardError(f"not a card: field {error}") from error


def turn_from_json(data: Mapping[str, JsonValue], started: float) -> Turn:
    """Raises CardError."""
    try:
        if data["who"] not in ("caller", "agent") or data["via"] not in ("speech", "keypad"):
            raise CardError(f"not a turn: who is {data['who']!r} and via is {data['via']!r}")
        return Turn(
            number=int(_number(data, "number")),
            who="caller" if data["who"] == "caller" else "agent",
            text=_text(data, "text"),
            heard=_text(data, "heard"),
            started_at=started + _number(data, "started_ms") / 1000,
            ended_at=started + _number(data, "ended_ms") / 1000,
            via="keypad" if data["via"] == "keypad" else "speech",
            interrupted=bool(data["interrupted"]),
            latency_ms={name: float(cast(float, value)) for name, value in cast(Mapping[str, JsonValue], data["latency_ms"]).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CardError(f"not a turn: field {error}") from error


def _text(data: Mapping[str, JsonValue], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise CardError(f"field {name} must be a text, not {type(value).__name__}")
    return value


def _number(data: Mapping[str, JsonValue], name: str) -> float:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CardError(f"field {name} must be a number, not {type(value).__name__}")
    return value
