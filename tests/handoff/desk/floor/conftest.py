"""A desk with the floor: the mind's real control page beside it, and a queue board fed by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from handoff.desk.control import HttpCallControl
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps
from handoff.queues import QueueBoard
from handoff.records.reader import PostgresReader
from tests.handoff.desk.conftest import SECRET
from tests.handoff.desk.floor.control_rig import TOKEN, ControlRig


@pytest.fixture
async def mind() -> AsyncIterator[ControlRig]:
    async with ControlRig() as rig:
        yield rig


@pytest.fixture
async def desk_deps(desk_database: str, mind: ControlRig, tmp_path: Path) -> AsyncIterator[DeskDeps]:
    reader = PostgresReader(desk_database, connections=2)
    await reader.open()
    control = HttpCallControl(mind.url, TOKEN)
    reading = asyncio.create_task(control.run())
    database = Database(desk_database)
    await database.open()
    await database.run("UPDATE desk_users SET phone = '2009' WHERE name = 'supervisor'")
    await database.close()
    yield DeskDeps(Database(desk_database), reader, SECRET, control=control, board=QueueBoard())
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    await control.close()
    await reader.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)
