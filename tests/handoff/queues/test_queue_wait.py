"""Expected waits, and the words for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.queues import QueueBoard, spoken_wait
from handoff.queues.wait import PRIOR_HANDLING_S, expected_wait_s, handling_time_s
from tests.handoff.queues.queue_events import T0, complete, connect, fed, join, leave, listed, params


def test_nobody_waits_while_somebody_is_free() -> None:
    assert expected_wait_s(1, 1, 3, []) == 0
    assert expected_wait_s(2, 2, 3, []) == 0


def test_those_ahead_take_the_free_members_first() -> None:
    assert expected_wait_s(2, 1, 4, []) == pytest.approx(180 / 4)


def test_position_by_members_by_handling_time() -> None:
    assert expected_wait_s(3, 0, 2, []) == pytest.approx(3 / 2 * 180)


def test_without_anybody_serving_no_figure_is_made_up() -> None:
    assert expected_wait_s(1, 0, 0, [60.0]) is None


def test_few_calls_move_the_prior_little_and_many_replace_it() -> None:
    assert handling_time_s([]) == PRIOR_HANDLING_S
    assert 140 < handling_time_s([60.0]) < 180
    assert 60 < handling_time_s([60.0] * 40) < 90


def test_the_newest_calls_weigh_most() -> None:
    assert handling_time_s([60.0] * 10 + [600.0] * 10) > handling_time_s([600.0] * 10 + [60.0] * 10)


@given(st.integers(-2, 50), st.integers(0, 5), st.integers(0, 20), st.lists(st.floats(-10, 5000), max_size=60))
def test_a_wait_is_never_negative_and_grows_with_the_position(position: int, available: int, more: int, times: list[float]) -> None:
    wait, behind = (expected_wait_s(at, available, available + more, times) for at in (position, position + 1))
    assert wait is None or behind is None or 0 <= wait <= behind


def test_the_board_takes_members_and_handling_times_from_what_it_saw() -> None:
    board = QueueBoard()
    board.snapshot([params(), listed("2001"), listed("2002", status=2), listed("2003", Paused="1"), listed("2004", status=5)], T0)
    assert board.expected_wait_s("support", 1, T0) == 0
    for number in range(60):
        fed(board, join(f"c{number}"), leave(f"c{number}"), connect(f"c{number}", "2001"), complete(f"c{number}", "2001", talk=60 + number))
    wait = board.expected_wait_s("support", 3, T0)
    assert wait is not None
    handling = handling_time_s([60.0 + number for number in range(20, 60)])
    assert wait == pytest.approx(2 / 2 * handling)
    assert board.expected_wait_s("nowhere", 1, T0) is None


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0, "less than a minute", "menos de un minuto"),
        (44.9, "less than a minute", "menos de un minuto"),
        (45, "about a minute", "cerca de un minuto"),
        (89, "about a minute", "cerca de un minuto"),
        (110, "about two minutes", "unos dos minutos"),
        (600, "about ten minutes", "unos diez minutos"),
        (640, "about fifteen minutes", "unos quince minutos"),
        (1201, "about twenty minutes", "unos veinte minutos"),
        (1300, "about twenty-five minutes", "unos veinticinco minutos"),
        (1800, "about thirty minutes", "unos treinta minutos"),
        (1900, "more than half an hour", "más de media hora"),
        (1e12, "more than half an hour", "más de media hora"),
    ],
)
def test_waits_are_spoken_in_round_words(seconds: float, english: str, spanish: str) -> None:
    assert (spoken_wait(seconds, "en"), spoken_wait(seconds, "es")) == (english, spanish)


def test_regions_of_a_language_speak_it_and_unknown_ones_get_english() -> None:
    assert spoken_wait(120, "es-MX") == spoken_wait(120, "ES_mx") == "unos dos minutos"
    assert spoken_wait(120, "de") == spoken_wait(120, "") == "about two minutes"


@given(st.floats(0, 1e6), st.sampled_from(["en", "es"]))
def test_every_wait_has_words_without_digits(seconds: float, language: str) -> None:
    words = spoken_wait(seconds, language)
    assert words and not any(char.isdigit() for char in words)
