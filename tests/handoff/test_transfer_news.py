"""What a waiting caller is told, and when."""

import pytest

from handoff.transfer_actions import Action, Tell, Word
from handoff.transfer_limits import TransferLimits
from handoff.transfer_steps import BriefAnswered, Enqueued, MemberGone, MemberMissed, MemberRinging, PlaceChanged
from tests.handoff.transfer_rig import ANNA, Transfer, told

LIMITS = TransferLimits()


def in_line(position: int | None, wait_s: float | None) -> tuple[Transfer, list[Action]]:
    transfer = Transfer().asked()
    return transfer, transfer.step(Enqueued(1, position, wait_s), after=1.0)


@pytest.mark.parametrize(
    ("position", "wait_s", "words"),
    [
        (1, None, []),
        (1, 30.0, []),
        (1, 31.0, [Word.PLACE]),
        (2, None, [Word.PLACE]),
        (None, None, []),
        (None, 60.0, [Word.PLACE]),
        (4, 90.0, [Word.PLACE]),
        (4, 91.0, [Word.PLACE, Word.CALLBACK_OFFER]),
    ],
)
def test_on_joining_the_line_a_wait_is_told_where_there_is_one(position: int | None, wait_s: float | None, words: list[Word]) -> None:
    assert told(in_line(position, wait_s)[1]) == words


def test_the_place_is_told_with_what_is_known() -> None:
    _, actions = in_line(3, 120.0)
    assert actions == [
        Tell(Word.PLACE, {"position": 3, "wait_s": 120.0, "waited_s": 1.0}),
        Tell(Word.CALLBACK_OFFER, {"wait_s": 120.0}),
    ]


def test_a_better_place_is_told_and_a_worse_one_is_not() -> None:
    transfer, _ = in_line(4, None)
    assert transfer.step(PlaceChanged(1, 5), after=20.0) == []
    assert told(transfer.step(PlaceChanged(1, 3), after=1.0)) == [Word.PLACE]


def test_a_line_that_moves_fast_is_told_of_once_it_has_moved() -> None:
    transfer, _ = in_line(6, None)
    for position in (5, 4, 3, 2):
        assert transfer.step(PlaceChanged(1, position), after=1.0) == []
    assert transfer.machine.deadline == transfer.now - 4 + LIMITS.news_gap_s
    assert transfer.tick() == [Tell(Word.PLACE, {"position": 2, "wait_s": None, "waited_s": 11.0})]


def test_without_a_change_the_caller_hears_from_us_regularly() -> None:
    transfer, _ = in_line(2, 60.0)
    assert told(transfer.tick_until(LIMITS.news_every_s * 3 + 1)) == [Word.PLACE] * 3


def test_a_caller_who_was_told_nothing_hears_from_us_too() -> None:
    transfer, _ = in_line(1, None)
    assert told(transfer.tick_until(LIMITS.news_every_s + 1)) == [Word.PLACE]


def test_a_long_wait_is_offered_a_callback_once_and_again_after_a_while() -> None:
    transfer, _ = in_line(5, 200.0)
    joined = transfer.now
    offers = []
    while transfer.now < joined + 250:
        if Word.CALLBACK_OFFER in told(transfer.tick()):
            offers.append(transfer.now - joined)
    assert offers == [LIMITS.offer_again_s]


def test_a_wait_that_turns_out_to_be_long_is_offered_a_callback_soon() -> None:
    transfer, _ = in_line(5, None)
    assert transfer.step(PlaceChanged(1, 5, 100.0), after=2.0) == []
    assert transfer.tick() == [Tell(Word.CALLBACK_OFFER, {"wait_s": 100.0})]
    assert transfer.now == 1001 + LIMITS.news_gap_s


def test_a_wait_that_gets_short_is_offered_no_callback() -> None:
    transfer, _ = in_line(5, 200.0)
    transfer.step(PlaceChanged(1, 5, 60.0), after=20.0)
    assert Word.CALLBACK_OFFER not in told(transfer.tick_until(270))


def test_a_ringing_phone_is_worth_a_word_to_those_who_stood_in_line_once() -> None:
    transfer, _ = in_line(2, None)
    assert told(transfer.step(PlaceChanged(1, 1), after=15.0)) == [Word.PLACE]
    assert told(transfer.step(MemberRinging(1, ANNA), after=15.0)) == [Word.RINGING]
    transfer.step(MemberMissed(1, ANNA), after=5.0)
    assert told(transfer.step(MemberRinging(1, ANNA), after=15.0)) == []


def test_a_phone_that_rings_at_once_is_not_announced() -> None:
    transfer, _ = in_line(1, None)
    assert told(transfer.step(MemberRinging(1, ANNA), after=0.1)) == []


def test_of_phones_that_ring_in_vain_the_caller_hears_once() -> None:
    transfer, _ = in_line(1, None)
    words = []
    for _ in range(3):
        words += told(transfer.step(MemberRinging(1, ANNA), after=1.0))
        words += told(transfer.step(MemberMissed(1, ANNA), after=10.0))
    assert words == [Word.STILL_LOOKING]


def test_news_go_on_while_phones_ring() -> None:
    transfer, _ = in_line(2, None)
    transfer.step(MemberRinging(1, ANNA), after=1.0)
    words = []
    for _ in range(4):
        transfer.step(MemberRinging(1, "another"))
        words += told(transfer.tick_until(20.0))
    assert words == [Word.PLACE]


def test_after_a_decline_the_place_at_the_head_is_no_news() -> None:
    transfer = Transfer().asked()
    transfer.step(Enqueued(1, 3, None))
    transfer.answers(1).step(BriefAnswered(1, "decline"), after=5.0)
    assert told(transfer.step(Enqueued(2, 1, None), after=0.1)) == []
    assert told(transfer.tick_until(LIMITS.news_every_s + 1)) == [Word.PLACE]


def test_a_fresh_placeholder_at_a_better_place_is_news_like_any_other() -> None:
    transfer, _ = in_line(5, None)
    transfer.step(MemberGone(1), after=20.0)
    transfer.tick()
    assert told(transfer.step(Enqueued(2, 4, None))) == [Word.PLACE]


def test_while_a_member_is_briefed_there_is_no_news() -> None:
    transfer, _ = in_line(5, 200.0)
    transfer.answers(1)
    assert told(transfer.tick_until(LIMITS.accept_s - 1)) == []


def test_what_the_board_does_not_know_is_not_forgotten() -> None:
    transfer, _ = in_line(3, 200.0)
    transfer.step(PlaceChanged(1, None), after=1.0)
    transfer.step(PlaceChanged(1, 2), after=1.0)
    assert transfer.tick_until(10.0) == [Tell(Word.PLACE, {"position": 2, "wait_s": 200.0, "waited_s": 11.0})]


def test_a_placeholder_that_the_board_does_not_know_is_not_in_line_yet() -> None:
    transfer = Transfer().asked()
    transfer.step(PlaceChanged(1, None, 20.0), after=1.0)
    assert transfer.machine.deadline == 1000 + LIMITS.enqueue_s
    assert told(transfer.step(PlaceChanged(1, 2))) == [Word.PLACE], "and one that it knows is"
    assert transfer.machine.deadline == 1001 + LIMITS.news_every_s
