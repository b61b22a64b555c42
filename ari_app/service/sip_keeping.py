"""Asks Asterisk's SIP port all the time, and has an Asterisk ended whose SIP stands while everything else of it still works."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ari_app.service.sip_watch import SipChange, SipWatch

log = logging.getLogger(__name__)

ASK_S: Final = 2.0
STANDS_S: Final = 8.0
"""Without an answer; a caller's phone sends its call again for 32 s."""
STRANGER: Final = frozenset({401, 403, 407})
"""Answers to who is not known."""

Ask = Callable[[float], Awaitable[int | None]]
"""Told the seconds that it may take; the status that came, None for no answer."""


class SipKeeping:
    """``end`` ends it, so that it is started again; None for one that is somebody else's: that is only told."""

    def __init__(
        self,
        ask: Ask,
        life: Callable[[], int | None],
        end: Callable[[], None] | None,
        *,
        where: str,
        ask_s: float = ASK_S,
        limit_s: float = STANDS_S,
    ) -> None:
        """``life``: another number after each start, None while it does not run. ``where``: its address, for people."""
        self._ask, self._life, self._end, self._where, self._ask_s = ask, life, end, where, ask_s
        self._watch = SipWatch(limit_s)
        self._stood_at = 0.0

    def reasons(self) -> Sequence[str]:
        """Why no calls come in; empty while they do."""
        if not self._watch.stands:
            return ()
        remedy = "it is being started again" if self._end is not None else "restart it (systemctl restart asterisk)"
        return (f"Asterisk does not answer SIP at {self._where}; {remedy}",)

    async def run(self) -> None:
        """Until cancelled, or until an Asterisk of somebody else's takes us for a stranger."""
        while True:
            began, life = time.monotonic(), self._life()
            status = await self._ask(self._ask_s) if life is not None else None
            if self._end is None and status in STRANGER:
                # a stranger's questions are attacks to its admin, and to fail2ban
                log.warning("sip_not_watched", extra={"where": self._where, "status": status, "remedy": "./patchcord dialplan apply"})
                return
            self._tell(self._watch.step(life, status is not None, time.monotonic()))
            await asyncio.sleep(max(0.0, began + self._ask_s - time.monotonic()))

    def _tell(self, change: SipChange | None) -> None:
        if change is SipChange.STANDS:
            self._stood_at = time.monotonic()
            log.error("sip_stands", extra={"where": self._where, "restarted": self._end is not None})
            if self._end is not None:
                self._end()
        elif change is SipChange.ANSWERS_AGAIN:
            log.warning("sip_answers_again", extra={"where": self._where, "stood_s": round(time.monotonic() - self._stood_at, 1)})
