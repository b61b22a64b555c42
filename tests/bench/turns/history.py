"""What the instance itself recorded of the calls, to be compared with what crossed the caller's socket."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from handoff.records.reader import PostgresReader
from tests.bench.turns.outcomes import Recorded

_MOST: Final = 5000


async def recorded_calls(data: Path, callers: Collection[str], wall_minus_monotonic_ns: int) -> dict[str, Recorded]:
    """By caller id. Raises NotRunning, RecordsUnavailable."""
    reader = PostgresReader(mind_config(Layout(data))["database_url"], connections=1)
    await reader.open()
    try:
        found: dict[str, Recorded] = {}
        for each in await reader.list_calls(_MOST):
            caller = str(each["caller"])
            if caller in callers and (call := await reader.get_call(str(each["id"]))) is not None:
                found[caller] = _recorded(call, wall_minus_monotonic_ns)
        return found
    finally:
        await reader.close()


def _recorded(call: Mapping[str, Any], wall_minus_monotonic_ns: int) -> Recorded:
    started = datetime.fromisoformat(str(call["started_at"])).timestamp()
    return Recorded(
        str(call["caller"]),
        list(call["turns"]),
        list(call["events"]),
        dict(call["stats"] or {}),
        round(started * 1e9) - wall_minus_monotonic_ns,
    )


def turn_at(recorded: Recorded, at_ns: int) -> Mapping[str, Any] | None:
    """The agent's turn that was going on, or had last begun, at a time of the monotonic clock."""
    at_ms = (at_ns - recorded.started_ns) / 1e6
    turns = [turn for turn in recorded.turns if turn["who"] == "agent" and turn["started_ms"] <= at_ms + _SLACK_MS]
    return max(turns, key=lambda turn: turn["started_ms"], default=None)


_SLACK_MS: Final = 60.0
"""Between a clip's first packet leaving the instance and its first speech frame arriving at the caller, and the rounding of both."""
