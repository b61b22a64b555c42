"""The live feed: what happens in calls now, as lines of JSON for whoever watches. It never waits for a reader.

Kinds and data of lines are told in ``handoff.desk.floor.live_calls``, readers in ``ari_app.calls.feed_lines``.
"""

import logging
import time
from collections.abc import Callable, Mapping

from agents.transcript import JsonValue, Turn
from ari_app.calls.feed_lines import BACKLOG, FeedLines, Snapshot, Subscription
from handoff.desk.floor.live_calls import LiveCalls
from handoff.redaction import CallRedaction

__all__ = ["BACKLOG", "LiveFeed", "Snapshot", "Subscription"]

log = logging.getLogger(__name__)


class LiveFeed(FeedLines):
    """To be used from the event loop only. ``clock`` gives Unix seconds. Cards, codes and passwords do not leave in what is said."""

    def __init__(self, *, backlog: int = BACKLOG, clock: Callable[[], float] = time.time) -> None:
        self.live = LiveCalls()
        super().__init__(self.live.whole, backlog=backlog, clock=clock)
        self._redactions: dict[str, CallRedaction] = {}

    def publish(self, kind: str, call_id: str, data: Mapping[str, JsonValue], at: float | None = None) -> None:
        """Costs a line per reader and never fails: watching may not hurt a call. ``at``: when it happened, if not now."""
        try:
            self._publish(kind, call_id, data, round(self._clock() if at is None else at, 4))
        except Exception:
            log.exception("live_feed_failed", extra={"call_id": call_id, "kind": kind})

    def _publish(self, kind: str, call_id: str, data: Mapping[str, JsonValue], at: float) -> None:
        if kind == "partial" and data.get("text") and not self._subscriptions:
            return  # the dearest to redact, the most frequent, and replaced by the next one anyway
        data = self._redacted(kind, call_id, data)
        if self.live.apply(kind, call_id, at, data):
            self.put(kind, call_id, at, data)

    def _redacted(self, kind: str, call_id: str, data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        match kind:
            case "state":
                ours = self._redactions.setdefault(call_id, CallRedaction())
                if question := data.get("question"):
                    return {**data, "question": ours.turn(Turn(0, "agent", str(question), str(question), 0.0, 0.0)).text}
            case "ended":
                self._redactions.pop(call_id, None)
            case "turn" | "partial" | "event" if (redaction := self._redactions.get(call_id)) is not None:
                return _without_secrets(redaction, kind, data)
        return data


def _without_secrets(redaction: CallRedaction, kind: str, data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if kind == "event":
        return {**data, "data": redaction.data(data.get("data", {}))}
    text, heard = str(data.get("text", "")), str(data.get("heard", ""))
    if kind == "partial":
        return {**data, "text": redaction.caller(text)}
    turn = redaction.turn(Turn(0, "caller" if data.get("who") == "caller" else "agent", text, heard, 0.0, 0.0))
    return {**data, "text": turn.text, "heard": turn.heard}
