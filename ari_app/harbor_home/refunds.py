"""Giving money back."""

from decimal import Decimal
from typing import Annotated, Any, Final, LiteralString

from ari_app.harbor_home.endpoint import Amount, Answer, Arguments, Endpoint, NotGiven, Number, Text, Work
from ari_app.harbor_home.orders import BY_NUMBER, order_of
from ari_app.harbor_home.refund_policy import LIMIT, Refusal, left, refusal

# Two refunds of one order at once would each see the other's money as not yet given back.
_LOCK: LiteralString = "SELECT FROM orders WHERE number = %(number)s FOR UPDATE"

# The refund itself.
_REFUND: LiteralString = """
INSERT INTO refunds (order_number, amount, reason) VALUES (%(number)s, %(amount)s, %(reason)s) RETURNING number
"""


class Refund(Arguments):
    number: Number
    amount: Annotated[Amount | None, NotGiven] = None
    """None: all that is left."""
    reason: Text = ""


async def refund(work: Work, given: Refund) -> Answer:
    await work.connection.execute(_LOCK, {"number": given.number})
    row = await (await work.connection.execute(BY_NUMBER, {"number": given.number})).fetchone()
    if row is None:
        return _answer(given, Refusal("unknown_order"))
    order = order_of(row)
    amount = left(order) if given.amount is None else Decimal(given.amount)
    refused = refusal(order, amount, work.now.date())
    if not refused.reason and amount <= 0:
        refused = Refusal("nothing_to_refund")
    if refused.reason:
        return _answer(given, refused, amount=amount, refunded=order.refunded)
    parameters = {"number": given.number, "amount": amount, "reason": given.reason}
    made: dict[str, Any] | None = await (await work.connection.execute(_REFUND, parameters)).fetchone()
    return _answer(given, refused, number=made["number"] if made else "", amount=amount, refunded=order.refunded + amount)


def _answer(given: Refund, refused: Refusal, *, number: str = "", amount: Decimal | None = None, refunded: Decimal | None = None) -> Answer:
    return {
        "done": not refused.reason,
        "reason": refused.reason,
        "needs_person": refused.needs_person,
        "refund": number,
        "number": given.number,
        "amount": "" if amount is None else f"{amount:.2f}",
        "refunded": "" if refunded is None else f"{refunded:.2f}",
        "limit": str(LIMIT),
    }


ENDPOINTS: Final = (Endpoint("/orders/refund", Refund, refund),)
