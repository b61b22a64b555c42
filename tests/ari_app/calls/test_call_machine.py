"""The call machine: single paths, and what must hold on every path."""

from collections import Counter
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.transcript import Outcome
from ari_app.calls.machine import CallMachine, Limits
from ari_app.calls.steps import (
    Action,
    Answer,
    Answered,
    AnswerFailed,
    Arrived,
    AudioBroken,
    Brief,
    Briefed,
    CallerGone,
    CallEvent,
    ConversationEnded,
    Disarm,
    EnteredElsewhere,
    Finish,
    Hangup,
    Join,
    Joined,
    JoinFailed,
    Kind,
    Leave,
    LeaveAccepted,
    LeaveFailed,
    LeftStasis,
    LegEntered,
    LegGone,
    Locate,
    Located,
    MediaGone,
    Note,
    PersonReady,
    Refused,
    Release,
    Released,
    Resource,
    Shutdown,
    State,
    Take,
    Taken,
    Tick,
    TransferEnded,
    Where,
    Yield,
)
from handoff.transfer_actions import TransferResult

LIMITS = Limits(call_s=60)


def machine(*, echo: bool = False, accompanied: bool = False) -> CallMachine:
    return CallMachine(queue="support", limits=LIMITS, echo=echo, accompanied=accompanied)


def talking(call: CallMachine) -> None:
    """Take ``call`` from its arrival to the conversation."""
    stage = call.stage + 1
    for event in (
        Arrived(),
        Answered(),
        Taken(Resource(Kind.BRIDGE, stage)),
        Taken(Resource(Kind.LINE, stage)),
        LegEntered(stage),
        Taken(Resource(Kind.LEG, stage)),
        Joined(stage),
        Taken(Resource(Kind.CONVERSATION, stage)),
    ):
        call.step(event, 0)
    assert call.state is State.TALKING


def test_setup_runs_in_parallel_and_joins_once_all_is_there() -> None:
    call = machine()
    line, leg, bridge = (Resource(kind, 1) for kind in (Kind.LINE, Kind.LEG, Kind.BRIDGE))
    assert call.step(Arrived(), 0) == [Answer(), Take(line), Take(bridge)]
    assert call.step(Taken(line), 0) == [Take(leg)]
    assert call.step(LegEntered(1), 0) == []
    assert call.step(Taken(leg), 0) == []
    assert call.step(Answered(), 0) == []
    assert call.step(Taken(bridge), 0) == [Join(1)]
    assert call.step(Answered(), 0) == []
    assert call.step(Joined(1), 0) == [Take(Resource(Kind.CONVERSATION, 1))]


def test_echo_has_no_conversation() -> None:
    call = machine(echo=True)
    for event in (Arrived(), Answered(), Taken(Resource(Kind.BRIDGE, 1)), Taken(Resource(Kind.LINE, 1)), LegEntered(1)):
        call.step(event, 0)
    call.step(Taken(Resource(Kind.LEG, 1)), 0)
    assert call.step(Joined(1), 0) == []
    assert Hangup() in call.step(Tick(), 60)
    assert call.outcome[0] == "echo"


def test_a_refused_call_goes_to_the_fallback_at_once() -> None:
    assert machine().step(Arrived("max_calls"), 0) == [Note("refused", "max_calls"), Leave("", worker=True)]


def test_a_handover_is_briefed_before_it_leaves() -> None:
    call = machine()
    talking(call)
    talk = Resource(Kind.CONVERSATION, 1)
    ended = ConversationEnded(1, Outcome("handover", "caller_request", "sales"))
    assert call.step(ended, 1) == [Release(talk, "hangup"), Brief("sales", "caller_request")]
    assert call.step(Briefed(), 1) == [Leave("sales")]
    released = call.step(LeaveAccepted(), 1)
    assert {action.resource.kind for action in released if isinstance(action, Release)} == {Kind.LINE, Kind.LEG, Kind.BRIDGE}
    assert {action.reason for action in released if isinstance(action, Release)} == {"taken"}
    call.step(LeftStasis(), 1)
    assert call.state is State.OUTSIDE


def test_a_silent_manager_does_not_hold_the_caller_back() -> None:
    call = machine()
    talking(call)
    call.step(ConversationEnded(1, Outcome("handover", "caller_request")), 1)
    assert call.step(Tick(), call.deadline or 0) == [Leave("support")]


@pytest.mark.parametrize("event", [MediaGone(), Shutdown(), LegGone(1)])
def test_a_fault_while_talking_hands_over(event: CallEvent) -> None:
    call = machine()
    talking(call)
    assert [type(action) for action in call.step(event, 1)] == [Brief]


@pytest.mark.parametrize(
    "event",
    [
        MediaGone(),
        Shutdown(),
        LegGone(1),
        JoinFailed(1, "x"),
        AnswerFailed("x", gone=False),
        Refused(Resource(Kind.LINE, 1), "full"),
        Tick(),
    ],
)
def test_a_fault_while_attaching_goes_to_the_fallback(event: CallEvent) -> None:
    call = machine()
    call.step(Arrived(), 0)
    note, leave = call.step(event, 5)
    assert isinstance(note, Note)
    assert (note.kind, leave) == ("rescued", Leave("", worker=True))
    assert call.outcome == ("rescued", note.reason)


def test_leaving_is_tried_again_and_given_up_to_the_dead_man_timer() -> None:
    call = machine()
    call.step(Arrived("max_calls"), 0)
    leaves = 1
    for _ in range(30):
        call.step(LeaveFailed(gone=False), 0)
        actions = call.step(Tick(), call.deadline or 0)
        leaves += actions.count(Leave("", worker=True))
        if call.state is State.OUTSIDE:
            break
    assert (leaves, call.beats) == (LIMITS.leave_attempts, False)


def test_leaving_stasis_unasked_tells_a_hangup_from_the_dead_man_timer() -> None:
    hung_up, rescued = machine(), machine()
    for call in (hung_up, rescued):
        talking(call)
        call.step(LeftStasis(), 1)
        assert call.step(Tick(), call.deadline or 0) == [Locate(1)]
    hung_up.step(Located(Where.GONE, 1), 2)
    assert hung_up.outcome == ("caller_left", "")
    assert rescued.step(Located(Where.OUTSIDE, 1), 2) == [Note("left_unasked"), Disarm()]
    assert rescued.outcome == ("rescued", "deadman")


def test_an_old_answer_about_the_caller_is_not_believed() -> None:
    call = machine()
    talking(call)
    call.step(LeftStasis(), 1)
    talking(call)
    call.step(Located(Where.OUTSIDE, 1), 1)
    assert call.state is State.TALKING


def test_a_caller_found_in_the_application_unannounced_is_rescued_at_second_sight() -> None:
    call = machine()
    talking(call)
    call.step(LeftStasis(), 1)
    assert call.step(Located(Where.IN_STASIS, 1), 1) == []
    assert call.step(Located(Where.IN_STASIS, 1), 2)[-1] == Leave("", worker=True)


def test_a_caller_whom_another_worker_has_is_let_go_without_an_end() -> None:
    call = machine()
    call.step(Arrived("draining"), 0)
    call.step(LeaveAccepted(), 0)
    call.step(LeftStasis(), 0)
    assert call.step(EnteredElsewhere(), 1) == []
    assert call.deadline == 1 + LIMITS.elsewhere_s
    assert call.step(Tick(), 1.2) == [Locate(1)]
    assert call.step(Located(Where.ELSEWHERE, 1), 1.3) == [Yield()]
    assert call.state is State.ENDED, "nothing more comes of it"


def test_a_caller_whom_the_other_worker_refuses_too_stays_known() -> None:
    call = machine()
    for event in (Arrived("max_calls"), LeaveAccepted(), LeftStasis(), EnteredElsewhere(), Tick()):
        call.step(event, 0)
    assert call.step(Located(Where.OUTSIDE, 1), 1) == []
    assert call.state is State.OUTSIDE
    assert call.step(CallerGone(), 9) == [Finish("rescued", "max_calls")]


STAGES = st.integers(1, 3)
RESOURCES = st.builds(Resource, st.sampled_from(Kind), STAGES)
OUTCOMES = st.sampled_from(
    [
        Outcome("goodbye"),
        Outcome("goodbye", "callback"),
        Outcome("handover", "x", "sales"),
        Outcome("handover"),
        Outcome("failed"),
        Outcome("caller_left"),
    ]
)
REASONS = st.just("x")
RESULTS = st.sampled_from(
    [
        TransferResult("joined", "accepted"),
        TransferResult("back_to_agent", "TIMEOUT"),
        TransferResult("callback", "caller_asked"),
        TransferResult("callback", "TIMEOUT"),
        TransferResult("blind", "ami_lost", queue="support", position=2),
        TransferResult("caller_left", "queued"),
        TransferResult("other_queue", "forced", queue="sales"),
        TransferResult("phone", "forced", phone="2001"),
    ]
)
ANYTHING: st.SearchStrategy[CallEvent] = st.one_of(
    st.builds(Arrived, st.sampled_from(["", "", "max_calls"])),
    st.just(Answered()),
    st.builds(AnswerFailed, REASONS, st.booleans()),
    st.builds(LegEntered, STAGES),
    st.builds(LegGone, STAGES),
    st.builds(Joined, STAGES),
    st.builds(JoinFailed, STAGES, REASONS),
    st.builds(ConversationEnded, STAGES, OUTCOMES),
    st.just(Briefed()),
    st.builds(PersonReady, STAGES, st.just("Local/person;1")),
    st.builds(TransferEnded, STAGES, RESULTS),
    st.just(LeaveAccepted()),
    st.builds(LeaveFailed, st.booleans()),
    st.just(LeftStasis()),
    st.builds(AudioBroken, STAGES, st.just("nothing_sent")),
    st.just(EnteredElsewhere()),
    st.just(CallerGone()),
    st.builds(Located, st.sampled_from(Where), STAGES),
    st.just(MediaGone()),
    st.just(Shutdown()),
    st.just(Tick()),
)

Happening: TypeAlias = CallEvent | tuple[int, bool]
"""Something that happens, or which open request is answered and whether it is refused."""
STORIES: st.SearchStrategy[list[Happening]] = st.lists(st.one_of(ANYTHING, st.tuples(st.integers(0, 9), st.booleans())), max_size=40)


class World:
    """Answers every request about resources, in the order that the test draws, and keeps count."""

    def __init__(self, call: CallMachine) -> None:
        self.call = call
        self.now = 0.0
        self.takes: Counter[Resource] = Counter()
        self.refused: Counter[Resource] = Counter()
        self.releases: Counter[Resource] = Counter()
        self.open: list[Action] = []
        self.finished = 0
        self.sent_on = False
        self.told_gone = False

    def step(self, event: CallEvent) -> None:
        before = self.call.state
        if isinstance(event, CallerGone) or (isinstance(event, Located) and event.where is Where.GONE):
            self.told_gone = True
        if isinstance(event, AnswerFailed) and event.gone and before is State.ATTACHING:
            self.told_gone = True
        if isinstance(event, Arrived):
            self.sent_on = False
        actions = self.call.step(event, self.now)
        for action in actions:
            self._note(action)
        self._check(before, event)

    def _note(self, action: Action) -> None:
        match action:
            case Take(resource):
                self.takes[resource] += 1
                self.open.append(action)
            case Release(resource, _):
                self.releases[resource] += 1
                self.open.append(action)
            case Leave() | Hangup():
                self.sent_on = True
            case Finish() | Yield():
                self.finished += 1

    def _check(self, before: State, event: CallEvent) -> None:
        state = self.call.state
        assert (self.call.deadline is None) == (state in (State.NEW, State.ENDED)), "every state has an exit"
        for resource, takes in self.takes.items():
            kept = takes - self.refused[resource] - self.releases[resource]
            assert kept in (0, 1), "nothing is taken again before it is given back, nor given back twice"
            assert takes == 1 or resource.kind in (Kind.CONVERSATION, Kind.TRANSFER), (
                "only what a search for a person interrupts comes again"
            )
        left = state in (State.OUTSIDE, State.ENDING, State.ENDED) and before not in (State.NEW, State.OUTSIDE, State.ENDING, State.ENDED)
        if left:
            unasked = isinstance(event, LeftStasis | Located | EnteredElsewhere)
            assert self.sent_on or self.told_gone or unasked, "a caller on the line is sent on"

    def answer(self, index: int, *, refuse: bool) -> None:
        action = self.open.pop(index % len(self.open))
        match action:
            case Take(resource) if refuse:
                self.refused[resource] += self.releases[resource] == 0  # refused while it was being given back: that still counts
                self.step(Refused(resource, "x"))
            case Take(resource):
                self.step(Taken(resource))
            case Release(resource, _):
                # The shell waits for a take under way before it gives back.
                if (pending := Take(resource)) in self.open:
                    self.open.remove(pending)
                    self.step(Taken(resource))
                self.step(Released(resource))

    def settle(self) -> None:
        while self.open:
            self.answer(0, refuse=False)

    def search(self) -> None:
        """From the arrival to the search for a person."""
        self.step(Answered())
        self.settle()
        self.step(LegEntered(1))
        self.settle()
        self.step(Joined(1))
        self.settle()
        self.step(ConversationEnded(1, Outcome("handover", "caller_request", "sales")))
        self.settle()
        self.step(Briefed())
        assert self.call.state is State.TRANSFERRING


def searching(call: CallMachine) -> None:
    """Take ``call`` from its arrival to the search for a person."""
    talking(call)
    stage = call.stage
    call.step(ConversationEnded(stage, Outcome("handover", "caller_request", "sales")), 1)
    call.step(Released(Resource(Kind.CONVERSATION, stage)), 1)
    assert call.step(Briefed(), 1) == [Take(Resource(Kind.TRANSFER, stage))]
    call.step(Taken(Resource(Kind.TRANSFER, stage)), 1)
    assert call.state is State.TRANSFERRING
    assert call.beats


def test_the_caller_stays_until_a_person_takes_them() -> None:
    call = machine(accompanied=True)
    searching(call)
    assert call.step(PersonReady(1, "Local/x;1"), 2) == [Leave("", peer="Local/x;1")]
    released = {action.resource.kind for action in call.step(LeaveAccepted(), 2) if isinstance(action, Release)}
    assert released == {Kind.LINE, Kind.LEG, Kind.BRIDGE, Kind.TRANSFER}
    call.step(LeftStasis(), 2)
    assert (call.state, call.outcome) == (State.OUTSIDE, ("handover", "caller_request"))


def test_when_no_person_is_to_be_had_the_agent_goes_on() -> None:
    call = machine(accompanied=True)
    searching(call)
    actions = call.step(TransferEnded(1, TransferResult("back_to_agent", "TIMEOUT")), 30)
    assert actions == [Release(Resource(Kind.TRANSFER, 1), "hangup"), Take(Resource(Kind.CONVERSATION, 1))]
    assert call.state is State.TALKING


@pytest.mark.parametrize(
    ("result", "leave"),
    [
        (TransferResult("blind", "ami_lost", queue="sales", position=2), Leave("sales", position=2)),
        (TransferResult("blind", "broken"), Leave("sales")),
        (TransferResult("other_queue", "JOINEMPTY", queue="spare"), Leave("spare")),
        (TransferResult("phone", "forced", phone="2001"), Leave("", phone="2001")),
    ],
)
def test_a_search_that_ends_otherwise_sends_the_caller_on(result: TransferResult, leave: Leave) -> None:
    call = machine(accompanied=True)
    searching(call)
    assert leave in call.step(TransferEnded(1, result), 30)


@pytest.mark.parametrize("event", [MediaGone(), Shutdown(), LegGone(1), Refused(Resource(Kind.TRANSFER, 1), "x")])
def test_a_fault_while_searching_sends_the_caller_to_the_same_queue(event: CallEvent) -> None:
    call = machine(accompanied=True)
    searching(call)
    assert Leave("sales") in call.step(event, 2)


def test_a_caller_who_hangs_up_while_a_person_is_looked_for_has_left() -> None:
    call = machine(accompanied=True)
    searching(call)
    assert Release(Resource(Kind.TRANSFER, 1), "hangup") in call.step(CallerGone(), 2)
    assert call.outcome == ("caller_left", "caller_request")


def test_a_caller_asked_to_be_called_back_is_let_go() -> None:
    call = machine(accompanied=True)
    searching(call)
    assert Hangup() in call.step(TransferEnded(1, TransferResult("callback", "caller_asked")), 2)
    assert call.outcome == ("callback", "")


@settings(max_examples=600, deadline=None)
@given(
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from(["", "max_calls"]),
    st.lists(st.one_of(ANYTHING, st.tuples(st.integers(0, 9), st.booleans())), max_size=40),
)
def test_whatever_happens_everything_is_given_back_once_and_the_caller_is_not_lost(
    kind: tuple[bool, bool], refused: str, story: list[Happening]
) -> None:
    world = World(machine(echo=kind[0], accompanied=kind[1]))
    world.step(Arrived(refused))
    if kind == (False, True) and not refused:
        world.search()
    for happening in story:
        world.now += 0.1
        if not isinstance(happening, tuple):
            world.step(happening)
        elif world.open:
            world.answer(happening[0], refuse=happening[1])
    world.step(CallerGone())
    world.settle()
    assert world.call.state is State.ENDED
    assert world.finished == 1
    assert world.takes == world.releases + world.refused, "what was taken is given back, what was refused is not"
    assert not world.call.held


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([(False, False), (True, False), (False, True)]), STORIES)
def test_time_alone_leads_out_of_every_state(kind: tuple[bool, bool], story: list[Happening]) -> None:
    """When nothing answers any more, the caller is still sent on or looked for, and nobody is served for ever."""
    world = World(machine(echo=kind[0], accompanied=kind[1]))
    world.step(Arrived())
    if kind[1]:
        world.search()
    for happening in story:
        if not isinstance(happening, tuple):
            world.step(happening)
        elif world.open:
            world.answer(happening[0], refuse=happening[1])
    for _ in range(40):
        if world.call.deadline is None:
            break
        world.now = max(world.now, world.call.deadline)
        world.step(Tick())
    assert world.call.state in (State.OUTSIDE, State.ENDED)
    if world.call.state is State.OUTSIDE:
        assert Locate(world.call.stage) in world.call.step(Tick(), world.now)
