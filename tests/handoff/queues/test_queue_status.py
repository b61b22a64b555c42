import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.queues import QueueState, read_queue_status


def member(status: str = "1", queue: str = "support", **more: str) -> dict[str, str]:
    return {"Event": "QueueMember", "Queue": queue, "Status": status, "Paused": "0", "InCall": "0", **more}


def entry(wait: str, queue: str = "support") -> dict[str, str]:
    return {"Event": "QueueEntry", "Queue": queue, "Position": "1", "Wait": wait}


PARAMS = {"Event": "QueueParams", "Queue": "support", "Calls": "0"}


def test_counts_callers_and_members() -> None:
    events = [PARAMS, member(), member("6"), member("5"), member(Paused="1"), entry("4"), entry("31"), {"Event": "QueueStatusComplete"}]
    assert read_queue_status(events, "support") == QueueState(waiting=2, available=1, logged_in=3, longest_wait_s=31)


def test_other_queues_are_passed_over() -> None:
    events = [PARAMS, member(queue="billing"), entry("4", queue="billing")]
    assert read_queue_status(events, "support") == QueueState(0, 0, 0, 0)


def test_unknown_queue_is_none() -> None:
    assert read_queue_status([PARAMS], "billing") is None
    assert read_queue_status([], "support") is None


@pytest.mark.parametrize(
    ("status", "available", "logged_in"),
    [("0", 1, 1), ("1", 1, 1), ("2", 0, 1), ("3", 0, 1), ("4", 0, 0), ("5", 0, 0), ("6", 0, 1), ("7", 0, 1), ("8", 0, 1)],
)
def test_device_states(status: str, available: int, logged_in: int) -> None:
    state = read_queue_status([PARAMS, member(status)], "support")
    assert state is not None
    assert (state.available, state.logged_in) == (available, logged_in)


def test_member_in_a_call_or_wrapping_up_is_not_available() -> None:
    wrapping = member(LastCall="1000", Wrapuptime="30")

    def available(event: dict[str, str], now: float | None = None) -> int:
        state = read_queue_status([PARAMS, event], "support", now=now)
        assert state is not None
        return state.available

    assert available(member(InCall="1")) == 0
    assert available(wrapping, 1029.0) == 0
    assert available(wrapping, 1030.0) == 1
    assert available(wrapping) == 1
    assert available(member(LastCall="0", Wrapuptime="30"), 10.0) == 1


fields = st.sampled_from(["Event", "Queue", "Status", "Paused", "InCall", "Wait", "LastCall", "Wrapuptime"])
values = st.one_of(st.sampled_from(["support", "QueueParams", "QueueMember", "QueueEntry", "1", "-1", "", "x", "1.5"]), st.text(max_size=3))


@given(events=st.lists(st.dictionaries(fields, values), max_size=8))
def test_nonsense_never_fails_and_stays_consistent(events: list[dict[str, str]]) -> None:
    state = read_queue_status(events, "support", now=0.0)
    if state is not None:
        assert 0 <= state.waiting <= len(events)
        assert 0 <= state.available <= len(events)
        assert state.longest_wait_s >= 0
