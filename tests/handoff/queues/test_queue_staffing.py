"""Erlang against published figures, against its own limits, and against a simulated queue."""

import heapq
import math
import random

import pytest

from handoff.queues.staffing import Target, Traffic, erlang_b, gap, service, staffing

HALF_HOUR = Traffic(calls_per_hour=200, handling_s=180)
"""100 calls in 30 minutes, as in the published examples of pyworkforce."""


@pytest.mark.parametrize(
    ("agents", "in_time", "waits", "occupancy", "asa_s"),
    [(14, 0.8884, 0.1741, 0.714, None), (13, 0.7956, None, None, 17.1), (12, 0.640, None, None, 40.4)],
)
def test_erlang_c_has_the_published_values(
    agents: int, in_time: float, waits: float | None, occupancy: float | None, asa_s: float | None
) -> None:
    found = service(HALF_HOUR, agents, 20)
    assert found.in_time == pytest.approx(in_time, abs=2e-4)
    for mine, theirs in ((found.waits, waits), (found.occupancy, occupancy), (found.asa_s, asa_s)):
        assert theirs is None or mine == pytest.approx(theirs, rel=2e-3)


def test_the_published_staffing() -> None:
    found = staffing(HALF_HOUR, Target(share=0.8, within_s=20, max_occupancy=0.85, shrinkage=0.3))
    assert (found.required, found.positions) == (14, 20)
    assert gap(HALF_HOUR, Target(), serving=11) == 3
    assert gap(HALF_HOUR, Target(), serving=16) == -2


def test_one_agent_fewer_does_not_reach_the_target() -> None:
    for patience in (None, 20.0, 120.0, 1e6):
        traffic, target = Traffic(333, 240, patience), Target(0.9, 15)
        required = staffing(traffic, target).required
        assert service(traffic, required, 15).in_time >= 0.9 > service(traffic, required - 1, 15).in_time


def test_occupancy_can_ask_for_more_agents_than_the_service_level() -> None:
    easy = Target(share=0.1, within_s=600)
    assert staffing(HALF_HOUR, easy).required < staffing(HALF_HOUR, Target(0.1, 600, max_occupancy=0.7)).required == 15


def test_with_endless_patience_erlang_a_is_erlang_c() -> None:
    patient = Traffic(200, 180, patience_s=1e9)
    for agents in (11, 13, 20):
        one, other = service(patient, agents, 20), service(HALF_HOUR, agents, 20)
        assert (one.waits, one.in_time) == pytest.approx((other.waits, other.in_time), rel=1e-3)
        assert one.asa_s == pytest.approx(other.asa_s, rel=1e-2)
        assert one.abandons < 1e-3


def test_with_no_patience_erlang_a_is_erlang_b() -> None:
    found = service(Traffic(200, 180, patience_s=0.001), 10, 20)
    assert found.abandons == pytest.approx(erlang_b(10, 10), rel=1e-2)


def simulated(traffic: Traffic, agents: int, within_s: float, calls: int) -> tuple[float, float, float]:
    """Share answered in time, share who hang up, and speed of answer, of first come, first served."""
    assert traffic.patience_s is not None
    dice = random.Random(7)
    free = [0.0] * agents
    now, in_time, gone, waited, answered = 0.0, 0, 0, 0.0, 0
    for _ in range(calls):
        now += dice.expovariate(traffic.calls_per_hour / 3600)
        wait = max(0.0, free[0] - now)
        if dice.expovariate(1 / traffic.patience_s) < wait:
            gone += 1
            continue
        heapq.heapreplace(free, now + wait + dice.expovariate(1 / traffic.handling_s))
        answered += 1
        waited += wait
        in_time += wait <= within_s
    return in_time / calls, gone / calls, waited / answered


@pytest.mark.parametrize(("agents", "patience_s"), [(8, 60.0), (10, 120.0), (12, 300.0)])
def test_erlang_a_is_what_a_simulated_queue_does(agents: int, patience_s: float) -> None:
    traffic = Traffic(200, 180, patience_s)
    found, (in_time, gone, asa_s) = service(traffic, agents, 20), simulated(traffic, agents, 20, 60_000)
    assert found.in_time == pytest.approx(in_time, abs=0.02)
    assert found.abandons == pytest.approx(gone, abs=0.01)
    assert found.asa_s == pytest.approx(asa_s, rel=0.08)
    assert found.occupancy == pytest.approx(traffic.load * (1 - found.abandons) / agents)


def test_more_work_than_people_never_ends_without_patience_and_only_sheds_with_it() -> None:
    assert service(HALF_HOUR, 10, 20).asa_s == math.inf
    assert service(HALF_HOUR, 10, 20).in_time == 0
    assert 0 < service(Traffic(200, 180, 60), 10, 20).in_time < 1
    assert service(Traffic(200, 180, 60), 0, 20).abandons == 1


@pytest.mark.parametrize("agents", [1, 10, 300, 5000])
@pytest.mark.parametrize("patience_s", [None, 0.5, 60.0, 1e4])
@pytest.mark.parametrize("calls", [0.0, 0.001, 200.0, 50_000.0])
def test_shares_are_shares_for_any_traffic(calls: float, patience_s: float | None, agents: int) -> None:
    found = service(Traffic(calls, 180, patience_s), agents, 20)
    for share in (found.waits, found.in_time, found.abandons, found.occupancy):
        assert -1e-9 <= share <= 1 + 1e-9
    assert found.asa_s >= 0


def test_no_calls_need_nobody() -> None:
    assert staffing(Traffic(0, 180), Target()).required == 0


@pytest.mark.parametrize("values", [(-1, 180, None), (10, 0, None), (10, 180, 0)])
def test_traffic_that_cannot_be_is_refused(values: tuple[float, float, float | None]) -> None:
    with pytest.raises(ValueError, match="traffic needs"):
        Traffic(*values)


@pytest.mark.parametrize("target", [Target(share=1.0), Target(within_s=-1), Target(max_occupancy=0), Target(shrinkage=1)])
def test_a_target_that_cannot_be_is_refused(target: Target) -> None:
    with pytest.raises(ValueError, match="staffing target"):
        staffing(HALF_HOUR, target)
