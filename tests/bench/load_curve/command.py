"""Concurrent calls with conversation, more and more, until a figure breaks: the curve, and calls per core of Asterisk, media and mind."""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ari_app.caller.user_agent import SipTarget
from ari_app.service.layout import Layout
from ari_app.service.state import NotRunning
from tests.bench import _processes, _target
from tests.bench.capacity import own_instance
from tests.bench.capacity.callers import Callers, callers
from tests.bench.capacity.mmsg import MmsgError
from tests.bench.capacity.plot import Line, Panel, plot
from tests.bench.capacity.rtp_crowd import RtpCrowd
from tests.bench.capacity.speech import DEFAULT_SHARE, Shares
from tests.bench.capacity.step import GAP_MOST_MS, PACING_P99_MS, Step, broken
from tests.bench.capacity.talk import sentences
from tests.bench.capacity.usage import Meter
from tests.bench.capacity.window import Window
from tests.e2e.instance import Instance
from tests.e2e.people import trunk

STEPS = (1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 150, 200, 250, 300)


@contextlib.asynccontextmanager
async def _instance(options: argparse.Namespace, most: int) -> AsyncIterator[Instance]:
    if options.data is None:
        async with own_instance.running(most + 5, Shares(options.recogniser, options.voice), _settings(options)) as started:
            yield started
        return
    there = Instance(options.data.resolve())
    there.refresh()
    yield there


def _settings(options: argparse.Namespace) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in options.set)


async def measure(options: argparse.Namespace) -> int:
    steps = sorted(set(options.steps))
    async with _instance(options, steps[-1]) as instance:
        clips = sentences(await own_instance.caller_sentences(instance))
        processes = Layout(instance.data)
        meter = Meter(lambda: _processes.named(processes, []))
        with RtpCrowd(steps[-1], clips) as crowd:
            async with callers(_target_of(instance), crowd) as crowd_calls:
                window = Window(crowd_calls, meter, lambda: own_instance.ledger(instance))
                done = await _ramp(options, steps, crowd_calls, window)
    _tell(options, done)
    return 0 if done else 1


def _target_of(instance: Instance) -> SipTarget:
    return trunk(instance)


async def _ramp(options: argparse.Namespace, steps: Sequence[int], crowd: Callers, window: Window) -> list[tuple[Step, list[str]]]:
    done: list[tuple[Step, list[str]]] = []
    one_call: float | None = None
    for calls in steps:
        await crowd.ramp(options.number, calls - len(crowd.live), options.rate)
        step, why = await _settled(options, calls, window, one_call)
        if why and step.live == calls and not step.failed:
            # One bad moment of the machine is no limit: a step breaks when it breaks twice.
            step, why = await _settled(options, calls, window, one_call)
        one_call = step.gap_p95_ms if one_call is None else one_call
        done.append((step, why))
        line = {"bench": "load_curve", "step": step.to_json(), "broken": why}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        if options.out is not None:
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        if why and not options.beyond:
            break
    return done


async def _settled(options: argparse.Namespace, calls: int, window: Window, one_call: float | None) -> tuple[Step, list[str]]:
    await asyncio.sleep(options.settle)
    window.begin()
    await asyncio.sleep(options.seconds if calls > 1 else max(options.seconds, options.first_seconds))
    step = await window.end(calls)
    return step, broken(step, one_call)


def _tell(options: argparse.Namespace, done: Sequence[tuple[Step, list[str]]]) -> None:
    good = [step for step, why in done if not why]
    best = good[-1] if good else None
    first_broken = next(((step.calls, why) for step, why in done if why), None)
    figures = {
        "most_calls": best.calls if best else 0,
        "calls_per_core": dict(best.calls_per_core) if best else {},
        "callers_cores": best.callers_cores if best else None,
        "breaks_at": first_broken[0] if first_broken else None,
        "because": "; ".join(first_broken[1]) if first_broken else "not reached",
    }
    conditions = {"recogniser": options.recogniser, "voice": options.voice, "seconds": options.seconds, "number": options.number}
    _target.show("load_curve", conditions, figures)
    if options.plot is not None and done:
        options.plot.write_text(curve([step for step, _ in done]), encoding="utf-8")
        sys.stdout.write(f"plot: {options.plot}\n")


def curve(steps: Sequence[Step]) -> str:
    """SVG: response gap, pacing and cores over the calls."""
    kinds = list(steps[-1].calls_per_core)
    return plot(
        "Concurrent calls with conversation",
        "calls at once",
        [
            Panel(
                "Response gap at the caller, ms",
                [
                    Line("p95", [(step.calls, step.gap_p95_ms) for step in steps if step.gap_p95_ms is not None]),
                    Line("p50", [(step.calls, step.gap_p50_ms) for step in steps if step.gap_p50_ms is not None]),
                ],
                GAP_MOST_MS,
            ),
            Panel("Packet pacing p99, ms", [Line("p99", [(step.calls, step.pacing_p99_ms) for step in steps])], PACING_P99_MS),
            Panel("Packets more than 20 ms late, %", [Line("late", [(step.calls, 100 * step.late_share) for step in steps])], 0.1),
            Panel(
                "Processor, cores",
                [
                    *(Line(kind, [(step.calls, step.cores.get(kind, 0.0)) for step in steps]) for kind in kinds),
                    Line("the callers", [(step.calls, step.callers_cores) for step in steps]),
                ],
            ),
        ],
    )


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument(
        "--data", type=Path, help="a running instance, started with up --mind tests.bench.capacity.mind; without it an own one"
    )
    made.add_argument("--number", default=own_instance.NUMBER, help="number to dial")
    made.add_argument("--steps", type=int, nargs="+", default=list(STEPS), help="calls at once")
    made.add_argument("--rate", type=float, default=4.0, help="new calls per second between two steps")
    made.add_argument("--settle", type=float, default=6.0, help="seconds before a step is measured")
    made.add_argument("--seconds", type=float, default=30.0, help="length of a step")
    made.add_argument("--first-seconds", type=float, default=90.0, help="length of the step with one call, so that it has turns enough")
    made.add_argument("--recogniser", type=float, default=DEFAULT_SHARE, help="seconds of a core for each second of the caller's speech")
    made.add_argument("--voice", type=float, default=DEFAULT_SHARE, help="the same for each second of the agent's speech")
    made.add_argument("--set", action="append", default=[], metavar="SECTION.NAME=VALUE", help="a setting of the own instance")
    made.add_argument("--beyond", action="store_true", help="go on after a step that breaks")
    made.add_argument("--out", type=Path, help="append a JSON line for each step")
    made.add_argument("--plot", type=Path, help="write the curve as SVG")
    options = made.parse_args(argv)
    try:
        return asyncio.run(measure(options))
    except (NotRunning, MmsgError, FileNotFoundError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
