"""Who stands in line, and how their wait ended."""

import pytest

from handoff.queues import QueueBoard, QueueRules
from tests.handoff.queues.queue_events import T0, abandon, agent, caller, connect, entry, fed, join, leave, line, look, params


def test_callers_stand_where_asterisk_put_them() -> None:
    board = fed(QueueBoard(), join("a"), join("b", 2), join("vip", 1), leave("a"))
    view = look(board)
    assert line(view) == ["vip", "b"]
    assert [one.position for one in view.waiting] == [1, 2]


def test_a_position_past_the_end_is_the_end() -> None:
    assert line(look(fed(QueueBoard(), join("a", 7), join("b", 0), join("c", 2)))) == ["a", "c", "b"]


def test_joining_twice_is_once() -> None:
    assert line(look(fed(QueueBoard(), join("a"), join("a")))) == ["a"]


def test_an_answered_caller_is_counted_with_the_wait_asterisk_saw() -> None:
    board = fed(QueueBoard(), join("a"))
    fed(board, leave("a"), at=T0 + 4.3)
    fed(board, connect("a", "2001", hold=4), at=T0 + 4.4)
    today = look(board, T0 + 60).today
    assert (today.offered, today.answered, today.abandoned, today.left) == (1, 1, 0, 0)
    assert (today.asa.numerator, today.asa.value) == (4.0, 4.0)


def test_a_caller_who_hangs_up_is_abandoned_once_though_two_events_tell() -> None:
    board = fed(QueueBoard(), join("a"), abandon("a"), leave("a"))
    today = look(board, T0 + 3600).today
    assert (today.offered, today.abandoned, today.left, today.unknown) == (1, 1, 0, 0)


def test_a_time_out_is_told_from_hanging_up_by_the_limit_of_the_queue() -> None:
    board = QueueBoard(default=QueueRules(time_limit_s=30))
    fed(board, join("a"), join("b", 2), abandon("a", 30), leave("a"), abandon("b", 29), leave("b"))
    today = look(board).today
    assert (today.timed_out, today.abandoned) == (1, 1)


@pytest.mark.parametrize(
    ("status", "outcome"), [("TIMEOUT", "timed_out"), ("LEAVEEMPTY", "left"), ("WITHDRAW", "left"), ("UNKNOWN", "left"), ("", "left")]
)
def test_the_dialplan_can_say_why_a_caller_came_out(status: str, outcome: str) -> None:
    board = fed(QueueBoard(), join("a"), abandon("a", 5), leave("a"))
    assert look(board).today.abandoned == 1
    fed(board, caller("UserEvent", "a", UserEvent="PatchcordQueueLeft", Status=status))
    today = look(board).today
    assert (today.abandoned, getattr(today, outcome)) == (0, 1)
    assert look(board).last_30_min.abandoned == 0


def test_what_the_dialplan_says_of_an_answered_call_changes_nothing() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"), connect("a", "2001"))
    fed(board, caller("UserEvent", "a", UserEvent="PatchcordQueueLeft", Status="CONTINUE"))
    assert look(board).today.answered == 1


def test_user_events_of_others_are_not_ours() -> None:
    assert not QueueBoard().feed(caller("UserEvent", "a", UserEvent="Other", Status="TIMEOUT"), T0)


def test_leaving_by_an_exit_key_is_decided_after_a_while() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"), at=T0)
    assert look(board, T0 + 9).today.left == 0
    assert board.next_change(T0) == T0 + 10
    assert look(board, T0 + 10).today.left == 1


def test_a_very_late_answer_still_counts_as_one() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"))
    assert look(board, T0 + 20).today.left == 1
    fed(board, connect("a", "2001"), at=T0 + 21)
    today = look(board, T0 + 22).today
    assert (today.offered, today.answered, today.left) == (1, 1, 0)


def test_coming_back_into_the_queue_is_a_second_call() -> None:
    board = fed(QueueBoard(), join("a"), leave("a"), join("a"), abandon("a"), leave("a"))
    today = look(board, T0 + 60).today
    assert (today.offered, today.left, today.abandoned) == (2, 1, 1)


def test_a_withheld_number_is_none_and_a_view_can_hide_all() -> None:
    board = fed(QueueBoard(), join("a", number="<unknown>"), join("b", 2, number="5550102"), join("c", 3, number="anonymous"))
    assert [one.number for one in look(board).waiting] == [None, "5550102", None]
    hidden = board.queue("support", T0, show_numbers=False)
    assert hidden is not None and [one.number for one in hidden.waiting] == [None, None, None]


def test_a_placeholder_is_a_caller_like_others_and_names_its_transfer_and_call() -> None:
    board = QueueBoard(call_of={"chan-7": "call-7", "chan-8": "call-8"}.get)
    fed(board, join("patchcord-wait-aB-3_x-2-q", Linkedid="chan-7"), join("chan-8", 2), join("stranger", 3))
    placeholder, own, stranger = look(board).waiting
    assert (placeholder.transfer_id, placeholder.call_id) == ("aB-3_x", "call-7")
    assert (own.transfer_id, own.call_id) == (None, "call-8")
    assert (stranger.transfer_id, stranger.call_id) == (None, None)
    assert look(board).today.offered == 3


def test_a_placeholder_known_from_a_snapshot_only_still_names_its_transfer() -> None:
    board = QueueBoard(call_of=lambda channel: channel)
    board.snapshot([params(), entry("patchcord-wait-T1-1-q", 1, 5, priority=7)], T0)
    (one,) = look(board).waiting
    assert (one.transfer_id, one.call_id, one.since, one.priority) == ("T1", None, T0 - 5, 7)


@pytest.mark.parametrize(
    "unique_id", ["patchcord-wait-", "patchcord-wait-q", "patchcord-wait-T1-q", "patchcord-wait-T1-x-q", "patchcord-wait--1-q"]
)
def test_a_broken_placeholder_id_is_a_caller_without_transfer(unique_id: str) -> None:
    (one,) = look(fed(QueueBoard(), join(unique_id))).waiting
    assert one.transfer_id is None


def test_longest_wait_is_of_the_one_who_came_first() -> None:
    board = fed(QueueBoard(), join("a"))
    fed(board, join("vip", 1), at=T0 + 10)
    assert look(board, T0 + 30).longest_wait_since == T0
    assert look(board, T0 + 30).today.longest_wait_s == 30


@pytest.mark.parametrize("field", ["HoldTime", "Position", "RingTime", "TalkTime"])
@pytest.mark.parametrize("value", ["", "x", "-5", "1e9", "9" * 400, "9" * 5000, "nan"])
def test_broken_numbers_never_raise(field: str, value: str) -> None:
    board = QueueBoard()
    for event in (join("a"), agent("AgentCalled", "a", "2001", "d"), leave("a"), connect("a", "2001"), abandon("b")):
        board.feed(event | {field: value}, T0)
    board.feed(agent("AgentComplete", "a", "2001", TalkTime="60") | {field: value}, T0)
    today = look(board, T0 + 60).today
    assert today.offered == 2 and today.longest_wait_s >= 0


def test_events_without_queue_or_of_another_kind_are_not_ours() -> None:
    board = QueueBoard()
    for event in ({}, {"Event": "QueueCallerJoin"}, {"Event": "Newchannel", "Queue": "support"}, {"Event": "QueueCallerJoin", "Queue": ""}):
        assert not board.feed(event, T0)
    assert board.view(T0) == {}
    assert board.queue("support", T0) is None
