"""Place a call, perform a script on it, report what came of it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.audio import Pcm
from ari_app.caller import sdp
from ari_app.caller.leg import MediaOffer
from ari_app.caller.line_conditions import LineConditions
from ari_app.caller.listener import Listener
from ari_app.caller.outcome import CallFailed, NoResponse
from ari_app.caller.outgoing import OutgoingCall
from ari_app.caller.packet_log import PacketLog
from ari_app.caller.recording import save, sides
from ari_app.caller.report import CallReport, Transcribe, add_files, set_figures, set_times, set_transcript
from ari_app.caller.rtp_session import Misbehaviour, RtpSession
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.script import Patience, Performance, Spoken, Step, Synthesize, prepare
from ari_app.caller.user_agent import SipTarget, UserAgent
from ari_app.media.g711 import Law


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call is made: everything that has a sensible default."""

    laws: tuple[Law, ...] = ("ulaw", "alaw")
    events: bool = True
    """Offer RFC 4733 digits."""
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    conditions: LineConditions = field(default_factory=LineConditions)
    patience: Patience = field(default_factory=Patience)
    headers: tuple[tuple[str, str], ...] = ()
    """Extra headers on the INVITE."""
    extra_formats: tuple[tuple[int, str], ...] = ()
    answer_timeout_s: float = 30.0
    most_s: float = 300.0
    """The caller hangs up after so long, whatever the script says."""


@dataclass(frozen=True, slots=True)
class Line:
    """A call in progress: its signalling and its audio."""

    leg: OutgoingCall
    session: RtpSession
    listener: Listener

    @property
    def invite_ns(self) -> int:
        return round(self.leg.times.invite * 1e9)

    async def say(self, pcm: Pcm) -> None:
        """Speak (int16, 8 kHz) at once; returns when the last packet has left or the call is over."""
        playback = self.session.play(pcm)
        while not playback.done:
            if self.leg.ended.is_set():
                return
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def dialled(agent: UserAgent, threads: RtpThreads, number: str, manner: Manner | None = None) -> AsyncIterator[Line]:
    """The INVITE is on its way (``await line.leg.answered()`` next); leaving hangs up and gives everything back."""
    manner = manner or Manner()
    session = RtpSession(threads, agent.local[0], manner.misbehaviour, manner.conditions)
    offer = MediaOffer(session.host, session.port, manner.laws, manner.misbehaviour.packet_ms, manner.events, manner.extra_formats)

    def on_media(remote: sdp.RemoteAudio) -> None:
        session.muted = remote.direction in ("sendonly", "inactive")
        session.start((remote.host, remote.port), remote.select(manner.laws), remote.event_type)

    try:
        leg = await agent.invite(number, offer, on_media, list(manner.headers))
        try:
            yield Line(leg, session, Listener(session, leg.ended))
        finally:
            await agent.release(leg)
    finally:
        session.close()


@contextlib.asynccontextmanager
async def telephone(target: SipTarget) -> AsyncIterator[tuple[UserAgent, RtpThreads]]:
    """A user agent and the RTP threads, for one call or many."""
    with RtpThreads() as threads:
        agent = await UserAgent.open(target, bind="127.0.0.1" if target.host.startswith("127.") else "0.0.0.0")  # noqa: S104 - the PBX is elsewhere
        async with agent:
            yield agent, threads


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call that is over: the report, and what it was worked out from."""

    report: CallReport
    log: PacketLog
    spoken: list[Spoken]
    invite_ns: int


async def place_call(
    target: SipTarget,
    number: str,
    script: Sequence[Step],
    *,
    synthesize: Synthesize | None = None,
    transcribe: Transcribe | None = None,
    manner: Manner | None = None,
    out_dir: Path | None = None,
    shared: tuple[UserAgent, RtpThreads] | None = None,
) -> CallReport:
    """One scripted call, from INVITE to BYE. A refused call is a report too (``answered`` False, ``failure``, ``status``).

    ``out_dir`` gets the WAV files. ``shared`` (from ``telephone``) lets many calls use one port and one pair of threads.
    Raises ScriptError when the script cannot be performed, SipError when no port can be had.
    """
    async with contextlib.AsyncExitStack() as stack:
        agent, threads = shared if shared is not None else await stack.enter_async_context(telephone(target))
        record = await record_call(agent, threads, number, script, synthesize=synthesize, manner=manner)
    report, log = record.report, record.log
    if out_dir is None and transcribe is None and not record.spoken:
        return report
    both = sides(log)
    await set_transcript(report, log, both, record.invite_ns, record.spoken, transcribe)
    if out_dir is not None and len(both.agent):
        name = time.strftime("%Y%m%d-%H%M%S") + f"-{number}-{report.call_id[:6]}"
        add_files(report, await asyncio.to_thread(save, both, out_dir, name))
    return report


async def record_call(
    agent: UserAgent,
    threads: RtpThreads,
    number: str,
    script: Sequence[Step],
    *,
    synthesize: Synthesize | None = None,
    manner: Manner | None = None,
) -> CallRecord:
    """``place_call`` for an instrument: every packet comes back, and nothing is transcribed. Raises as ``place_call`` does."""
    manner = manner or Manner()
    speech = await prepare(script, synthesize)
    async with dialled(agent, threads, number, manner) as line:
        performance = Performance(line.session, line.listener, line.leg.ended, speech, manner.patience)
        report = CallReport(number, line.leg.call_id, answered=False)
        try:
            await _answered(line, manner.answer_timeout_s)
        except CallFailed as error:
            report.failure, report.status, report.reason = type(error).__name__, error.status, error.reason
        else:
            report.answered, report.status, report.law = True, 200, line.session.law
            await _perform(performance, script, manner.most_s)
    report.problem, report.end_reason = performance.problem, line.leg.end_reason
    set_times(report, line.leg.times)
    set_figures(report, line.session.log, line.leg.times, performance.spoken)
    return CallRecord(report, line.session.log, performance.spoken, line.invite_ns)


async def _answered(line: Line, limit_s: float) -> None:
    try:
        await asyncio.wait_for(line.leg.answered(), limit_s)
    except TimeoutError:
        raise NoResponse(408, f"nobody answered within {limit_s:g} s") from None


async def _perform(performance: Performance, script: Sequence[Step], most_s: float) -> None:
    try:
        await asyncio.wait_for(performance.run(script), most_s)
    except TimeoutError:
        performance.problem = f"the call lasted longer than {most_s:g} s"
