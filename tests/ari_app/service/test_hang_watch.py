from ari_app.service.hang_watch import HangWatch


def test_a_process_that_worked_and_falls_silent_is_given_up_on_once() -> None:
    watch = HangWatch(8.0)
    assert not watch.step(1, True, 0.0)
    assert not watch.step(1, False, 1.0)
    assert not watch.step(1, False, 8.9)
    assert watch.step(1, False, 9.0)
    assert not watch.step(1, False, 100.0)


def test_one_good_answer_begins_the_patience_anew() -> None:
    watch = HangWatch(8.0)
    watch.step(1, True, 0.0)
    watch.step(1, False, 1.0)
    watch.step(1, True, 8.0)
    assert not watch.step(1, False, 9.5)
    assert not watch.step(1, False, 17.0)
    assert watch.step(1, False, 17.5)


def test_a_process_that_is_starting_may_take_its_time() -> None:
    watch = HangWatch(8.0)
    watch.step(1, True, 0.0)
    assert not watch.step(2, False, 1.0)
    assert not watch.step(2, False, 500.0)


def test_not_knowing_is_no_reason() -> None:
    watch = HangWatch(8.0)
    watch.step(1, True, 0.0)
    watch.step(1, False, 1.0)
    watch.step(1, None, 5.0)
    assert not watch.step(1, False, 9.5)
    assert not watch.step(None, False, 99.0)
