"""Echo through Asterisk and the media process (number 101): delay and loss of every packet, caller to caller."""

import argparse
import asyncio
from collections.abc import Sequence

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.echo_delay import bursts, correlation_delays, frame_echo, unique_noise
from ari_app.caller.measures import interval_stats
from tests.bench import _target

WHOLE = 0.9
"""Share of packets that must come back byte for byte before their delays count as the figure."""


async def measure(options: argparse.Namespace) -> int:
    target = _target.target_of(options)
    signal = (bursts if options.bursts else unique_noise)(options.seconds)
    async with telephone(target) as (agent, threads), dialled(agent, threads, options.number) as line:
        await line.leg.answered()
        await asyncio.sleep(0.5)
        await line.say(signal)
        await asyncio.sleep(0.5)
    log = line.session.log
    frames = frame_echo(log.sent, log.received)
    whole = frames.sent > 0 and len(frames.delays_ms) / frames.sent >= WHOLE and not options.bursts
    delays = frames.delays_ms if whole else correlation_delays(log.sent, log.received)
    stats = interval_stats(log.received)
    figures = _target.spread(delays) | {"frames_sent": frames.sent, "frames_lost": frames.lost if whole else None}
    figures |= {
        "received": stats.packets,
        "missing": stats.missing,
        "within_2ms": round(stats.within_2ms, 4),
        "interval_worst_ms": round(stats.worst_ms, 2),
    }
    method = "identical packets" if whole else "correlation of 100 ms bursts"
    _target.show(
        "echo", {"number": options.number, "seconds": options.seconds, "method": method, "kernel_stamps": log.kernel_stamps}, figures
    )
    return 0 if delays else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__, number="101")
    made.add_argument("--seconds", type=float, default=60.0, help="length of the signal")
    made.add_argument("--bursts", action="store_true", help="measure by correlation, for paths that re-encode or re-packet")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
