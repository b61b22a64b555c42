"""Cards in the database: what is told to listeners, and what is left in journals by earlier versions."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from handoff.records.encoding import Encoder
from handoff.records.journal import Journal
from handoff.records.reader import PostgresReader
from handoff.records.writer import PostgresRecords
from tests.handoff.records.records_contract import card

pytestmark = pytest.mark.postgres

Query = Callable[..., list[tuple[object, ...]]]


async def test_listeners_are_told_of_each_change_and_of_nothing_else(database: str, writer: PostgresRecords) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as listener:
        await listener.execute("LISTEN patchcord_calls")
        for revision in (1, 2, 2, 1):
            writer.card(card("call-1", revision=revision))
            assert await writer.flush(10)
        writer.event("call-1", "last", 0.0, {})
        assert await writer.flush(10)
        told = []
        async with asyncio.timeout(10):
            async for notice in listener.notifies():
                told.append(json.loads(notice.payload))
                if told[-1]["table"] == "events":
                    break
    assert told[:-1] == [{"table": "cards", "call_id": "call-1", "id": "card-1"}] * 2


async def test_card_of_an_earlier_version_in_the_journal_is_written(
    database: str, tmp_path: Path, reader: PostgresReader, query: Query
) -> None:
    journal = Journal(tmp_path / "journal")
    record = Encoder().card(card("call-1"))
    for name in ("revision", "updated_at"):
        del record[name]
    record["body"] = {"version": 1, "id": "card-1", "intent": "order_status"}
    journal.append(record)
    journal.close()
    heir = PostgresRecords(database, tmp_path / "journal")
    await heir.open()
    assert await heir.close()
    assert heir.rejected.count == 0
    assert await reader.get_card("card-1") == record["body"]
    assert query("SELECT revision, updated_at FROM cards") == [(1, None)]


async def test_index_finds_turns_by_their_words(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = await connection.execute(
            "EXPLAIN SELECT call_id FROM turns WHERE to_tsvector('simple', said) @@ websearch_to_tsquery('simple', %s)", ("parcel",)
        )
        assert "turns_by_words" in str(await plan.fetchall())
