"""A call through a carrier: does it take the codec, does audio come back, do keys."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.calling import Line, Manner, dialled
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget, UserAgent
from dialplan.trunks import TrunkEntry

from . import findings
from .findings import Finding
from .probing import resolved

_ANSWER_S: Final = 30.0
_TALK_S: Final = 2.0


async def call_through(entry: TrunkEntry, number: str, *, echo: bool) -> AsyncIterator[Finding]:
    """``echo``: the number gives back what it hears."""
    if entry.transport != "udp":
        yield Finding(
            "call", True, f"not tried: test calls go by UDP only, this trunk uses {entry.transport.upper()}; call in from outside"
        )
        return
    if not entry.host or entry.said.proxy:
        problem = "there is no server to call through" if not entry.host else "test calls do not go through an outbound proxy"
        yield Finding("call", False, problem, "call in from outside, and watch: ./patchcord status")
        return
    address = await resolved(entry.host)
    said = entry.said
    caller = said.outbound.caller if said.outbound else ""
    target = SipTarget(address, entry.port, said.user or None, entry.password or None, caller_id=caller or "anonymous", display="")
    with RtpThreads() as threads:
        async with (
            await UserAgent.open(target, bind=_own_address(address)) as agent,
            dialled(agent, threads, number, Manner(laws=said.codecs)) as line,
        ):
            try:
                await asyncio.wait_for(line.leg.answered(), _ANSWER_S)
            except CallFailed as error:
                yield findings.call_refused(entry, error.status, error.reason)
                return
            except TimeoutError:
                early = "early media came" if line.session.log.received else "nothing was heard"
                yield Finding("call", True, f"it rang for {_ANSWER_S:g} s and nobody answered; {early}")
                return
            async for finding in _listened(entry, address, line, echo=echo):
                yield finding


async def _listened(entry: TrunkEntry, address: str, line: Line, *, echo: bool) -> AsyncIterator[Finding]:
    yield Finding("call", True, f"answered, in {line.session.law}")
    await line.say(_tone(_TALK_S))
    remote = line.leg.remote_audio
    agreed = remote is not None and remote.event_type is not None
    came_back: bool | None = None
    if echo and remote is not None and agreed:
        line.session.press("5")
        await asyncio.sleep(1.0)
        came_back = any(packet.payload_type == remote.event_type for packet in line.session.log.received)
    log = line.session.log
    yield findings.audio(len(log.sent), len(log.audio_received()), remote.host if remote else "?", not findings.private(address))
    yield findings.keys(entry, agreed, came_back)


def _own_address(address: str) -> str:
    """Ours on the way to ``address``; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return str(probe.getsockname()[0])


def _tone(seconds: float) -> Pcm:
    time_s = np.arange(int(8000 * seconds)) / 8000
    return (np.sin(2 * np.pi * 440 * time_s) * 6000).astype(np.int16)
