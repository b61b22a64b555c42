"""What a caller says to a person goes on being written down, for the desk: theirs only, nobody hears the person.

The caller is in a bridge of the dialplan by then, where nothing of ours is needed; a snoop channel brings what comes from them to a line.
It may fail in any way without the two who talk hearing anything of it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from agents.conversation.dictation import Dictation, Spoken
from agents.line import LineClosed, LineEvent
from agents.stt.transcriber import Transcriber, TranscriptionError
from agents.transcript import Turn
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.media_port import MediaLine, MediaLink
from ari_app.calls.record import CallRecord
from ari_app.calls.shell_names import HEARING_PREFIX
from ari_app.calls.side_leg import SideLeg, SideLegFailed

log = logging.getLogger(__name__)

_ENTER_S = 2.0
_RECOGNISE_S = 15.0


@dataclass(frozen=True, slots=True)
class HearingDeps:
    """What all calls share."""

    app: str
    ari: AriClient
    media: Callable[[], MediaLink | None]
    media_host: str
    recogniser: Callable[[str], Transcriber]
    """For a language, ISO 639-1."""


class JoinedHearing:
    """Of one call. ``start`` may be called again after ``close``: callers come back and go to another person."""

    def __init__(self, record: CallRecord, deps: HearingDeps) -> None:
        facts = record.facts
        self._record = record
        self._deps = deps
        self.snoop_id = HEARING_PREFIX + facts.call_id
        self.leg = self._new_leg()
        self._entered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def _new_leg(self) -> SideLeg:
        deps, call_id = self._deps, self._record.facts.call_id
        return SideLeg(f"{call_id}-h", call_id, self.snoop_id, deps.ari, deps.app, deps.media_host)

    def entered(self, channel_id: str) -> None:
        """The snoop channel, or the media leg, came into our application."""
        if channel_id == self.snoop_id:
            self._entered.set()
        else:
            self.leg.entered()

    def start(self) -> None:
        """Listen until ``close``; nothing when it does already."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"hearing-{self._record.facts.call_id}")

    async def close(self) -> None:
        """Give everything back. What was being said then is not written down: the call's record may have ended by now."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(self._quiet_snoop(), self.leg.close())
        self._entered.clear()
        self.leg = self._new_leg()  # each is built once

    async def _quiet_snoop(self) -> None:
        try:
            await self._deps.ari.hangup(self.snoop_id)
        except AriError as error:
            log.warning("ari_refused", extra={"call_id": self._record.facts.call_id, "error": str(error)})

    async def _run(self) -> None:
        try:
            line = await self._open()
        except (AriError, SideLegFailed, TimeoutError) as error:
            self._record.note("person_not_transcribed", error=str(error) or f"Asterisk made no ear within {_ENTER_S:g} s")
            return
        try:
            await self._listen(line)
        except Exception:  # whoever made the recogniser: the two who talk hear nothing of it
            log.exception("hearing_failed", extra={"call_id": self._record.facts.call_id})
            self._record.note("person_not_transcribed", error="see the log")

    async def _open(self) -> MediaLine:
        """Raises AriError, SideLegFailed, TimeoutError."""
        made = await self._deps.ari.snoop(
            self._record.facts.channel_id, self._deps.app, self.snoop_id, f"hear,{self._record.facts.call_id}"
        )
        if isinstance(made, Gone):
            raise SideLegFailed("the caller has left")
        async with asyncio.timeout(_ENTER_S):
            await self._entered.wait()
        await self.leg.build(self._deps.media())
        if self.leg.line is None:
            raise SideLegFailed("the line was closed at once")
        return self.leg.line

    async def _listen(self, line: MediaLine) -> None:
        dictation, events = Dictation(), aiter(line.events())
        coming: asyncio.Future[LineEvent | None] = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                due = dictation.deadline
                await asyncio.wait((coming,), timeout=None if due is None else max(0.0, due - time.monotonic()))
                event: LineEvent | None = None
                if coming.done():
                    if (event := coming.result()) is None:
                        return
                    coming = asyncio.ensure_future(anext(events, None))
                if (spoken := dictation.step(event, time.monotonic())) is not None:
                    await self._write(spoken)
                if isinstance(event, LineClosed):
                    return
        finally:
            coming.cancel()

    async def _write(self, spoken: Spoken) -> None:
        if self._record.recording_state == "paused":
            return  # whoever stops the recording means that this is nobody's to keep
        try:
            async with asyncio.timeout(_RECOGNISE_S):
                text = (await self._deps.recogniser(self._record.language).transcribe(spoken.pcm)).text.strip()
        except (TranscriptionError, TimeoutError) as error:
            log.warning("transcription_failed", extra={"call_id": self._record.facts.call_id, "error": str(error) or "time limit"})
            return
        if text:
            number = self._record.turns[-1].number + 1 if self._record.turns else 1
            self._record.turn(Turn(number, "caller", text, text, spoken.started_at, spoken.ended_at))
