"""Services that are out of order where the caller lives."""

from datetime import datetime
from typing import Final, LiteralString

from pydantic import Field

from ari_app.harbor_home.endpoint import Answer, Arguments, Endpoint, Work

# The outage of a postcode, if any.
_FIND: LiteralString = "SELECT area, service, since, expected_back, message FROM outages WHERE postcode = %(postcode)s"


class FindOutage(Arguments):
    postcode: str = Field(min_length=1, max_length=10)


async def find_outage(work: Work, given: FindOutage) -> Answer:
    row = await (await work.connection.execute(_FIND, {"postcode": given.postcode.replace(" ", "")})).fetchone()
    if row is None:
        return {"found": False, "area": "", "service": "", "since": "", "expected_back": "", "message": ""}
    return {
        "found": True,
        "area": row["area"],
        "service": row["service"],
        "since": minute(row["since"]),
        "expected_back": minute(row["expected_back"]),
        "message": row["message"],
    }


def minute(value: datetime | None) -> str:
    """``2026-11-27T14:30``, the shop's local time; empty for none."""
    return value.isoformat(timespec="minutes") if value else ""


ENDPOINTS: Final = (Endpoint("/outages/find", FindOutage, find_outage, safe=True),)
