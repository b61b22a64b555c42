"""Brings what happens on the floor to the pages that are open: the first change at once, those close behind it together."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from agents.transcript import JsonValue
from handoff.desk.control import CallControl, Change
from handoff.desk.floor.alerts import AlertLimits, find_alerts
from handoff.desk.floor.live_calls import LiveCalls
from handoff.desk.floor.page_calls import PageCalls, page_call
from handoff.desk.floor.page_queues import page_queues
from handoff.desk.live import LiveHub
from handoff.desk.resting import not_resting
from handoff.queues import QueueBoard
from handoff.queues.view import QueueView

log = logging.getLogger(__name__)

TOPIC: Final = "floor"
COALESCE_S: Final = 0.08
"""Between two patches: below what an eye takes for late, and twelve updates of the page a second at most."""
LOOK_S: Final = 0.15
"""Between two looks at the queues, whose board tells nobody that it changed."""


class Broadcast:
    """``control`` and ``board`` may be missing: the page then says so. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        hub: LiveHub,
        control: CallControl | None,
        board: QueueBoard | None,
        limits: AlertLimits,
        clock: Callable[[], float] = time.time,
        resting: Callable[[], str] = not_resting,
    ) -> None:
        self._hub, self._control, self._board, self.limits, self._clock = hub, control, board, limits, clock
        self._resting = resting
        self._page = PageCalls()
        self._changed: set[str] | None = set()
        """None: everything."""
        self._news = asyncio.Event()
        self._last: dict[str, Mapping[str, JsonValue]] = {}
        """By kind what was told, of what is told whole."""

    def state(self) -> dict[str, JsonValue]:
        """All that a page needs to begin with; what is published from now on continues it."""
        views = self._views()
        return {
            "live_id": self._hub.last_id,
            "now": self._clock(),
            "steerable": self._control is not None,
            "calls": [page_call(call) for call in self._live().calls.values()],
            "queues": page_queues(views),
            "alerts": self._alerts(views),
            "resting": self._resting(),
        }

    async def run(self) -> None:
        """Until cancelled."""
        leave = self._control.watch(self._take) if self._control is not None else lambda: None
        try:
            while True:
                try:
                    async with asyncio.timeout(LOOK_S):
                        await self._news.wait()
                except TimeoutError:
                    pass
                self._news.clear()
                if self._hub.readers:
                    self._tell()
                await asyncio.sleep(COALESCE_S)
        finally:
            leave()

    def _take(self, change: Change) -> None:
        if change.kind == "lost":
            pass  # the alert tells
        elif not change.call_id:
            self._changed = None
        elif self._changed is not None:
            self._changed.add(change.call_id)
        self._news.set()

    def _tell(self) -> None:
        try:
            if self._changed is None or self._changed:
                changed, self._changed = self._changed, set()
                if patch := self._page.patch(self._live(), changed):
                    self._hub.publish(TOPIC, "floor_calls", patch)
            views = self._views()
            self._tell_anew("floor_queues", page_queues(views))
            self._tell_anew("floor_alerts", {"alerts": self._alerts(views)})
            self._tell_anew("floor_resting", {"text": self._resting()})
        except Exception:
            # One thing that cannot be shown must not darken the page for good.
            log.exception("floor_not_told")
            self._changed = None

    def _tell_anew(self, kind: str, data: Mapping[str, JsonValue]) -> None:
        if self._last.get(kind) != data:
            self._last[kind] = data
            self._hub.publish(TOPIC, kind, data)

    def _live(self) -> LiveCalls:
        return self._control.state.live if self._control is not None else LiveCalls()

    def _views(self) -> dict[str, QueueView]:
        return self._board.view(self._clock()) if self._board is not None else {}

    def _alerts(self, views: Mapping[str, QueueView]) -> list[JsonValue]:
        connected = self._control is None or self._control.state.connected
        return [alert.page() for alert in find_alerts(self._live().calls.values(), views, self._clock(), self.limits, connected=connected)]
