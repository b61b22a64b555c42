"""Hours at half capacity with random hang-ups, transfers and killed workers: what is left behind, what grows, what comes late."""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ari_app.caller.answering import Behaviour, Person, on_duty
from ari_app.service.layout import Layout
from tests.bench import _processes, _target
from tests.bench.capacity import own_instance
from tests.bench.capacity.arrivals import pacing
from tests.bench.capacity.callers import FIRST_NUMBER, Callers, callers
from tests.bench.capacity.mmsg import MmsgError
from tests.bench.capacity.orphans import orphans
from tests.bench.capacity.rtp_crowd import RtpCrowd
from tests.bench.capacity.speech import DEFAULT_SHARE, Shares
from tests.bench.capacity.talk import sentences
from tests.bench.soak.callers_life import CallersLife, Tally
from tests.bench.soak.verdict import faults, figures, unfinished
from tests.e2e.crowd import until
from tests.e2e.instance import Instance
from tests.e2e.people import phone, trunk
from tests.e2e.transfers import hum

PEOPLE = ("2001", "2002")
PERSON = Behaviour(ring_s=0.6, speech=hum(20), speak_after_s=2.0, keys=((1.8, "1"),), hangup_after_s=8.0)
"""Rings, accepts in the middle of the brief, talks and hangs up."""


def read(path: Path) -> list[dict[str, Any]]:
    """The minutes that are there already; a line that was being written when the power went is left out."""
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        with contextlib.suppress(ValueError):
            lines.append(json.loads(text))
    return lines


class Taken:
    """Callers whom a person has taken; what the people heard is let go, for a soak is long."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people
        self._callers: set[str] = set()

    def has(self, caller_id: str) -> bool:
        for person in self._people:
            self._callers.update(call.caller[1] for call in person.calls if call.answered)
            person.calls[:] = [call for call in person.calls if not call.finished.is_set()]
        return caller_id in self._callers


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


async def measure(options: argparse.Namespace) -> int:
    done = sum("minute" in line for line in read(options.out))
    if done < options.minutes:
        await _soak(options, done)
    return report(options)


def report(options: argparse.Namespace) -> int:
    """0: no fault, as far as it has got."""
    lines = read(options.out)
    found = faults(lines)
    conditions = {"capacity": options.capacity, "minutes_wanted": options.minutes, "file": str(options.out)}
    _target.show("soak", conditions, {**figures(lines), "faults": found, "not_shown": unfinished(lines, options.minutes)})
    return 1 if found or not lines else 0


async def _soak(options: argparse.Namespace, done: int) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    at_once = max(1, options.capacity // 2)
    chance = random.Random(options.seed + done)
    async with contextlib.AsyncExitStack() as stack:
        instance = await stack.enter_async_context(
            own_instance.running(options.capacity + 5, Shares(options.recogniser, options.voice), {"calls.queue_timeout_s": 30})
        )
        clips = sentences(await own_instance.caller_sentences(instance))
        people = [await stack.enter_async_context(on_duty(phone(instance, user), PERSON)) for user in PEOPLE]
        taken = Taken(people)
        crowd = stack.enter_context(RtpCrowd(at_once + 4, clips))
        calls = await stack.enter_async_context(callers(trunk(instance), crowd))
        life = CallersLife(calls, at_once, options.mean, options.over, options.early, chance, taken.has)
        living = asyncio.create_task(life.run(), name="callers")
        try:
            await _minutes(options, done, instance, calls, life, chance, ended)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        await calls.close()
        with contextlib.suppress(AssertionError):
            await until(lambda: not any(instance.holdings().values()), 45, "everything is given back")
        _append(options.out, {"left_behind": {name: count for name, count in instance.holdings().items() if count}})


async def _minutes(
    options: argparse.Namespace,
    done: int,
    instance: Instance,
    calls: Callers,
    life: CallersLife,
    chance: random.Random,
    ended: asyncio.Event,
) -> None:
    next_kill = time.monotonic() + chance.expovariate(1 / options.restart_every) if options.restart_every else float("inf")
    calls.crowd.take()
    for minute in range(done + 1, options.minutes + 1):
        until_s, killed = time.monotonic() + options.minute_s, list[str]()
        while (left := until_s - time.monotonic() - 10) > 0 and not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), min(left, max(0.1, next_kill - time.monotonic())))
            if time.monotonic() >= next_kill:
                killed.append(await _kill(instance, chance))
                next_kill = time.monotonic() + chance.expovariate(1 / options.restart_every)
        found = await orphans(instance, lambda: {call.caller_id for call in calls.calls if call.live}, FIRST_NUMBER)
        line = await _minute(minute, instance, calls, life, killed)
        line["orphans"] = None if found is None else found.to_json()
        _append(options.out, line)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        if ended.is_set():
            return


async def _kill(instance: Instance, chance: random.Random) -> str:
    """One worker process, so hard that it cannot say goodbye."""
    names = [name for name in instance.refresh()["processes"] if name.startswith(("mind", "media"))]
    name: str = chance.choice(names)
    with contextlib.suppress(ProcessLookupError):
        await asyncio.to_thread(instance.kill, name)
    return name


async def _minute(minute: int, instance: Instance, calls: Callers, life: CallersLife, killed: Sequence[str]) -> dict[str, Any]:
    arrivals, gaps, own = calls.crowd.take()
    pace = await asyncio.to_thread(pacing, arrivals, calls.crowd.stalls)
    tally, life.tally = life.tally, Tally()
    heard = sorted(gap for _, gap in gaps)
    processes = _processes.named(Layout(instance.data), [])
    return {
        "minute": minute,
        "at": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "live": len(calls.live),
        "placed": tally.placed,
        "transfers": tally.transfers,
        "refused": tally.refused,
        "lost": tally.lost,
        "restarts": list(killed),
        "turns": len(heard),
        "gap_p50_ms": round(heard[len(heard) // 2], 1) if heard else None,
        "gap_p95_ms": round(heard[int(len(heard) * 0.95)], 1) if heard else None,
        "packets": pace.packets,
        "late": pace.late,
        "stalled_share": round(pace.stalled_share, 4),
        "pacing_p99_ms": pace.p99_ms,
        "callers_late_p99_ms": own.late_p99_ms,
        "memory_mb": {f"{name}:{pid}": round(_processes.memory_mb(pid), 1) for name, pid in processes.items()},
    }


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--minutes", type=int, default=120, help="length")
    made.add_argument("--capacity", type=int, default=20, help="calls.max_calls; half as many are there at once")
    made.add_argument("--mean", type=float, default=40.0, help="mean length of a call, in seconds")
    made.add_argument("--over", type=float, default=0.1, help="share of calls that go to a person")
    made.add_argument("--early", type=float, default=0.1, help="share of calls hung up while they are being set up")
    made.add_argument("--restart-every", type=float, default=900.0, help="mean seconds between two killed worker processes; 0: none")
    made.add_argument("--minute-s", type=float, default=60.0, help="length of a minute, to try the bench")
    made.add_argument("--seed", type=int, default=1, help="of everything that is random")
    made.add_argument("--recogniser", type=float, default=DEFAULT_SHARE, help="seconds of a core for each second of the caller's speech")
    made.add_argument("--voice", type=float, default=DEFAULT_SHARE, help="the same for each second of the agent's speech")
    made.add_argument("--out", type=Path, default=Path("soak.jsonl"), help="a line for each minute; one that is there is gone on with")
    made.add_argument("--report", action="store_true", help="only say what the file shows")
    options = made.parse_args(argv)
    try:
        return report(options) if options.report else asyncio.run(measure(options))
    except MmsgError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
