import asyncio
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.media.alarm import Alarm
from ari_app.media.echo import EchoQueue
from ari_app.media.g711 import SILENCE
from ari_app.media.lateness import Lateness
from ari_app.media.pacer import PERIOD, SLOTS, Schedule, Tick


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run_until(schedule: Schedule, clock: FakeClock, end: float) -> None:
    while (at := schedule.next_at) is not None and at <= end:
        clock.now = max(clock.now, at)
        schedule.run_due(clock)
    clock.now = max(clock.now, end)


@given(st.integers(1, 60))
def test_every_line_ticks_every_20_ms_and_the_lines_are_spread(lines: int) -> None:
    clock = FakeClock()
    schedule = Schedule(clock.now)
    seen: list[list[float]] = [[] for _ in range(lines)]
    ticks = [schedule.add(clock.now, lambda tick, now, index=index: seen[index].append(tick.deadline)) for index in range(lines)]  # type: ignore[misc]
    run_until(schedule, clock, clock.now + 2)
    for deadlines in seen:
        assert len(deadlines) in (99, 100, 101)
        assert all(abs(after - before - PERIOD) < 1e-9 for before, after in itertools.pairwise(deadlines))
    phases = [tick.phase for tick in ticks]
    counts = [phases.count(slot) for slot in range(SLOTS)]
    assert max(counts) - min(counts) <= 1


def test_an_absolute_clock_does_not_drift_when_every_tick_is_late() -> None:
    clock = FakeClock()
    schedule = Schedule(clock.now)
    count = 0

    def late(tick: Tick, now: float) -> None:
        nonlocal count
        count += 1
        clock.now += 0.004

    schedule.add(clock.now, late)
    run_until(schedule, clock, 1060.0)
    assert count in (3000, 3001)


def test_a_stall_is_made_up_five_ms_apart_and_a_long_one_is_cut() -> None:
    clock = FakeClock()
    schedule = Schedule(clock.now)
    fired: list[float] = []
    tick = schedule.add(clock.now, lambda tick, now: fired.append(now))
    run_until(schedule, clock, 1001.0)
    before = len(fired)
    clock.now = 1001.1
    run_until(schedule, clock, 1002.0)
    gaps = [after - at for at, after in zip(fired[before:], fired[before + 1 :], strict=False)]
    assert min(gaps) >= 0.0049
    assert len(fired) in (100, 101)
    assert tick.skipped == 0
    clock.now = 1005.0
    run_until(schedule, clock, 1006.0)
    assert tick.skipped >= 140
    assert len(fired) + tick.skipped in (300, 301)


def test_a_removed_line_ticks_no_more() -> None:
    clock = FakeClock()
    schedule = Schedule(clock.now)
    fired: list[float] = []
    tick = schedule.add(clock.now, lambda tick, now: fired.append(now))
    run_until(schedule, clock, 1000.1)
    schedule.remove(tick)
    schedule.remove(tick)
    assert schedule.next_at is None
    assert len(fired) <= 5


async def test_the_alarm_rings_on_time_and_can_be_called_off() -> None:
    rung: list[float] = []
    alarm = Alarm(asyncio.get_running_loop(), lambda: rung.append(time.monotonic()))
    due = time.monotonic() + 0.05
    alarm.set(due)
    await asyncio.sleep(0.1)
    assert len(rung) == 1
    assert 0 <= rung[0] - due < 0.02
    alarm.set(time.monotonic() - 1)
    await asyncio.sleep(0.05)
    assert len(rung) == 2
    alarm.set(time.monotonic() + 0.05)
    alarm.set(None)
    await asyncio.sleep(0.1)
    alarm.close()
    alarm.close()
    assert len(rung) == 2


def test_percentiles_of_lateness() -> None:
    lateness = Lateness()
    assert lateness.summary() == {"p50_ms": 0.0, "p99_ms": 0.0, "max_ms": 0.0}
    for number in range(1000):
        lateness.add(number / 100_000)
    lateness.add(0.3)
    merged = Lateness()
    merged.merge(lateness)
    merged.merge(lateness)
    assert merged.count == 2002
    summary = merged.summary()
    assert summary["p50_ms"] == pytest.approx(5.0, abs=0.15)
    assert summary["p99_ms"] == pytest.approx(9.9, abs=0.15)
    assert summary["max_ms"] == 300


def echo(arrivals: list[tuple[float, bytes]], seconds: float) -> tuple[list[tuple[float, bytes]], EchoQueue]:
    """Run an echo queue on a fake clock; the frames with the times at which they left."""
    queue = EchoQueue("ulaw")
    clock = FakeClock()
    schedule = Schedule(clock.now)
    out: list[tuple[float, bytes]] = []

    def run(tick: Tick, now: float) -> None:
        while arrivals and arrivals[0][0] <= now:
            at, payload = arrivals.pop(0)
            queue.push(payload, at)
        frame, shift = queue.frame(now)
        if frame is None:
            tick.retry(shift)
            return
        out.append((now, frame))
        tick.shift(shift)

    schedule.add(clock.now, run)
    run_until(schedule, clock, clock.now + seconds)
    return out, queue


@given(st.floats(0, 0.02), st.floats(-100e-6, 100e-6))
def test_echo_settles_at_a_few_ms_whatever_the_phase_and_drift_and_loses_nothing(phase: float, drift: float) -> None:
    sent = [(1000 + phase + n * 0.02 * (1 + drift), bytes([n % 250]) * 160) for n in range(1500)]
    out, queue = echo(list(sent), 29.0)
    heard = [(at, frame) for at, frame in out if frame != SILENCE["ulaw"] * 160]
    assert [frame for _, frame in heard] == [frame for _, frame in sent if frame != SILENCE["ulaw"] * 160][: len(heard)]
    delays = [at - came for (at, _), (came, _) in zip(heard, sent, strict=False)]
    assert max(delays[100:]) < 0.0045
    assert min(delays[100:]) > 0.001
    assert queue.dropped == 0


def test_echo_of_30_ms_packets_loses_nothing() -> None:
    audio = bytes(n // 160 % 250 for n in range(160 * 300))
    out, queue = echo([(1000.001 + n * 0.03, audio[n * 240 : n * 240 + 240]) for n in range(200)], 6.2)
    heard = b"".join(frame for _, frame in out if frame != SILENCE["ulaw"] * 160)
    assert heard == audio[: len(heard)]
    assert len(heard) >= len(audio) - 480
    assert queue.dropped == 0


def test_echo_of_a_burst_drops_to_live() -> None:
    sent = [(1000.0 + max(n * 0.02, 2.0 if 50 <= n < 100 else 0.0), bytes([n % 250]) * 160) for n in range(200)]
    out, queue = echo(sent, 4.2)
    assert queue.dropped >= 40 * 160
    last = [at for at, frame in out if frame == bytes([199]) * 160]
    assert last[0] - (1000 + 199 * 0.02) < 0.12
