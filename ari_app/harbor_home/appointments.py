"""Visits of a technician: free times, booking, moving, cancelling."""

from datetime import date, datetime, time
from itertools import islice
from typing import Annotated, Any, Final, LiteralString

from pydantic import Field

from agents.transcript import JsonValue
from ari_app.harbor_home.endpoint import Answer, Arguments, Endpoint, NotGiven, Phone, Reference, Text, Work
from ari_app.harbor_home.outages import minute
from ari_app.harbor_home.visit_times import TECHNICIANS, free_times, refusal

# Times at which both technicians are out.
_FULL: LiteralString = "SELECT at FROM appointments WHERE NOT cancelled GROUP BY at HAVING count(*) >= %(technicians)s"

# Technicians who are out at a time.
_OUT: LiteralString = "SELECT technician FROM appointments WHERE at = %(at)s AND NOT cancelled"

# One booking at a time: two that see the same free technician would both take him.
_LOCK: LiteralString = "LOCK TABLE appointments IN SHARE ROW EXCLUSIVE MODE"

# A visit by its reference, or the next one of a caller.
_FIND: LiteralString = """
SELECT reference, phone, at, purpose FROM appointments
WHERE NOT cancelled AND at > %(now)s AND (reference = %(reference)s OR (%(reference)s IS NULL AND phone = %(phone)s))
ORDER BY at LIMIT 1
"""

_BOOK: LiteralString = """
INSERT INTO appointments (phone, at, technician, purpose) VALUES (%(phone)s, %(at)s, %(technician)s, %(purpose)s) RETURNING reference
"""
_MOVE: LiteralString = "UPDATE appointments SET at = %(at)s, technician = %(technician)s, demo_day = NULL WHERE reference = %(reference)s"
_CANCEL: LiteralString = "UPDATE appointments SET cancelled = true, demo_day = NULL WHERE reference = %(reference)s"


class FreeTimes(Arguments):
    day: Annotated[date | None, NotGiven] = None
    after: Annotated[time | None, NotGiven] = None


class WhichVisit(Arguments):
    """``reference`` goes before ``phone``."""

    reference: Annotated[Reference | None, NotGiven] = None
    phone: Annotated[Phone | None, NotGiven] = None


class Book(Arguments):
    phone: Annotated[Phone, Field(min_length=3)]
    at: datetime
    purpose: Text = ""


class Move(WhichVisit):
    at: datetime


async def free(work: Work, given: FreeTimes) -> Answer:
    found = list(islice(free_times(work.now, await _full(work), first=given.day, after=given.after), 12))
    on_day = [at for at in found if at.date() == given.day]
    times = [minute(at) for at in (on_day or found)[:3]]
    return {
        "found": bool(times),
        "on_day": bool(on_day),
        "count": len(times),
        "slots": list[JsonValue](times),
        **dict(zip(("first", "second", "third"), [*times, "", "", ""], strict=False)),
        "day": given.day.isoformat() if given.day else "",
    }


async def find(work: Work, given: WhichVisit) -> Answer:
    visit = await _visit(work, given)
    if visit is None:
        return {"found": False, "reference": given.reference or "", "at": "", "purpose": ""}
    return {"found": True, "reference": visit["reference"], "at": minute(visit["at"]), "purpose": visit["purpose"]}


async def book(work: Work, given: Book) -> Answer:
    at = _local(given.at)
    technician, reason = await _technician(work, at)
    reference = ""
    if technician:
        parameters = {"phone": given.phone, "at": at, "technician": technician, "purpose": given.purpose}
        made = await (await work.connection.execute(_BOOK, parameters)).fetchone()
        reference = made["reference"] if made else ""
    return {"booked": not reason, "reason": reason, "reference": reference, "at": minute(at), **await _others(work, at, reason)}


async def move(work: Work, given: Move) -> Answer:
    at = _local(given.at)
    visit = await _visit(work, given)
    if visit is None:
        return {
            "moved": False,
            "reason": "unknown_appointment",
            "reference": given.reference or "",
            "at": minute(at),
            "was": "",
            "first": "",
            "second": "",
        }
    reason = ""
    if visit["at"] != at:
        technician, reason = await _technician(work, at)
        if technician:
            await work.connection.execute(_MOVE, {"at": at, "technician": technician, "reference": visit["reference"]})
    told = {"moved": not reason, "reason": reason, "reference": visit["reference"], "at": minute(at), "was": minute(visit["at"])}
    return {**told, **await _others(work, at, reason)}


async def cancel(work: Work, given: WhichVisit) -> Answer:
    visit = await _visit(work, given)
    if visit is None:
        return {"cancelled": False, "reason": "unknown_appointment", "reference": given.reference or "", "at": ""}
    await work.connection.execute(_CANCEL, {"reference": visit["reference"]})
    return {"cancelled": True, "reason": "", "reference": visit["reference"], "at": minute(visit["at"])}


async def _visit(work: Work, given: WhichVisit) -> dict[str, Any] | None:
    parameters = {"now": work.now, "reference": given.reference, "phone": given.phone}
    return await (await work.connection.execute(_FIND, parameters)).fetchone()


async def _technician(work: Work, at: datetime) -> tuple[int, str]:
    """One who is free, or 0 and the reason why nobody comes."""
    if reason := refusal(at, work.now):
        return 0, reason
    await work.connection.execute(_LOCK)
    out = {row["technician"] for row in await (await work.connection.execute(_OUT, {"at": at})).fetchall()}
    free_ones = [technician for technician in range(1, TECHNICIANS + 1) if technician not in out]
    return (free_ones[0], "") if free_ones else (0, "taken")


async def _full(work: Work) -> set[datetime]:
    rows = await (await work.connection.execute(_FULL, {"technicians": TECHNICIANS})).fetchall()
    return {row["at"] for row in rows}


async def _others(work: Work, at: datetime, reason: str) -> dict[str, JsonValue]:
    """Two free times to offer instead, from the wanted day on."""
    found = [minute(time) for time in islice(free_times(work.now, await _full(work), first=at.date()), 2)] if reason else []
    return dict(zip(("first", "second"), [*found, "", ""], strict=False))


def _local(at: datetime) -> datetime:
    """Times are the shop's own; a zone that a caller's side adds says nothing more."""
    return at.replace(tzinfo=None, second=0, microsecond=0)


ENDPOINTS: Final = (
    Endpoint("/appointments/free", FreeTimes, free, safe=True),
    Endpoint("/appointments/find", WhichVisit, find, safe=True),
    Endpoint("/appointments/book", Book, book),
    Endpoint("/appointments/move", Move, move),
    Endpoint("/appointments/cancel", WhichVisit, cancel),
)
