"""Where a placeholder stands, out of the board of all queues."""

import time
from collections.abc import Mapping

from agents.transcript import JsonValue
from handoff.queues import QueueBoard

_MOMENT_S = 2.0
"""A phone that registers anew is away for a moment."""


class QueueLine:
    def __init__(self, board: QueueBoard) -> None:
        self._board = board

    def place(self, queue: str, channel_id: str) -> tuple[int | None, float | None]:
        """See ``transfer_deps.Line``."""
        now = time.time()
        view = self._board.view(now).get(queue)
        if view is None:
            return None, None
        position = next((waiting.position for waiting in view.waiting if waiting.unique_id == channel_id), None)
        return position, self._board.expected_wait_s(queue, position or len(view.waiting) + 1, now)

    def deserted(self, queue: str) -> bool:
        """See ``transfer_deps.Line``. A queue that is not known yet may have people."""
        now = time.time()
        view = self._board.view(now).get(queue)
        if view is None or view.stale_since is not None:
            return False
        return all(member.state == "unavailable" and now - member.since > _MOMENT_S for member in view.members)

    def facts(self, queue: str) -> Mapping[str, JsonValue]:
        """What rules may ask of a queue: the data of an event ``queue``. Empty while nothing is known of it."""
        now = time.time()
        view = self._board.view(now).get(queue)
        if view is None or view.stale_since is not None:
            return {}
        wait_s = self._board.expected_wait_s(queue, len(view.waiting) + 1, now)
        return {
            "queue": queue,
            "waiting": len(view.waiting),
            "members_free": view.available,
            "expected_wait_s": None if wait_s is None else round(wait_s, 1),
        }
