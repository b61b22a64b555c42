"""The exits of a transfer that no member chose: the queue, the caller, a supervisor, and what fails around it."""

import pytest

from handoff.transfer_actions import (
    DropConsult,
    DropMember,
    Finish,
    Join,
    LogQueue,
    Note,
    StartCompany,
    StopCompany,
    StoreCard,
    Tell,
    TellMember,
    TransferResult,
    Word,
)
from handoff.transfer_limits import OnFail, TransferLimits
from handoff.transfer_steps import (
    BriefAnswered,
    CallerAsked,
    CallerGone,
    CardStored,
    CompanyEnded,
    ConsultFailed,
    EnqueueFailed,
    Joined,
    JoinFailed,
    MemberGone,
    MemberMissed,
    MemberRinging,
    MemberTold,
    PartLost,
    PlaceChanged,
    QueueLeft,
    Shutdown,
    State,
    Tick,
    TransferEvent,
    Wish,
    Withdraw,
)
from tests.handoff.transfer_rig import ANNA, BEN, Transfer, enqueue, in_state, plain

STATES = ["decided", "announced", "asked", "queued", "ringing", "building", "briefing", "accepted", "bridging"]
WITHOUT_MEMBER = ["decided", "announced", "asked", "queued", "ringing"]
STATUSES = ["TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "UNKNOWN", "WITHDRAW", "SOMETHING_NEW"]


# The queue


@pytest.mark.parametrize("state", ["asked", "queued", "ringing"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_queue_that_has_nobody_gives_the_caller_back_at_once(status: str, state: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(QueueLeft(1, status))
    assert actions[:3] == [LogQueue(1, "", "PATCHCORD", ("back_to_agent", status)), DropMember(1, "back_to_agent"), StopCompany()]
    assert transfer.result == TransferResult("back_to_agent", status, queue="front-desk")


@pytest.mark.parametrize(
    ("limits", "result"),
    [
        (TransferLimits(on_fail="callback"), TransferResult("callback", "FULL", queue="front-desk")),
        (TransferLimits(on_fail="other_queue", other_queue="backup"), TransferResult("other_queue", "FULL", queue="backup")),
    ],
)
def test_what_follows_a_full_queue_is_a_setting(limits: TransferLimits, result: TransferResult) -> None:
    transfer = Transfer(limits=limits).asked()
    transfer.step(QueueLeft(1, "FULL"))
    assert transfer.result == result


def test_a_queue_returning_after_the_answer_says_nothing_new() -> None:
    transfer = Transfer().briefing()
    assert transfer.step(QueueLeft(1, "TIMEOUT")) == []
    assert transfer.step(BriefAnswered(1, "accept")) == [Join(1)]


def test_a_caller_who_has_waited_enough() -> None:
    transfer = Transfer().queued()
    transfer.tick_until(transfer.limits.wait_s)
    assert transfer.result == TransferResult("back_to_agent", "wait", queue="front-desk")
    assert transfer.now == 1000 + transfer.limits.wait_s


def test_a_phone_that_rings_when_the_wait_is_over_may_ring_to_its_end() -> None:
    transfer = Transfer().queued()
    transfer.tick_until(transfer.limits.wait_s - 5)
    transfer.step(MemberRinging(1, ANNA))
    transfer.tick_until(10)
    assert transfer.state == State.RINGING
    transfer.step(MemberMissed(1, ANNA))
    transfer.tick()
    assert transfer.result.detail == "wait"


def test_other_phones_do_not_stretch_the_wait_for_ever() -> None:
    transfer = Transfer().queued()
    transfer.tick_until(transfer.limits.wait_s - 5)
    for member in range(20):
        if transfer.state != State.DONE:
            transfer.step(MemberRinging(1, f"member {member}"), MemberMissed(1, f"member {member - 1}"))
            transfer.tick_until(10)
    assert transfer.result.detail == "wait"


def test_no_fresh_placeholder_when_the_time_was_spent_on_a_member_who_declined() -> None:
    transfer = Transfer(limits=TransferLimits(wait_s=10)).briefing()
    actions = transfer.step(BriefAnswered(1, "decline"), after=12.0)
    assert LogQueue(1, ANNA, "PATCHCORD", ("declined",)) in actions
    assert transfer.result == TransferResult("back_to_agent", "wait", queue="front-desk")


@pytest.mark.parametrize("how", ["enqueue_failed", "enqueue_timeout"])
def test_a_placeholder_that_cannot_be_had_sends_the_caller_the_old_way(how: str) -> None:
    transfer = Transfer().asked()
    actions = transfer.tick() if how == "enqueue_timeout" else transfer.step(EnqueueFailed(1, "503"))
    assert DropMember(1, "blind") in actions, "it may have been made all the same"
    assert (Note("enqueue_failed", {"reason": "503"}) in actions) == (how == "enqueue_failed")
    assert transfer.result == TransferResult("blind", how, queue="front-desk")


def test_a_placeholder_that_is_in_line_has_not_failed() -> None:
    assert Transfer().queued().step(EnqueueFailed(1, "no answer in time")) == []


def test_a_placeholder_that_vanishes_lines_up_again_at_its_place() -> None:
    transfer = in_state("queued", position=3)
    assert transfer.step(MemberGone(1)) == []
    assert plain(transfer.tick()) == [DropMember(1, "vanished"), enqueue(2, 3)]
    assert LogQueue(1, "", "PATCHCORD", ("vanished",)) in transfer.log


def test_one_that_vanishes_before_it_was_in_line_cannot_be_had() -> None:
    transfer = Transfer().asked()
    transfer.step(MemberGone(1))
    transfer.tick()
    assert transfer.result == TransferResult("blind", "enqueue_failed", queue="front-desk")


def test_the_reason_for_vanishing_may_come_after_it() -> None:
    transfer = Transfer().queued()
    transfer.step(MemberGone(1))
    transfer.step(MemberRinging(1, ANNA), PlaceChanged(1, 2, 500.0), after=0.1)
    assert transfer.state == State.QUEUED, "what is gone does not ring"
    transfer.step(QueueLeft(1, "LEAVEEMPTY"), after=0.1)
    assert transfer.result.detail == "LEAVEEMPTY"


def test_placeholders_that_go_on_vanishing_end_it() -> None:
    transfer = Transfer(limits=TransferLimits(max_attempts=3)).queued()
    for attempt in (1, 2, 3):
        transfer.step(PlaceChanged(attempt, 2), MemberGone(attempt))
        transfer.tick()
    assert transfer.result == TransferResult("back_to_agent", "attempts", queue="front-desk")


@pytest.mark.parametrize("state", ["building", "briefing"])
def test_a_member_who_hangs_up_is_replaced(state: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(MemberGone(1))
    assert plain(actions) == [DropMember(1, "member_left"), DropConsult(1), enqueue(2)]
    assert Tell(Word.STILL_LOOKING, {"reason": "member_left"}) in actions
    assert LogQueue(1, ANNA, "PATCHCORD", ("member_left",)) in actions


# The caller


@pytest.mark.parametrize("state", ["decided", "announced", "asked", "queued", "ringing", "building", "bridging"])
def test_a_caller_who_leaves_ends_everything(state: str) -> None:
    transfer = in_state(state)
    held = set(transfer.machine.held)
    actions = transfer.step(CallerGone())
    assert len([action for action in actions if isinstance(action, DropMember | DropConsult | StopCompany)]) == len(held)
    assert actions[-2:] == [StoreCard("left"), Finish(transfer.result)]
    assert transfer.result.kind == "caller_left"


@pytest.mark.parametrize("state", ["briefing", "accepted"])
def test_a_member_who_is_spoken_to_hears_that_the_caller_has_left(state: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(CallerGone())
    assert actions[-1] == TellMember(1, "caller_left")
    assert transfer.state == State.PARTING
    assert plain(transfer.step(MemberTold(1), after=1.5))[:2] == [DropMember(1, "caller_left"), DropConsult(1)]
    assert transfer.result == TransferResult("caller_left", state, queue="front-desk")
    assert transfer.all(StopCompany) == [StopCompany()]


@pytest.mark.parametrize("event", [Tick(), MemberGone(1), ConsultFailed(1, "x"), PartLost("media"), Shutdown(), PartLost("ari")], ids=repr)
def test_the_parting_word_keeps_nothing_alive(event: TransferEvent) -> None:
    transfer = Transfer().briefing()
    transfer.step(CallerGone())
    if event == Tick():
        transfer.tick()
        assert transfer.now == 1004 + transfer.limits.parting_s
    transfer.step(event)
    assert transfer.result.kind == "caller_left"


@pytest.mark.parametrize(("wish", "detail"), [("agent", "caller_asked"), ("stop", "caller_stopped")])
@pytest.mark.parametrize("state", WITHOUT_MEMBER[1:])
def test_a_caller_who_wants_the_agent_again_gets_it(state: str, wish: Wish, detail: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(CallerAsked(wish))
    assert actions[-2:] == [StoreCard("returned"), Finish(TransferResult("back_to_agent", detail))]


def test_a_member_who_is_briefed_hears_that_the_caller_wants_no_person_any_more() -> None:
    transfer = Transfer().briefing()
    assert transfer.step(CallerAsked("stop")) == [TellMember(1, "taken_back")], "the company goes on meanwhile"
    transfer.step(MemberTold(1))
    assert transfer.result == TransferResult("back_to_agent", "caller_stopped")


@pytest.mark.parametrize("state", WITHOUT_MEMBER[1:])
def test_a_callback_is_granted_while_nobody_has_answered(state: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(CallerAsked("callback"))
    assert actions[-2] == StoreCard("callback")
    assert (transfer.result.kind, transfer.result.detail) == ("callback", "caller_asked")


def test_a_callback_keeps_the_place_in_line() -> None:
    transfer = in_state("queued", position=4)
    transfer.step(PlaceChanged(1, 2, 60.0), after=20.0)
    transfer.step(CallerAsked("callback"))
    assert transfer.result.position == 2


@pytest.mark.parametrize("state", ["building", "briefing"])
def test_a_person_on_the_line_wins_over_a_callback(state: str) -> None:
    transfer = in_state(state)
    assert Tell(Word.PERSON_THERE, {"wish": "callback"}) in transfer.step(CallerAsked("callback"))
    assert transfer.state == State.BRIEFING


@pytest.mark.parametrize("wish", ["callback", "agent", "stop"])
@pytest.mark.parametrize("state", ["accepted", "bridging"])
def test_an_accepted_transfer_is_not_called_off(state: str, wish: Wish) -> None:
    transfer = in_state(state)
    before = transfer.state
    assert transfer.step(CallerAsked(wish)) == [Note("wish_too_late", {"wish": wish})]
    assert transfer.state == before


# The company


@pytest.mark.parametrize("kind", ["failed", "handover", "caller_left"])
def test_company_that_breaks_off_comes_back_twice_and_the_wait_goes_on_without_it(kind: str) -> None:
    transfer = Transfer().queued()
    for _ in range(2):
        assert transfer.step(CompanyEnded(kind)) == [Note("company_ended", {"kind": kind, "reason": ""}), StartCompany()]
    assert transfer.step(CompanyEnded(kind)) == [Note("company_ended", {"kind": kind, "reason": ""})]
    assert transfer.state == State.QUEUED
    assert not [action for action in transfer.tick_until(200) if isinstance(action, Tell)], "there is nobody to say it"
    transfer.answers(1).step(BriefAnswered(1, "accept"), Joined(1))
    assert transfer.result.kind == "joined"
    assert StopCompany() not in transfer.log


def test_a_caller_who_has_said_goodbye_is_not_talked_to_again_but_keeps_the_place() -> None:
    transfer = Transfer().queued()
    assert transfer.step(CompanyEnded("goodbye")) == [Note("company_ended", {"kind": "goodbye", "reason": ""})]
    assert transfer.state == State.QUEUED


def test_company_may_end_with_a_callback() -> None:
    transfer = Transfer().queued()
    transfer.step(CompanyEnded("goodbye", "callback"))
    assert transfer.result.kind == "callback"


def test_a_callback_agreed_on_while_a_member_is_briefed_comes_too_late() -> None:
    transfer = Transfer().briefing()
    actions = transfer.step(CompanyEnded("goodbye", "callback"))
    assert plain(actions) == [StartCompany()]
    assert actions[-1] == Tell(Word.PERSON_THERE, {"wish": "callback"})
    assert transfer.state == State.BRIEFING


# What fails around it


@pytest.mark.parametrize("part", ["ari", "ami"])
@pytest.mark.parametrize("state", [state for state in STATES if state != "bridging"])
def test_without_ari_or_ami_the_caller_goes_the_old_way_at_once(state: str, part: str) -> None:
    transfer = in_state(state)
    actions = transfer.step(PartLost("ari" if part == "ari" else "ami"))
    assert (transfer.result.kind, transfer.result.detail) == ("blind", f"{part}_lost")
    assert part == "ari" or not [action for action in actions if isinstance(action, LogQueue)], "rows are written over AMI"


@pytest.mark.parametrize("state", WITHOUT_MEMBER)
def test_without_media_and_without_a_member_the_caller_goes_the_old_way(state: str) -> None:
    transfer = in_state(state)
    transfer.step(PartLost("media"))
    assert (transfer.result.kind, transfer.result.detail) == ("blind", "media_lost")


@pytest.mark.parametrize(("state", "how"), [("building", "unbriefed"), ("briefing", "unbriefed"), ("accepted", "accepted")])
def test_without_media_a_member_who_is_there_is_joined(state: str, how: str) -> None:
    transfer = in_state(state)
    assert transfer.step(PartLost("media"))[-1] == Join(1)
    transfer.step(PartLost("media"), Joined(1))
    assert (transfer.result.kind, transfer.result.detail) == ("joined", how)


def test_without_media_there_is_no_second_attempt() -> None:
    transfer = Transfer().briefing()
    transfer.step(PartLost("media"), JoinFailed(1, "gone", "member"))
    assert transfer.result == TransferResult("blind", "media_lost", queue="front-desk", position=1)


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("accepted", "bridging")])
def test_at_shutdown_the_caller_goes_the_old_way(state: str) -> None:
    transfer = in_state(state)
    transfer.step(Shutdown())
    assert (transfer.result.kind, transfer.result.detail) == ("blind", "shutdown")


def test_at_shutdown_a_member_who_has_accepted_is_joined() -> None:
    transfer = in_state("accepted")
    assert transfer.step(Shutdown())[-1] == Join(1)
    transfer.step(JoinFailed(1, "gone", "member"))
    assert transfer.result == TransferResult("blind", "shutdown", queue="front-desk", position=1)


@pytest.mark.parametrize("joins", [True, False])
@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (Shutdown(), "blind"),
        (PartLost("ari"), "blind"),
        (PartLost("ami"), "blind"),
        (Withdraw(queue="backup"), "other_queue"),
        (Withdraw(phone="2001"), "phone"),
    ],
)
def test_a_join_under_way_is_awaited(event: TransferEvent, kind: str, joins: bool) -> None:
    transfer = Transfer().bridging()
    assert transfer.step(event) == []
    transfer.step(Joined(1) if joins else JoinFailed(1, "gone", "member"))
    assert transfer.result.kind == ("joined" if joins else kind)


def test_a_join_under_way_is_not_awaited_for_ever() -> None:
    transfer = Transfer().bridging()
    transfer.step(Withdraw(phone="2001"), PartLost("ari"), Withdraw(queue="backup"))
    transfer.tick()
    assert transfer.result == TransferResult("blind", "ari_lost", queue="front-desk", position=1), "without ARI no other target is reached"


@pytest.mark.parametrize(("state", "position"), [("announced", None), ("queued", 4), ("ringing", 4), ("building", 1), ("bridging", 1)])
def test_the_old_way_leads_to_the_place_in_line_that_the_caller_had(state: str, position: int | None) -> None:
    transfer = in_state(state, position=4)
    transfer.step(Shutdown())
    if state == "bridging":
        transfer.tick()
    assert transfer.result == TransferResult("blind", "shutdown", queue="front-desk", position=position)


def test_an_answer_about_the_card_counts_while_it_is_waited_for() -> None:
    transfer = Transfer()
    assert transfer.step(CardStored(True)) == []
    transfer.queued()
    assert transfer.step(CardStored(False)) == []


# A supervisor


@pytest.mark.parametrize("state", [*WITHOUT_MEMBER, "building", "accepted"])
@pytest.mark.parametrize(
    ("target", "result"),
    [
        (Withdraw(queue="backup"), TransferResult("other_queue", "forced", queue="backup")),
        (Withdraw(phone="2001"), TransferResult("phone", "forced", phone="2001")),
    ],
)
def test_a_supervisor_forces_a_target(state: str, target: Withdraw, result: TransferResult) -> None:
    transfer = in_state(state)
    transfer.step(target)
    assert transfer.result == result


@pytest.mark.parametrize("leaves", [True, False])
def test_a_member_who_is_briefed_hears_that_the_caller_is_sent_elsewhere(leaves: bool) -> None:
    transfer = Transfer().briefing()
    assert transfer.step(Withdraw(phone="2001")) == [TellMember(1, "sent_elsewhere")]
    transfer.step(Withdraw(queue="backup"), CallerAsked("agent"))
    if leaves:
        transfer.step(CallerGone(), Withdraw(phone="2001"))
    transfer.step(MemberTold(1))
    assert transfer.result.kind == ("caller_left" if leaves else "other_queue"), "the last target counts, and that of nobody none"


@pytest.mark.parametrize("event", [Shutdown(), PartLost("ami"), PartLost("media")])
def test_during_the_parting_word_the_caller_is_not_lost(event: TransferEvent) -> None:
    transfer = Transfer().briefing()
    transfer.step(CallerAsked("agent"), event)
    assert transfer.result.kind == ("back_to_agent" if event == PartLost("media") else "blind")


@pytest.mark.parametrize(("queue", "phone"), [("", ""), ("backup", "2001")])
def test_a_forced_target_is_one(queue: str, phone: str) -> None:
    with pytest.raises(ValueError, match="name exactly one of them"):
        Withdraw(queue, phone)


# Limits


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"accept_s": 0}, r"accept_s is 0; it takes seconds between 0 and a day"),
        ({"wait_s": float("nan")}, "wait_s is nan"),
        ({"join_s": 1e9}, "join_s is"),
        ({"max_attempts": 0}, "max_attempts is 0; it must be at least 1"),
    ],
)
def test_limits_that_cannot_work_are_refused(limits: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TransferLimits(**limits)  # type: ignore[arg-type]  # the names are strings here


def test_another_queue_needs_a_name() -> None:
    on_fail: OnFail = "other_queue"
    with pytest.raises(ValueError, match="needs the name of a queue"):
        TransferLimits(on_fail=on_fail)


def test_the_members_of_a_later_attempt_are_its_own() -> None:
    transfer = Transfer().briefing()
    transfer.step(BriefAnswered(1, "decline"))
    assert transfer.machine.member == ""
    transfer.answers(2, BEN)
    assert transfer.machine.member == BEN
