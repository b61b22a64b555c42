"""Callers side by side: each with a number of its own, one voice and one pair of RTP threads for all."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from ari_app.caller.calling import CallRecord, Line, Manner, dialled, place_call, record_call
from ari_app.caller.report import CallReport
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.script import Step
from ari_app.caller.user_agent import SipTarget, UserAgent
from ari_app.commands.call import Voice
from tests.e2e.history import newest_calls, whole
from tests.e2e.instance import Instance
from tests.e2e.people import trunk, voice_of


@dataclass(frozen=True, slots=True)
class Callers:
    instance: Instance
    voice: Voice
    threads: RtpThreads

    async def call(
        self,
        number: str,
        steps: Sequence[Step],
        *,
        caller_id: str = "5550100",
        target: SipTarget | None = None,
        manner: Manner | None = None,
        bind: str = "127.0.0.1",
    ) -> CallReport:
        """One scripted call from ``caller_id``; the agent's side is not transcribed, ``history_of`` knows what it said."""
        target = target or trunk(self.instance, caller_id)
        async with await UserAgent.open(target, bind=bind) as agent:
            return await place_call(target, number, steps, synthesize=self.voice.synthesize, manner=manner, shared=(agent, self.threads))

    async def record(self, number: str, steps: Sequence[Step], *, caller_id: str, manner: Manner | None = None) -> CallRecord:
        """The same, with its packets."""
        async with await UserAgent.open(trunk(self.instance, caller_id)) as agent:
            return await record_call(agent, self.threads, number, steps, synthesize=self.voice.synthesize, manner=manner)

    @contextlib.asynccontextmanager
    async def line(self, number: str, *, caller_id: str = "5550100", manner: Manner | None = None) -> AsyncIterator[Line]:
        """A call without a script, dialled and not yet answered; leaving hangs up."""
        async with await UserAgent.open(trunk(self.instance, caller_id)) as agent, dialled(agent, self.threads, number, manner) as line:
            yield line


@contextlib.asynccontextmanager
async def callers(instance: Instance) -> AsyncIterator[Callers]:
    async with voice_of(instance) as voice:
        with RtpThreads() as threads:
            yield Callers(instance, voice, threads)


def histories(instance: Instance, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The newest call of each of these caller ids, with its turns. Raises AssertionError naming a caller without one."""
    listed = newest_calls(instance, 60)
    newest = {call["caller"]: call["id"] for call in reversed(listed)}
    assert not set(wanted) - set(newest), f"no call of {sorted(set(wanted) - set(newest))} in the history"
    return {caller: whole(instance, newest[caller]) for caller in wanted}


def said(call: dict[str, Any], who: str) -> list[str]:
    """What one side of a recorded call said, turn by turn, in lower case."""
    return [turn["text"].lower() for turn in call["turns"] if turn["who"] == who]
