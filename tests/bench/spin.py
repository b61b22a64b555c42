"""Packet intervals at a listening caller while a tool in the mind process spins in pure Python for two seconds, again and again.

Starts an instance of its own with ``up --mind tests.bench._spinning_mind``. One call talks to the echo through the media process all the
time; beside it calls order after order, each of which makes the tool spin.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ari_app.caller.calling import dialled, place_call, telephone
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.measures import interval_stats
from ari_app.caller.script import Hangup, Key, Say, Step, Wait
from tests.bench import _target
from tests.e2e.history import newest_calls, whole
from tests.e2e.instance import Instance
from tests.e2e.people import trunk, voice_of


async def measure(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder) / "data", arguments=["--mind", "tests.bench._spinning_mind"])
        instance.start()
        try:
            return await _measure(options, instance)
        finally:
            instance.stop()


async def _measure(options: argparse.Namespace, instance: Instance) -> int:
    async with voice_of(instance) as voice, telephone(trunk(instance)) as shared:
        script: list[Step] = [Say("where is my order?"), Key("10482"), Key("1"), Wait(4), Hangup(wait=False)]
        async with dialled(*shared, "101") as line:
            await line.leg.answered()
            line.session.play(unique_noise(600))
            for _ in range(options.n):
                await place_call(shared[0].target, "100", script, synthesize=voice.synthesize, shared=shared)
            stats = interval_stats(line.session.log.received)
            own = interval_stats(line.session.log.sent)
    spins = [float(event["data"]["ms"]) for event in _tool_events(instance, options.n)]
    figures = {"packets": stats.packets, "missing": stats.missing, "within_2ms": round(stats.within_2ms, 5), "p99_ms": stats.p99_ms}
    figures |= {"worst_ms": stats.worst_ms, "own_sending_worst_ms": own.worst_ms}
    figures |= {"spins": len(spins), "spin_ms": float(np.median(spins)) if spins else 0.0}
    _target.show("spin", {"number": "101", "orders": options.n}, figures)
    return 0 if spins else 1


def _tool_events(instance: Instance, count: int) -> list[dict[str, Any]]:
    calls = [whole(instance, call["id"]) for call in newest_calls(instance, count + 1)]
    return [event for call in calls for event in call["events"] if event["kind"] == "tool"]


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--n", type=int, default=5, help="orders, each of which spins for two seconds")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
