"""What becomes of warm transfers on real calls, each outcome again and again; on an instance of its own."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.e2e.crowd import until
from tests.e2e.instance import Instance
from tests.e2e.transfers import OUTCOMES, SETTINGS, Transfer, line_full, many_at_once, nobody_on_duty, scene, worker_killed_while_briefing

ALONE = ("queue empty", "queue full", "worker killed")


async def measure(options: argparse.Namespace) -> int:
    wanted = options.only or [*OUTCOMES, *ALONE]
    kept: dict[str, int] = {}
    done: dict[str, list[Transfer]] = {}
    killed: list[float] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="patchcord-transfers-") as folder:
        people = {f"sip.people.{user}": f"Agent {user}" for user in users_of(options.people)}
        instance = Instance(Path(folder) / "one", {**SETTINGS, **people, "service.spare": "true"})
        full = Instance(Path(folder) / "full", {**SETTINGS, "calls.queue_most": 1})
        instance.start()
        try:
            if "queue full" in wanted:
                full.start()
            for name in wanted:
                for turn in range(options.n):
                    try:
                        found = await asyncio.wait_for(_once(full if name == "queue full" else instance, name), 240)
                    except Exception as error:
                        faults.append(f"{name}: {type(error).__name__}: {str(error)[:300]}")
                    else:
                        kept[name] = kept.get(name, 0) + 1
                        if isinstance(found, Transfer):
                            done.setdefault(name, []).append(found)
                        else:
                            killed.append(found)
                    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {name}  {kept.get(name, 0)} of {turn + 1}\n")
                    sys.stdout.flush()
            order = await _many(instance, options.callers, users_of(options.people)) if options.callers else None
        finally:
            instance.stop()
            if "queue full" in wanted:
                full.stop()
    silences = {name: [transfer.silence_ms() for transfer in transfers] for name, transfers in done.items()}
    if killed:
        silences["worker killed"] = killed
    joins = [join for transfers in done.values() for transfer in transfers if (join := transfer.accept_to_talk_ms()) is not None]
    figures = {
        "bench": "warm_transfer",
        "n": options.n,
        "kept": kept,
        "silence_ms": _spread([one for some in silences.values() for one in some]),
        "silence_ms_by_outcome": {name: _spread(some) for name, some in silences.items()},
        "accept_to_talk_ms": _spread(joins),
        "served_in_order": order,
        "faults": faults,
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 1 if faults else 0


async def _once(instance: Instance, name: str) -> Transfer | float:
    """The transfer; of a killed worker the longest silence in ms."""
    if name == "queue empty":
        return await nobody_on_duty(instance)
    if name == "queue full":
        return await line_full(instance)
    async with scene(instance) as people:
        if name == "worker killed":
            await until(instance.spare_stands_by, 60, "a spare of the mind process is loaded")
            return await worker_killed_while_briefing(people)
        return await OUTCOMES[name](people)


def users_of(people: int) -> tuple[str, ...]:
    return tuple(str(2001 + index) for index in range(people))


async def _many(instance: Instance, callers: int, users: Sequence[str]) -> list[int] | str:
    async with scene(instance, users) as people:
        try:
            return await many_at_once(people, callers)
        except AssertionError as error:
            return f"FAILED: {error}"


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    p50, p95 = np.percentile(values, (50, 95))
    return {"n": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1), "worst": round(max(values), 1)}


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--n", type=int, default=5, help="transfers of each outcome")
    made.add_argument("--only", action="append", choices=[*OUTCOMES, *ALONE], help="one outcome; may be repeated")
    made.add_argument("--callers", type=int, default=0, help="besides, so many callers at once")
    made.add_argument("--people", type=int, default=5, choices=range(2, 51), metavar="2..50", help="who serve those callers")
    return asyncio.run(measure(made.parse_args(argv)))


if __name__ == "__main__":
    raise SystemExit(main())
