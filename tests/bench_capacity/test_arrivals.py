"""Pacing over many callers, from what arrived."""

import numpy as np

from ari_app.caller.machine_stalls import Stall
from tests.bench.capacity.arrivals import Arrivals, pacing

MS = 1_000_000


def stream(slot: int, late_ms: dict[int, float] | None = None, packets: int = 200, first: int = 0) -> Arrivals:
    """A packet each 20 ms, some of them late."""
    numbers = np.arange(packets)
    late = np.array([(late_ms or {}).get(int(number), 0.0) for number in numbers])
    at = ((numbers * 20 + late) * MS).astype(np.int64) + slot * 3 * MS
    return Arrivals(np.full(packets, slot), at, (first + numbers * 160) % (1 << 32))


def shuffled(*streams: Arrivals) -> Arrivals:
    whole = Arrivals.joined(list(streams))
    order = np.argsort(whole.at_ns, kind="stable")
    return Arrivals(whole.slots[order], whole.at_ns[order], whole.timestamps[order])


def test_even_packets_of_many_are_even() -> None:
    found = pacing(shuffled(*(stream(slot) for slot in range(5))))
    assert (found.packets, found.p99_ms, found.worst_ms, found.late) == (1000, 0.0, 0.0, 0)


def test_a_late_packet_is_two_uneven_distances_and_one_late_packet() -> None:
    found = pacing(shuffled(stream(0, {100: 19.0}), stream(1, {50: 25.0})))
    assert found.late == 1
    assert found.worst_ms == 25.0
    assert found.late_share == 1 / 400


def test_a_stall_whose_packets_come_all_at_once_counts_each_of_them() -> None:
    stall = {100 + index: 200.0 - 20 * index for index in range(10)}
    assert pacing(stream(0, stall)).late == 9  # 200, 180 … 40 ms, and not 20


def test_silence_that_the_time_stamps_do_not_count_is_no_lateness() -> None:
    assert pacing(stream(0, dict.fromkeys(range(100, 200), 700.0))).late == 0


def test_a_new_stream_and_the_end_of_the_numbers_are_no_unevenness() -> None:
    wrapped = stream(0, first=(1 << 32) - 160 * 50)
    other = stream(0, first=77)
    moved = Arrivals(other.slots, other.at_ns + 5_000 * MS, other.timestamps)
    found = pacing(Arrivals.joined([wrapped, moved]))
    assert (found.worst_ms, found.late) == (0.0, 0)


def test_what_came_while_the_machine_stood_still_does_not_count() -> None:
    stall = {100 + index: 200.0 - 20 * index for index in range(10)}
    begun = 99 * 20 * MS + 5 * MS
    found = pacing(shuffled(stream(0, stall), stream(1, {10: 30.0})), [Stall(begun, begun + 210 * MS)])
    assert found.late == 1, "the one of the other time"
    assert found.left_out == 24, "of the first caller what it held up and what came right behind, of the second what was due meanwhile"
    assert found.stalled_share == 24 / 400


def test_only_some_callers() -> None:
    found = pacing(shuffled(stream(0, {100: 50.0}), stream(1)).only([1]))
    assert (found.packets, found.late) == (200, 0)


def test_nothing_is_nothing() -> None:
    assert pacing(Arrivals()).packets == 0
    assert pacing(Arrivals()).late_share == 0.0
    assert pacing(stream(0, packets=1)).p99_ms == 0.0
