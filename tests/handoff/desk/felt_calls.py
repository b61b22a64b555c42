"""A call whose caller becomes frustrated until a rule calls a person, and one with hostile names in it."""

from datetime import timedelta
from typing import Any

from agents.emotion.signs import Reason
from agents.transcript import Outcome
from handoff.card import CardSource, Consent, make_card
from handoff.records.writer import PostgresRecords
from handoff.rules.decisions import Ground
from tests.handoff.desk.desk_calls import HOSTILE, MEMBER, Script
from tests.handoff.felt import ANGRY, felt, ruled

FELT_CALL = "3f8f6f5e4d3c4b2a9f8e7d6c5b4a3928"
FELT_CARD = "card-of-the-felt-call"
TAINTED_CALL = "4f8f6f5e4d3c4b2a9f8e7d6c5b4a3928"
WATCHED = Ground("emotion.frustrated", 0.55, ">=", 0.5, turn=4, start_ms=12000, end_ms=14500)


def happens(call: Script, kind: str, at: float, data: dict[str, Any]) -> None:
    call.events.append((kind, call.began + at, data))
    call.records.event(call.call_id, kind, call.began + at, data)


def felt_call(records: PostgresRecords) -> Script:
    """Calm, then frustrated by words and by voice; a rule in shadow watched, one acted."""
    call = Script(records, FELT_CALL, ago_s=400)
    call.event("recording_started", 0.2)
    happens(call, "emotion_notice", 0.4, {})
    call.says("agent", "Hello, this is the automated assistant of Harbor Home. How can I help?", 0.5, 4.0)
    call.says("caller", "Where is my order?", 5.0, 7.0)
    happens(call, "emotion", 7.1, felt(2, None, valence=0.12, start_ms=5000, end_ms=7000))
    call.says("agent", "Which order is it?", 8.0, 10.0)
    call.says("caller", "I have told you three times already!", 12.0, 14.5)
    happens(call, "emotion", 14.6, felt(4, "frustrated", 0.55, -0.4, start_ms=12000, end_ms=14500))
    happens(call, "escalation_rule", 14.61, ruled("stricter_limit", grounds=(WATCHED,), shadow=True))
    call.says("agent", "I am sorry. What is the number?", 15.2, 17.0)
    call.says("caller", "This is a disgrace.", 18.0, 20.0)
    happens(call, "emotion", 20.1, felt(6, "frustrated", 0.82, -0.7, "audio", start_ms=18000, end_ms=20000))
    happens(call, "escalation_rule", 20.11, ruled(grounds=ANGRY))
    call.event("handover", 20.2, reason="frustrated", queue="support", turn=6)
    call.says("agent", "I understand that this is frustrating. I get somebody for you.", 20.4, 23.0)
    call.event("joined", 31.0, member=MEMBER, attempt=1)
    source = CardSource(
        card_id=FELT_CARD,
        call_id=FELT_CALL,
        created_at=call.at + timedelta(seconds=21),
        reason="frustrated",
        queue="support",
        outcome=Outcome("handover", "frustrated", "support", "order_status", {}),
        turns=call.turns,
        started_monotonic=call.began,
        events=call.events,  # type: ignore[arg-type]
        caller_number=call.caller,
        consent=Consent(ai_disclosed=True),
    )
    records.card(make_card(source))
    call.ends("handover", "frustrated", 60.0)
    return call


def tainted_call(records: PostgresRecords) -> Script:
    """Names of signals, rules and queues that try to be more than names."""
    call = Script(records, TAINTED_CALL, ago_s=200)
    call.says("caller", "Hello?", 1.0, 2.0)
    for place, bad in enumerate(HOSTILE):
        at = 2.0 + place
        happens(call, "emotion", at, {**felt(place + 1, "frustrated", reasons=(Reason(bad, 1.0, None, 0.5),)), "label": bad})
        ground = Ground(f"queue.{bad}.waiting", bad, ">=", bad, turn=1, start_ms=1000, end_ms=2000)
        happens(call, "escalation_rule", at, ruled("watching", grounds=(ground,), queue=bad))
        happens(call, "escalation_rule", at, ruled(bad, reason=bad))
    call.ends("goodbye", "", 30.0)
    return call
