"""Who may ask the shop, how often, and what happens when something breaks."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web

from agents.tools import CallFacts, ToolError, ToolSet
from agents.tools.webhooks import open_webhooks
from ari_app.harbor_home import child, state, state_hash
from ari_app.harbor_home.app import Shop, build_app
from ari_app.harbor_home.database import Database, own, prepare
from ari_app.harbor_home.requests import clear_old
from handoff.records.migrate import MigrationError, migrate
from handoff.records.server import EmbeddedServer
from tests.ari_app.harbor_home.conftest import DESCRIBED, MONDAY, SECRET, Counter
from tests.conftest import PROJECT

pytestmark = pytest.mark.postgres

REFUND = {"number": "11903", "amount": "5.00"}


def refunds(url: str, number: str = "11903") -> list[str]:
    return [row["amount"] for row in state(url)["refunds"] if row["order_number"] == number]


async def test_a_request_without_our_signature_is_refused(counter: Counter) -> None:
    assert (await counter.post("/orders/refund", REFUND, secret="another secret, as long"))[0] == 401
    assert (await counter.post("/orders/refund", REFUND, at=time.time() - 301))[0] == 401
    assert (await counter.post("/orders/refund", REFUND, at=time.time() + 301))[0] == 401
    assert (await counter.post("/orders/refund", REFUND, signed="/orders/find"))[0] == 401
    assert (await counter.post("/orders/refund?x=1", REFUND, signed="/orders/refund"))[0] == 401
    async with counter.http.post(f"{counter.base}/orders/refund", json=REFUND) as response:
        assert (response.status, await response.json()) == (401, {"error": "bad_signature"})
    assert refunds(counter.database) == []


async def test_a_request_sent_again_has_its_first_answer_and_no_second_effect(counter: Counter) -> None:
    first = await counter.post("/orders/refund", REFUND, key="k")
    assert first[0] == 200
    assert await counter.post("/orders/refund", REFUND, key="k") == first
    assert refunds(counter.database) == ["5.00"]
    assert (await counter.post("/orders/refund", REFUND, key="other"))[1]["refunded"] == "10.00"


async def test_the_same_request_many_times_at_once_counts_once(counter: Counter) -> None:
    answers = await asyncio.gather(*(counter.post("/orders/refund", REFUND, key="k") for _ in range(6)))
    assert [status for status, _ in answers] == [200] * 6
    assert len({json.dumps(answer) for _, answer in answers}) == 1
    assert refunds(counter.database) == ["5.00"]


async def test_a_key_of_another_request_is_refused(counter: Counter) -> None:
    await counter.post("/orders/refund", REFUND, key="k")
    assert await counter.post("/orders/refund", {**REFUND, "amount": "6.00"}, key="k") == (409, {"error": "key_reused"})
    assert (await counter.post("/callbacks/note", {"phone": "5550101"}, key="k"))[0] == 409
    assert refunds(counter.database) == ["5.00"]


async def test_a_refusal_is_remembered_too(counter: Counter) -> None:
    body = {"number": "62047"}
    first = await counter.post("/orders/refund", body, key="k")
    with psycopg.connect(own(counter.database), autocommit=True) as connection:
        connection.execute("UPDATE orders SET total = 10 WHERE number = '62047'")
    assert await counter.post("/orders/refund", body, key="k") == first


async def test_old_keys_are_cleared_away(counter: Counter) -> None:
    await counter.post("/orders/refund", REFUND, key="old")
    await counter.post("/orders/refund", REFUND, key="new")
    async with counter.shop.database.transaction(MONDAY.date()) as connection:
        await connection.execute("UPDATE requests SET made_at = made_at - interval '25 hours' WHERE key = 'old'")
        await clear_old(connection)
        rows = await (await connection.execute("SELECT key FROM requests")).fetchall()
    assert rows == [{"key": "new"}]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, {"error": "not_json"})),
        (b"{", (400, {"error": "not_json"})),
        (b"\xff\xfe", (400, {"error": "not_json"})),
        (b"[" * 30_000, (400, {"error": "not_json"})),
        (b"[]", (422, {"error": "bad_arguments", "fields": [""]})),
        (b'{"number": 5}', (422, {"error": "bad_arguments", "fields": ["number"]})),
        (b'{"number": "11903", "amount": "-5"}', (422, {"error": "bad_arguments", "fields": ["amount"]})),
        (b'{"number": "11903", "amount": "99999999999"}', (422, {"error": "bad_arguments", "fields": ["amount"]})),
        (b'{"number": "11903\'; DROP TABLE orders; --"}', (422, {"error": "bad_arguments", "fields": ["number"]})),
        (b'{"number": "11903", "all": true}', (422, {"error": "bad_arguments", "fields": ["all"]})),
        (b'{"reason": "' + b"x" * 70_000 + b'"}', (413, {"error": "too_large"})),
    ],
)
async def test_malformed_bodies_are_named(counter: Counter, body: bytes, answer: tuple[int, dict[str, Any]]) -> None:
    assert await counter.post("/orders/refund", body) == answer


async def test_words_of_a_caller_are_never_sql(counter: Counter) -> None:
    words = "'); DROP TABLE orders; --"
    await counter.use("callbacks.note", phone="5550101", reason=words)
    await counter.use("orders.change_address", number="47390", address=words)
    assert (await counter.use("outages.find", postcode="1' OR '1"))["found"] is False
    assert next(row["address"] for row in state(counter.database)["orders"] if row["number"] == "47390") == words


async def test_the_state_tells_what_was_done_and_reset_undoes_it(counter: Counter) -> None:
    async def told() -> str:
        async with counter.http.get(f"{counter.base}/test/state") as response:
            return str((await response.json())["hash"])

    first = await told()
    assert first == state_hash(counter.database)
    await counter.use("orders.find", number="10482")
    await counter.use("orders.refund", number="62047")
    assert await told() == first, "looking up and being refused change nothing"
    done = set()
    for name, arguments in (
        ("orders.refund", {"number": "11903"}),
        ("orders.change_address", {"number": "47390", "address": "9 Quay Side"}),
        ("appointments.book", {"phone": "5550102", "at": "2026-11-24T09:00"}),
        ("appointments.cancel", {"reference": "7002"}),
        ("payments.charge", {"card": "4242424242424242", "expiry": "1130", "cvc": "123", "amount": "1"}),
        ("callbacks.note", {"phone": "5550101"}),
    ):
        await counter.use(name, **arguments)
        done.add(await told())
    assert len(done | {first}) == 7
    async with counter.http.post(f"{counter.base}/test/reset") as response:
        assert response.status == 200
    assert await told() == first


async def test_paths_for_tests_exist_only_in_tests(counter: Counter) -> None:
    runner = web.AppRunner(build_app(Shop(counter.shop.database, SECRET, lambda: MONDAY)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        for method, path in (("GET", "/test/codes/5550101"), ("POST", "/test/reset"), ("GET", "/test/state")):
            async with counter.http.request(method, base + path) as response:
                assert response.status == 404
    finally:
        await runner.cleanup()


async def test_a_locked_table_fails_the_request_and_leaves_nothing(counter: Counter) -> None:
    async with await psycopg.AsyncConnection.connect(own(counter.database)) as connection:
        await connection.execute("LOCK TABLE refunds")
        assert await counter.post("/orders/refund", REFUND, key="k") == (503, {"error": "database_away"})
    assert (await counter.post("/orders/refund", REFUND, key="k"))[1]["done"] is True, "the same request works when the lock is gone"
    assert refunds(counter.database) == ["5.00"]


async def test_the_shop_goes_on_after_its_database_was_away(counter: Counter, harbor_server: EmbeddedServer) -> None:
    await counter.use("orders.find", number="10482")
    await asyncio.to_thread(harbor_server.stop)
    try:
        with pytest.raises(ToolError, match=r"orders.find: "):
            await counter.use("orders.find", number="10482")
    finally:
        harbor_server.start()
    async with asyncio.timeout(20):
        while True:
            try:
                assert (await counter.use("orders.find", number="10482"))["found"] is True
                break
            except ToolError:
                await asyncio.sleep(0.2)


async def test_dates_of_the_demo_move_with_the_calendar(counter: Counter) -> None:
    await counter.use("appointments.move", reference="7001", at="2026-12-02T13:00")
    counter.now = MONDAY + timedelta(days=8)
    assert (await counter.use("orders.find", number="10482"))["expected_on"] == "2026-12-03"
    assert (await counter.use("orders.refund", number="73815"))["reason"] == "too_old"
    assert (await counter.use("orders.refund", number="58840"))["done"] is True
    assert (await counter.use("outages.find", postcode="40215"))["expected_back"] == "2026-12-01T21:30"
    assert (await counter.use("appointments.find", reference="7001"))["at"] == "2026-12-02T13:00", "a caller's own time stays"
    assert (await counter.use("appointments.find", reference="7002"))["at"] == "2026-12-07T09:00", "the fifth working day"
    assert (await counter.use("appointments.book", phone="5550102", at="2026-12-03T09:00"))["reason"] == "taken"


def test_the_schema_is_made_beside_other_tables_and_only_once(empty_url: str) -> None:
    migrate(empty_url)
    prepare(empty_url, MONDAY.date())
    before = state_hash(empty_url)
    prepare(empty_url, MONDAY.date() + timedelta(days=1))
    assert state_hash(empty_url) == before
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (20,), "the records' own demo orders"
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'harbor_home'").fetchall()
    assert {name for (name,) in tables} >= {"orders", "requests", "migrations"}


def test_orders_agree_with_those_of_the_records(empty_url: str) -> None:
    """The front desk's answers do not depend on which of the two it asks."""
    migrate(empty_url)
    with psycopg.connect(empty_url) as connection:
        today = connection.execute("SELECT current_date").fetchall()[0][0]
    prepare(empty_url, today)
    query = "SELECT number, status, item, expected_on FROM {}orders ORDER BY number"
    with psycopg.connect(empty_url) as connection:
        theirs = connection.execute(query.format("").encode()).fetchall()
        ours = {row[0]: row for row in connection.execute(query.format("harbor_home.").encode()).fetchall()}
    assert [ours[row[0]] for row in theirs] == theirs


def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="no schema harbor_home"):
        prepare(f"postgresql:///patchcord?host={tmp_path}", MONDAY.date())


async def test_the_program(empty_url: str) -> None:
    """Starts, fills an empty database, serves, and ends when it is told to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *child.command(port, timezone="Europe/London"),
        cwd=PROJECT,
        env={**os.environ, **child.shop_environment(empty_url, SECRET)},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await until_ready(f"http://127.0.0.1:{port}")
        tools = ToolSet([open_webhooks(DESCRIBED, environment=child.tool_environment(port, SECRET))])
        order = await tools.for_call(CallFacts("call-1")).call("orders.find", {"number": "10482"})
        await tools.close()
        assert order["item"] == "a brass desk lamp"
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = await process.communicate()
    assert process.returncode == 0
    assert SECRET.encode() not in log
    assert b"error" not in log.lower()


async def until_ready(base: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{base}/healthz") as response:
                    if (await response.json())["ready"]:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("environment", "options", "message"),
    [
        ({}, [], "the environment variable SHOP_SECRET with the secret is not set"),
        ({"SHOP_SECRET": "short"}, [], "shorter than 16 characters"),
        ({"SHOP_SECRET": SECRET}, ["--timezone", "Mars/Olympus"], "there is no time zone 'Mars/Olympus'"),
    ],
)
async def test_what_it_lacks_is_named_at_the_start(environment: dict[str, str], options: list[str], message: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ari_app.harbor_home", "--database", "postgresql:///x", "--port", "1", "--secret-env", "SHOP_SECRET"),
        *options,
        cwd=PROJECT,
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    _, log = await process.communicate()
    assert process.returncode == 1
    assert message in log.decode()


async def test_a_shop_without_its_tables_answers_that_it_cannot(empty_url: str) -> None:
    database = Database(empty_url)
    await database.open()
    shop = Shop(database, SECRET, lambda: MONDAY, ready=lambda: False)
    runner = web.AppRunner(build_app(shop), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as http:
            there = Counter(f"http://127.0.0.1:{runner.addresses[0][1]}", empty_url, shop, http, ToolSet())
            assert await there.post("/orders/find", {"number": "10482"}) == (503, {"error": "database_away"})
            async with http.get(there.base + "/healthz") as response:
                assert (response.status, await response.json()) == (503, {"ready": False})
    finally:
        await runner.cleanup()
        await database.close()
