"""Processor time, memory and counts of the running instance, from outside."""

from collections.abc import Iterable
from typing import Any

import psutil  # type: ignore[import-untyped]

from ari_app.service.layout import Layout
from ari_app.service.query import get_json
from ari_app.service.state import read_state


def named(layout: Layout, pids: Iterable[int]) -> dict[str, int]:
    """Process ids by name: those given, else those of the instance. Raises NotRunning."""
    given = list(pids)
    return {f"pid {pid}": pid for pid in given} if given else dict(read_state(layout.state_file, layout.data).processes)


def tree(pid: int) -> list[psutil.Process]:
    """A process and its children; empty when it is gone."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(pid: int, *, children: bool) -> float:
    """User and system time so far."""
    total = 0.0
    for process in tree(pid) if children else tree(pid)[:1]:
        times = process.cpu_times()
        total += times.user + times.system
    return total


def main_thread_seconds(pid: int) -> float:
    """Time of the first thread alone: an asyncio loop's own work, without models in pools."""
    return next((thread.user_time + thread.system_time for thread in psutil.Process(pid).threads() if thread.id == pid), 0.0)


def memory_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes), 0 when the process is gone."""
    found = tree(pid)[:1]
    return float(found[0].memory_info().rss) / 1e6 if found else 0.0


async def status(layout: Layout) -> dict[str, Any]:
    """What ``patchcord status`` says. Raises NotRunning."""
    return dict(await get_json(read_state(layout.state_file, layout.data).http_port, "/status"))
