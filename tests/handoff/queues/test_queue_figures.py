"""Figures, each with its definition."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.queues import QueueBoard, QueueRules, QueueView
from tests.handoff.queues.queue_events import T0, abandon, complete, connect, fed, join, leave, look, params

NEW_YORK = ZoneInfo("America/New_York")


def a_day(rules: QueueRules) -> QueueBoard:
    """Answered after 10 s and ended, after 30 s and ended, after 5 s and talking; gone after 3 s and 25 s; timed out at 60 s."""
    board = QueueBoard(default=rules)
    board.snapshot([params(level=20)], T0)
    for number, (hold, ended) in enumerate([(10, True), (30, True), (5, False)]):
        fed(board, join(f"a{number}"), leave(f"a{number}"), connect(f"a{number}", f"200{number}", hold=hold))
        if ended:
            fed(board, complete(f"a{number}", f"200{number}", talk=100 * (number + 1)))
    for number, hold in enumerate([3, 25, 60]):
        fed(board, join(f"b{number}"), abandon(f"b{number}", hold), leave(f"b{number}"))
    return board


def ratios(view: QueueView) -> dict[str, tuple[float, int]]:
    return {level.definition: (level.numerator, level.denominator) for level in view.today.service_levels}


def test_three_service_levels_of_the_same_day() -> None:
    assert ratios(look(a_day(QueueRules(time_limit_s=60)))) == {
        "sl.answered-of-offered/20": (2, 5),
        "sl.asterisk/20": (1, 2),
        "sl2.asterisk/20": (2, 5),
    }


def test_short_abandons_and_flow_outs_are_options_of_ours_and_of_no_other() -> None:
    rules = QueueRules(time_limit_s=60, short_abandon_s=5, count_flow_outs=True)
    view = look(a_day(rules))
    assert ratios(view) == {"sl.answered-of-offered/20/short-5/flow-outs": (2, 5), "sl.asterisk/20": (1, 2), "sl2.asterisk/20": (2, 5)}
    assert (view.today.abandonment.definition, view.today.abandonment.numerator, view.today.abandonment.denominator) == (
        "abandonment/short-5",
        1,
        5,
    )
    assert (view.today.abandoned, view.today.short_abandoned, view.today.timed_out) == (2, 1, 1)


def test_a_short_abandon_is_shorter_than_the_limit() -> None:
    board = QueueBoard(default=QueueRules(short_abandon_s=5))
    fed(board, join("a"), abandon("a", 4), join("b"), abandon("b", 5))
    assert (look(board).today.short_abandoned, look(board).today.abandonment.numerator) == (1, 1)


def test_speed_of_answer_handling_and_abandonment() -> None:
    today = look(a_day(QueueRules(time_limit_s=60, wrap_up_s=10))).today
    assert (today.asa.numerator, today.asa.denominator) == (45, 3)
    assert (today.handling.numerator, today.handling.denominator) == (320, 2)
    assert today.abandonment.value == pytest.approx(2 / 6)
    assert today.longest_wait_s == 60
    assert today.offered == 6


def test_nothing_yet_is_no_percentage() -> None:
    today = look(fed(QueueBoard(), join("a"))).today
    assert [level.value for level in today.service_levels] == [None, None, None]
    assert (today.asa.value, today.handling.value, today.abandonment.value, today.offered) == (None, None, None, 1)


def test_the_half_hour_forgets_and_the_day_does_not() -> None:
    board = fed(QueueBoard(), join("a"), abandon("a"), leave("a"))
    fed(board, join("b"), abandon("b"), leave("b"), at=T0 + 1000)
    view = look(board, T0 + 1801)
    assert (view.last_30_min.abandoned, view.today.abandoned) == (1, 2)
    assert view.last_30_min.since == T0 + 1


def test_a_day_begins_at_midnight_of_the_queue() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=NEW_YORK).timestamp()
    board = QueueBoard({"support": QueueRules(zone=NEW_YORK)})
    fed(board, join("a"), abandon("a"), leave("a"), at=midnight - 600)
    fed(board, join("late"), at=midnight - 5)
    assert board.next_change(midnight - 4) == midnight
    view = look(board, midnight)
    assert (view.today.abandoned, view.last_30_min.abandoned, view.today.since) == (0, 1, midnight)
    assert view.today.offered == 1
    fed(board, abandon("late"), leave("late"), at=midnight + 5)
    view = look(board, midnight + 1300)
    assert (view.today.abandoned, view.last_30_min.abandoned) == (1, 1)


def test_the_day_of_the_clock_change_is_25_hours_long() -> None:
    begins = datetime(2026, 11, 1, tzinfo=NEW_YORK).timestamp()
    board = QueueBoard(default=QueueRules(zone=NEW_YORK))
    fed(board, join("a"), at=begins)
    assert board.next_change(begins) == begins + 25 * 3600


def test_two_queues_can_have_different_days() -> None:
    board = QueueBoard({"support": QueueRules(zone=NEW_YORK)})
    fed(board, join("a"), join("b", queue="billing"))
    assert look(board).today.since == datetime(2026, 11, 21, tzinfo=NEW_YORK).timestamp()
    assert look(board, queue="billing").today.since == datetime(2026, 11, 21, tzinfo=UTC).timestamp()


def test_a_change_of_definition_recounts_the_day_and_says_so_until_midnight() -> None:
    board = a_day(QueueRules())
    assert look(board).today.definition_changed_at is None
    board.snapshot([params(level=40)], T0 + 60)
    view = look(board, T0 + 61)
    assert view.today.definition_changed_at == view.last_30_min.definition_changed_at == T0 + 60
    assert ratios(view)["sl.answered-of-offered/40"] == (3, 6)
    board.snapshot([params(level=40)], T0 + 120)
    assert look(board, T0 + 121).today.definition_changed_at == T0 + 60
    assert look(board, T0 + 86_400).today.definition_changed_at is None


def test_the_first_word_of_asterisk_is_no_change() -> None:
    board = fed(QueueBoard(), join("a"))
    board.snapshot([params(level=45)], T0)
    assert look(board).today.definition_changed_at is None
    assert "sl.asterisk/45" in ratios(look(board))


def test_our_own_threshold_wins_over_that_of_asterisk() -> None:
    board = QueueBoard(default=QueueRules(answer_within_s=0))
    board.snapshot([params(level=45)], T0)
    board.snapshot([params(level=50)], T0)
    assert "sl.asterisk/0" in ratios(look(board))
    assert look(board).today.definition_changed_at is None


def test_a_clock_that_steps_back_does_not_lose_the_day() -> None:
    board = fed(QueueBoard(), join("a"), abandon("a"), leave("a"))
    assert look(board, T0 - 50_000).today.abandoned == 1
