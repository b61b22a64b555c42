"""What the light of a device means and what to do."""

from typing import Final, LiteralString

from pydantic import Field

from ari_app.harbor_home.endpoint import Answer, Arguments, Endpoint, Work

# The fact that fits; a light that shows only one way is found however the caller describes it.
_FIND: LiteralString = """
SELECT status, meaning, advice, needs_person, pattern = %(pattern)s AS exact,
       count(*) OVER () AS patterns
FROM devices WHERE device = %(device)s AND light = %(light)s ORDER BY exact DESC LIMIT 1
"""


class Diagnose(Arguments):
    device: str = Field(max_length=40)
    light: str = Field(max_length=40)
    pattern: str = Field("", max_length=40)
    """``flashing``, ``steady``, or empty: flashing, and steady for a light that never flashes."""


async def diagnose(work: Work, given: Diagnose) -> Answer:
    wanted = {"device": given.device.lower(), "light": given.light.lower(), "pattern": given.pattern.lower() or "flashing"}
    row = await (await work.connection.execute(_FIND, wanted)).fetchone()
    certain = row is not None and (row["exact"] or (row["patterns"] == 1 and (not given.pattern or given.light.lower() == "off")))
    if row is None or not certain:
        return {"found": False, "status": "", "meaning": "", "advice": "", "needs_person": False}
    return {
        "found": True,
        "status": row["status"],
        "meaning": row["meaning"],
        "advice": row["advice"],
        "needs_person": row["needs_person"],
    }


ENDPOINTS: Final = (Endpoint("/devices/diagnose", Diagnose, diagnose, safe=True),)
