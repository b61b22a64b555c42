"""What came of a call, ready to print or to send as JSON."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import soxr

from agents.audio import RATE, Pcm, silence
from ari_app.caller import measures
from ari_app.caller.leg import EndReason, Times
from ari_app.caller.measures import IntervalStats, Side
from ari_app.caller.packet_log import PacketLog
from ari_app.caller.recording import Sides
from ari_app.caller.script import Spoken
from ari_app.media.g711 import RATE as LINE_RATE

Transcribe: TypeAlias = Callable[[Pcm], Awaitable[str]]
"""Mono int16 at 16 kHz to text."""
_TURN_BRIDGE_MS = 500
_PADDING_NS = 200_000_000


@dataclass(frozen=True, slots=True)
class Turn:
    """Times in ms since the INVITE."""

    who: Literal["caller", "agent"]
    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class CallReport:
    """Times in ms since the INVITE unless said otherwise. ``measures`` defines the figures."""

    number: str
    call_id: str
    """SIP Call-ID."""
    answered: bool
    failure: str | None = None
    """Name of the outcome class, such as ``NumberNotFound``."""
    status: int | None = None
    """Final SIP status of the INVITE."""
    reason: str | None = None
    end_reason: EndReason | None = None
    problem: str | None = None
    """Why the script stopped early."""
    ringing_ms: float | None = None
    answered_ms: float | None = None
    first_packet_ms: float | None = None
    first_audio_ms: float | None = None
    """INVITE to the first speech frame heard."""
    ended_ms: float | None = None
    law: str | None = None
    transcript: list[Turn] = field(default_factory=list)
    response_gaps_ms: list[float | None] = field(default_factory=list)
    """One per utterance or key press; None when nothing was said before the next one, or the agent cut in."""
    cut_ins: int = 0
    barge_in_stops_ms: list[float | None] = field(default_factory=list)
    """One per interruption; None when the agent was in a pause."""
    longest_silence_ms: float | None = None
    """Neither side to be heard, between answer and end."""
    received: IntervalStats | None = None
    sent: IntervalStats | None = None
    unreadable: int = 0
    files: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person: the transcript and the figures."""
        head = [] if self.answered else [f"call to {self.number} failed: {self.status} {self.reason}"]
        talk = [f"{turn.start_ms / 1000:7.2f}  {turn.who:<6}  {turn.text}" for turn in self.transcript]
        gaps = [gap for gap in self.response_gaps_ms if gap is not None]
        tail = [f"answered after {self.answered_ms:.0f} ms"] if self.answered_ms is not None else []
        tail += [f"first audible after {self.first_audio_ms:.0f} ms"] if self.first_audio_ms is not None else []
        tail += [f"response gaps {', '.join(f'{gap:.0f}' for gap in gaps)} ms"] if gaps else []
        tail += [f"stopped {stop:.0f} ms after being interrupted" for stop in self.barge_in_stops_ms if stop is not None]
        tail += [f"longest silence {self.longest_silence_ms:.0f} ms"] if self.longest_silence_ms is not None else []
        if self.received is not None and self.received.packets:
            stats = self.received
            tail.append(
                f"{stats.packets} packets, {stats.within_2ms:.1%} within ±2 ms, worst {stats.worst_ms:.1f} ms, {stats.missing} missing"
            )
        tail += [f"stopped early: {self.problem}"] if self.problem else []
        return [*head, *talk, *([" · ".join(tail)] if tail else []), *self.files.values()]


def set_times(report: CallReport, times: Times) -> None:
    def since(at: float | None) -> float | None:
        return None if at is None else (at - times.invite) * 1000

    report.ringing_ms, report.answered_ms, report.ended_ms = since(times.ringing), since(times.answered), since(times.ended)


def set_figures(report: CallReport, log: PacketLog, times: Times, spoken: Sequence[Spoken]) -> None:
    """Everything that the packets say."""
    caller, agent = Side.of(log.sent), Side.of(log.received)
    invite_ns = round(times.invite * 1e9)
    first = measures.first_audible(agent)
    report.first_packet_ms = (log.received[0].at_ns - invite_ns) / 1e6 if log.received else None
    report.first_audio_ms = (first - invite_ns) / 1e6 if first is not None else None
    gaps = measures.response_gaps(spoken, caller, agent)
    report.response_gaps_ms, report.cut_ins = [gap.gap_ms for gap in gaps], sum(gap.cut_in for gap in gaps)
    report.barge_in_stops_ms = [stop.stop_ms for stop in measures.barge_ins(spoken, caller, agent)]
    report.received, report.sent = measures.interval_stats(log.received), measures.interval_stats(log.sent)
    report.unreadable = log.unreadable
    if times.answered is not None and times.ended is not None:
        report.longest_silence_ms = measures.longest_silence_ms(round(times.answered * 1e9), round(times.ended * 1e9), caller, agent)


async def set_transcript(
    report: CallReport, log: PacketLog, both: Sides, invite_ns: int, spoken: Sequence[Spoken], transcribe: Transcribe | None
) -> None:
    """The agent's side by ``transcribe`` (empty texts without it); the caller's as the script has it, recordings transcribed."""

    async def text_of(side: Pcm, start_ns: int, end_ns: int) -> str:
        if transcribe is None:
            return ""
        pcm = both.cut(side, start_ns - _PADDING_NS, end_ns + _PADDING_NS)
        return await transcribe(np.concatenate((silence(0.1), upsample(pcm), silence(0.1))))

    def turn(who: Literal["caller", "agent"], text: str, start_ns: int, end_ns: int) -> Turn:
        return Turn(who, text, (start_ns - invite_ns) // 1_000_000, (end_ns - invite_ns) // 1_000_000)

    turns = []
    for spurt in Side.of(log.received).talk(_TURN_BRIDGE_MS):
        turns.append(turn("agent", await text_of(both.agent, spurt.start_ns, spurt.end_ns), spurt.start_ns, spurt.end_ns))
    for item in spoken:
        recorded = item.text.endswith(".wav") and transcribe is not None
        text = await text_of(both.caller, item.start_ns, item.end_ns) if recorded else item.text
        turns.append(turn("caller", f"[{text}]" if item.kind == "key" else text, item.start_ns, item.end_ns))
    report.transcript = sorted(turns, key=lambda each: each.start_ms)


def upsample(pcm: Pcm) -> Pcm:
    """A whole utterance from the line's rate to 16 kHz."""
    return np.asarray(soxr.resample(pcm, LINE_RATE, RATE), dtype=np.int16)


def add_files(report: CallReport, files: dict[str, Path]) -> None:
    report.files = {kind: str(path) for kind, path in files.items()}
