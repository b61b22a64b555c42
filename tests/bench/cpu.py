"""Processor time per call of each process, while N calls talk."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Sequence

import psutil  # type: ignore[import-untyped]

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.script import Say, prepare
from ari_app.service.layout import Layout
from tests.bench import _processes, _target

SENTENCE = "What is the status of my order?"


async def measure(options: argparse.Namespace) -> int:
    processes = _processes.named(Layout(options.data.resolve()), options.pid)
    async with contextlib.AsyncExitStack() as stack:
        speech = None
        if options.talk:
            synthesize = await stack.enter_async_context(_target.caller_voice(options))
            speech = (await prepare([Say(SENTENCE)], synthesize))[SENTENCE]
        agent, threads = await stack.enter_async_context(telephone(_target.target_of(options)))
        lines = [await stack.enter_async_context(dialled(agent, threads, options.number)) for _ in range(options.calls)]
        await asyncio.gather(*(line.leg.answered() for line in lines))
        await asyncio.sleep(1.0)
        began = time.monotonic()
        before = {name: _sample(pid) for name, pid in processes.items()}
        while (left := began + options.seconds - time.monotonic()) > 0:
            if speech is not None:
                for line in lines:
                    line.session.play(speech)
            await asyncio.sleep(min(left, 6.0))
        took = time.monotonic() - began
        after = {name: _sample(pid) for name, pid in processes.items()}
        alive = sum(not line.leg.ended.is_set() for line in lines)
    figures: dict[str, object] = {"calls_alive_at_end": alive}
    for name in processes:
        whole, loop = ((after[name][part] - before[name][part]) / took * 100 for part in (0, 1))
        figures[f"{name}_core_percent_per_call"] = round(whole / options.calls, 3)
        figures[f"{name}_main_thread_percent_per_call"] = round(loop / options.calls, 3)
    _target.show(
        "cpu", {"calls": options.calls, "number": options.number, "seconds": round(took, 1), "caller_talks": options.talk}, figures
    )
    return 0


def _sample(pid: int) -> tuple[float, float]:
    try:
        return _processes.cpu_seconds(pid, children=False), _processes.main_thread_seconds(pid)
    except psutil.NoSuchProcess:
        return 0.0, 0.0


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--pid", type=int, nargs="*", default=[], help="processes to watch; without them those of the instance")
    made.add_argument("--calls", type=int, default=10, help="calls at once")
    made.add_argument("--seconds", type=float, default=20.0, help="length of the measurement")
    made.add_argument("--talk", action="store_true", help="the callers speak a sentence every 6 s")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
