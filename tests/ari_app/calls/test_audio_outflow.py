"""Outflow and uptake: what goes out to the caller, and whether the conversation takes what comes from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.outflow import Outflow
from ari_app.calls.uptake import STANDS_S, Uptake
from ari_app.media.pulse import Pulse, pulse_fields, read_pulses


def pulses(*counts: tuple[int, int], every_s: float = 0.5) -> list[Pulse]:
    return [Pulse(10 + number * every_s, sent, failed, 0, False) for number, (sent, failed) in enumerate(counts)]


def faults(found: list[Pulse]) -> list[bool]:
    outflow = Outflow()
    return [outflow.step(pulse) for pulse in found]


def test_a_line_that_sends_is_well() -> None:
    assert not any(faults(pulses((0, 0), (25, 0), (50, 0), (74, 1), (99, 1))))


def test_a_second_without_a_packet_is_a_fault() -> None:
    assert faults(pulses((0, 0), (25, 0), (25, 0), (25, 0), (25, 0))) == [False, False, False, True, True]


def test_packets_that_the_other_side_refuses_count_as_none() -> None:
    assert faults(pulses((25, 0), (50, 24), (75, 48)))[-1]


def test_one_half_second_without_a_packet_is_forgiven() -> None:
    assert not any(faults(pulses((25, 0), (25, 0), (50, 0), (50, 0), (75, 0))))


def test_a_process_that_stood_says_nothing_of_its_lines() -> None:
    assert not any(faults(pulses((25, 0), (25, 0), (25, 0), (26, 0), every_s=0.9)))


@pytest.mark.parametrize("sent_in_half_a_second", [24, 25, 26])
@given(jitter=st.lists(st.floats(0.4, 0.7), min_size=1, max_size=50))
def test_a_line_that_keeps_its_pace_is_never_blamed(sent_in_half_a_second: int, jitter: list[float]) -> None:
    outflow, at, sent = Outflow(), 0.0, 0
    for passed in jitter:
        at, sent = at + passed, sent + sent_in_half_a_second
        assert not outflow.step(Pulse(at, sent, 0, 0, False))


def test_a_pulse_survives_its_way() -> None:
    lines = [(3, Pulse(7.5, 100, 1, 90, True)), (9, Pulse(7.5, 0, 0, 0, False))]
    fields = pulse_fields(7.5, 0.0123, lines)
    assert read_pulses(fields) == dict(lines)
    assert fields["late"] == 0.0123
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_pulses({"at": 1.0, "lines": [[1, 2]]})


def run(steps: list[tuple[bool, int]], every_s: float = 0.25) -> float | None:
    """Seconds until the fault; None when there is none."""
    uptake = Uptake()
    for number, (waiting, taken) in enumerate(steps):
        if uptake.step(waiting, taken, number * every_s):
            return number * every_s
    return None


def test_something_that_nobody_takes_is_a_fault_in_time() -> None:
    found = run([(False, 4), *[(True, 4)] * 20])
    assert found is not None and STANDS_S - 0.25 <= found - 0.25 <= 1.75


def test_slow_but_steady_is_no_fault() -> None:
    assert run([(True, number // 4) for number in range(60)]) is None


def test_nothing_to_take_is_no_fault() -> None:
    assert run([(False, 0)] * 60) is None


def test_time_in_which_the_process_itself_stood_does_not_count() -> None:
    uptake = Uptake()
    assert not uptake.step(True, 1, 0.0)
    assert not uptake.step(True, 1, 60.0)
    assert not uptake.step(True, 1, 60.25)
