"""The caller's side of a warm transfer: music, and the talk that keeps them company on the line that they have."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from agents.conversation.company import OVER, place, spoken_in, wish_of
from agents.conversation.messages import Unanswered
from agents.transcript import Outcome
from ari_app.ari.errors import AriError
from ari_app.calls.conversations import Company, Resume
from ari_app.calls.media_port import MediaLine
from ari_app.calls.record import CallRecord
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.media.errors import MediaError
from handoff.transfer_actions import Tell, Word
from handoff.transfer_steps import CallerAsked, CompanyEnded, TransferEvent

log = logging.getLogger(__name__)

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class CallerCompany:
    """``post`` is told how the talk ended, ``spawn`` owns the tasks. What is told before there is somebody to say it is kept."""

    def __init__(
        self,
        record: CallRecord,
        deps: TransferDeps,
        line: MediaLine,
        queue: str,
        unanswered: Sequence[Unanswered],
        post: Callable[[TransferEvent], None],
        spawn: Spawn,
    ) -> None:
        """``unanswered``: what the conversation before left of the line's events."""
        self._record = record
        self._deps = deps
        self._line = line
        self._queue = queue
        self._unanswered: Sequence[Unanswered] = unanswered
        self._post = post
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._untold: list[Tell] = []
        self.talk: Company | None = None
        """None while they hear music only."""

    def start(self) -> None:
        self._spawn(self._line.bed(self._deps.music()))
        self._task = self._spawn(self._accompany())

    def stop(self) -> None:
        """Silent at once; its end may take a moment."""
        if self.talk is not None:
            self.talk.end(OVER)
        elif self._task is not None:
            self._task.cancel()

    async def music_off(self) -> None:
        try:
            await self._line.bed(None)
        except MediaError as error:
            self._warn("music_not_ended", error)

    def tell(self, tell: Tell) -> None:
        if self.talk is None:
            self._untold.append(tell)
            return
        position, wait_s = tell.data.get("position"), tell.data.get("wait_s")
        facts = place(position if isinstance(position, int) else None, float(wait_s) if isinstance(wait_s, int | float) else None)
        self.talk.announce(str(Word(tell.what)), facts if tell.what is Word.PLACE else {})

    async def _accompany(self) -> None:
        facts = self._record.facts
        try:
            self.talk = self._deps.talks.company(
                agent=facts.route,
                number=facts.number,
                caller=facts.caller,
                call_id=facts.call_id,
                line=self._line,
                sink=self._record,
                resume=Resume(
                    list(self._record.turns),
                    {**self._record.slots(), **spoken_in(self._record.language)},
                    anew=True,
                    unanswered=self._unanswered,
                ),
            )
            self._unanswered = ()
            untold, self._untold = self._untold, []
            for tell in untold:
                self.tell(tell)
            outcome = await self.talk.run()
        except Exception as error:  # whoever made the talk; the caller has music and waits on
            log.exception("company_failed", extra={"call_id": facts.call_id})
            outcome = Outcome("failed", repr(error)[:200])
        finally:
            self.talk = None
        self._record.company_ended(outcome, self._queue)
        if outcome.kind == "caller_left" or outcome.reason == OVER:
            return  # Asterisk will say so; and what we ended is not awaited
        wish = wish_of(outcome)
        if wish == "agent":
            self._post(CallerAsked("agent"))
        elif wish == "stop":
            await self._hang_up()
        self._post(CompanyEnded(outcome.kind, outcome.reason))

    async def _hang_up(self) -> None:
        """The caller has said goodbye."""
        try:
            await self._deps.ari.hangup(self._record.facts.channel_id)
        except AriError as error:
            self._warn("caller_not_hung_up", error)

    def _warn(self, event: str, error: Exception) -> None:
        log.warning(event, extra={"call_id": self._record.facts.call_id, "error": str(error)})
