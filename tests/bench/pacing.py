"""Packet intervals at the caller with 1 and N calls at once, after the answer."""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence

import numpy as np

from ari_app.caller.calling import Line, dialled, telephone
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.measures import IntervalStats, interval_stats
from ari_app.caller.outcome import CallFailed
from tests.bench import _target


async def _calls(options: argparse.Namespace, count: int) -> list[Line]:
    async with telephone(_target.target_of(options)) as (agent, threads), contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(dialled(agent, threads, options.number)) for _ in range(count)]
        await asyncio.gather(*(line.leg.answered() for line in lines))
        if options.talk:
            for index, line in enumerate(lines):
                line.session.play(unique_noise(options.seconds, seed=index))
        await asyncio.sleep(options.seconds)
    return lines


def _show(options: argparse.Namespace, count: int, lines: Sequence[Line]) -> None:
    received = [interval_stats(line.session.log.received) for line in lines]
    sent = [interval_stats(line.session.log.sent) for line in lines]
    packets = sum(stats.packets for stats in received)
    figures = {"packets": packets, "within_2ms": round(_mean(received), 5), "p99_ms": round(max(stats.p99_ms for stats in received), 2)}
    figures |= {"worst_ms": round(max(stats.worst_ms for stats in received), 2), "missing": sum(stats.missing for stats in received)}
    figures |= {"own_sending_within_2ms": round(_mean(sent), 5), "own_sending_worst_ms": round(max(stats.worst_ms for stats in sent), 2)}
    _target.show("pacing", {"calls": count, "number": options.number, "seconds": options.seconds, "caller_talks": options.talk}, figures)


def _mean(stats: Sequence[IntervalStats]) -> float:
    return float(np.average([each.within_2ms for each in stats], weights=[max(1, each.packets) for each in stats]))


async def measure(options: argparse.Namespace) -> int:
    for count in options.calls:
        try:
            lines = await _calls(options, count)
        except CallFailed as error:
            print(f"bench: {count} calls: {error}")  # noqa: T201
            return 1
        _show(options, count, lines)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--calls", type=int, nargs="+", default=[1, 20], help="calls at once")
    made.add_argument("--seconds", type=float, default=20.0, help="length of each call")
    made.add_argument("--talk", action="store_true", help="the caller sends noise all the time")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
