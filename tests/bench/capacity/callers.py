"""Callers by the hundred: signalling by the scripted telephone, RTP by ``RtpCrowd``."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from ari_app.caller import sdp
from ari_app.caller.leg import MediaOffer
from ari_app.caller.outcome import CallFailed
from ari_app.caller.outgoing import OutgoingCall
from ari_app.caller.user_agent import SipTarget, UserAgent
from tests.bench.capacity.rtp_crowd import RtpCrowd

_ANSWER_S: Final = 20.0
FIRST_NUMBER: Final = 5_560_000
"""Caller ids count from here."""


@dataclass
class CrowdCall:
    slot: int
    caller_id: str
    placed_at: float
    """Monotonic seconds, like the rest."""
    agent: UserAgent
    leg: OutgoingCall | None = None
    problem: str = ""
    """Why it was not answered; empty while it may be."""
    hung_up: bool = False
    """By us."""
    over: bool = False
    """Its slot is given back."""
    abandoned: bool = False
    """Whoever placed it was cancelled meanwhile."""

    @property
    def answered(self) -> bool:
        return self.leg is not None and self.leg.times.answered is not None

    @property
    def live(self) -> bool:
        return self.answered and self.leg is not None and not self.leg.ended.is_set()

    @property
    def lost(self) -> bool:
        """Ended, and not by us."""
        return self.answered and not self.live and not self.hung_up


@dataclass
class Callers:
    """Slots of the crowd are taken and given back; a caller id is never used twice."""

    target: SipTarget
    crowd: RtpCrowd
    calls: list[CrowdCall] = field(default_factory=list)
    """All that were placed and not forgotten."""
    _free: list[int] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self._free = list(range(self.crowd.size))[::-1]

    @property
    def live(self) -> list[CrowdCall]:
        return [call for call in self.calls if call.live]

    async def place(self, number: str, *, talkative: bool = True) -> CrowdCall:
        """Place a call and wait until it is answered or is not. Raises IndexError when the crowd is at its size."""
        slot = self._free.pop()
        caller_id = str(FIRST_NUMBER + self._count)
        self._count += 1
        target = SipTarget(self.target.host, self.target.port, caller_id=caller_id, display="")
        try:
            agent = await UserAgent.open(target, bind=self.crowd.host)
        except BaseException:
            self._free.append(slot)
            raise
        call = CrowdCall(slot, caller_id, time.monotonic(), agent)
        self.calls.append(call)

        def on_media(remote: sdp.RemoteAudio) -> None:
            self.crowd.attach(slot, remote.host, remote.port, talkative=talkative)

        try:
            await self._place(call, number, on_media)
        except asyncio.CancelledError:
            call.abandoned = True
            raise
        return call

    async def _place(self, call: CrowdCall, number: str, on_media: Callable[[sdp.RemoteAudio], None]) -> None:
        slot = call.slot
        call.leg = await call.agent.invite(number, MediaOffer(self.crowd.host, self.crowd.port(slot), ("ulaw",)), on_media)
        try:
            await asyncio.wait_for(call.leg.answered(), _ANSWER_S)
        except (CallFailed, TimeoutError) as error:
            call.problem = str(error) or f"no answer in {_ANSWER_S:g} s"
            await self.end(call)

    async def ramp(self, number: str, count: int, per_s: float) -> list[CrowdCall]:
        """Place ``count`` calls, evenly; returns when the last one is answered or is not."""
        began = time.monotonic()
        tasks = []
        for index in range(count):
            await asyncio.sleep(max(0.0, began + index / per_s - time.monotonic()))
            tasks.append(asyncio.create_task(self.place(number)))
        return await asyncio.gather(*tasks)

    async def end(self, call: CrowdCall) -> None:
        """Hang up, whatever has become of the call, and give the slot back. Twice is once."""
        if call.over:
            return
        call.over, call.hung_up = True, call.live or not call.answered
        self.crowd.detach(call.slot)
        await call.agent.close()
        self._free.append(call.slot)

    async def forget(self, call: CrowdCall) -> None:
        await self.end(call)
        with contextlib.suppress(ValueError):
            self.calls.remove(call)

    async def tidy(self) -> None:
        """Give back what was being placed when whoever placed it was cancelled."""
        for call in [each for each in self.calls if each.abandoned]:
            await self.forget(call)

    async def close(self) -> None:
        await asyncio.gather(*(self.end(call) for call in self.calls))


@contextlib.asynccontextmanager
async def callers(target: SipTarget, crowd: RtpCrowd) -> AsyncIterator[Callers]:
    made = Callers(target, crowd)
    try:
        yield made
    finally:
        await made.close()
