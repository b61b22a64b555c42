"""Whose audio is looked at: the caller's who is with the agent or waits, and not theirs who talks with a person."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from ari_app.calls.actor import CallActor
from ari_app.calls.audio_rounds import AudioRounds
from ari_app.calls.inflow import InflowLimits
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.overload import Overload
from ari_app.calls.steps import AudioBroken, State
from ari_app.calls.transfer_run import TransferRun
from ari_app.media.pulse import Pulse
from handoff import transfer_steps


class Actor:
    """Stands for a CallActor: what AudioRounds reads of one."""

    def __init__(self, **parts: object) -> None:
        self.__dict__.update(parts)


class Deaf:
    """A call whose leg hears nothing while Asterisk goes on counting the caller's packets."""

    def __init__(self, transfer_state: transfer_steps.State | None) -> None:
        self.posted: list[object] = []
        self.noted: list[str] = []
        self._now = 0.0
        run = SimpleNamespace(machine=SimpleNamespace(state=transfer_state))
        run.caller_away = TransferRun.caller_away.fget(cast(TransferRun, run))  # type: ignore[attr-defined]
        self.actor: Any = Actor(
            machine=SimpleNamespace(stage=1),
            shell=SimpleNamespace(line=self._line),
            echo=False,
            state=State.TALKING if transfer_state is None else State.TRANSFERRING,
            talk=None,
            transfers=lambda: [] if transfer_state is None else [run],
            record=SimpleNamespace(
                note=lambda kind, **_: self.noted.append(kind),
                show_audio=lambda _: None,
                facts=SimpleNamespace(channel_name="PJSIP/a", channel_id="a", call_id="a"),
            ),
            post=self.posted.append,
        )

    def _line(self, _: int) -> object:
        pulse = Pulse(self._now // 0.5 * 0.5, int(self._now // 0.5) * 25, 0, 50, False)
        return SimpleNamespace(pulse=pulse, stalled=self._now > 1.0, uptake=(False, 0))

    def watched(self, seconds: float) -> None:
        rounds = AudioRounds(
            lambda: [cast(CallActor, self.actor)],
            lambda: None,
            cast(Any, None),
            CallMetrics(CollectorRegistry()),
            InflowLimits(),
            Overload(),
        )
        rounds._spawn_ask = lambda actor: rounds._do(actor, rounds._watches[actor].packets(round(self._now * 50), 1, self._now))  # type: ignore[method-assign]
        for step in range(int(seconds * 4)):
            self._now = step / 4
            rounds._look(self.actor, self._now)


@pytest.mark.parametrize("state", [None, transfer_steps.State.QUEUED, transfer_steps.State.BRIEFING])
def test_a_deaf_leg_is_noticed_with_the_agent_and_in_line(state: transfer_steps.State | None) -> None:
    call = Deaf(state)
    call.watched(10)
    assert [type(event) for event in call.posted] == [AudioBroken]


@pytest.mark.parametrize("state", [transfer_steps.State.ACCEPTED, transfer_steps.State.BRIDGING])
def test_nobody_is_missed_who_talks_with_a_person(state: transfer_steps.State) -> None:
    call = Deaf(state)
    call.watched(60)
    assert (call.posted, call.noted) == ([], [])
