"""A warm transfer from the decision to the person: what a member can do with it, in every mode."""

import pytest

from handoff.transfer_actions import (
    Brief,
    BuildConsult,
    DropConsult,
    DropMember,
    Enqueue,
    Finish,
    Introduce,
    Join,
    LogQueue,
    Note,
    StartCompany,
    StopCompany,
    StoreCard,
    Tell,
    TransferResult,
    Word,
)
from handoff.transfer_limits import TransferLimits
from handoff.transfer_steps import (
    Begin,
    BriefAnswered,
    BriefEnded,
    CardStored,
    ConsultFailed,
    ConsultReady,
    Enqueued,
    Held,
    IntroduceDone,
    Joined,
    JoinFailed,
    Kind,
    MemberAnswered,
    MemberGone,
    MemberMissed,
    MemberRinging,
    State,
    Tick,
)
from tests.handoff.transfer_rig import ANNA, BEN, Transfer, enqueue, plain, told


def test_the_card_is_stored_before_anything_rings() -> None:
    transfer = Transfer(priority=5)
    assert transfer.step(Begin()) == [StoreCard("requested"), StartCompany(), Tell(Word.CONNECTING)]
    assert transfer.state == State.ANNOUNCED
    assert transfer.step(CardStored(True), after=0.1) == [Enqueue(1, "front-desk", None, 5)]
    assert transfer.state == State.QUEUED


@pytest.mark.parametrize("stored", [True, False])
def test_a_card_that_cannot_be_stored_holds_nobody_up(stored: bool) -> None:
    transfer = Transfer().announced()
    actions = transfer.step(CardStored(False)) if stored else transfer.tick()
    assert transfer.now - 1000 == (0 if stored else transfer.limits.card_s)
    assert actions == [Note("card_not_stored", {"reason": "refused" if stored else "timeout"}), enqueue(1, None)]


def test_a_warm_transfer() -> None:
    transfer = Transfer().queued()
    assert transfer.step(MemberRinging(1, ANNA)) == [StoreCard("ringing")]
    assert transfer.state == State.RINGING
    assert transfer.step(MemberAnswered(1), after=3.0) == [StoreCard("briefing"), BuildConsult(1), Tell(Word.ANSWERED)]
    assert transfer.machine.held == {Held(Kind.COMPANY), Held(Kind.ATTEMPT, 1), Held(Kind.CONSULT, 1)}
    assert transfer.step(ConsultReady(1)) == [Brief(1)]
    assert transfer.step(BriefEnded(1), after=6.0) == [], "a warm brief is only over when it is answered"
    assert transfer.step(BriefAnswered(1, "accept")) == [Join(1)]
    assert transfer.state == State.BRIDGING
    assert transfer.step(Joined(1)) == [
        LogQueue(1, ANNA, "PATCHCORD", ("joined", "accepted")),
        DropConsult(1),
        StopCompany(),
        StoreCard("joined"),
        Finish(TransferResult("joined", "accepted", member=ANNA, queue="front-desk")),
    ]
    assert transfer.state == State.DONE
    assert transfer.machine.deadline is None
    assert not transfer.machine.held


def test_declined_the_next_rings_and_the_caller_is_first_in_line() -> None:
    transfer = Transfer().briefing()
    assert transfer.step(BriefAnswered(1, "decline")) == [
        LogQueue(1, ANNA, "PATCHCORD", ("declined",)),
        DropMember(1, "declined"),
        DropConsult(1),
        StoreCard("requested"),
        Tell(Word.STILL_LOOKING, {"reason": "declined"}),
        enqueue(2),
    ]
    transfer.answers(2, BEN).step(BriefAnswered(2, "accept"), Joined(2))
    assert transfer.result == TransferResult("joined", "accepted", member=BEN, queue="front-desk")


@pytest.mark.parametrize("by_agent", [True, False])
def test_a_voicemail_or_a_silent_pick_up_counts_as_declined(by_agent: bool) -> None:
    transfer = Transfer().briefing()
    actions = transfer.step(BriefAnswered(1, "none"), after=9.0) if by_agent else transfer.tick()
    assert transfer.now - 1004 == (9.0 if by_agent else transfer.limits.accept_s)
    assert plain(actions) == [DropMember(1, "no_accept"), DropConsult(1), enqueue(2)]
    assert LogQueue(1, ANNA, "PATCHCORD", ("no_accept",)) in actions


def test_after_enough_declines_the_exit_is_taken() -> None:
    transfer = Transfer(limits=TransferLimits(max_declines=2)).briefing()
    transfer.step(BriefAnswered(1, "decline"))
    actions = transfer.answers(2).step(BriefAnswered(2, "decline"))
    assert LogQueue(2, ANNA, "PATCHCORD", ("declined",)) in actions
    assert transfer.result == TransferResult("back_to_agent", "declined", queue="front-desk")


def test_a_repeat_is_heard_again_with_time_to_answer_but_not_for_ever() -> None:
    transfer = Transfer().briefing()
    assert transfer.step(BriefAnswered(1, "repeat"), after=10.0) == [Brief(1, 1)]
    assert transfer.machine.deadline == transfer.now + transfer.limits.accept_s
    assert transfer.step(BriefAnswered(1, "repeat"), after=10.0) == [Brief(1, 2)]
    end = transfer.machine.deadline
    assert transfer.step(BriefAnswered(1, "repeat"), after=10.0) == []
    assert transfer.machine.deadline == end
    assert DropMember(1, "no_accept") in transfer.tick()


def test_only_a_member_who_can_hear_the_brief_answers_it() -> None:
    transfer = Transfer().building()
    assert transfer.step(BriefAnswered(1, "accept"), BriefEnded(1)) == []
    transfer.step(ConsultReady(1))
    end = transfer.machine.deadline
    assert transfer.step(ConsultReady(1), after=5.0) == [], "said twice, it is no second brief and no more time"
    assert transfer.machine.deadline == end


def test_the_next_member_may_hear_the_brief_again_too() -> None:
    transfer = Transfer(limits=TransferLimits(max_repeats=1)).briefing()
    transfer.step(BriefAnswered(1, "repeat"), BriefAnswered(1, "decline"))
    assert transfer.answers(2).step(BriefAnswered(2, "repeat")) == [Brief(2, 1)]


def test_missed_at_one_phone_the_queue_goes_on_by_itself() -> None:
    transfer = Transfer().ringing()
    assert transfer.step(MemberMissed(1, ANNA), after=2.0) == [], "a phone that rejects is nothing that the caller must hear"
    assert transfer.state == State.QUEUED
    assert transfer.step(MemberRinging(1, BEN), after=1.0) == []
    assert transfer.state == State.RINGING


def test_of_several_phones_the_last_that_stops_ends_the_ringing() -> None:
    transfer = Transfer().ringing()
    transfer.step(MemberRinging(1, BEN), MemberMissed(1, ANNA))
    assert transfer.state == State.RINGING
    assert transfer.machine.deadline == transfer.now + transfer.limits.ring_s
    transfer.step(MemberMissed(1, BEN))
    assert transfer.state == State.QUEUED
    assert transfer.machine.deadline == 1000 + transfer.limits.news_every_s, "nothing but news is due"


def test_a_phone_without_news_does_not_ring_for_ever() -> None:
    transfer = Transfer().ringing()
    rang = transfer.now
    transfer.tick_until(transfer.limits.ring_s)
    assert Note("ring_overdue") in transfer.log
    assert transfer.state == State.QUEUED
    assert transfer.now == rang + transfer.limits.ring_s


@pytest.mark.parametrize("state", ["ringing", "queued", "asked"])
def test_an_answer_counts_whether_its_ringing_was_announced_or_not(state: str) -> None:
    transfer = Transfer()
    getattr(transfer, state)()
    assert plain(transfer.step(MemberAnswered(1, BEN))) == [BuildConsult(1)]
    assert transfer.machine.member == BEN


def test_who_answered_is_not_guessed_between_two() -> None:
    transfer = Transfer().ringing()
    transfer.step(MemberRinging(1, BEN), MemberAnswered(1))
    assert transfer.machine.member == ""


def test_of_two_who_answer_at_once_one_is_joined() -> None:
    transfer = Transfer().briefing()
    assert transfer.step(MemberAnswered(1, BEN)) == []
    assert transfer.machine.member == ANNA
    transfer.step(BriefAnswered(1, "decline"))
    transfer.answers(2, BEN)
    assert transfer.step(MemberAnswered(1, ANNA)) == [DropMember(1, "late")], "of an attempt given up"
    assert transfer.step(BriefAnswered(1, "accept"), Joined(1), MemberGone(1), ConsultFailed(1, "x")) == []
    assert transfer.step(BriefAnswered(2, "accept")) == [Join(2)]


# Modes


def test_blind_goes_as_soon_as_the_card_is_stored() -> None:
    transfer = Transfer("blind")
    assert transfer.step(Begin()) == [StoreCard("requested")]
    assert transfer.step(CardStored(True)) == [Finish(TransferResult("blind", "mode", queue="front-desk"))]


@pytest.mark.parametrize("how", ["ended", "accept", "none", "timeout"])
def test_announced_joins_without_having_to_accept(how: str) -> None:
    transfer = Transfer("announced").briefing()
    if how == "timeout":
        actions = transfer.tick()
    else:
        actions = transfer.step(BriefEnded(1) if how == "ended" else BriefAnswered(1, "accept" if how == "accept" else "none"))
    assert actions == [Join(1)]
    transfer.step(Joined(1))
    assert transfer.result.detail == ("accepted" if how == "accept" else "announced")


def test_announced_lets_a_member_decline_all_the_same() -> None:
    assert enqueue(2) in Transfer("announced").briefing().step(BriefAnswered(1, "decline"))


def test_consult_introduces_before_it_joins() -> None:
    transfer = Transfer("consult").briefing()
    assert transfer.step(BriefAnswered(1, "accept")) == [StopCompany(), Introduce(1)], "one voice at a time talks to the caller"
    assert transfer.state == State.ACCEPTED
    assert transfer.step(IntroduceDone(1), after=5.0) == [Join(1)]
    transfer.step(Joined(1))
    assert transfer.result.detail == "introduced"


@pytest.mark.parametrize("how", ["failed", "leg lost", "timeout"])
def test_an_introduction_that_fails_keeps_nobody_apart(how: str) -> None:
    transfer = Transfer("consult").bridging()
    start = transfer.now
    if how == "timeout":
        actions = transfer.tick()
        assert transfer.now == start + transfer.limits.introduce_s
    else:
        actions = transfer.step(IntroduceDone(1, "x") if how == "failed" else ConsultFailed(1, "x"))
    assert actions == [Note("introduction_failed", {"reason": "timeout" if how == "timeout" else "x"}), Join(1)]
    transfer.step(Joined(1))
    assert transfer.result.detail == "accepted"


def test_a_member_who_leaves_during_the_introduction_is_replaced_and_the_company_comes_back() -> None:
    transfer = Transfer("consult").bridging()
    assert transfer.step(MemberGone(1)) == [
        LogQueue(1, ANNA, "PATCHCORD", ("member_left",)),
        DropMember(1, "member_left"),
        DropConsult(1),
        StoreCard("requested"),
        StartCompany(),
        Tell(Word.STILL_LOOKING, {"reason": "member_left"}),
        enqueue(2),
    ]


# Without a brief


@pytest.mark.parametrize("mode", ["warm", "announced", "consult"])
@pytest.mark.parametrize("how", ["refused", "too slow", "lost while speaking"])
def test_a_person_on_the_line_is_worth_more_than_a_brief(mode: str, how: str) -> None:
    transfer = Transfer(mode)  # type: ignore[arg-type]  # one of the modes, which parametrize cannot say
    transfer.building()
    if how == "too slow":
        actions = transfer.tick()
    else:
        transfer.step(*([ConsultReady(1)] if how == "lost while speaking" else []))
        actions = transfer.step(ConsultFailed(1, "media full"))
    assert actions == [Note("unbriefed", {"reason": "timeout" if how == "too slow" else "media full"}), Join(1)]
    transfer.step(Joined(1))
    assert transfer.result == TransferResult("joined", "unbriefed", member=ANNA, queue="front-desk")
    assert DropConsult(1) in transfer.log, "whatever was made of it is given back"


# Joining


@pytest.mark.parametrize("noticed", ["by the join", "before it"])
def test_a_member_who_is_gone_when_they_are_to_be_joined_is_replaced(noticed: str) -> None:
    transfer = Transfer().bridging()
    if noticed == "before it":
        assert transfer.step(MemberGone(1)) == [], "the join is awaited: leaving our application looks alike"
    actions = transfer.step(JoinFailed(1, "no such channel", "member" if noticed == "by the join" else ""))
    assert plain(actions) == [DropMember(1, "member_left"), DropConsult(1), enqueue(2)]


def test_a_caller_who_is_gone_when_they_are_to_be_joined_ends_it() -> None:
    transfer = Transfer().bridging()
    actions = transfer.step(JoinFailed(1, "no such channel", "caller"))
    assert plain(actions)[:-1] == [DropMember(1, "caller_left"), DropConsult(1), StopCompany()]
    assert transfer.result == TransferResult("caller_left", "bridging", queue="front-desk")


@pytest.mark.parametrize("how", ["join_failed", "join_timeout"])
def test_a_join_that_does_not_work_sends_the_caller_the_old_way_as_the_first_in_line(how: str) -> None:
    transfer = Transfer().bridging()
    actions = transfer.tick() if how == "join_timeout" else transfer.step(JoinFailed(1, "refused"))
    assert plain(actions)[:-1] == [DropMember(1, "blind"), DropConsult(1), StopCompany()]
    assert transfer.result == TransferResult("blind", how, queue="front-desk", position=1)


def test_a_tick_that_comes_too_early_does_nothing() -> None:
    transfer = Transfer().bridging()
    assert transfer.step(Tick(), after=transfer.limits.join_s - 0.01) == []
    assert transfer.state == State.BRIDGING


def test_nothing_comes_after_the_end() -> None:
    transfer = Transfer().bridging()
    transfer.step(Joined(1))
    assert transfer.step(Begin(), MemberAnswered(1, BEN), MemberAnswered(2, BEN), Enqueued(1, 1), Tick(), after=100.0) == []


def test_told_are_the_words_that_a_caller_needs() -> None:
    transfer = Transfer().bridging()
    transfer.step(Joined(1))
    assert told(transfer.log) == [Word.CONNECTING, Word.ANSWERED]
