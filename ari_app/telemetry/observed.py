"""Records whose stream is also shown to those who measure: figures and traces."""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from agents.transcript import JsonValue, Turn
from handoff.card import Card
from handoff.records.store import CallEnded, CallStarted, CallWriter

log = logging.getLogger(__name__)


class Observer(Protocol):
    """Told on the event loop, so it must return at once."""

    def call_started(self, call: CallStarted) -> None: ...

    def turn(self, call_id: str, turn: Turn) -> None: ...

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None: ...

    def call_ended(self, call: CallEnded) -> None: ...


class ObservedWriter:
    """A CallWriter that passes everything on, records first. An observer that fails is logged and costs no record."""

    def __init__(self, writer: CallWriter, observers: Sequence[Observer]) -> None:
        self._writer = writer
        self._observers = tuple(observers)

    def call_started(self, call: CallStarted) -> None:
        self._writer.call_started(call)
        for observer in self._observers:
            try:
                observer.call_started(call)
            except Exception:
                log.exception("observer_failed", extra={"call_id": call.call_id})

    def turn(self, call_id: str, turn: Turn) -> None:
        self._writer.turn(call_id, turn)
        for observer in self._observers:
            try:
                observer.turn(call_id, turn)
            except Exception:
                log.exception("observer_failed", extra={"call_id": call_id})

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._writer.event(call_id, kind, at, data)
        for observer in self._observers:
            try:
                observer.event(call_id, kind, at, data)
            except Exception:
                log.exception("observer_failed", extra={"call_id": call_id})

    def call_ended(self, call: CallEnded) -> None:
        self._writer.call_ended(call)
        for observer in self._observers:
            try:
                observer.call_ended(call)
            except Exception:
                log.exception("observer_failed", extra={"call_id": call.call_id})

    def card(self, card: Card) -> None:
        self._writer.card(card)

    def callback(self, call_id: str, number: str, queue: str) -> None:
        self._writer.callback(call_id, number, queue)

    def callback_due(self, call_id: str, in_s: float) -> None:
        self._writer.callback_due(call_id, in_s)

    def callback_done(self, call_id: str) -> None:
        self._writer.callback_done(call_id)

    async def flush(self, timeout_s: float) -> bool:
        return await self._writer.flush(timeout_s)

    def pending(self) -> int:
        return self._writer.pending()
