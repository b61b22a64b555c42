from hypothesis import given
from hypothesis import strategies as st

from agents.llm.breaker import Breaker, BreakerLimits

LIMITS = BreakerLimits(failures=3, open_s=10, longest_s=35, probe_s=5)


def broken(times: int, now: float = 0.0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(times):
        breaker.begun(now)
        breaker.failed(now)
    return breaker


def test_opens_after_so_many_failures_in_a_row() -> None:
    assert broken(2).allows(0)
    assert not broken(3).allows(9.9)


def test_an_answer_between_starts_the_count_anew() -> None:
    breaker = broken(2)
    breaker.worked()
    breaker.failed(0)
    assert breaker.allows(0)


def test_one_probe_when_the_time_is_over() -> None:
    breaker = broken(3)
    assert breaker.state(10) == "half_open" and breaker.allows(10)
    breaker.begun(10)
    assert not breaker.allows(10.1)


def test_a_probe_that_works_closes_it() -> None:
    breaker = broken(3)
    breaker.begun(10)
    breaker.worked()
    assert breaker.state(10) == "closed" and breaker.allows(10)


def test_every_probe_that_fails_doubles_the_wait_up_to_a_limit() -> None:
    breaker, now, waits = broken(3), 0.0, []
    for _ in range(4):
        wait = next(step for step in range(1, 200) if breaker.allows(now + step))
        waits.append(wait)
        now += wait
        breaker.begun(now)
        breaker.failed(now)
    assert waits == [10, 20, 35, 35]


def test_a_probe_that_was_given_up_leaves_the_next_one_free() -> None:
    breaker = broken(3)
    breaker.begun(10)
    breaker.abandoned()
    assert breaker.allows(10)


def test_a_probe_of_which_nothing_is_heard_does_not_block_for_ever() -> None:
    breaker = broken(3)
    breaker.begun(10)
    assert not breaker.allows(14.9) and breaker.allows(15)


def test_a_refusal_opens_at_once_for_as_long_as_it_says() -> None:
    breaker = Breaker(LIMITS)
    breaker.failed(0, leave_alone_s=60)
    assert not breaker.allows(59) and breaker.allows(60)


def test_late_failures_do_not_prolong_it() -> None:
    breaker = broken(3)
    for now in (1, 5, 9):
        breaker.failed(now)
    assert breaker.allows(10)


@given(st.lists(st.tuples(st.sampled_from(["begun", "failed", "worked", "abandoned"]), st.floats(0, 30)), max_size=60))
def test_whatever_happens_it_asks_again_in_the_end(events: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(LIMITS), 0.0
    for what, after in events:
        now += after
        if what == "failed":
            breaker.failed(now)
        elif what == "begun":
            breaker.begun(now)
        else:
            getattr(breaker, what)()
    assert breaker.allows(now + LIMITS.longest_s + LIMITS.probe_s)
