from ari_app.service.sip_watch import SipChange, SipWatch


def _stands(watch: SipWatch) -> bool:
    return watch.stands


def test_sip_that_was_answered_and_falls_silent_is_told_once_after_the_limit() -> None:
    watch = SipWatch(8.0)
    assert watch.step(1, True, 0.0) is None
    assert [watch.step(1, False, now) for now in (2.0, 4.0, 6.0, 7.9)] == [None] * 4
    assert not _stands(watch)
    assert watch.step(1, False, 8.0) is SipChange.STANDS
    assert _stands(watch)
    assert watch.step(1, False, 100.0) is None


def test_one_answer_begins_the_patience_anew() -> None:
    watch = SipWatch(8.0)
    watch.step(1, True, 0.0)
    for now in (2.0, 4.0, 6.0):
        watch.step(1, False, now)
    watch.step(1, True, 7.0)
    assert [watch.step(1, False, now) for now in (9.0, 11.0, 13.0, 14.9)] == [None] * 4
    assert watch.step(1, False, 15.0) is SipChange.STANDS


def test_an_asterisk_that_starts_may_take_its_time_and_still_stands_until_it_answers() -> None:
    watch = SipWatch(8.0)
    watch.step(1, True, 0.0)
    for now in (2.0, 4.0, 8.0):
        watch.step(1, False, now)
    assert watch.step(None, False, 10.0) is None
    assert [watch.step(2, False, now) for now in (12.0, 50.0, 500.0)] == [None] * 3
    assert _stands(watch)
    assert watch.step(2, True, 502.0) is SipChange.ANSWERS_AGAIN
    assert not _stands(watch)


def test_sip_that_was_never_answered_is_no_reason() -> None:
    watch = SipWatch(8.0)
    assert [watch.step(1, False, now) for now in (0.0, 10.0, 100.0)] == [None] * 3


def test_a_long_silence_of_our_own_is_no_reason() -> None:
    watch = SipWatch(8.0)
    watch.step(1, True, 0.0)
    assert watch.step(1, False, 60.0) is None
    assert watch.step(1, False, 62.0) is None
    assert watch.step(1, True, 64.0) is None
