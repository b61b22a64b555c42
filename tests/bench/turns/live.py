"""The part of a measurement that needs a running instance: all calls on one of their own, and what it says of itself afterwards."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from ari_app.caller.user_agent import SipTarget
from ari_app.commands.progress import ProgressBar
from tests.bench import _processes
from tests.bench.turns.capture import Capture
from tests.bench.turns.events import Call
from tests.bench.turns.figures import Inside
from tests.bench.turns.history import recorded_calls
from tests.bench.turns.outcomes import Recorded
from tests.bench.turns.placing import Placing, Progress, reference_calls
from tests.bench.turns.sounds import Sound
from tests.e2e.instance import Instance

SETTLE_S: Final = 2.5
"""After the last call: its record is written, and the media process has told its figures once more."""

_STEADY: Final = {"rules.enabled": False}
"""The callers say hundreds of unrelated things: to the rules they would seem lost, and the agent would slow down and put them through."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What the calls left besides their captures: enough, with those, to measure them again."""

    inside: Inside
    minutes: float
    problems: list[str] = field(default_factory=list)

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "Placed":
        tree = json.loads(file.read_text(encoding="utf-8"))
        inside = tree["inside"]
        recorded = {caller: Recorded(**call) for caller, call in inside.pop("recorded").items()}
        return cls(Inside(recorded=recorded, **inside), tree["minutes"], tree["problems"])


def captures_in(out: Path) -> list[Capture]:
    """In the order in which the calls were placed."""
    return [Capture.load(file) for file in sorted((out / "captures").glob("*.npz"))]


async def place_calls(
    calls: Sequence[Call],
    sounds: Mapping[str, Sound],
    *,
    out: Path,
    seed: int,
    parallel: int,
    settings: Mapping[str, str],
    bar: ProgressBar,
) -> Placed:
    """``out`` gets ``captures`` and the instance's own files. Raises RuntimeError when the instance does not start."""
    for old in (out / "captures").glob("*.npz"):
        old.unlink()
    async with _instance(out / "instance", settings, bar) as instance:
        target = SipTarget("127.0.0.1", instance.sip_port)
        placing = Placing(target, sounds, seed, out / "captures", lambda progress: _tell(bar, progress))
        began, before = time.monotonic(), _used(instance)
        await placing.run([*reference_calls(), *calls], parallel)
        took_s, after = time.monotonic() - began, _used(instance)
        await asyncio.sleep(SETTLE_S)
        inside = await _inside(instance, captures_in(out), {name: after[name] - before[name] for name in before})
    lost = [f"could not be played: {event.id}" for event in placing.given_up]
    return Placed(inside, round(took_s / 60, 1), [*placing.failures, *lost])


async def _inside(instance: Instance, captures: Sequence[Capture], used_s: Mapping[str, float]) -> Inside:
    on_the_line_s = sum((int(each.at_ns[-1]) - int(each.at_ns[0])) / 1e9 for each in captures if len(each.at_ns))
    offset = captures[0].wall_minus_monotonic_ns if captures else 0
    recorded = await recorded_calls(instance.data, {each.caller_id for each in captures}, offset)
    silenced = dict(instance.status().get("media", {})).get("silenced", {})
    processes = {f"{name}_process": round(100 * seconds / max(on_the_line_s, 1.0), 2) for name, seconds in used_s.items()}
    return Inside(recorded, silenced, {}, processes)


@asynccontextmanager
async def _instance(data: Path, settings: Mapping[str, str], bar: ProgressBar) -> AsyncIterator[Instance]:
    bar.show("starting an instance", 0, 1)
    # The history of an earlier one would count as this one's.
    await asyncio.to_thread(shutil.rmtree, data, ignore_errors=True)
    instance = Instance(data, {**_STEADY, **settings}, ["--mind", "tests.bench.turns.mind"])
    await asyncio.to_thread(instance.start)
    try:
        yield instance
    finally:
        await asyncio.to_thread(instance.stop)


def _used(instance: Instance) -> dict[str, float]:
    """Processor seconds so far."""
    return {name: _processes.cpu_seconds(instance.pid(name), children=name == "mind") for name in ("mind", "media")}


def _tell(bar: ProgressBar, progress: Progress) -> None:
    left = progress.left_s
    bar.show("calls", progress.done, progress.total, "" if left is None else f"{left / 60:.1f} min left")
