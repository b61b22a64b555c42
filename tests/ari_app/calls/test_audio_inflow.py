"""Inflow: why a caller cannot be heard, what is told, and what follows."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.inflow import AskPackets, Back, Cause, GiveUp, Inflow, InflowAction, InflowLimits, LegDeaf, Lost

LIMITS = InflowLimits(never_s=20, stopped_s=45)
STEP = 0.25


class Caller:
    """Steps an Inflow through time; ``packets`` is what Asterisk answers at each moment, None when it cannot say."""

    def __init__(self) -> None:
        self.inflow = Inflow(LIMITS)
        self.now = 0.0
        self.done: list[tuple[float, InflowAction]] = []

    def pass_time(self, seconds: float, *, stalled: bool, quiet: bool = False, received: int = 500, rate: float | None = 0.0) -> "Caller":
        """``rate``: packets a second that reach Asterisk; None: it does not say."""
        until = self.now + seconds
        while self.now < until - 1e-9:
            self.now += STEP
            self._take(self.inflow.step(stalled, quiet, received, self.now), received, rate)
        return self

    def _take(self, actions: list[InflowAction], received: int, rate: float | None) -> None:
        for action in actions:
            self.done.append((self.now, action))
            if isinstance(action, AskPackets) and rate is not None:
                self._take(self.inflow.packets(received + round(rate * self.now), self.now), received, rate)

    def told(self) -> list[InflowAction]:
        return [action for _, action in self.done if not isinstance(action, AskPackets)]

    def at(self, kind: type[InflowAction]) -> Iterator[float]:
        return (at for at, action in self.done if isinstance(action, kind))


def test_a_caller_who_is_heard_gives_nothing_to_do() -> None:
    assert Caller().pass_time(60, stalled=False).done == []


def test_a_caller_who_stops_is_told_of_within_a_second_and_the_call_is_ended_at_last() -> None:
    caller = Caller().pass_time(5, stalled=False).pass_time(60, stalled=True)
    assert caller.told() == [Lost(Cause.STOPPED), GiveUp(Cause.STOPPED)]
    assert next(caller.at(Lost)) <= 5 + 0.8  # the stall itself is known 1.2 s after the last packet
    assert 45 <= next(caller.at(GiveUp)) - 5 <= 46


def test_a_caller_who_never_was_heard_gets_a_person_sooner() -> None:
    caller = Caller().pass_time(30, stalled=True, received=0)
    assert caller.told() == [Lost(Cause.NEVER), GiveUp(Cause.NEVER)]
    assert 20 <= next(caller.at(GiveUp)) <= 21


def test_packets_that_reach_asterisk_and_not_us_are_a_fault_of_the_leg() -> None:
    caller = Caller().pass_time(5, stalled=False).pass_time(3, stalled=True, rate=50)
    assert caller.told()[:2] == [Lost(Cause.LEG), LegDeaf()]
    assert next(caller.at(LegDeaf)) <= 5 + 0.8


def test_a_few_packets_are_comfort_noise_and_the_caller_may_be_silent_as_long_as_they_like() -> None:
    caller = Caller().pass_time(5, stalled=False).pass_time(300, stalled=True, rate=0.5)
    assert GiveUp(Cause.STOPPED) not in caller.told()
    assert caller.inflow.cause is Cause.COMFORT_NOISE


def test_comfort_noise_that_we_hear_ourselves_asks_nobody() -> None:
    assert Caller().pass_time(300, stalled=True, quiet=True).done == [(STEP, Lost(Cause.COMFORT_NOISE))]


def test_a_caller_on_hold_is_waited_for() -> None:
    caller = Caller().pass_time(5, stalled=False)
    assert caller.inflow.held(on=True, now=caller.now) == [Lost(Cause.HOLD)]
    caller.pass_time(280, stalled=True)
    assert caller.inflow.held(on=False, now=caller.now) == [Back(280, Cause.HOLD)]
    caller.pass_time(5, stalled=False)
    assert caller.told() == []
    assert caller.inflow.cause is None


def test_who_takes_the_call_back_and_stays_silent_is_found_out() -> None:
    caller = Caller()
    caller.inflow.held(on=True, now=0)
    caller.pass_time(10, stalled=True)
    caller.inflow.held(on=False, now=caller.now)
    caller.pass_time(60, stalled=True)
    assert GiveUp(Cause.STOPPED) in caller.told()


def test_hold_with_music_is_no_silence_and_its_end_leaves_nothing() -> None:
    caller = Caller()
    caller.inflow.held(on=True, now=0)
    caller.pass_time(10, stalled=False)
    caller.inflow.held(on=False, now=caller.now)
    assert caller.inflow.cause is None
    assert caller.done == []


def test_a_telephone_that_suppresses_silence_is_known_after_some_pauses_and_never_hung_up_on() -> None:
    caller = Caller()
    for _ in range(3):
        caller.pass_time(3, stalled=False).pass_time(3, stalled=True)
    caller.pass_time(3, stalled=False)
    caller.done.clear()
    caller.pass_time(300, stalled=True)
    assert caller.told() == [Lost(Cause.PAUSES)]


def test_a_key_is_a_sign_of_life() -> None:
    caller = Caller().pass_time(5, stalled=False).pass_time(40, stalled=True)
    caller.inflow.sign_of_life(caller.now)
    caller.pass_time(40, stalled=True)
    assert caller.told() == [Lost(Cause.STOPPED)]


@pytest.mark.parametrize(("received", "cause"), [(0, Cause.NEVER), (7, Cause.STOPPED)])
def test_what_asterisk_does_not_know_is_judged_by_what_we_heard(received: int, cause: Cause) -> None:
    caller = Caller().pass_time(2, stalled=True, received=received, rate=None)
    assert caller.told() == [Lost(cause)]
    assert next(caller.at(Lost)) <= 0.75


_DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.booleans(), st.booleans(), st.integers(0, 3)),
        st.tuples(st.just("hold"), st.booleans()),
        st.tuples(st.just("packets"), st.integers(0, 2000)),
        st.tuples(st.just("life")),
    ),
    max_size=120,
)


@given(_DOINGS, st.floats(0.01, 30))
def test_nobody_is_given_up_who_was_on_hold_or_heard_lately(doings: list[tuple[object, ...]], every_s: float) -> None:
    inflow, now, alive, held = Inflow(LIMITS), 0.0, 0.0, False
    for doing in doings:
        now += every_s
        match doing:
            case ("step", bool(stalled), bool(quiet), int(received)):
                actions = inflow.step(stalled, quiet, received, now)
                if not stalled or quiet or held:
                    alive = now
            case ("hold", bool(on)):
                held, alive = on, now
                actions = inflow.held(on, now)
            case ("packets", int(count)):
                actions = inflow.packets(count, now)
            case _:
                alive, actions = now, []
                inflow.sign_of_life(now)
        for action in actions:
            if isinstance(action, GiveUp):
                assert not held
                assert now - alive >= LIMITS.never_s - 1e-6
