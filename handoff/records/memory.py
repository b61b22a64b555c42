"""Call history in memory: for tests and for trying an agent without a database. Implements CallWriter and CallReader."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from agents.transcript import JsonValue, Turn
from handoff.card import Card, turn_from_json
from handoff.records.encoding import Encoder, Record
from handoff.records.history import summary, whole_call
from handoff.records.store import CallEnded, CallStarted, UnendedCall

_NEW_CALL: Record = {
    **dict.fromkeys(("started_at", "ended_at")),
    **dict.fromkeys(("number", "caller", "route", "channel", "outcome", "reason"), ""),
    "stats": {},
}
_TURN_FIELDS = ("number", "who", "text", "heard", "started_ms", "ended_ms", "via", "interrupted", "latency_ms")


class MemoryRecords:
    def __init__(self) -> None:
        self._encoder = Encoder()
        self._cards: dict[str, Record] = {}
        self._calls: dict[str, Record] = {}
        self._parts: dict[str, list[Record]] = {}

    def call_started(self, call: CallStarted) -> None:
        record = self._encoder.call_started(call)
        known = self._call(call.call_id)
        if known["started_at"] is None:
            known.update({name: record[name] for name in ("started_at", "number", "caller", "route", "channel")})

    def turn(self, call_id: str, turn: Turn) -> None:
        record = self._encoder.turn(call_id, turn)
        since = self._since_start(record)
        for name in ("started_ms", "ended_ms"):
            record[name] = cast(int, record[name]) + since
        self._keep(record)

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        record = self._encoder.event(call_id, kind, at, data)
        record["at_ms"] = cast(int, record["at_ms"]) + self._since_start(record)
        self._keep(record)

    def card(self, card: Card) -> None:
        record = self._encoder.card(card)
        known = self._cards.get(card.id)
        if known is None or cast(int, known["revision"]) < card.revision:
            self._cards[card.id] = record

    def callback(self, call_id: str, number: str, queue: str) -> None:
        self._keep(self._encoder.callback(call_id, number, queue))

    def callback_due(self, call_id: str, in_s: float) -> None:
        self._keep(self._encoder.callback_due(call_id, in_s))

    def callback_done(self, call_id: str) -> None:
        self._keep(self._encoder.callback_done(call_id))

    def call_ended(self, call: CallEnded) -> None:
        record = self._encoder.call_ended(call)
        self._call(call.call_id).update({name: record[name] for name in ("ended_at", "outcome", "reason", "stats")})

    async def flush(self, timeout_s: float) -> bool:
        return True

    def pending(self) -> int:
        return 0

    async def list_calls(self, limit: int) -> list[dict[str, JsonValue]]:
        by_id = sorted(self._calls.values(), key=lambda call: str(call["id"]))
        newest = sorted(by_id, key=lambda call: str(call["started_at"] or call["ended_at"] or ""), reverse=True)
        return [summary(call, len(self._of(str(call["id"]), "turn"))) for call in newest[: max(0, limit)]]

    async def get_card(self, card_id: str) -> dict[str, JsonValue] | None:
        record = self._cards.get(card_id)
        return None if record is None else cast(dict[str, JsonValue], record["body"])

    async def cards_since(self, moment: datetime, limit: int = 200) -> list[dict[str, JsonValue]]:
        changed = [card for card in self._cards.values() if datetime.fromisoformat(str(card["updated_at"])) >= moment]
        ordered = sorted(changed, key=lambda card: (str(card["updated_at"]), str(card["card_id"])))
        return [cast(dict[str, JsonValue], card["body"]) for card in ordered[: max(0, limit)]]

    async def get_call(self, call_id: str) -> dict[str, JsonValue] | None:
        found = [call_id] if call_id in self._calls else [known for known in self._calls if call_id and known.startswith(call_id)]
        if len(found) != 1:
            return None
        key = found[0]
        card, callbacks = self._newest_card(key), self._of(key, "callback")
        callback = {name: callbacks[-1][name] for name in ("number", "queue", "asked_at")} if callbacks else None
        if callback is not None:
            callback["done_at"] = self._called_back(callbacks[-1])
        events = [{"kind": event["event"], "at_ms": event["at_ms"], "data": event["data"]} for event in self._of(key, "event")]
        return whole_call(self._calls[key], self._turns(key), events, card, callback)

    def _called_back(self, asked: Record) -> JsonValue:
        """When that number was called for that queue, for this call or another one; None: not since."""
        for key in self._parts:
            same = [each for each in self._of(key, "callback") if (each["number"], each["queue"]) == (asked["number"], asked["queue"])]
            for done in self._of(key, "callback_done"):
                if any(cast(int, each["seq"]) < cast(int, done["seq"]) > cast(int, asked["seq"]) for each in same):
                    return done["done_at"]
        return None

    async def unended(self, before: datetime) -> list[UnendedCall]:
        open_calls = [call for call in self._calls.values() if call["started_at"] is not None and call["ended_at"] is None]
        earlier = [call for call in open_calls if datetime.fromisoformat(str(call["started_at"])) < before]
        return [UnendedCall(str(call["id"]), str(call["channel"])) for call in sorted(earlier, key=lambda call: str(call["started_at"]))]

    async def turns_of(self, call_id: str) -> list[Turn]:
        call = self._calls.get(call_id)
        base = 0.0
        if call is not None and call["started_at"] is not None:
            base = time.monotonic() - (datetime.now(UTC) - datetime.fromisoformat(str(call["started_at"]))).total_seconds()
        return [turn_from_json(turn, base) for turn in self._turns(call_id)]

    def _call(self, call_id: str) -> Record:
        return self._calls.setdefault(call_id, {"id": call_id, **_NEW_CALL})

    def _keep(self, record: Record) -> None:
        self._parts.setdefault(str(record["call_id"]), []).append(record)

    def _of(self, call_id: str, kind: str) -> list[Record]:
        return [record for record in self._parts.get(call_id, []) if record["kind"] == kind]

    def _newest_card(self, call_id: str) -> JsonValue:
        cards = [card for card in self._cards.values() if card["call_id"] == call_id]
        return max(cards, key=lambda card: cast(int, card["seq"]))["body"] if cards else None

    def _turns(self, call_id: str) -> list[Record]:
        ordered = sorted(self._of(call_id, "turn"), key=lambda turn: cast(int, turn["number"]))
        return [{name: turn[name] for name in _TURN_FIELDS} for turn in ordered]

    def _since_start(self, record: Record) -> int:
        started = self._calls.get(str(record["call_id"]), _NEW_CALL)["started_at"]
        if record["at"] is None or started is None:
            return 0
        away = datetime.fromisoformat(str(record["at"])) - datetime.fromisoformat(str(started))
        return round(away / timedelta(milliseconds=1))
