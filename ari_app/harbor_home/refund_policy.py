"""When money goes back without a person. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

LIMIT: Final = Decimal("100.00")
"""Per order, all refunds together; above it a person decides."""
DAYS: Final = 30
"""After delivery, the last one included."""


@dataclass(frozen=True, slots=True)
class Order:
    status: str
    total: Decimal
    refunded: Decimal
    delivered_on: date | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """``reason`` empty: the refund is granted."""

    reason: str = ""
    needs_person: bool = False


def left(order: Order) -> Decimal:
    """What was paid and not given back."""
    return order.total - order.refunded


def refusal(order: Order, amount: Decimal, today: date) -> Refusal:
    if order.status != "delivered" or order.delivered_on is None:
        return Refusal("not_delivered")
    if (today - order.delivered_on).days > DAYS:
        return Refusal("too_old", needs_person=True)
    if left(order) <= 0:
        return Refusal("already_refunded")
    if amount > left(order):
        return Refusal("more_than_paid")
    if order.refunded + amount > LIMIT:
        return Refusal("over_limit", needs_person=True)
    return Refusal()
