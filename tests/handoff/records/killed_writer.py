"""A process of its own for test_records_adversity.py: records events as fast as told and is then killed.

``python killed_writer.py URL JOURNAL CALL COUNT``
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from handoff.records.store import CallStarted
from handoff.records.writer import PostgresRecords


async def main(url: str, journal: str, call_id: str, count: int) -> None:
    writer = PostgresRecords(url, Path(journal))
    await writer.open()
    writer.call_started(CallStarted(call_id, datetime.now(UTC), time.monotonic(), "100", "", "front-desk", "x"))
    for number in range(count):
        writer.event(call_id, "step", time.monotonic(), {"number": number})
        if number % 20 == 0:
            await asyncio.sleep(0.001)
    sys.stdout.write("done\n")
    sys.stdout.flush()
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
