"""Many short calls at a steady rate with hang-ups at random moments: what fails, what is left behind, what memory grows."""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import UserAgent
from ari_app.service.layout import Layout
from tests.bench import _processes, _target


async def _one(agent: UserAgent, threads: RtpThreads, number: str, seconds: float, early: bool) -> str:
    """The outcome in a word. ``early`` hangs up after ``seconds`` whatever has happened by then, ringing included."""
    async with dialled(agent, threads, number) as line:
        try:
            if early:
                await asyncio.sleep(seconds)
                return "hung up early"
            await asyncio.wait_for(line.leg.answered(), 10.0)
        except CallFailed as error:
            return f"{type(error).__name__} {error.status}"
        except TimeoutError:
            return "no answer in 10 s"
        line.session.play(unique_noise(seconds / 2, -25))
        try:
            await asyncio.wait_for(line.leg.ended.wait(), seconds)
        except TimeoutError:
            return "done" if line.session.log.received else "done, no audio"
        return "ended by the other side"


async def measure(options: argparse.Namespace) -> int:
    layout = Layout(options.data.resolve())
    processes = {} if options.host else _processes.named(layout, [])
    before = {name: _processes.memory_mb(pid) for name, pid in processes.items()}
    chance = random.Random(options.seed)
    began = time.monotonic()
    async with telephone(_target.target_of(options)) as (agent, threads):
        calls: list[asyncio.Task[str]] = []
        for index in range(options.n):
            await asyncio.sleep(max(0.0, began + index / options.rate - time.monotonic()))
            early = chance.random() < options.early
            seconds = chance.expovariate(2.0) if early else options.seconds
            calls.append(asyncio.create_task(_one(agent, threads, options.number, seconds, early)))
        outcomes = Counter(await asyncio.gather(*calls))
    took = time.monotonic() - began
    figures: dict[str, Any] = {"took_s": round(took, 1), **dict(sorted(outcomes.items()))}
    if processes:
        await asyncio.sleep(options.settle)
        figures |= {f"{name}_growth_mb": round(_processes.memory_mb(pid) - before[name], 1) for name, pid in processes.items()}
        figures["status_after"] = await _processes.status(layout)
    _target.show("load", {"calls": options.n, "per_s": options.rate, "seconds": options.seconds, "hung_up_early": options.early}, figures)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--n", type=int, default=300, help="calls")
    made.add_argument("--rate", type=float, default=5.0, help="calls per second")
    made.add_argument("--seconds", type=float, default=3.0, help="length of a call that is not hung up early")
    made.add_argument("--early", type=float, default=0.3, help="share of calls hung up at a random moment, mean 0.5 s after the INVITE")
    made.add_argument("--settle", type=float, default=5.0, help="seconds to wait before looking for what is left behind")
    made.add_argument("--seed", type=int, default=1, help="of the random moments")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
