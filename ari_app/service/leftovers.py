"""What a killed supervisor leaves on its way out. Whoever holds the lock of a data directory is alone there, so these are nobody's."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from pathlib import Path
from typing import Final

from ari_app.service.layout import Layout

log = logging.getLogger(__name__)

PATIENCE_S: Final = 6.0
"""They were told to end by the kernel when their supervisor went (see ``child.die_with_parent``); live calls are let go first."""
_STEP_S: Final = 0.05
_NAMES: Final = ("asterisk", "media", "mind")
"""With the number of a worker behind them or not. PostgreSQL is not among them: its owner adopts one that was left running."""


def leftovers(layout: Layout, proc: Path = Path("/proc")) -> dict[str, int]:
    """Process ids by name of what an earlier run on this data directory started and what still runs."""
    try:
        named = json.loads(layout.state_file.read_text(encoding="utf-8"))["processes"]
        told = {name: int(pid) for name, pid in named.items() if name.partition("-")[0] in _NAMES}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {name: pid for name, pid in told.items() if _works_on(pid, layout.data, proc)}


def _works_on(pid: int, data: Path, proc: Path) -> bool:
    """Process ids are used again: ours name the data directory in their arguments. A dead one has none."""
    with contextlib.suppress(OSError):
        arguments = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
        return any(Path(os.fsdecode(argument)).is_relative_to(data) for argument in arguments)
    return False


async def end_leftovers(layout: Layout) -> None:
    """Wait until they have gone; after ``PATIENCE_S`` they are killed. To be called with the lock held."""
    until = time.monotonic() + PATIENCE_S
    while left := leftovers(layout):
        if time.monotonic() > until:
            for name, pid in left.items():
                log.warning("leftover_killed", extra={"child": name, "child_pid": pid})
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_STEP_S)
