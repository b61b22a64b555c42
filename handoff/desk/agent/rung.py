"""Whose phone rings is whose card comes up: by a queue, also when the phone is none of ours, or by a colleague who gives a caller on."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

from aiohttp import web

from handoff.desk.access import Session
from handoff.desk.agent.members import MEMBERS
from handoff.desk.agent.who import GIVEN, STORE
from handoff.desk.database import Row
from handoff.desk.deps import DEPS, TOPICS
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

TOPIC: Final = "ring"
_PLACE: Final = re.compile(r"patchcord-wait-(.{1,80})-\d+-\d+-q")
"""Unique id of a caller's place in a queue: call, number of the transfer, number of the attempt."""


def add(app: web.Application) -> None:
    async def own(session: Session, interface: str) -> bool:
        members = app.get(MEMBERS)
        return members is not None and session.phone != "" and interface == members.interface_of(session.phone)

    app[TOPICS].allow(TOPIC, own)
    app.cleanup_ctx.append(_watching)


async def _watching(app: web.Application) -> AsyncIterator[None]:
    tasks: set[asyncio.Task[None]] = set()

    def tell(interface: str, found: Coroutine[Any, Any, Row | None]) -> None:
        task = asyncio.create_task(_tell(app, interface, found), name="card of a ringing phone")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def rung(interface: str, unique_id: str) -> None:
        place = _PLACE.fullmatch(unique_id)
        if place is not None:
            tell(interface, app[STORE].newest_card(place[1]))

    members = app.get(MEMBERS)
    if members is not None:
        known = members

        def given(phone: str, card_id: str) -> None:
            app[GIVEN].remember(phone, card_id)
            tell(known.interface_of(phone), app[STORE].card_head(card_id))

        members.on_ring(rung)
        members.on_given(given)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(app: web.Application, interface: str, found: Coroutine[Any, Any, Row | None]) -> None:
    try:
        row = await found
    except RecordsUnavailable:
        log.warning("ring_without_database")
        return
    if row is not None:
        told = {"card_id": row["id"], "call_id": row["call_id"], "queue": row["queue"] or "", "state": row["state"] or ""}
        app[DEPS].hub.publish(f"{TOPIC}:{interface}", "mine", told)
