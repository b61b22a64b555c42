"""What the media process says of its lines twice a second, unasked: one message for all of them, so that watching costs next to nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

EVERY_S: Final = 0.5


class Pulse(NamedTuple):
    """One line. Counts are since it was opened."""

    at: float
    """When it was counted, monotonic seconds of this machine: a reader who was busy meanwhile is not misled."""
    sent: int
    """Packets that left; from ``attach`` on one every 20 ms."""
    failed: int
    """Packets that the network refused."""
    received: int
    quiet: bool
    """The peer said by comfort noise (RFC 3389) that it sends nothing while nobody speaks."""


def pulse_fields(at: float, late_s: float, lines: Iterable[tuple[int, Pulse]]) -> dict[str, Any]:
    """The message. ``late_s``: by how much the latest packet of any line was late since the last pulse."""
    told = [[handle, each.sent, each.failed, each.received, int(each.quiet)] for handle, each in lines]
    return {"event": "pulse", "at": at, "late": round(late_s, 4), "lines": told}


def read_pulses(fields: Mapping[str, Any]) -> dict[int, Pulse]:
    """By handle. Raises KeyError, TypeError, ValueError when it is none."""
    at = float(fields["at"])
    rows: Sequence[Sequence[int]] = fields["lines"]
    return {handle: Pulse(at, sent, failed, received, bool(quiet)) for handle, sent, failed, received, quiet in rows}
