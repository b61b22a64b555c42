"""What fuzzing must not do, judged from what was seen. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.fuzz.side_calls import FINE
from tests.bench.fuzz.watch import Look


@dataclass(frozen=True, slots=True)
class Seen:
    """``warm`` was taken after the first tenth of the messages, ``after`` when all had settled."""

    before: Look
    warm: Look
    after: Look
    held: Mapping[str, int]
    errors: Sequence[str]
    calls: Sequence[tuple[str, str]]
    """Caller and number of every call on record since the start."""
    side: Mapping[str, int]
    own: str
    """What the caller ids of our own calls begin with, those of a fuzzing beside this one included."""
    caller_id: str
    leaks: Sequence[str] = field(default=())


def faults(seen: Seen, growth_mb: float, more_files: int) -> list[str]:
    """All that went wrong; empty when nothing did."""
    found = [f"{name} died or was started again" for name, pid in seen.before.pids.items() if seen.after.pids.get(name) != pid]
    for name, memory in seen.after.memory_mb.items():
        grown = memory - seen.warm.memory_mb.get(name, memory)
        if grown > growth_mb:
            found.append(f"{name} grew by {grown:.1f} MB after the first tenth, more than {growth_mb:g}")
    for name, count in seen.after.files.items():
        if count > seen.before.files.get(name, count) + more_files:
            found.append(f"{name} has {count} files open, {seen.before.files[name]} before")
    if seen.held:
        found.append(f"still held: {dict(seen.held)}")
    found += [f"logged: {error}" for error in seen.errors]
    strangers = [f"{caller!r} to {number!r}" for caller, number in seen.calls if not caller.startswith(seen.own)]
    if strangers:
        found.append(f"calls that nobody was entitled to: {', '.join(strangers[:5])}")
    placed, recorded = sum(seen.side.values()), sum(caller == seen.caller_id for caller, _ in seen.calls)
    if placed != recorded:
        found.append(f"{placed} calls were placed beside it, {recorded} are on record")
    if seen.side.get(FINE, 0) != placed or not placed:
        found.append(f"calls beside it: {dict(seen.side)}")
    found += [f"without a login: {leak}" for leak in seen.leaks[:5]]
    return found
