"""What holds for every transfer, whatever happens to it and in whatever order; what that is, ``transfer_watch`` checks at each step."""

import dataclasses
import random
from collections import Counter
from typing import TypeAlias, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.transfer_actions import ResultKind
from handoff.transfer_limits import Mode, TransferLimits
from handoff.transfer_steps import (
    Begin,
    BriefAnswered,
    BriefEnded,
    CallerAsked,
    CallerGone,
    CardStored,
    CompanyEnded,
    ConsultFailed,
    ConsultReady,
    Enqueued,
    EnqueueFailed,
    IntroduceDone,
    Joined,
    JoinFailed,
    MemberAnswered,
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
    Withdraw,
)
from tests.handoff.transfer_watch import Watched

Happening: TypeAlias = tuple[TransferEvent | None, float, bool]
"""An event, or None for the one that leads on; seconds before it; whether the ticks due meanwhile come in time."""

ALL_MODES: list[Mode] = ["warm", "warm", "announced", "consult", "consult", "blind"]
ALL_LIMITS = [
    TransferLimits(),
    TransferLimits(max_declines=2, max_attempts=3, on_fail="callback"),
    TransferLimits(wait_s=20, max_repeats=0, on_fail="other_queue", other_queue="backup"),
]
MODES = st.sampled_from(ALL_MODES)
LIMITS = st.sampled_from(ALL_LIMITS)
# The attempt of an event counts from the present one: 0 is it, -1 the one before, 1 one that does not exist yet.
GENTLE: list[TransferEvent] = [
    *(Enqueued(number, *place) for number in (0, -1) for place in ((None, None), (1, 20.0), (4, 200.0))),
    *(PlaceChanged(0, *place) for place in ((None, None), (1, 0.0), (3, 100.0), (5, None))),
    *(MemberRinging(number, member) for number in (0, -1, 1) for member in ("", "one", "two")),
    *(MemberMissed(number, member) for number in (0, -1) for member in ("", "one", "two")),
    *(MemberAnswered(number, member) for number in (0, -1, -2, 1) for member in ("", "one")),
    *(event(number) for event in (ConsultReady, BriefEnded, MemberTold, MemberGone) for number in (0, 0, -1, 1)),
    *(BriefAnswered(number, "accept") for number in (0, -1, 1)),
    *(BriefAnswered(number, "decline") for number in (0, 0, -1)),
    *(BriefAnswered(0, answer) for answer in ("repeat", "none")),
    *(IntroduceDone(number, reason) for number in (0, -1) for reason in ("", "x")),
    *(event(number, "x") for event in (ConsultFailed, JoinFailed) for number in (0, -1)),
    JoinFailed(0, "x", "member"),
    *(CompanyEnded(kind) for kind in ("goodbye", "handover", "caller_left", "failed")),
    Tick(),
]
HARSH: list[TransferEvent] = [
    *(CallerGone(), Shutdown(), CardStored(False), CompanyEnded("goodbye", "callback")),
    *(CallerAsked(what) for what in ("callback", "agent", "stop")),
    *(PartLost(part) for part in ("ari", "ami", "media")),
    *(Withdraw(queue="backup"), Withdraw(phone="2001")),
    *(Joined(0), Joined(-1), JoinFailed(0, "x", "caller"), JoinFailed(-1, "x", "caller"), EnqueueFailed(0, "x")),
    *(QueueLeft(number, status) for number in (0, -1) for status in ("TIMEOUT", "FULL")),
]
AFTER = [0.0, 0.0, 0.1, 1.0, 5.0, 20.0]
EVENTS = st.one_of(st.none(), st.none(), st.sampled_from(GENTLE), st.sampled_from(HARSH))
STORIES: st.SearchStrategy[list[Happening]] = st.lists(st.tuples(EVENTS, st.sampled_from(AFTER), st.booleans()), max_size=30)


def random_story(chance: random.Random, length: int, harsh: int = 0) -> list[Happening]:
    """Mostly a transfer that gets on, so that it comes far. ``harsh``: percentage of what is likely to end it."""
    happenings: list[Happening] = []
    for _ in range(length):
        event = chance.choices([None, chance.choice(GENTLE), chance.choice(HARSH)], [60 - harsh, 40, harsh])[0]
        happenings.append((event, chance.choice(AFTER), chance.random() < 0.8))
    return happenings


def leads_on(transfer: Watched, *, willing: bool = True) -> TransferEvent:
    attempt = transfer.machine.attempt
    on: dict[State, TransferEvent] = {
        State.DECIDED: Begin(),
        State.ANNOUNCED: CardStored(True),
        State.QUEUED: MemberRinging(0, "one"),
        State.RINGING: MemberAnswered(0, "one"),
        State.BRIEFING: BriefAnswered(0, "accept" if willing else "decline") if attempt in transfer.ready else ConsultReady(0),
        State.ACCEPTED: IntroduceDone(0),
        State.BRIDGING: Joined(0) if willing else JoinFailed(0, "gone", "member"),
    }
    return on.get(transfer.machine.state, MemberTold(0))


def tell(transfer: Watched, story: list[Happening], *, willing: bool = True) -> None:
    """``willing``: members accept, and are joined."""
    for event, after, in_time in story:
        if in_time:
            transfer.tick_to(transfer.now + after)
        else:
            transfer.now += after
        transfer.step(numbered(event or leads_on(transfer, willing=willing), transfer.machine.attempt))


def numbered(event: TransferEvent, attempt: int) -> TransferEvent:
    if not hasattr(event, "attempt"):
        return event
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    return type(event)(**(values | {"attempt": attempt + event.attempt}))


def longest(limits: TransferLimits) -> float:
    """Seconds: all the waiting, a phone that rings at its end, and a member who takes all the time that there is."""
    member = limits.consult_s + limits.accept_s * (1 + limits.max_repeats) + limits.introduce_s + limits.join_s + limits.parting_s
    return limits.card_s + limits.wait_s + limits.ring_s + limits.enqueue_s + limits.status_s + member


def finish(transfer: Watched, story: list[Happening]) -> None:
    tell(transfer, story)
    transfer.tick_to(transfer.now + longest(transfer.limits))
    assert transfer.result is not None


@settings(max_examples=250, deadline=None)
@given(MODES, LIMITS, STORIES)
def test_whatever_happens_time_alone_then_ends_it(mode: Mode, limits: TransferLimits, story: list[Happening]) -> None:
    finish(Watched(mode, limits), story)


def test_the_same_over_long_stories_that_reach_every_state_and_every_end() -> None:
    """Left to itself, hypothesis seldom comes far."""
    seen: Counter[str] = Counter()
    for seed in range(3000):
        chance = random.Random(seed)
        transfer = Watched(chance.choice(ALL_MODES), chance.choice(ALL_LIMITS))
        for happening in random_story(chance, 40, harsh=10):
            tell(transfer, [happening], willing=chance.random() < 0.4)
            seen[transfer.machine.state] += 1
            if transfer.result is not None:
                break
        finish(transfer, [])
        assert transfer.result is not None
        seen[transfer.result.kind] += 1
    wanted = {*State, *get_args(ResultKind)} - {State.DECIDED}
    assert not {name: seen[name] for name in wanted if seen[name] < 10}, "too rare for what holds in them to mean much"


def test_nobody_keeps_a_caller_waiting_for_ever() -> None:
    """Members who ring, answer, ask for repeats, decline and hang up: still there is an end to it."""
    for seed in range(200):
        chance = random.Random(seed)
        transfer = Watched(chance.choice(ALL_MODES), dataclasses.replace(chance.choice(ALL_LIMITS), max_attempts=1000, max_declines=1000))
        start = transfer.now
        while transfer.now < start + longest(transfer.limits):
            tell(transfer, random_story(chance, 1), willing=False)
            if transfer.result is not None:
                break
            transfer.tick_to(transfer.now + 5.0)
        transfer.tick_to(transfer.now)
        assert transfer.result is not None


@settings(max_examples=120, deadline=None)
@given(MODES, LIMITS, STORIES)
def test_a_caller_who_hangs_up_ends_it_at_any_time(mode: Mode, limits: TransferLimits, story: list[Happening]) -> None:
    transfer = Watched(mode, limits)
    tell(transfer, story)
    over = transfer.result
    transfer.step(CallerGone())
    transfer.tick_to(transfer.now + limits.parting_s)
    assert transfer.result is not None
    assert over in (None, transfer.result)


@settings(max_examples=120, deadline=None)
@given(MODES, LIMITS, STORIES, st.sampled_from([Shutdown(), PartLost("ari"), PartLost("ami")]))
def test_when_we_cannot_go_on_the_caller_goes_on_without_us_at_once(
    mode: Mode, limits: TransferLimits, story: list[Happening], event: TransferEvent
) -> None:
    transfer = Watched(mode, limits)
    tell(transfer, story)
    transfer.step(event)
    transfer.tick_to(transfer.now + limits.join_s)
    assert transfer.result is not None
