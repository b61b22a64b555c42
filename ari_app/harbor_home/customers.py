"""Who is calling, and callers who want to be called back."""

from datetime import datetime
from typing import Annotated, Final, LiteralString

from ari_app.harbor_home.endpoint import Answer, Arguments, Dialable, Endpoint, NotGiven, Phone, Text, Work
from ari_app.harbor_home.outages import minute

# A customer by telephone number, with the number of orders and the newest of them.
_FIND: LiteralString = """
SELECT number, initials, vip, language,
       (SELECT count(*) FROM orders WHERE customer = customers.number) AS orders,
       (SELECT latest.number FROM orders AS latest WHERE customer = customers.number
        ORDER BY placed_on DESC, latest.number DESC LIMIT 1) AS latest_order
FROM customers WHERE phone = %(phone)s
"""

_NOTE: LiteralString = "INSERT INTO callbacks (phone, reason, due) VALUES (%(phone)s, %(reason)s, %(due)s) RETURNING reference"


class FindCustomer(Arguments):
    phone: Phone


class NoteCallback(Arguments):
    phone: Dialable
    reason: Text = ""
    at: Annotated[datetime | None, NotGiven] = None


async def find_customer(work: Work, given: FindCustomer) -> Answer:
    row = await (await work.connection.execute(_FIND, {"phone": given.phone})).fetchone()
    if row is None:
        return {"found": False, "customer": "", "initials": "", "vip": False, "language": "", "orders": 0, "latest_order": ""}
    return {
        "found": True,
        "customer": row["number"],
        "initials": row["initials"],
        "vip": row["vip"],
        "language": row["language"],
        "orders": row["orders"],
        "latest_order": row["latest_order"] or "",
    }


async def note_callback(work: Work, given: NoteCallback) -> Answer:
    due = given.at.replace(tzinfo=None) if given.at else None
    made = await (await work.connection.execute(_NOTE, {"phone": given.phone, "reason": given.reason, "due": due})).fetchone()
    return {"noted": True, "reference": made["reference"] if made else "", "due": minute(due)}


ENDPOINTS: Final = (
    Endpoint("/customers/find", FindCustomer, find_customer, safe=True),
    Endpoint("/callbacks/note", NoteCallback, note_callback),
)
