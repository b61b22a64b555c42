"""What members do."""

import pytest

from handoff.queues import QueueBoard, QueueRules
from tests.handoff.queues.queue_events import T0, abandon, agent, complete, connect, fed, join, leave, listed, look, member, params, states


def staffed(*names: str, rules: QueueRules | None = None) -> QueueBoard:
    board = QueueBoard(default=rules)
    board.snapshot([params(), *map(listed, names)], T0)
    return board


def test_ring_answer_talk_and_free_again() -> None:
    board = fed(staffed("2001"), join("a"), agent("AgentCalled", "a", "2001", "d"), member("2001", status=6))
    assert states(look(board)) == {"2001": "ringing"}
    fed(board, leave("a"), connect("a", "2001"), member("2001", status=2), at=T0 + 5)
    (row,) = look(board, T0 + 9).members
    assert (row.state, row.since, row.calls_taken) == ("on_call", T0 + 5, 0)
    fed(board, complete("a", "2001"), member("2001", status=1, CallsTaken="1", LastCall=str(int(T0) + 65)), at=T0 + 65)
    (row,) = look(board, T0 + 70).members
    assert (row.state, row.since, row.calls_taken) == ("available", T0 + 65, 1)


@pytest.mark.parametrize("dest", ["d", None])
def test_the_end_of_a_call_counts_though_asterisk_has_forgotten_its_caller(dest: str | None) -> None:
    """It then names the member's channel, and nobody else; if it did not even that, the member has one call only."""
    board = fed(staffed("2001", "2002"), join("a"), leave("a"), connect("a", "2001", "d"))
    fed(board, join("b"), leave("b"), connect("b", "2002", "d2"))
    ended = agent("AgentComplete", "a", "2001", dest, HoldTime="4", TalkTime="60", Reason="caller")
    del ended["Uniqueid"]
    fed(board, ended, member("2001", status=1, CallsTaken="1", LastCall=str(int(T0) + 65)), at=T0 + 65)
    view = look(board, T0 + 70)
    assert states(view) == {"2001": "available", "2002": "on_call"}
    assert view.today.handling.denominator == 1, "its talk time counts"


def test_so_it_does_when_the_connection_was_lost_meanwhile() -> None:
    board = fed(staffed("2001"), join("a"), leave("a"), connect("a", "2001", "d"))
    board.disconnected(T0 + 10)
    board.snapshot([params(), listed("2001", status=2, InCall="1")], T0 + 20)
    ended = agent("AgentComplete", "a", "2001", "d", HoldTime="4", TalkTime="60", Reason="caller")
    del ended["Uniqueid"]
    fed(board, ended, member("2001", status=1, CallsTaken="1", LastCall=str(int(T0) + 65)), at=T0 + 65)
    view = look(board, T0 + 70)
    assert states(view) == {"2001": "available"}
    assert view.today.handling.denominator == 1


def test_rings_of_several_members_interleave() -> None:
    board = fed(staffed("2001", "2002", "2003"), join("a"), join("b", 2))
    fed(board, agent("AgentCalled", "a", "2001", "d1"), agent("AgentCalled", "b", "2002", "d2"), agent("AgentCalled", "a", "2003", "d3"))
    assert states(look(board)) == {"2001": "ringing", "2002": "ringing", "2003": "ringing"}
    fed(board, agent("AgentRingNoAnswer", "a", "2003", "d3", RingTime="15000"))
    assert states(look(board)) == {"2001": "ringing", "2002": "ringing", "2003": "available"}
    fed(board, leave("b"), connect("b", "2002", "d2"))
    assert states(look(board)) == {"2001": "ringing", "2002": "on_call", "2003": "available"}


def test_a_missed_ring_is_not_the_one_that_followed_it() -> None:
    board = fed(staffed("2001"), join("a"), agent("AgentCalled", "a", "2001", "d1"), agent("AgentCalled", "a", "2001", "d2"))
    fed(board, agent("AgentRingNoAnswer", "a", "2001", "d1", RingTime="15000"))
    assert states(look(board)) == {"2001": "ringing"}
    fed(board, agent("AgentRingNoAnswer", "a", "2001", "d2", RingTime="15000"))
    assert states(look(board)) == {"2001": "available"}


def test_when_all_ring_and_one_answers_the_others_stop_though_no_event_says_so() -> None:
    board = fed(staffed("2001", "2002"), join("a"), agent("AgentCalled", "a", "2001", "d1"), agent("AgentCalled", "a", "2002", "d2"))
    fed(board, leave("a"), connect("a", "2001", "d1"))
    assert states(look(board)) == {"2001": "on_call", "2002": "available"}


def test_a_ring_ends_with_its_caller() -> None:
    board = fed(staffed("2001"), join("a"), agent("AgentCalled", "a", "2001", "d"), abandon("a"), leave("a"))
    assert states(look(board)) == {"2001": "available"}


def test_a_ring_ends_when_the_phone_says_so_though_no_event_told_of_its_end() -> None:
    board = fed(staffed("2001"), join("a"), agent("AgentCalled", "a", "2001", "d"), member("2001", status=6), leave("a"))
    assert states(look(board)) == {"2001": "ringing"}
    fed(board, member("2001", status=1))
    assert states(look(board)) == {"2001": "available"}


def test_a_member_who_hangs_up_during_the_announcement_is_free_and_the_caller_waits_on() -> None:
    board = fed(staffed("2001"), join("a"), agent("AgentCalled", "a", "2001", "d"), agent("AgentDump", "a", "2001", "d"))
    assert states(look(board)) == {"2001": "available"}
    assert len(look(board).waiting) == 1


def test_the_calls_of_a_member_are_counted_once_whichever_event_comes_first() -> None:
    counted = member("2001", CallsTaken="1", LastCall=str(int(T0)))
    for last in ([complete("a", "2001"), counted], [counted, complete("a", "2001")], [complete("a", "2001")]):
        board = fed(staffed("2001"), join("a"), leave("a"), connect("a", "2001"), *last)
        assert look(board).members[0].calls_taken == 1


def test_a_device_state_from_before_the_end_of_a_call_does_not_revive_it() -> None:
    board = fed(staffed("2001"), join("a"), leave("a"), connect("a", "2001"), complete("a", "2001"))
    fed(board, member("2001", status=1, InCall="1", LastCall="0"), at=T0 + 1)
    assert states(look(board, T0 + 1)) == {"2001": "available"}
    fed(board, member("2001", status=1, InCall="1", LastCall=str(int(T0))), at=T0 + 2)
    assert states(look(board, T0 + 2)) == {"2001": "on_call"}


def test_wrap_up_is_the_queues_or_the_members_own_and_ends_by_itself() -> None:
    board = staffed("2001", rules=QueueRules(wrap_up_s=30))
    fed(board, join("a"), leave("a"), connect("a", "2001"), complete("a", "2001"))
    (row,) = look(board, T0 + 29).members
    assert (row.state, row.since) == ("wrap_up", T0)
    assert board.next_change(T0 + 1) == T0 + 30
    (row,) = look(board, T0 + 45).members
    assert (row.state, row.since) == ("available", T0 + 30)
    fed(board, member("2001", LastCall=str(int(T0)), Wrapuptime="60"))
    assert states(look(board, T0 + 45)) == {"2001": "wrap_up"}


def test_a_call_in_one_queue_counts_in_all_queues_of_the_member() -> None:
    board = QueueBoard(default=QueueRules(wrap_up_s=10))
    board.snapshot([params(), listed("2001"), params("billing"), listed("2001", queue="billing")], T0)
    fed(board, join("a"), leave("a"), connect("a", "2001"), member("2001", queue="billing", status=2))
    assert (states(look(board)), states(look(board, queue="billing"))) == ({"2001": "on_call"}, {"2001": "on_call"})
    fed(board, complete("a", "2001"), member("2001", status=1), member("2001", queue="billing", status=1))
    for queue in ("support", "billing"):
        (row,) = look(board, T0 + 1, queue).members
        assert (row.state, row.calls_taken) == ("wrap_up", 1)


def test_without_shared_last_call_the_other_queue_does_not_know() -> None:
    board = QueueBoard(shared_last_call=False, default=QueueRules(wrap_up_s=10))
    board.snapshot([params(), listed("2001"), params("billing"), listed("2001", queue="billing")], T0)
    fed(board, join("a"), leave("a"), connect("a", "2001"), complete("a", "2001"))
    assert (states(look(board)), states(look(board, queue="billing"))) == ({"2001": "wrap_up"}, {"2001": "available"})


@pytest.mark.parametrize("kind", ["QueueMemberPause", "QueueMemberPaused"])
def test_a_pause_has_a_reason_and_a_beginning(kind: str) -> None:
    board = fed(staffed("2001"), member("2001", kind, Paused="1", PausedReason="lunch", LastPause=str(int(T0) - 5)))
    (row,) = look(board, T0 + 5).members
    assert (row.state, row.reason, row.paused, row.since) == ("paused", "lunch", True, T0 - 5)
    fed(board, member("2001", kind), at=T0 + 60)
    (row,) = look(board, T0 + 61).members
    assert (row.state, row.reason, row.paused, row.since) == ("available", "", False, T0 + 60)


def test_a_pause_during_a_call_shows_when_the_call_is_over() -> None:
    board = fed(staffed("2001"), join("a"), leave("a"), connect("a", "2001"), member("2001", "QueueMemberPause", Paused="1", InCall="1"))
    assert (look(board).members[0].state, look(board).members[0].paused) == ("on_call", True)
    assert look(board).serving == 0
    fed(board, complete("a", "2001"))
    assert states(look(board)) == {"2001": "paused"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, "available"), (1, "available"), (2, "on_call"), (3, "on_call"), (4, "unavailable"),
        (5, "unavailable"), (6, "ringing"), (7, "ringing"), (8, "on_call"), (99, "available"),
    ],
)  # fmt: skip
def test_device_states_are_read_as_app_queue_reads_them(status: int, state: str) -> None:
    view = look(fed(staffed("2001"), member("2001", status=status)))
    assert states(view) == {"2001": state}
    assert view.logged_in == (state != "unavailable")
    assert view.available == (state == "available")


def test_members_come_and_go_and_change_their_penalty() -> None:
    board = fed(staffed("2001"), member("2002", "QueueMemberAdded", Penalty="3"), member("2001", "QueueMemberRemoved"))
    assert [(row.name, row.penalty) for row in look(board).members] == [("Agent 2002", 3)]
    fed(board, member("2002", "QueueMemberPenalty", Penalty="1"), member("2002", "QueueMemberRinginuse", Penalty="1"))
    assert look(board).members[0].penalty == 1


def test_a_call_of_a_removed_member_does_not_bring_them_back() -> None:
    board = fed(staffed("2001"), join("a"), member("2001", "QueueMemberRemoved"), leave("a"), connect("a", "2001"), complete("a", "2001"))
    assert look(board).members == ()
    assert look(board).today.handling.value == 60


def test_members_and_queues_appear_with_the_first_event_that_names_them() -> None:
    board = fed(QueueBoard(), join("a", queue="sales"), agent("AgentCalled", "a", "2001", "d", queue="sales"))
    assert states(look(board, queue="sales")) == {"2001": "ringing"}
