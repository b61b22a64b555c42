"""The watchdog of one call: each fault is told once for a stage, and the call machine builds the audio anew once."""

import pytest

from agents.transcript import Outcome
from ari_app.calls.audio_watch import AudioAction, AudioFault, AudioWatch, EndCall, PassOn, Rebuild, Seen
from ari_app.calls.inflow import AskPackets, InflowLimits
from ari_app.calls.machine import CallMachine
from ari_app.calls.pulse_watch import EVERY_S, SILENT_S, PulseWatch
from ari_app.calls.steps import (
    AudioBroken,
    Brief,
    Briefed,
    ConversationEnded,
    Joined,
    JoinFailed,
    Kind,
    Leave,
    LeaveAccepted,
    LeftStasis,
    LegEntered,
    Note,
    Refused,
    Release,
    Released,
    Resource,
    State,
    Take,
    Taken,
    Tick,
)
from ari_app.media.pulse import Pulse
from tests.ari_app.calls.test_call_machine import LIMITS, machine, talking

WELL = Seen(1, None, stalled=False, talking=True)


def watch_for(seconds: float, **changes: object) -> list[AudioAction]:
    """A call with pulses of a line that sends as it should but for ``changes`` of Seen; ``sending`` False stops it."""
    watch, done = AudioWatch(InflowLimits()), list[AudioAction]()
    sending = bool(changes.pop("sending", True))
    received = int(str(changes.pop("received", 100)))
    for number in range(int(seconds / 0.25)):
        now = number * 0.25
        pulse = Pulse(now // 0.5 * 0.5, int(now // 0.5) * 25 if sending else 25, 0, received, False)
        seen = Seen(**{"stage": 1, "pulse": pulse, "stalled": False, "talking": True, **changes})  # type: ignore[arg-type]
        done += [action for action in watch.step(seen, now) if not isinstance(action, AskPackets)]
    return done


def test_a_good_call_is_left_alone() -> None:
    assert watch_for(30) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sending": False}, AudioFault.NOTHING_SENT),
        ({"line": (True, 7)}, AudioFault.CONVERSATION_STANDS),
        ({"mind": (True, 7)}, AudioFault.CONVERSATION_STANDS),
        ({"line": (True, 7), "mind": (True, 7), "sending": False}, AudioFault.NOTHING_SENT),
    ],
)
def test_each_fault_asks_for_one_rebuilding_within_two_seconds(changes: dict[str, object], fault: AudioFault) -> None:
    assert watch_for(2.0, **changes) == [Rebuild(fault)]
    assert watch_for(20.0, **changes) == [Rebuild(fault)]


def test_nobody_talks_and_nobody_stands() -> None:
    assert watch_for(10, talking=False, line=(True, 7)) == []


def test_a_new_stage_is_watched_anew() -> None:
    watch, found = AudioWatch(InflowLimits()), list[AudioAction]()
    for number in range(16):
        stage = 1 + number // 8
        found += watch.step(Seen(stage, Pulse(number * 0.5, 3, 0, 9, False), False, True), number * 0.5)
    assert found == [Rebuild(AudioFault.NOTHING_SENT)] * 2


def test_before_the_first_pulse_nothing_is_judged() -> None:
    watch = AudioWatch(InflowLimits())
    assert not any(watch.step(Seen(1, None, True, True, (True, 1)), now * 0.25) for now in range(40))


def test_the_limits_of_silence_lead_to_a_person_or_to_the_end() -> None:
    assert watch_for(30, stalled=True, received=0)[-1] == PassOn()
    assert watch_for(60, stalled=True, received=9)[-1] == EndCall()


# Whether the media process stands


def test_a_process_without_pulses_stands_and_time_of_our_own_does_not_count() -> None:
    silent = PulseWatch()
    assert [silent.step(3, number * EVERY_S) for number in range(8)].index(True) * EVERY_S <= SILENT_S + EVERY_S
    busy = PulseWatch()
    assert not busy.step(3, 0.0)
    assert not busy.step(3, 30.0)
    assert not busy.step(4, 30.1)


def test_a_process_with_pulses_is_alive() -> None:
    watch = PulseWatch()
    assert not any(watch.step(number // 2, number * EVERY_S) for number in range(100))


# What the call machine makes of it


def parts(stage: int, *kinds: Kind) -> list[Resource]:
    return [Resource(kind, stage) for kind in kinds]


def test_the_audio_is_built_anew_once_and_then_the_caller_goes_to_the_queue() -> None:
    call = machine()
    talking(call)
    actions = call.step(AudioBroken(1, "nothing_sent"), 5)
    line, bridge = parts(2, Kind.LINE, Kind.BRIDGE)
    assert actions[0] == Note("audio_rebuilt", "nothing_sent")
    assert {action.resource.kind for action in actions if isinstance(action, Release)} == set(Kind) - {Kind.TRANSFER}
    assert actions[-2:] == [Take(line), Take(bridge)]
    assert call.state is State.ATTACHING
    assert call.rebuilt
    for event in (Taken(line), Taken(bridge), LegEntered(2)):
        call.step(event, 5)
    for old in parts(1, *Kind):
        call.step(Released(old), 5)
    call.step(Taken(Resource(Kind.LEG, 2)), 5)
    assert call.step(Joined(2), 5) == [Take(Resource(Kind.CONVERSATION, 2))]
    assert call.step(ConversationEnded(1, Outcome("caller_left")), 5) == []
    assert call.step(AudioBroken(1, "nothing_sent"), 6) == []
    again = call.step(AudioBroken(2, "nothing_sent"), 6)
    assert again == [Note("audio_broken", "nothing_sent"), Brief("support", "nothing_sent")]
    assert call.step(Briefed(), 6) == [Leave("support")]


@pytest.mark.parametrize(
    "event", [Refused(Resource(Kind.LINE, 2), "full"), JoinFailed(2, "x"), Tick()], ids=["no port", "no bridge", "too slow"]
)
def test_a_rebuilding_that_fails_leads_to_the_queue_with_a_card(event: object) -> None:
    call = machine()
    talking(call)
    call.step(AudioBroken(1, "leg_deaf"), 5)
    actions = call.step(event, (call.deadline or 0) + 0.1)  # type: ignore[arg-type]
    assert [type(action) for action in actions if not isinstance(action, Release)] == [Note, Brief]
    assert call.step(Briefed(), 8)[0] == Leave("support")


def test_a_caller_who_is_back_from_the_queue_has_another_attempt() -> None:
    call = machine()
    talking(call)
    call.step(AudioBroken(1, "x"), 1)
    assert LIMITS.rebuild_s < 2
    call.step(Tick(), 4)
    call.step(Briefed(), 4)
    talking_again(call)
    first, *_ = call.step(AudioBroken(call.stage, "x"), 9)
    assert first == Note("audio_rebuilt", "x")
    assert call.state is State.ATTACHING


def talking_again(call: CallMachine) -> None:
    call.step(LeaveAccepted(), 5)
    call.step(LeftStasis(), 5)
    talking(call)
