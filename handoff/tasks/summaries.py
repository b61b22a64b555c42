"""The review of a call that ended: a summary and a score, for whoever looks at calls afterwards."""

from typing import LiteralString, cast

from psycopg.types.json import Jsonb

from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import CardError, CardSource, card_from_json, make_card, turn_from_json
from handoff.card_types import CallEvent, Summary
from handoff.tasks.job import Connection, Done, Ending, Job, JobFailed, Row
from handoff.tasks.quality import quality_of
from handoff.tasks.subjects import ended_call

_CALL: LiteralString = "SELECT id, started_at, ended_at, outcome, reason, route, number, ended_seq FROM calls WHERE id = %s"

_TURNS: LiteralString = """
SELECT number, who, said AS text, heard, started_ms, ended_ms, via, interrupted, latency_ms
FROM turns WHERE call_id = %s ORDER BY number, seq
"""

_EVENTS: LiteralString = "SELECT kind, at_ms, data FROM events WHERE call_id = %s ORDER BY seq"

# What was understood of it, when a person was asked for.
_CARD: LiteralString = "SELECT body FROM cards WHERE call_id = %s ORDER BY seq DESC LIMIT 1"

_STORE: LiteralString = """
INSERT INTO call_reviews (call_id, ended_seq, summary, facts, score, parts)
VALUES (%(call_id)s, %(ended_seq)s, %(summary)s, %(facts)s, %(score)s, %(parts)s)
ON CONFLICT (call_id) DO UPDATE SET
    ended_seq = EXCLUDED.ended_seq, made_at = now(), summary = EXCLUDED.summary, facts = EXCLUDED.facts,
    score = EXCLUDED.score, parts = EXCLUDED.parts
WHERE call_reviews.ended_seq <= EXCLUDED.ended_seq
"""


def review(job: Job, connection: Connection) -> Ending:
    """A call that was purged meanwhile, or that ended once more, leaves nothing to do. Raises JobFailed."""
    call_id, ended_seq = ended_call(job.subject)
    call = connection.execute(_CALL, (call_id,)).fetchone()
    if call is None or call["ended_at"] is None or call["ended_seq"] > ended_seq:
        return Done()
    try:
        turns = [turn_from_json(cast(dict[str, JsonValue], row), 0.0) for row in connection.execute(_TURNS, (call_id,))]
    except CardError as error:
        raise JobFailed("the call's turns are not as this version writes them") from error
    events: list[CallEvent] = [(row["kind"], row["at_ms"] / 1000, row["data"]) for row in connection.execute(_EVENTS, (call_id,))]
    summary = _summary(call, connection.execute(_CARD, (call_id,)).fetchone(), turns, events)
    quality = quality_of(turns, events, call["outcome"], call["reason"])
    connection.execute(
        _STORE,
        {
            "call_id": call_id,
            "ended_seq": ended_seq,
            "summary": summary.text,
            "facts": Jsonb([{"text": fact.text, "turn": fact.turn} for fact in summary.facts]),
            "score": quality.score,
            "parts": Jsonb(quality.as_json()),
        },
    )
    return Done()


def _summary(call: Row, card: Row | None, turns: list[Turn], events: list[CallEvent]) -> Summary:
    """Of the whole call, also where its card was made in the middle."""
    reason, queue, outcome = call["reason"], "", Outcome(kind="goodbye")
    if card is not None:
        try:
            known = card_from_json(card["body"])
        except CardError as error:
            raise JobFailed("the call's card is not as this version writes it") from error
        reason, queue = known.reason.code, known.queue
        outcome = Outcome("handover", reason, queue, known.intent.code, known.slots)
    made = make_card(
        CardSource(
            card_id="review",
            call_id=call["id"],
            created_at=call["ended_at"],
            reason=reason if card is not None else "",
            queue=queue,
            outcome=outcome,
            turns=turns,
            events=events,
            started_monotonic=0.0,
            agent=call["route"],
            number=call["number"],
            language=_language(events),
        )
    )
    return made.summary


def _language(events: list[CallEvent]) -> str:
    return next((str(data.get("language") or "en") for kind, _, data in reversed(events) if kind == "language"), "en")
