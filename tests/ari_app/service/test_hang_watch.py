from ari_app.service.hang_watch import HangWatch


def test_a_process_that_worked_and_falls_silent_is_given_up_on_once() -> None:
    watch = HangWatch(6.0)
    assert not watch.step(1, True, 0.0)
    assert not watch.step(1, False, 3.0)
    assert not watch.step(1, False, 5.9)
    assert watch.step(1, False, 6.0)
    assert not watch.step(1, False, 100.0)


def test_one_good_answer_begins_the_patience_anew() -> None:
    watch = HangWatch(6.0)
    watch.step(1, True, 0.0)
    watch.step(1, False, 3.0)
    watch.step(1, True, 5.0)
    assert not watch.step(1, False, 8.0)
    assert not watch.step(1, False, 10.9)
    assert watch.step(1, False, 11.0)


def test_one_bad_answer_after_a_standstill_of_our_own_is_not_enough() -> None:
    watch = HangWatch(6.0)
    watch.step(1, True, 0.0)
    assert not watch.step(1, False, 60.0)
    assert watch.step(1, False, 63.0)


def test_a_process_that_is_starting_may_take_its_time() -> None:
    watch = HangWatch(6.0)
    watch.step(1, True, 0.0)
    assert not watch.step(2, False, 1.0)
    assert not watch.step(2, False, 500.0)


def test_not_knowing_is_no_reason() -> None:
    watch = HangWatch(6.0)
    watch.step(1, True, 0.0)
    watch.step(1, False, 3.0)
    watch.step(1, None, 5.0)
    assert not watch.step(1, False, 8.0)
    assert not watch.step(1, False, 10.9)
    assert not watch.step(None, False, 99.0)
