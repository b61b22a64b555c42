"""A desk with the floor: the mind's real control page beside it, and a queue board fed by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from handoff.desk.deps import DeskDeps
from tests.handoff.desk.floor.control_rig import ControlRig, desk_of


@pytest.fixture
async def mind() -> AsyncIterator[ControlRig]:
    async with ControlRig() as rig:
        yield rig


@pytest.fixture
async def desk_deps(desk_database: str, mind: ControlRig, tmp_path: Path) -> AsyncIterator[DeskDeps]:
    async with desk_of(mind, desk_database, ("supervisor", "2009")) as deps:
        yield deps


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)
