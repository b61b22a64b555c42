"""What a snapshot corrects, and what it must not undo."""

from handoff.queues import QueueBoard
from tests.handoff.queues.queue_events import (
    T0,
    abandon,
    agent,
    complete,
    connect,
    entry,
    fed,
    join,
    leave,
    line,
    listed,
    look,
    member,
    params,
    states,
)


def test_after_an_outage_everything_is_as_the_snapshot_says() -> None:
    board = QueueBoard()
    board.snapshot([params(), listed("2001"), listed("2002"), params("old")], T0)
    fed(board, join("a"), join("b", 2), agent("AgentCalled", "a", "2001", "d"))
    board.disconnected(T0 + 5)
    assert look(board, T0 + 6).stale_since == T0 + 5
    board.begin_snapshot()
    board.snapshot([params(), listed("2001"), listed("2003", status=2), entry("c", 1, 7), entry("b", 2, 19), params("new")], T0 + 20)
    view = look(board, T0 + 20)
    assert (line(view), states(view), view.stale_since) == (["c", "b"], {"2001": "available", "2003": "on_call"}, None)
    assert [one.since for one in view.waiting] == [T0 + 13, T0]
    assert sorted(board.view(T0 + 20)) == ["new", "support"]


def test_who_left_and_came_back_unseen_waits_since_then() -> None:
    board = fed(QueueBoard(), join("a"))
    board.snapshot([params(), entry("a", 1, 1)], T0 + 20)
    assert look(board).waiting[0].since == T0 + 19


def test_who_went_away_unseen_is_counted_as_unknown() -> None:
    board = fed(QueueBoard(), join("a"))
    board.disconnected(T0 + 1)
    board.snapshot([params()], T0 + 9)
    assert look(board, T0 + 9).today.unknown == 0
    today = look(board, T0 + 39).today
    assert (today.offered, today.unknown) == (1, 1)


def test_who_is_missing_because_the_event_is_under_way_is_counted_by_the_event() -> None:
    board = fed(QueueBoard(), join("a"), join("b", 2))
    board.snapshot([params()], T0 + 5)
    fed(board, leave("a"), connect("a", "2001"), abandon("b"), leave("b"), at=T0 + 5.1)
    today = look(board, T0 + 60).today
    assert (today.offered, today.answered, today.abandoned, today.unknown) == (2, 1, 1, 0)


def test_a_join_that_the_answer_is_too_old_to_know_stays() -> None:
    board = QueueBoard()
    board.begin_snapshot()
    fed(board, join("a"))
    board.snapshot([params()], T0 + 0.1)
    assert line(look(board, T0 + 35)) == ["a"]
    fed(board, abandon("a"), leave("a"), at=T0 + 40)
    today = look(board, T0 + 60).today
    assert (today.offered, today.abandoned, today.unknown) == (1, 1, 0)


def test_a_leave_that_the_answer_is_too_old_to_know_stays() -> None:
    board = fed(QueueBoard(), join("a"))
    board.begin_snapshot()
    fed(board, leave("a"), connect("a", "2001"))
    board.snapshot([params(), listed("2001"), entry("a")], T0 + 0.1)
    view = look(board)
    assert (line(view), states(view), view.today.answered) == ([], {"2001": "on_call"}, 1)


def test_events_the_answer_knew_already_change_nothing() -> None:
    board = fed(QueueBoard(), join("a"))
    board.begin_snapshot()
    fed(
        board, leave("a"), connect("a", "2001"), join("b"), complete("a", "2001", 30), member("2001", CallsTaken="1", LastCall=str(int(T0)))
    )
    board.snapshot([params(), listed("2001", CallsTaken="1", LastCall=str(int(T0))), entry("b")], T0 + 0.1)
    fed(board, join("b"))
    view = look(board)
    assert (line(view), states(view), view.members[0].calls_taken) == (["b"], {"2001": "available"}, 1)
    assert (view.today.offered, view.today.answered, view.today.handling.value) == (2, 1, 30)


def test_a_member_who_left_meanwhile_is_gone_and_one_who_came_is_there() -> None:
    board = QueueBoard()
    board.begin_snapshot()
    fed(board, member("2001", "QueueMemberRemoved"), member("2002", "QueueMemberAdded"), member("2003", Paused="1"))
    board.snapshot([params(), listed("2001"), listed("2003")], T0)
    assert states(look(board)) == {"2003": "paused", "2002": "available"}


def test_a_ring_goes_on_over_a_snapshot_but_not_over_an_outage() -> None:
    answer = [params(), listed("2001", status=1), entry("a")]
    board = fed(QueueBoard(), join("a"), agent("AgentCalled", "a", "2001", "d"))
    board.snapshot(answer, T0)
    assert states(look(board)) == {"2001": "ringing"}
    board.disconnected(T0)
    board.snapshot(answer, T0)
    assert states(look(board)) == {"2001": "available"}


def test_a_conversation_that_ended_unseen_is_over() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"), connect("a", "2001"))
    board.snapshot([params(), listed("2001", status=1, InCall="0", LastCall=str(int(T0) + 30))], T0 + 40)
    assert states(look(board, T0 + 40)) == {"2001": "available"}


def test_a_snapshot_is_believed_even_where_it_takes_something_back() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"), connect("a", "2001"), complete("a", "2001"))
    assert look(board).members[0].calls_taken == 1
    board.snapshot([params(), listed("2001", CallsTaken="0", LastCall="0", InCall="1", status=2)], T0 + 5)
    (row,) = look(board, T0 + 5).members
    assert (row.calls_taken, row.state) == (0, "on_call")


def test_what_came_before_an_outage_is_not_played_on_a_snapshot_after_it() -> None:
    board = QueueBoard()
    board.begin_snapshot()
    fed(board, join("a"))
    board.disconnected(T0)
    board.snapshot([params()], T0 + 5)
    assert line(look(board)) == []


def test_a_snapshot_that_drowned_in_events_is_refused() -> None:
    board = fed(QueueBoard(), join("a"))
    board.begin_snapshot()
    for _ in range(20_001):
        board.feed(member("2001"), T0)
    assert not board.snapshot([params()], T0)
    assert line(look(board)) == ["a"]
    assert board.snapshot([params()], T0)
    assert line(look(board)) == []


def test_a_snapshot_that_never_came_leaves_all_as_it_is() -> None:
    board = fed(QueueBoard(), join("a"))
    board.begin_snapshot()
    fed(board, join("b", 2))
    board.drop_snapshot()
    assert line(look(board)) == ["a", "b"]


def test_a_queue_that_was_gone_for_a_while_has_its_figures_still() -> None:
    board = fed(QueueBoard(), join("a"), abandon("a"), leave("a"))
    board.snapshot([], T0 + 1)
    assert board.view(T0 + 1) == {}
    board.snapshot([params()], T0 + 2)
    assert look(board, T0 + 2).today.abandoned == 1


def test_counters_of_asterisk_are_passed_on() -> None:
    board = QueueBoard()
    board.snapshot([params(level=15, Completed="9", Abandoned="2", Holdtime="11", TalkTime="120")], T0)
    counters = look(board).asterisk
    assert counters is not None
    assert (counters.completed, counters.abandoned, counters.average_hold_s, counters.average_talk_s) == (9, 2, 11, 120)
    assert counters.service_level_s == 15
