"""Call records as plain JSON objects: what the journal holds and the database is given.

Each has ``id`` (made here, so that writing twice changes nothing), ``seq`` (order), ``kind`` and ``call_id``. Whatever cannot be stored is
replaced here: recording a call must not fail for what somebody said in it.
"""

import math
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from agents.transcript import JsonValue, Turn
from handoff.card import Card, card_to_json, turn_to_json, whole_ms
from handoff.records.store import CallEnded, CallStarted
from handoff.redaction import CallRedaction

Record: TypeAlias = dict[str, JsonValue]
_Item = TypeVar("_Item")

_REMEMBERED_CALLS = 10_000
_LONGEST_TEXT = 100_000
_DEEPEST = 20
_LARGEST_INTEGER = 2**63 - 1


class Encoder:
    """Turns what happens in calls into records, redacted. Knows when each recent call started, for times are stored from there."""

    def __init__(self) -> None:
        self._started: OrderedDict[str, float] = OrderedDict()
        self._hiding: OrderedDict[str, CallRedaction] = OrderedDict()
        self._seq = 0

    def call_started(self, call: CallStarted) -> Record:
        _remember(self._started, call.call_id, call.started_monotonic)
        return self._record(
            "call_started",
            call.call_id,
            started_at=_iso(call.started_at),
            number=call.number,
            caller=call.caller,
            route=call.route,
            channel=call.channel,
        )

    def turn(self, call_id: str, turn: Turn) -> Record:
        base = self._started.get(call_id)
        body = turn_to_json(self._redaction(call_id).turn(turn), turn.started_at if base is None else base)
        body["at"] = None if base is not None else _wall(turn.started_at)
        return self._record("turn", call_id, **body)

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> Record:
        base = self._started.get(call_id)
        return self._record(
            "event",
            call_id,
            event=kind,
            at_ms=0 if base is None else whole_ms(at - base),
            at=None if base is not None else _wall(at),
            data=self._redaction(call_id).data(dict(data)),
        )

    def card(self, card: Card) -> Record:
        body = card_to_json(card, started=self._started.get(card.call_id))
        return self._record(
            "card",
            card.call_id,
            card_id=card.id,
            created_at=_iso(card.created_at),
            updated_at=_iso(card.updated_at),
            revision=card.revision,
            body=body,
        )

    def callback(self, call_id: str, number: str, queue: str) -> Record:
        return self._record("callback", call_id, asked_at=_iso(datetime.now(UTC)), number=number, queue=queue)

    def callback_due(self, call_id: str, in_s: float) -> Record:
        return self._record("callback_due", call_id, due_at=_iso(datetime.now(UTC) + timedelta(seconds=in_s)))

    def callback_done(self, call_id: str) -> Record:
        return self._record("callback_done", call_id, done_at=_iso(datetime.now(UTC)))

    def call_ended(self, call: CallEnded) -> Record:
        return self._record(
            "call_ended", call.call_id, ended_at=_iso(call.ended_at), outcome=call.outcome, reason=call.reason, stats=dict(call.stats)
        )

    def _redaction(self, call_id: str) -> CallRedaction:
        if call_id not in self._hiding:
            _remember(self._hiding, call_id, CallRedaction())
        return self._hiding[call_id]

    def _record(self, kind: str, call_id: str, **fields: JsonValue) -> Record:
        # Microseconds of the day's clock keep the order between processes; +1 keeps it when that clock steps back.
        self._seq = max(self._seq + 1, time.time_ns() // 1000)
        record: Record = {"id": str(uuid.uuid4()), "seq": self._seq, "kind": kind, "call_id": call_id, **fields}
        return {name: clean(value) for name, value in record.items()}


def _remember(known: OrderedDict[str, _Item], call_id: str, item: _Item) -> None:
    known[call_id] = item
    while len(known) > _REMEMBERED_CALLS:
        known.popitem(last=False)


def clean(value: object, depth: int = 0) -> JsonValue:
    """``value`` as JSON that PostgreSQL stores: no NUL, no lone surrogates, no NaN, nothing endless."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= _LARGEST_INTEGER else clean_text(hex(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {clean_text(str(name)): clean(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item, depth + 1) for item in value]
    return clean_text(str(value))


def clean_text(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        text = text[: _LONGEST_TEXT - 1] + "…"
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _wall(monotonic: float) -> str:
    """The date and time of a ``time.monotonic()`` of this boot."""
    now = datetime.now(UTC)
    try:
        return _iso(now - timedelta(seconds=time.monotonic() - monotonic))
    except (OverflowError, ValueError):
        return _iso(now)
