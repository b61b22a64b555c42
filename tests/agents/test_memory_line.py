"""The in-memory line keeps the contract of every line, in real and in virtual time."""

import pytest

from agents.memory_line import MemoryLine
from tests.agents.virtual_time import run_virtual, virtual_clock
from tests.ari_app.media.line_contract import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS)
def test_contract_in_virtual_time(check: Check) -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)

        async def end() -> None:
            line.hang_up()

        await check(line, end)

    run_virtual(main())


@pytest.mark.parametrize("check", CHECKS)
async def test_contract_in_real_time(check: Check) -> None:
    line = MemoryLine()

    async def end() -> None:
        line.hang_up()

    await check(line, end)
