"""Callers who hung up to be called back keep their place in the queue: when a person answers for it, the dialplan calls them.

The place stands in Asterisk alone (contexts patchcord-held and patchcord-callback), so it outlives this process; what came of it is told by
UserEvent, to the worker that made it. People are asked to call by hand once it has failed, or the time that a place is kept has passed.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agents.transcript import JsonValue
from ari_app.ami.port import AmiEvent, AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.callback_briefs import CallbackBriefs
from ari_app.settings import Settings
from handoff.records.store import CallReader, CallWriter, RecordsUnavailable
from handoff.tasks.callbacks import hours_of
from handoff.tasks.hours import is_open

log = logging.getLogger(__name__)

HELD_PREFIX: Final = "patchcord-held-"
EVENT: Final = "PatchcordCallback"
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_LOOK_S: Final = 10.0
_ORIGINATED_S: Final = 30
"""Beyond the time that the place is kept: for the person's phone to ring."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose place, and where."""

    call_id: str
    number: str
    """To call."""
    queue: str
    position: int | None
    """In line, from 1; None: at its end."""
    card_id: str
    dialled: str
    """What the caller had dialled: what they see when they are called."""
    priority: int = 0
    brief: str = ""
    """What the person hears before the caller is called, in ``language``."""
    language: str = "en"


class HeldPlaces:
    """Of one worker. ``open_now`` says whether people of a queue may be called at this hour."""

    def __init__(
        self,
        ari: AriClient,
        writer: CallWriter,
        reader: CallReader | None,
        app: str,
        hold_s: int,
        open_now: Callable[[str, datetime], bool],
        briefs: CallbackBriefs | None = None,
    ) -> None:
        """``briefs``: None where Asterisk could not play them."""
        self._ari = ari
        self._writer = writer
        self._reader = reader
        self._app = app
        self._hold_s = hold_s
        self._open_now = open_now
        self._briefs = briefs
        self._kept: dict[str, tuple[str, str]] = {}
        """Calls whose places this process has asked for and not heard of since: number and queue."""

    async def run(self) -> None:
        """Until cancelled: whom somebody has called by hand meanwhile is not called again."""
        if self._briefs is not None:
            self._briefs.drop_older(self._hold_s + _ORIGINATED_S)
        while True:
            await asyncio.sleep(_LOOK_S)
            for call_id in list(self._kept):
                try:
                    await self._look(call_id)
                except (AriError, RecordsUnavailable) as error:
                    log.warning("held_place_not_looked_at", extra={"call_id": call_id, "error": str(error)})
                except Exception:  # bookkeeping: no fault of it may cost a call
                    log.exception("held_place_not_looked_at", extra={"call_id": call_id})

    async def _look(self, call_id: str) -> None:
        call = await self._reader.get_call(call_id) if self._reader is not None else None
        callback = call["callback"] if call is not None else None
        if isinstance(callback, dict) and callback["done_at"] is not None:
            self._forget(call_id)
            await self._ari.hangup(HELD_PREFIX + call_id)

    def _forget(self, call_id: str) -> None:
        self._kept.pop(call_id, None)
        if self._briefs is not None:
            self._briefs.drop(call_id)

    async def keep(self, place: Place) -> None:
        """An event of the call says whether it is kept."""
        why = await self._refusal(place)
        if why:
            self._note(place.call_id, "callback_not_kept", reason=why)
        else:
            self._kept[place.call_id] = place.number, place.queue
            self._writer.callback_due(place.call_id, self._hold_s + _ORIGINATED_S)
            self._note(place.call_id, "callback_kept", queue=place.queue, position=place.position)

    async def _refusal(self, place: Place) -> str:
        """Empty when the place stands in the queue."""
        if not _NUMBER.fullmatch(place.number):
            return "no number that can be dialled"
        for call_id in [known for known, whose in self._kept.items() if whose == (place.number, place.queue)]:
            try:
                gone = isinstance(await self._ari.get_channel(HELD_PREFIX + call_id), Gone)
            except AriError as error:
                return str(error)
            if not gone:
                return "the place of an earlier call from there is kept"
            self._forget(call_id)  # Asterisk began anew, and told nobody
        if not self._open_now(place.queue, datetime.now(UTC)):
            return "outside the hours of tasks.callbacks"
        variables = {
            "PATCHCORD_CALL": place.call_id,
            "PATCHCORD_CALLBACK": place.number,
            "PATCHCORD_WORKER": self._app,
            "PATCHCORD_NUMBER": place.dialled,
            "PATCHCORD_CARD": place.card_id,
            "PATCHCORD_UUI": place.card_id.encode().hex(),
        }
        if place.position is not None:
            variables["PATCHCORD_POSITION"] = str(place.position)
        if place.priority:
            variables["QUEUE_PRIO"] = str(place.priority)
        if self._briefs is not None and place.brief:
            variables["PATCHCORD_BRIEF"] = await self._briefs.make(place.call_id, place.brief, place.language)
        try:
            made = await self._ari.originate_in_dialplan(
                f"Local/{place.queue}@patchcord-held/n",
                "patchcord-callback",
                "s",
                HELD_PREFIX + place.call_id,
                caller_id=place.number,
                timeout_s=self._hold_s + _ORIGINATED_S,
                variables=variables,
            )
        except AriError as error:
            return str(error)
        return made.reason if isinstance(made, Gone) else ""

    def heard(self, event: AmiEvent) -> None:
        """Any UserEvent; those of other workers' places are theirs."""
        call_id, status = event.get("Call", ""), event.get("Status", "")
        if event.get("UserEvent") != EVENT or event.get("Worker") != self._app or not call_id:
            return
        self._forget(call_id)
        if status == "ANSWER":
            self._writer.callback_done(call_id)
            self._note(call_id, "callback_answered")
        else:
            self._writer.callback_due(call_id, 0)
            self._note(call_id, "callback_failed", status=status)

    def _note(self, call_id: str, kind: str, **data: JsonValue) -> None:
        """The call is over and nobody watches it any more: to its record alone."""
        self._writer.event(call_id, kind, time.monotonic(), data)
        log.info(f"call_{kind}", extra={"call_id": call_id, **{f"call_{key}": value for key, value in data.items()}})


def places_for(
    settings: Settings, ari: AriClient, ami: AmiPort, writer: CallWriter, reader: CallReader | None, briefs: CallbackBriefs | None
) -> HeldPlaces | None:
    """None where no trunk may call them back."""
    if not settings.transfer.callback_trunk:
        return None

    def open_now(queue: str, now: datetime) -> bool:
        return is_open(hours_of(settings.tasks.callbacks, queue), now)

    places = HeldPlaces(ari, writer, reader, settings.asterisk.app, settings.transfer.callback_hold_s, open_now, briefs)
    ami.on_event("UserEvent", places.heard)
    return places
