"""What a bed costs the media process: the same lines with and without one, in turns, and how punctual packets are in both.

    python -m tests.bench.bed_cost [--lines 50] [--seconds 10] [--rounds 3]

The callers are quiet (noise at -65 dBov), the agents say nothing: so waiting callers are. Processor time is the media process's alone,
in ms a second and line; packet intervals are the caller's. ``sending``: the first second, in which the loop comes from the mind.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ari_app.media.g711 import encode
from ari_app.media.hold_music import hold_music
from ari_app.media.link import MediaLine, MediaLink
from tests.ari_app.media.media_rig import media_process
from tests.bench.media_pacing import Arrivals, drain, intervals, peers


@dataclass(frozen=True)
class Phase:
    bed: bool
    begun_at: float
    ended_at: float
    ms_per_line_s: float


def quiet(seconds: int = 4) -> bytes:
    noise = np.random.default_rng(1).standard_normal(8000 * seconds) * 32768 * 10 ** (-65 / 20)
    return encode(noise.astype(np.int16).tobytes(), "ulaw")


async def phase(link: MediaLink, lines: list[MediaLine], bed: bool, seconds: float) -> Phase:
    await asyncio.gather(*(line.bed(hold_music() if bed else None) for line in lines))
    await asyncio.sleep(1.0)
    before: dict[str, Any] = await link.status()
    begun = time.monotonic()
    await asyncio.sleep(seconds)
    after: dict[str, Any] = await link.status()
    ended = time.monotonic()
    return Phase(bed, begun, ended, 1000 * (after["cpu_s"] - before["cpu_s"]) / (ended - begun) / len(lines))


def within(arrivals: Arrivals, begin: float, end: float) -> Arrivals:
    """Packets between two moments; ``intervals`` leaves out the first 50 of a line."""
    return [[(0.0, 0)] * 50 + [packet for packet in line if begin <= packet[0] < end] for line in arrivals]


def punctual(arrivals: Arrivals, phases: list[Phase]) -> dict[str, float]:
    found = [intervals(within(arrivals, one.begun_at, one.ended_at)) for one in phases]
    return {
        "packets": sum(one["packets"] for one in found),
        "missing": sum(one["missing"] for one in found),
        "deviation_p99_ms": max(one["deviation_p99_ms"] for one in found),
        "deviation_max_ms": max(one["deviation_max_ms"] for one in found),
    }


async def measure(count: int, seconds: float, rounds: int) -> dict[str, Any]:
    pipe, theirs = multiprocessing.Pipe()
    caller = multiprocessing.get_context("fork").Process(target=peers, args=(theirs, count, quiet()))
    caller.start()
    ports = pipe.recv()
    hold_music()
    with tempfile.TemporaryDirectory() as folder:
        async with media_process(Path(folder), 2 * count + 2) as media:
            link = await MediaLink.connect(media.socket)
            lines = [await link.open(f"call-{number}", law="ulaw") for number in range(count)]
            for line, port in zip(lines, ports, strict=True):
                await line.attach("127.0.0.1", port)
            pipe.send([line.port for line in lines])
            readers = [asyncio.create_task(drain(line)) for line in lines]
            await asyncio.sleep(2.0)
            phases = [await phase(link, lines, bed, seconds) for _ in range(rounds) for bed in (False, True)]
            pipe.send("stop")
            arrivals, *_ = await asyncio.to_thread(pipe.recv)
            closed = [await line.close() for line in lines]
            await asyncio.gather(*readers)
            await link.close()
    caller.join()
    return _row(count, arrivals, phases, closed)


def _row(count: int, arrivals: Arrivals, phases: list[Phase], closed: list[dict[str, Any]]) -> dict[str, Any]:
    without, with_bed = ([one for one in phases if one.bed is bed] for bed in (False, True))
    plain, bedded = (statistics.median(one.ms_per_line_s for one in chosen) for chosen in (without, with_bed))
    sent_at = with_bed[0].begun_at - 1.0
    return {
        "lines": count,
        "rounds": [(one.bed, round(one.ms_per_line_s, 2)) for one in phases],
        "without_ms_per_line_s": round(plain, 2),
        "with_ms_per_line_s": round(bedded, 2),
        "bed_ms_per_line_s": round(bedded - plain, 2),
        "without": punctual(arrivals, without),
        "with": punctual(arrivals, with_bed),
        "sending": intervals(within(arrivals, sent_at, sent_at + 1.0)),
        "silence_longest_ms": max(int(str(one["silence_longest_ms"])) for one in closed),
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Processor time of a bed.")
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    row = asyncio.run(measure(options.lines, options.seconds, options.rounds))
    sys.stdout.write(json.dumps(row) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
