"""The course of a fuzzing: look, send with ordinary calls beside it, settle, look again, judge."""

import argparse
import asyncio
import contextlib
import statistics
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

from ari_app.service.layout import Layout
from tests.bench import _target
from tests.bench.fuzz.side_calls import SideCalls
from tests.bench.fuzz.verdict import Seen, faults
from tests.bench.fuzz.watch import Watch

OWN_CALLERS: Final = "555070"
"""What the caller ids of the calls beside any fuzzing begin with."""


class Sending(Protocol):
    """What a kind of fuzzing sends."""

    async def run(self, count: int, per_s: float) -> None: ...

    def told(self) -> Mapping[str, Any]:
        """Figures of its own."""
        ...

    @property
    def leaks(self) -> list[str]: ...


def options(description: str | None, *, per_s: float) -> argparse.ArgumentParser:
    made = _target.parser(description)
    made.add_argument("--n", type=int, default=2000, help="messages")
    made.add_argument("--rate", type=float, default=per_s, help="messages per second")
    made.add_argument("--seed", type=int, default=1, help="of the messages")
    made.add_argument("--call-every", type=float, default=3.0, help="seconds between ordinary calls beside it")
    made.add_argument("--settle", type=float, default=40.0, help="seconds before the last look; SIP forgets a request after 32")
    made.add_argument("--growth-mb", type=float, default=25.0, help="memory that a process may have grown by since the first tenth")
    return made


async def fuzz(name: str, sending: Sending, chosen: argparse.Namespace, caller_id: str) -> int:
    """0 when nothing went wrong. Raises NotRunning."""
    watch = Watch(Layout(chosen.data.resolve()))
    before, began = watch.look(), await watch.now()
    watch.mark_logs()
    side = SideCalls(_target.target_of(chosen), chosen.number, caller_id)
    calling = asyncio.create_task(side.run(chosen.call_every))
    started = time.monotonic()
    try:
        await sending.run(max(1, chosen.n // 10), chosen.rate)
        warm = watch.look()
        await sending.run(chosen.n - max(1, chosen.n // 10), chosen.rate)
        took = time.monotonic() - started
    finally:
        calling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await calling
    await asyncio.sleep(chosen.settle)
    held = await watch.settle(20.0)
    seen = Seen(before, warm, watch.look(), held, watch.errors(), await watch.callers_since(began), side.outcomes, OWN_CALLERS, caller_id)
    wrong = faults(seen, chosen.growth_mb, more_files=10) + [f"without a login: {leak}" for leak in sending.leaks[:5]]
    figures = {
        "faults": len(wrong),
        "took_s": round(took, 1),
        "calls_beside": dict(side.outcomes),
        "answer_p50_ms": round(statistics.median(side.answer_ms), 1) if side.answer_ms else None,
        "answer_worst_ms": round(max(side.answer_ms), 1) if side.answer_ms else None,
        "growth_mb": {each: round(memory - warm.memory_mb.get(each, memory), 1) for each, memory in seen.after.memory_mb.items()},
        **sending.told(),
    }
    _target.show(name, {"messages": chosen.n, "per_s": chosen.rate, "seed": chosen.seed}, figures)
    for fault in wrong:
        print(f"  {fault}")  # noqa: T201
    return 1 if wrong else 0
