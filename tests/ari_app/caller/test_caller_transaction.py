"""RFC 3261 section 17 by the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.caller.transaction import (
    AckReceived,
    Action,
    Event,
    InviteClient,
    InviteServer,
    NonInviteClient,
    NonInviteServer,
    RequestRepeated,
    Respond,
    ResponseReceived,
    Start,
    State,
    TimerFired,
    Transaction,
)


def drain(machine: Transaction, until: float) -> list[tuple[float, Action]]:
    """Fire every timer up to ``until``."""
    seen: list[tuple[float, Action]] = []
    while machine.deadline is not None and machine.deadline <= until:
        now = machine.deadline
        seen += [(now, action) for action in machine.step(TimerFired(), now)]
    return seen


def times(seen: list[tuple[float, Action]], wanted: Action) -> list[float]:
    return [at for at, action in seen if action is wanted]


def test_invite_client_repeats_doubling_without_cap_and_gives_up_at_32_s() -> None:
    machine = InviteClient()
    assert machine.step(Start(), 0.0) == [Action.SEND]
    seen = drain(machine, 100)
    assert times(seen, Action.SEND) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert seen[-2:] == [(32.0, Action.TIMED_OUT), (32.0, Action.TERMINATED)]


def test_invite_client_stops_repeating_when_it_rings_and_then_waits_for_ever() -> None:
    machine = InviteClient()
    machine.step(Start(), 0.0)
    assert machine.step(ResponseReceived(180), 0.2) == [Action.DELIVER]
    assert machine.deadline is None


def test_invite_client_acknowledges_every_repeat_of_a_refusal_but_delivers_it_once() -> None:
    machine = InviteClient()
    machine.step(Start(), 0.0)
    assert machine.step(ResponseReceived(486), 0.1) == [Action.SEND_ACK, Action.DELIVER]
    assert machine.step(ResponseReceived(486), 0.6) == [Action.SEND_ACK]
    assert drain(machine, 100) == [(32.1, Action.TERMINATED)]


def test_invite_client_delivers_every_repeat_of_a_2xx() -> None:
    machine = InviteClient()
    machine.step(Start(), 0.0)
    assert machine.step(ResponseReceived(200), 0.1) == [Action.DELIVER]
    assert machine.step(ResponseReceived(200), 0.6) == [Action.DELIVER]
    assert machine.step(ResponseReceived(486), 0.7) == []


def test_non_invite_client_repeats_up_to_t2() -> None:
    machine = NonInviteClient()
    machine.step(Start(), 0.0)
    seen = drain(machine, 100)
    assert times(seen, Action.SEND) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert times(seen, Action.TIMED_OUT) == [32.0]


def test_non_invite_client_in_proceeding_repeats_every_t2_and_can_still_time_out() -> None:
    machine = NonInviteClient()
    machine.step(Start(), 0.0)
    machine.step(ResponseReceived(100), 0.1)
    seen = drain(machine, 100)
    assert times(seen, Action.SEND) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert times(seen, Action.TIMED_OUT) == [32.0]


def test_non_invite_client_swallows_repeats_of_the_final_response() -> None:
    machine = NonInviteClient()
    machine.step(Start(), 0.0)
    assert machine.step(ResponseReceived(200), 0.1) == [Action.DELIVER]
    assert machine.step(ResponseReceived(200), 0.2) == []
    assert drain(machine, 100) == [(5.1, Action.TERMINATED)]


@pytest.mark.parametrize("status", [200, 486])
def test_invite_server_repeats_its_answer_until_the_ack(status: int) -> None:
    machine = InviteServer()
    machine.step(Start(), 0.0)
    assert machine.step(RequestRepeated(), 0.1) == []
    assert machine.step(Respond(180), 0.2) == [Action.SEND]
    assert machine.step(RequestRepeated(), 0.3) == [Action.SEND]
    assert machine.step(Respond(status), 1.0) == [Action.SEND]
    assert times(drain(machine, 5.0), Action.SEND) == [1.5, 2.5, 4.5]
    assert machine.step(AckReceived(), 5.0) == []
    assert machine.state is State.CONFIRMED
    assert [action for _, action in drain(machine, 100)] == [Action.TERMINATED]


@pytest.mark.parametrize("status", [200, 486])
def test_invite_server_says_when_the_ack_never_comes(status: int) -> None:
    machine = InviteServer()
    machine.step(Start(), 0.0)
    machine.step(Respond(status), 0.0)
    seen = drain(machine, 100)
    assert times(seen, Action.SEND) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert times(seen, Action.TIMED_OUT) == [32.0]


def test_non_invite_server_answers_repeats_for_32_s() -> None:
    machine = NonInviteServer()
    machine.step(Start(), 0.0)
    assert machine.step(RequestRepeated(), 0.1) == []
    assert machine.step(Respond(200), 0.2) == [Action.SEND]
    assert machine.step(RequestRepeated(), 0.3) == [Action.SEND]
    assert machine.step(Respond(500), 0.4) == []
    assert drain(machine, 100) == [(32.2, Action.TERMINATED)]


_EVENTS = st.one_of(
    st.just(TimerFired()),
    st.builds(ResponseReceived, st.integers(100, 699)),
    st.builds(Respond, st.integers(100, 699)),
    st.just(RequestRepeated()),
    st.just(AckReceived()),
)


@given(
    st.sampled_from([InviteClient, NonInviteClient, InviteServer, NonInviteServer]),
    st.lists(st.tuples(_EVENTS, st.floats(0, 40)), max_size=30),
)
def test_any_history_ends_and_nothing_happens_afterwards(kind: type[Transaction], history: list[tuple[Event, float]]) -> None:
    machine, now = kind(), 0.0
    machine.step(Start(), now)
    decisive = ResponseReceived if kind in (InviteClient, NonInviteClient) else Respond
    final = False
    terminated = 0
    for event, wait in history:
        now += wait
        actions = machine.step(event, now)
        terminated += actions.count(Action.TERMINATED)
        final = final or (isinstance(event, decisive) and event.status >= 200)
        assert not (terminated and machine.deadline is not None)
    terminated += [action for _, action in drain(machine, now + 1000)].count(Action.TERMINATED)
    assert terminated == (1 if machine.state is State.TERMINATED else 0)
    if final:
        assert machine.state is State.TERMINATED
