"""Twice as many calls as may be served: who is answered, who waits in the queue, and whether those who are served notice."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ari_app.service.layout import Layout
from tests.bench import _processes, _target
from tests.bench.capacity import own_instance
from tests.bench.capacity.callers import Callers, callers
from tests.bench.capacity.counts import Places, at_asterisk, by_ear, refused
from tests.bench.capacity.mmsg import MmsgError
from tests.bench.capacity.rtp_crowd import RtpCrowd
from tests.bench.capacity.speech import DEFAULT_SHARE, Shares
from tests.bench.capacity.step import Step
from tests.bench.capacity.talk import sentences
from tests.bench.capacity.usage import Meter
from tests.bench.capacity.window import Window
from tests.e2e.crowd import until
from tests.e2e.instance import Instance
from tests.e2e.people import trunk

_FIGURES = (
    "gap_p50_ms",
    "gap_p95_ms",
    "unanswered",
    "pacing_p99_ms",
    "late_share",
    "stalled_share",
    "cores",
    "callers_cores",
    "callers_late_p99_ms",
)


async def measure(options: argparse.Namespace) -> int:
    shares = Shares(options.recogniser, options.voice)
    offered = round(options.times * options.capacity)
    settings = {"calls.max_calls": options.capacity, "calls.queue_timeout_s": 3600}
    async with own_instance.running(offered + 5, shares, settings) as instance:
        clips = sentences(await own_instance.caller_sentences(instance))
        layout = Layout(instance.data)
        meter = Meter(lambda: _processes.named(layout, []))
        with RtpCrowd(offered, clips) as crowd:
            alone = await _at_capacity(options, instance, crowd, meter)
            await until(lambda: not any(instance.holdings().values()), 20, "everything is given back")
            crowded, places = await _overloaded(options, offered, instance, crowd, meter)
    faults = wrong(options.capacity, offered, places)
    result = {"alone": alone.to_json(), "overloaded": crowded.to_json(), "places": places, "faults": faults}
    sys.stdout.write(json.dumps({"bench": "overload", **result}) + "\n")
    if options.out is not None:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    figures: dict[str, Any] = {f"{name} at capacity, overloaded": (getattr(alone, name), getattr(crowded, name)) for name in _FIGURES}
    conditions = {"max_calls": options.capacity, "offered": offered, "per_s": options.rate, "seconds": options.seconds}
    _target.show("overload", conditions, {"exact": not faults, **places, **figures})
    return 1 if faults else 0


async def _at_capacity(options: argparse.Namespace, instance: Instance, crowd: RtpCrowd, meter: Meter) -> Step:
    async with callers(trunk(instance), crowd) as calls:
        await calls.ramp(own_instance.NUMBER, options.capacity, options.rate)
        return await _window(options, instance, calls, meter)


async def _window(options: argparse.Namespace, instance: Instance, calls: Callers, meter: Meter) -> Step:
    await asyncio.sleep(options.settle)
    window = Window(calls, meter, lambda: own_instance.ledger(instance))
    await asyncio.sleep(options.seconds)
    return await window.end(len(calls.calls))


async def _overloaded(
    options: argparse.Namespace, offered: int, instance: Instance, crowd: RtpCrowd, meter: Meter
) -> tuple[Step, dict[str, dict[str, int]]]:
    """The window begins with the first call that is too many."""
    before = refused(instance)
    async with callers(trunk(instance), crowd) as calls:
        await calls.ramp(own_instance.NUMBER, options.capacity, options.rate)
        window = Window(calls, meter, lambda: own_instance.ledger(instance))
        await calls.ramp(own_instance.NUMBER, offered - options.capacity, options.rate)
        await asyncio.sleep(options.settle + options.seconds)
        heard, served = await by_ear(crowd, calls.calls)
        step = await window.end(offered, served)
        ids = {call.caller_id for call in calls.calls}
        channels = await asyncio.to_thread(instance.ari, "/channels")
        counts = (await asyncio.to_thread(instance.status))["counts"]
        metrics = await asyncio.to_thread(refused, instance)
        turned_away = sum((metrics - before).values())
    talking = int(counts["calls"].get("talking", 0))
    places = {
        "at_callers": heard.to_json(),
        "at_asterisk": at_asterisk(channels, ids).to_json(),
        "in_metrics": Places(talking, turned_away, 0).to_json(),
    }
    return step, places


def wrong(capacity: int, offered: int, places: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Where the counts are not exactly ``capacity`` with the agent and the rest in the queue."""
    wanted = Places(capacity, offered - capacity, 0).to_json()
    return [f"{where}: {dict(counts)}, not {wanted}" for where, counts in places.items() if dict(counts) != wanted]


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--capacity", type=int, default=20, help="calls.max_calls of the instance, as load_curve found it")
    made.add_argument("--times", type=float, default=2.0, help="so many times the capacity is offered")
    made.add_argument("--rate", type=float, default=10.0, help="new calls per second")
    made.add_argument("--settle", type=float, default=6.0, help="seconds before the calls at capacity are measured")
    made.add_argument("--seconds", type=float, default=30.0, help="length of a measurement")
    made.add_argument("--recogniser", type=float, default=DEFAULT_SHARE, help="seconds of a core for each second of the caller's speech")
    made.add_argument("--voice", type=float, default=DEFAULT_SHARE, help="the same for each second of the agent's speech")
    made.add_argument("--out", type=Path, help="write everything as JSON")
    options = made.parse_args(argv)
    try:
        return asyncio.run(measure(options))
    except MmsgError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
