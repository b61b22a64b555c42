"""From what is known of a call to its card. Pure: the same source gives the same card."""

import math
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Final

from handoff.card_facts import attempts_in, clean_events, key_facts_in, open_question_in, promises_in, verified_in
from handoff.card_types import Attempt, Caller, Card, CardSource, Consent, Intent, Reason, Timing
from handoff.emotion_course import course_in, emotion_consent
from handoff.emotion_words import TROUBLED
from handoff.grounding import Transcript
from handoff.next_action import next_action
from handoff.redaction import CallRedaction
from handoff.rule_grounds import deciding, rule_and_why, rulings_in
from handoff.summary_facts import summarise

_LONGEST_CALL_S: Final = 7 * 86400.0
_FROM_CALLER: Final = frozenset(
    {"caller_request", "upset", "no_input", "language", "callback", "asks_person", "cancels", "complaint", *TROUBLED}
)


def new_card_id() -> str:
    """Cannot be guessed: it is all one needs to ask for the card."""
    return secrets.token_urlsafe(18)


def make_card(source: CardSource) -> Card:
    """Everything that was said is redacted first, so that nothing found in it can hold what was removed."""
    hide = CallRedaction()
    turns = tuple(hide.turn(turn) for turn in source.turns)
    outcome = source.outcome
    slots = {name: hide.slot(name, value) for name, value in (outcome.slots if outcome is not None else {}).items()}
    events = clean_events(source.events, hide)
    attempted = attempts_in(events, turns)
    transcript = Transcript(turns)
    card = Card(
        id=source.card_id,
        call_id=source.call_id,
        transfer_id=source.transfer_id,
        revision=source.revision,
        state=source.state,
        created_at=source.created_at,
        updated_at=source.updated_at or source.created_at,
        reason=_reason(source, attempted, hide),
        caller=Caller(
            source.caller_number,
            hide.text(source.caller_name),
            source.customer_id,
            source.language,
            verified_in(events, turns, slots, transcript),
        ),
        intent=Intent(outcome.intent if outcome is not None else "", source.intent_confidence),
        queue=source.queue,
        timing=_timing(source),
        agent=source.agent,
        number=source.number,
        slots=slots,
        key_facts=key_facts_in(slots, transcript),
        attempted=attempted,
        promises=promises_in(turns),
        open_question=open_question_in(turns),
        emotion=tuple(source.emotion) or course_in(source.events, source.started_monotonic, source.language),
        consent=_consent(source),
        recording=source.recording_state,
        turns=turns,
        started_monotonic=source.started_monotonic,
    )
    card = replace(card, next_action=next_action(card))
    return replace(card, summary=summarise(card))


def _reason(source: CardSource, attempted: Sequence[Attempt], hide: CallRedaction) -> Reason:
    """With the grounds of the rule that asked for a person, when one did."""
    ruling = deciding(rulings_in(source.events, source.started_monotonic), source.reason)
    found = ("", _trigger(source.reason, attempted)) if ruling is None else (rule_and_why(ruling, source.language), f"rule:{ruling.rule}")
    return Reason(source.reason, hide.text(source.reason_detail or found[0]), source.triggered_by or found[1])


def _consent(source: CardSource) -> Consent:
    if source.consent.emotion != "none":
        return source.consent
    return replace(source.consent, emotion=emotion_consent(source.events))


def _trigger(reason: str, attempted: Sequence[Attempt]) -> str:
    if reason in _FROM_CALLER:
        return "caller"
    failed = next((attempt for attempt in reversed(attempted) if not attempt.ok), None)
    if reason == "tool_error" and failed is not None:
        return f"tool:{failed.tool}"
    return "flow" if reason else ""


def _timing(source: CardSource) -> Timing:
    """The card is made while the call goes on: its start on the wall clock is counted back from then."""
    moments = [turn.ended_at for turn in source.turns] + [at for _, at, _ in source.events]
    last = max((moment for moment in moments if math.isfinite(moment)), default=source.started_monotonic)
    seconds = last - source.started_monotonic if source.call_s is None else source.call_s
    seconds = seconds if math.isfinite(seconds) and 0 <= seconds < _LONGEST_CALL_S else 0.0
    made = source.updated_at or source.created_at
    return Timing(round(seconds, 3), (made - timedelta(seconds=seconds)).astimezone(UTC))
