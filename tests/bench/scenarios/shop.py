"""The demo shop's database: every call's own customer and order put in, and what became of them."""

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from ari_app.harbor_home.database import own
from ari_app.harbor_home.state import state
from tests.bench.scenarios.case import Case, Scenario

_CUSTOMER: LiteralString = "INSERT INTO customers (number, phone, initials) VALUES (%s, %s, 'Z. Z.')"
_ORDER: LiteralString = """
INSERT INTO orders (number, customer, status, item, total, placed_on, expected_on, delivered_on, address, postcode)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '1 Old Street', %s)
"""
_OUTAGE: LiteralString = "INSERT INTO outages (postcode, area, service, since, expected_back, message) VALUES (%s, %s, %s, %s, %s, %s)"
_VISIT: LiteralString = "INSERT INTO appointments (phone, at, technician, purpose) VALUES (%s, %s, 1, 'installation')"

# What belongs to one caller. Callbacks may be noted under the number of the line or the one that was said.
_CHANGED: Final[dict[str, LiteralString]] = {
    "orders": "SELECT number, status, address FROM orders WHERE number = %(order)s",
    "refunds": "SELECT order_number, amount::text FROM refunds WHERE order_number = %(order)s",
    "payments": "SELECT amount::text, approved, last4 FROM payments WHERE order_number = %(order)s AND approved",
    "appointments": "SELECT to_char(at, 'YYYY-MM-DD\"T\"HH24:MI') AS at, cancelled FROM appointments WHERE phone = %(phone)s ORDER BY at",
    "links": "SELECT links_sent FROM customers WHERE phone = %(phone)s",
    "callbacks": "SELECT phone FROM callbacks WHERE right(phone, 7) = %(phone)s",
}
_FIRST_CUSTOMER: Final = 2001
_DEVICE: LiteralString = "SELECT meaning, advice FROM devices WHERE device = %(device)s AND light = %(light)s AND pattern = %(pattern)s"


@dataclass(frozen=True, slots=True)
class ShopDesk:
    """``url``: PostgreSQL; ``test_url``: the shop's /test/ pages. Methods block; they raise psycopg.Error and OSError."""

    url: str
    test_url: str

    def prepare(self, cases: Sequence[Case], today: date) -> None:
        """The seeded state, and what the callers need beside it."""
        self._ask("/reset", "POST")
        with psycopg.connect(own(self.url)) as connection:
            for number, case in enumerate(cases, _FIRST_CUSTOMER):
                self._put(connection, case, str(number), today)

    def _put(self, connection: psycopg.Connection[Any], case: Case, customer: str, today: date) -> None:
        facts = case.facts
        connection.execute(_CUSTOMER, (customer, case.phone))
        if "order" in facts:
            delivered = today - timedelta(days=3) if facts["status"] == "delivered" else None
            expected = facts.get("expected") or None
            total, postcode = Decimal(facts["total"]), facts.get("postcode", "40200")
            placed = today - timedelta(days=9)
            order = (facts["order"], customer, facts["status"], facts["item"], total, placed, expected, delivered, postcode)
            connection.execute(_ORDER, order)
        if case.scenario is Scenario.OUTAGE:
            since = f"{today.isoformat()}T06:30"
            row = (facts["postcode"], facts["area"], facts["service"], since, facts["back"] or None, facts["message"])
            connection.execute(_OUTAGE, row)
        if "booked" in facts:
            connection.execute(_VISIT, (case.phone, facts["booked"]))

    def changed(self, case: Case) -> dict[str, list[dict[str, Any]]]:
        """Everything that is this caller's, by table."""
        parameters = {"order": case.facts.get("order", ""), "phone": case.phone}
        with psycopg.connect(own(self.url), row_factory=dict_row) as connection:
            return {table: connection.execute(query, parameters).fetchall() for table, query in _CHANGED.items()}

    def device(self, case: Case) -> dict[str, str]:
        """What the shop says about the caller's device."""
        with psycopg.connect(own(self.url), row_factory=dict_row) as connection:
            row: dict[str, str] | None = connection.execute(_DEVICE, case.facts).fetchone()
        return row or {}

    def code(self, phone: str) -> str:
        """The newest one-time code. Raises OSError when there is none."""
        return str(self._ask(f"/codes/{phone}")["code"])

    def _ask(self, path: str, method: str = "GET") -> dict[str, Any]:
        request = urllib.request.Request(self.test_url + path, method=method)  # noqa: S310 - our own shop, on loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return dict(json.load(answer))

    def others(self, cases: Sequence[Case]) -> dict[str, list[dict[str, Any]]]:
        """The state without what belongs to these callers: it should never change."""
        orders, phones = {case.facts.get("order") for case in cases}, {case.phone for case in cases}
        whole = state(self.url)
        mine = {
            "accounts": lambda row: int(row["number"]) >= _FIRST_CUSTOMER,
            "orders": lambda row: row["number"] in orders,
            "refunds": lambda row: row["order_number"] in orders,
            "payments": lambda row: row["order_number"] in orders,
            "appointments": lambda row: row["phone"][-7:] in phones,
            "callbacks": lambda row: row["phone"][-7:] in phones,
        }
        return {table: [row for row in rows if not mine[table](row)] for table, rows in whole.items()}
