"""What calls have changed in the world, so that a test can compare it: by table, without times and numbers that differ each time."""

import hashlib
import json
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from ari_app.harbor_home.database import Connection, own

# One query per table, each with an order of its own that does not depend on when rows were made.
QUERIES: Final[dict[str, LiteralString]] = {
    "accounts": "SELECT number, locked, links_sent FROM customers ORDER BY number",
    "orders": "SELECT number, status, total::text, expected_on::text, delivered_on::text, address, postcode FROM orders ORDER BY number",
    "refunds": "SELECT order_number, amount::text FROM refunds ORDER BY order_number, refunds.amount",
    "appointments": "SELECT phone, at::text, cancelled FROM appointments ORDER BY phone, at, cancelled",
    "payments": "SELECT last4, amount::text, order_number, approved, reason FROM payments ORDER BY 1, payments.amount, 3, 4, 5",
    "callbacks": "SELECT phone, due::text FROM callbacks ORDER BY phone, due",
}


def state(url: str) -> dict[str, list[dict[str, Any]]]:
    """For a test that wants to see what differs. Blocks. Raises psycopg.Error."""
    with psycopg.connect(own(url), row_factory=dict_row) as connection:
        return {table: connection.execute(query).fetchall() for table, query in QUERIES.items()}


def state_hash(url: str) -> str:
    """Equal for two databases in which the same was done. Blocks. Raises psycopg.Error."""
    return digest(state(url))


async def read_state(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """As ``state``, within a transaction."""
    return {table: await (await connection.execute(query)).fetchall() for table, query in QUERIES.items()}


def digest(found: dict[str, list[dict[str, Any]]]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
