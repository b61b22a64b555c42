"""Charging a card. The number passes through to the gateway and is kept nowhere."""

from decimal import Decimal
from typing import Annotated, Final, LiteralString

from pydantic import Field

from ari_app.harbor_home.card_gateway import Decision, decide
from ari_app.harbor_home.endpoint import Amount, Answer, Arguments, Endpoint, NotGiven, Number, Work

# The order that is paid for.
_ORDER: LiteralString = "SELECT number FROM orders WHERE number = %(order)s"

# Every attempt, approved or not.
_NOTE: LiteralString = """
INSERT INTO payments (last4, token, amount, order_number, approved, reason)
VALUES (%(last4)s, %(token)s, %(amount)s, %(order)s, %(approved)s, %(reason)s) RETURNING number
"""


class Charge(Arguments):
    card: str = Field(max_length=40, repr=False)
    expiry: str = Field(max_length=5, repr=False)
    cvc: str = Field(max_length=4, repr=False)
    amount: Amount
    order: Annotated[Number | None, NotGiven] = None


async def charge(work: Work, given: Charge) -> Answer:
    amount = Decimal(given.amount)
    decision = decide(given.card, given.expiry, given.cvc, work.now.date(), work.secret)
    order = None
    if given.order is not None:
        order = await (await work.connection.execute(_ORDER, {"order": given.order})).fetchone()
        if order is None:
            decision = Decision("unknown_order", decision.token, decision.last4)
    if amount <= 0:
        decision = Decision("nothing_to_pay", decision.token, decision.last4)
    number = ""
    if amount > 0:
        parameters = {
            "last4": decision.last4,
            "token": decision.token,
            "amount": amount,
            "order": order["number"] if order else None,
            "approved": not decision.reason,
            "reason": decision.reason,
        }
        made = await (await work.connection.execute(_NOTE, parameters)).fetchone()
        number = made["number"] if made else ""
    return {
        "approved": not decision.reason,
        "reason": decision.reason,
        "payment": number,
        "last4": decision.last4,
        "amount": f"{amount:.2f}",
        "token": decision.token,
    }


ENDPOINTS: Final = (Endpoint("/payments/charge", Charge, charge),)
