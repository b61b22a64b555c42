"""Ordinary calls beside the fuzzing: they must work as if nothing happened."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from typing import Final

from ari_app.caller.calling import dialled
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget, UserAgent

ANSWER_S: Final = 10.0
TALK_S: Final = 2.0
FINE: Final = "heard"


class SideCalls:
    """``outcomes`` by word, ``FINE`` when the call was answered and heard the agent; ``answer_ms`` of each that was."""

    def __init__(self, target: SipTarget, number: str, caller_id: str) -> None:
        self._target = replace(target, caller_id=caller_id)
        self._number = number
        self.outcomes: Counter[str] = Counter()
        self.answer_ms: list[float] = []

    async def run(self, every_s: float) -> None:
        """Until cancelled; the call under way is finished then."""
        with RtpThreads() as threads:
            while True:
                call = asyncio.ensure_future(self._call(threads))
                try:
                    await asyncio.shield(call)
                    await asyncio.sleep(every_s)
                except asyncio.CancelledError:
                    await call
                    raise

    async def _call(self, threads: RtpThreads) -> None:
        async with await UserAgent.open(self._target, bind="127.0.0.1") as agent, dialled(agent, threads, self._number) as line:
            began = time.monotonic()
            try:
                await asyncio.wait_for(line.leg.answered(), ANSWER_S)
            except CallFailed as error:
                self.outcomes[f"refused with {error.status}"] += 1
                return
            except TimeoutError:
                self.outcomes[f"no answer in {ANSWER_S:g} s"] += 1
                return
            self.answer_ms.append((time.monotonic() - began) * 1000)
            line.session.play(unique_noise(TALK_S / 2, -25))
            await asyncio.sleep(TALK_S)
            self.outcomes[FINE if line.session.log.received else "answered, nothing heard"] += 1
