"""Every worker of a running instance is replaced under live calls: who is lost, and the longest silence on any caller's line.

Run with: ./patchcord bench rolling_restart --calls 20. The callers talk to the echo (or to --number) for --talk seconds each, at times of
their own, and call again, so that there are always as many; new calls come while workers go. Nothing is said of calls that the instance
refuses: choose a number of calls that it can serve.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ari_app.caller.calling import Line, dialled
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget, UserAgent
from ari_app.commands.workers.asking import ask
from ari_app.service.layout import Layout
from ari_app.service.query import ServiceUnreachable
from tests.bench import _target

_ANSWER_S = 10.0
_SEED = 7


@dataclass
class Tally:
    calls: int = 0
    lost: int = 0
    """Ended by anybody but the caller."""
    unanswered: int = 0
    gaps_s: list[float] = field(default_factory=list)
    """The longest time between two packets with sound, by call."""


def longest_gap_s(line: Line) -> float:
    times = [packet.at_ns for packet in line.session.log.received if packet.is_audio]
    return max((later - earlier for earlier, later in pairwise(times)), default=0) / 1e9


async def caller(target: SipTarget, number: str, talk_s: float, ended: asyncio.Event, threads: RtpThreads, tally: Tally) -> None:
    """Call after call until ``ended``."""
    chance = random.Random(_SEED + tally.calls)
    while not ended.is_set():
        async with await UserAgent.open(target) as agent, dialled(agent, threads, number) as line:
            tally.calls += 1
            try:
                await asyncio.wait_for(line.leg.answered(), _ANSWER_S)
            except TimeoutError:
                tally.unanswered += 1
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.leg.ended.wait(), chance.uniform(0.5, 1.5) * talk_s)
                tally.lost += 1
            tally.gaps_s.append(longest_gap_s(line))


async def measure(options: argparse.Namespace) -> int:
    target, tally, ended = _target.target_of(options), Tally(), asyncio.Event()
    with RtpThreads() as threads:
        calling = []
        for _ in range(options.calls):
            calling.append(asyncio.create_task(caller(target, options.number, options.talk, ended, threads, tally)))
            await asyncio.sleep(0.2)
        await asyncio.sleep(5)
        began = time.monotonic()
        try:
            done = await ask(Layout(options.data.resolve()).command_socket, "/workers/restart")
        except ServiceUnreachable as error:
            print(f"bench: {error}", file=sys.stderr)  # noqa: T201
            done = False
        took_s = time.monotonic() - began
        await asyncio.sleep(5)
        ended.set()
        await asyncio.gather(*calling)
    figures = {
        "calls": tally.calls,
        "lost": tally.lost,
        "unanswered": tally.unanswered,
        "longest_silence_s": round(max(tally.gaps_s, default=0.0), 3),
        "silent_over_1_s": sum(gap > 1 for gap in tally.gaps_s),
        "took_s": round(took_s, 1),
    }
    _target.show("rolling_restart", {"at_once": options.calls, "talk_s": options.talk, "number": options.number}, figures)
    return 0 if done else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__, number="101")
    made.add_argument("--calls", type=int, default=20, help="callers at once")
    made.add_argument("--talk", type=float, default=20.0, help="seconds of a call; half to one and a half of it")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    sys.exit(main())
