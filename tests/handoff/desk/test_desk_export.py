"""Exports of any number of calls: all of them arrive in order, and neither end holds them all."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncGenerator

import psycopg
import pytest

from handoff.desk.calls import sending
from handoff.desk.calls.export import calls_csv, calls_csv_pieces, calls_json_pieces
from handoff.records.store import RecordsUnavailable
from tests.handoff.desk.conftest import Client, Desk, csrf_in

pytestmark = pytest.mark.postgres

MANY = 25_000
SLACK_BYTES = 2_000_000

# The newest first: call-0000000 is the newest. The last two have no time at all, and such come last, by their id.
_FILL = """
INSERT INTO calls (id, started_at, ended_at, caller, number, route, outcome)
SELECT 'call-' || lpad(n::text, 7, '0'), t, t + interval '1 minute', '+15550100', '100', %(route)s, 'goodbye'
FROM (SELECT n, CASE WHEN n < %(count)s - 2 THEN timestamptz '2026-01-01' - n * interval '1 second' END AS t
      FROM generate_series(0, %(count)s - 1) AS n) AS calls
"""

_HELD = """
SELECT count(*) AS held FROM pg_stat_activity
WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'patchcord-desk'
"""


def fill(url: str, count: int, route: str = "front-desk") -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE calls CASCADE")
        connection.execute(_FILL, {"count": count, "route": route})


async def token_of(client: Client) -> str:
    return csrf_in(await (await client.get("/calls")).text())


async def ids_in_order(client: Client, token: str) -> int:
    """How many rows of CSV came; they must be the next one each."""
    count, rest = -1, ""
    async with client.post("/calls/export", data={"csrf": token, "form": "csv"}) as answer:
        assert answer.status == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        async for piece in answer.content.iter_any():
            *lines, rest = (rest + piece.decode()).split("\r\n")
            for line in lines:
                assert line.startswith("\ufeffid,started_at" if count < 0 else f"call-{count:07},"), line
                count += 1
    assert rest == ""
    return count


async def peak_of(client: Client, token: str, count: int) -> int:
    """Most bytes that Python held at once during the export, above what it held before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert await ids_in_order(client, token) == count
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return peak


async def test_every_call_arrives_and_memory_does_not_grow_with_them(desk: Desk, desk_database: str) -> None:
    client = await desk.login("supervisor")
    token = await token_of(client)
    await asyncio.to_thread(fill, desk_database, 1_000)
    await ids_in_order(client, token)  # what is made once is made
    few = await peak_of(client, token, 1_000)
    await asyncio.to_thread(fill, desk_database, MANY)
    many = await peak_of(client, token, MANY)
    print(f"peak: {few / 1e6:.2f} MB for 1,000 calls, {many / 1e6:.2f} MB for {MANY:,}")  # noqa: T201 - for who looks with pytest -s
    assert many < few + SLACK_BYTES
    async with client.post("/calls/export", data={"csrf": token, "form": "json"}) as answer:
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        found = await answer.json()
    assert [call["id"] for call in found] == [f"call-{number:07}" for number in range(MANY)]
    assert {row["actor"] for row in await desk.deps.audit.entries(action="export_calls")} == {"supervisor"}
    assert len(await desk.deps.audit.entries(action="export_calls")) == 4


async def test_what_is_searched_for_is_all_that_is_exported(desk: Desk, desk_database: str) -> None:
    await asyncio.to_thread(fill, desk_database, 1_200)
    client = await desk.login("supervisor")
    token = await token_of(client)
    answer = await client.post("/calls/search", data={"csrf": token, "number": "99999"})
    number = answer.url.query["q"]
    async with client.post("/calls/export", data={"csrf": token, "form": "json", "q": number}) as answer:
        assert (answer.status, await answer.text()) == (200, "[]")
    async with client.post("/calls/export", data={"csrf": token, "form": "csv", "q": number}) as answer:
        assert (await answer.text()) == calls_csv([])


async def test_agents_export_nothing_and_nothing_is_written_down(desk: Desk) -> None:
    client = await desk.login("agent")
    answer = await client.post("/calls/export", data={"csrf": await token_of(client), "form": "csv"})
    assert answer.status == 403
    assert await desk.deps.audit.entries(action="export_calls") == []


async def test_more_exports_than_connections_wait_for_each_other_or_are_told(desk: Desk, desk_database: str) -> None:
    """A page that is asked for meanwhile is answered."""
    await asyncio.to_thread(fill, desk_database, 5_000)
    client = await desk.login("supervisor")
    token = await token_of(client)
    counts = await asyncio.gather(*(ids_in_order(client, token) for _ in range(6)), client.get("/calls"))
    assert counts[:6] == [5_000] * 6


async def test_who_stops_taking_is_cut_off_and_the_connection_is_free_again(
    desk: Desk, desk_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "STALLED_S", 0.3)
    await asyncio.to_thread(fill, desk_database, 15_000, "x" * 2_000)  # more than all buffers between the two ends take
    client = await desk.login("supervisor")
    answer = await client.post("/calls/export", data={"csrf": await token_of(client), "form": "json"})
    assert await desk.deps.database.row(_HELD) == {"held": 1}
    async with asyncio.timeout(10):
        while await desk.deps.database.row(_HELD) != {"held": 0}:
            await asyncio.sleep(0.02)
    with pytest.raises(Exception, match=r"payload|[Cc]onnection|closed"):
        await answer.read()
    answer.close()


async def _pages(*pages: list[dict[str, object]], fails: bool = False) -> AsyncGenerator[list[dict[str, object]], None]:
    for page in pages:
        yield page
    if fails:
        raise RecordsUnavailable("gone")


async def test_pieces_together_are_the_file() -> None:
    rows: list[dict[str, object]] = [{"id": f"c{n}", "caller": "=1+1", "turns": n} for n in range(5)]
    for pages in ([], [rows], [rows[:2], rows[2:3], rows[3:]]):
        whole = [row for page in pages for row in page]
        assert "".join([piece async for piece in calls_csv_pieces(_pages(*pages))]) == calls_csv(whole)
        assert "".join([piece async for piece in calls_json_pieces(_pages(*pages))]) == json.dumps(whole)


async def test_a_database_that_goes_away_in_between_leaves_no_file_that_looks_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await desk.login("supervisor")
    token = await token_of(client)
    finder = "handoff.desk.calls.search.CallFinder.every"
    monkeypatch.setattr(finder, lambda *_: _pages([{"id": "c1"}], fails=True))
    answer = await client.post("/calls/export", data={"csrf": token, "form": "csv"})
    with pytest.raises(Exception, match=r"payload|[Cc]onnection|closed"):
        await answer.read()
    monkeypatch.setattr(finder, lambda *_: _pages(fails=True))
    assert (await client.post("/calls/export", data={"csrf": token, "form": "csv"})).status == 503
