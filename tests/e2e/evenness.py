"""What a good call hears while others misbehave: every packet, and nearly all of them on time."""

from collections.abc import Sequence

import pytest

from ari_app.caller.calling import CallRecord
from ari_app.caller.machine_stalls import Stall
from ari_app.caller.measures import interval_stats


def undisturbed(call: CallRecord, stalls: Sequence[Stall]) -> None:
    """Skips the test when the machine stood still so often that nothing can be said of anybody who runs on it."""
    stats = interval_stats(call.log.received, stalls)
    assert stats.packets > 100
    assert stats.missing == 0
    if stats.left_out > stats.packets / 2:
        pytest.skip(f"this machine stood still around {stats.left_out} of {stats.packets} packets: nothing can be said of the others")
    assert stats.within_2ms >= 0.97, stats
    assert stats.p99_ms <= 10.0, stats
