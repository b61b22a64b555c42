"""Cards for tests, made of a few lines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import CallEvent, Card, CardSource, make_card

MADE = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def turns_of(*lines: str) -> tuple[Turn, ...]:
    """``"caller: hello"``, ``"agent: hello | hel"`` (what was heard behind the bar), ``"keys: 12"``; two seconds each."""
    turns = []
    for index, line in enumerate(lines):
        who, text = line.split(": ", 1)
        text, _, heard = text.partition(" | ")
        turns.append(
            Turn(
                index + 1,
                "agent" if who == "agent" else "caller",
                text,
                heard or text,
                100.0 + 2 * index,
                101.0 + 2 * index,
                "keypad" if who == "keys" else "speech",
                interrupted=bool(heard),
            )
        )
    return tuple(turns)


def tool(name: str, at_turn: int, *, ok: bool = True, error: str = "") -> CallEvent:
    data: dict[str, JsonValue] = {"name": name, "ok": ok, "ms": 12, **({"error": error} if error else {})}
    return "tool", 100.5 + 2 * (at_turn - 1), data


def card_of(
    *lines: str,
    intent: str = "",
    slots: Mapping[str, str] | None = None,
    events: Sequence[CallEvent] = (),
    reason: str = "caller_request",
    **more: object,
) -> Card:
    source: dict[str, object] = {
        "card_id": "card-1",
        "call_id": "call-1",
        "created_at": MADE,
        "reason": reason,
        "queue": "support",
        "outcome": Outcome("handover", reason, "support", intent, slots or {}),
        "turns": turns_of(*lines),
        "events": events,
        "started_monotonic": 99.0,
        "caller_number": "+15550100",
        **more,
    }
    return make_card(CardSource(**source))  # type: ignore[arg-type]
