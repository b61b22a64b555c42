"""Requests that are sent again: they change nothing a second time and get the first answer."""

import hashlib
from datetime import timedelta
from typing import LiteralString

from psycopg.types.json import Json

from ari_app.harbor_home.database import Connection
from ari_app.harbor_home.endpoint import Answer

KEPT = timedelta(days=1)
"""Far longer than the replay window of signatures."""

# Takes the key, or waits for the request that has it and then takes nothing.
_TAKE: LiteralString = "INSERT INTO requests (key, digest) VALUES (%(key)s, %(digest)s) ON CONFLICT DO NOTHING RETURNING key"

_ANSWER: LiteralString = "SELECT digest, answer FROM requests WHERE key = %(key)s"
_KEEP: LiteralString = "UPDATE requests SET answer = %(answer)s WHERE key = %(key)s"
_CLEAR: LiteralString = "DELETE FROM requests WHERE made_at < now() - %(kept)s"


class KeyReused(Exception):
    """The key belongs to another request."""


async def earlier_answer(connection: Connection, key: str, target: str, body: bytes) -> Answer | None:
    """None: the request is new, and its key is taken until the transaction ends. Raises KeyReused."""
    digest = hashlib.sha256(target.encode("utf-8", "surrogateescape") + b"\n" + body).hexdigest()
    if await (await connection.execute(_TAKE, {"key": key, "digest": digest})).fetchone() is not None:
        return None
    row = await (await connection.execute(_ANSWER, {"key": key})).fetchone()
    if row is None or row["digest"] != digest or row["answer"] is None:
        raise KeyReused
    answer: Answer = row["answer"]
    return answer


async def keep_answer(connection: Connection, key: str, answer: Answer) -> None:
    await connection.execute(_KEEP, {"key": key, "answer": Json(answer)})


async def clear_old(connection: Connection) -> None:
    await connection.execute(_CLEAR, {"kept": KEPT})
