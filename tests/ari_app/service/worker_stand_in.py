"""A program in place of a worker's mind: the page, an imagined number of calls, and the real way to end.

Arguments: ``--config FILE``. The file ``calls-N`` beside the page says how many calls it has; ``broken`` there keeps it from starting.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from ari_app.service.drain import Ending
from ari_app.service.http import build_app, serve_at
from ari_app.service.layout import Layout


class Calls:
    def __init__(self, file: Path) -> None:
        self._file = file
        self.draining = False

    def count(self) -> int:
        return int(self._file.read_text() or 0) if self._file.exists() else 0

    async def drain(self) -> None:
        self.draining = True
        while self.count():
            await asyncio.sleep(0.02)


async def main(tree: dict[str, Any]) -> None:
    files = Layout(Path(tree["data"])).worker(tree["worker"])
    if (files.layout.run / "broken").exists():
        sys.exit(3)
    calls = Calls(files.layout.run / f"calls-{files.number}")
    ending = Ending(tree["drain_s"])
    page = build_app(
        not_ready=lambda: ["draining"] if calls.draining else [],
        status=lambda: {"live_calls": calls.count()},
        live=dict,
        registry=CollectorRegistry(),
    )
    runner = await serve_at(page, files.page_socket)
    await ending.after(asyncio.create_task(asyncio.Event().wait()), calls)  # type: ignore[arg-type]
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())))
