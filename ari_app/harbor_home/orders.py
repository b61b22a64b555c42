"""Orders: finding one, changing where it goes."""

from datetime import date
from typing import Annotated, Any, Final, LiteralString

from pydantic import Field

from ari_app.harbor_home.endpoint import Answer, Arguments, Endpoint, NotGiven, Number, Phone, Work
from ari_app.harbor_home.refund_policy import Order, left, refusal

# An order by its number, with what was given back of it.
BY_NUMBER: Final[LiteralString] = """
SELECT orders.*, (SELECT COALESCE(sum(amount), 0) FROM refunds WHERE order_number = orders.number) AS refunded
FROM orders WHERE number = %(number)s
"""

# The newest order of a customer, and how many there are.
_BY_PHONE: LiteralString = """
SELECT orders.*, (SELECT COALESCE(sum(amount), 0) FROM refunds WHERE order_number = orders.number) AS refunded, count(*) OVER () AS count
FROM orders JOIN customers ON customers.number = orders.customer
WHERE phone = %(phone)s ORDER BY placed_on DESC, orders.number DESC LIMIT 1
"""

# Where an order goes.
_MOVE: LiteralString = "UPDATE orders SET address = %(address)s WHERE number = %(number)s"


class FindOrder(Arguments):
    number: Annotated[Number | None, NotGiven] = None
    phone: Annotated[Phone | None, NotGiven] = None


class ChangeAddress(Arguments):
    number: Number
    address: str = Field(min_length=3, max_length=200)
    postcode: str = Field("", max_length=10)


async def find_order(work: Work, given: FindOrder) -> Answer:
    if given.number is not None:
        row = await (await work.connection.execute(BY_NUMBER, {"number": given.number})).fetchone()
    elif given.phone is not None:
        row = await (await work.connection.execute(_BY_PHONE, {"phone": given.phone})).fetchone()
    else:
        row = None
    if row is None:
        return {
            "found": False,
            "number": given.number or "",
            "status": "",
            "item": "",
            "expected_on": "",
            "delivered_on": "",
            "total": "",
            "refunded": "",
            "refundable": False,
            "changeable": False,
            "count": 0,
        }
    order = order_of(row)
    return {
        "found": True,
        "number": row["number"],
        "status": row["status"],
        "item": row["item"],
        "expected_on": day(row["expected_on"]),
        "delivered_on": day(row["delivered_on"]),
        "total": str(row["total"]),
        "refunded": f"{row['refunded']:.2f}",
        "refundable": left(order) > 0 and not refusal(order, left(order), work.now.date()).reason,
        "changeable": row["status"] == "processing",
        "count": row.get("count", 1),
    }


def order_of(row: dict[str, Any]) -> Order:
    return Order(row["status"], row["total"], row["refunded"], row["delivered_on"])


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


async def change_address(work: Work, given: ChangeAddress) -> Answer:
    query: LiteralString = "SELECT status, postcode FROM orders WHERE number = %(number)s FOR UPDATE"
    row = await (await work.connection.execute(query, {"number": given.number})).fetchone()
    reason = ""
    if row is None:
        reason = "unknown_order"
    elif given.postcode and given.postcode.replace(" ", "") != row["postcode"]:
        reason = "wrong_postcode"
    elif row["status"] != "processing":
        reason = row["status"]
    else:
        await work.connection.execute(_MOVE, {"number": given.number, "address": given.address.strip()})
    known = row is not None and reason != "wrong_postcode"
    return {
        "done": not reason,
        "reason": reason,
        "number": given.number,
        "status": row["status"] if row is not None and known else "",
        "address": "" if reason else given.address.strip(),
    }


ENDPOINTS: Final = (
    Endpoint("/orders/find", FindOrder, find_order, safe=True),
    Endpoint("/orders/change-address", ChangeAddress, change_address),
)
