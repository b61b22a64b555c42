"""One call as spans of a trace: what lasted how long, inside of what. Pure; ``traces`` sends them.

Attributes follow OpenTelemetry's naming (lower case, dots); those of ours begin with ``patchcord.``. Nothing that was said, and no
number of a caller, is among them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agents.transcript import JsonValue, Turn
from handoff.records.store import CallEnded, CallStarted

Attribute = str | int | float | bool

MOST_PARTS: Final = 2000
"""Turns and events of one call that are kept; a call that goes on longer loses its earliest."""
_TRANSFER_BEGINS: Final = "handover"
_TRANSFER_ENDS: Final = frozenset({"transfer_ended", "with_person"})
_TOLD: Final = frozenset(
    {"no_input", "transcription_failed", "speech_failed", "pipeline_error", "escalation_rule", "flagged", "agent_version", "variant"}
)
"""Events that become events of the call's span."""
_PLAIN: Final = frozenset({"rule", "act", "reason", "agent", "version", "name", "part", "shadow", "queue", "kind", "error"})
"""Fields of events that say nothing about a person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of a span."""

    name: str
    at_ns: int
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Span:
    """Times are nanoseconds since 1970."""

    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    moments: Sequence[Moment] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One call: ``root`` contains all ``parts``."""

    root: Span
    parts: Sequence[Span]


def tell(
    started: CallStarted, ended: CallEnded, turns: Sequence[Turn], events: Sequence[tuple[str, float, Mapping[str, JsonValue]]]
) -> Trace:
    """The trace of a call that is over. ``events``: kind, ``time.monotonic()``, data, in the order in which they happened."""
    epoch_ns = int(started.started_at.timestamp() * 1e9)

    def ns(at: float) -> int:
        return epoch_ns + max(0, int((at - started.started_monotonic) * 1e9))

    end_ns = max(epoch_ns, int(ended.ended_at.timestamp() * 1e9))
    parts = [part for turn in turns for part in _spans_of(turn, ns)]
    parts += [_tool(data, ns(at)) for kind, at, data in events if kind == "tool"]
    parts += _transfers([(kind, ns(at), data) for kind, at, data in events], end_ns)
    root = Span(
        "call",
        epoch_ns,
        end_ns,
        {
            "patchcord.call_id": started.call_id,
            "patchcord.number": started.number,
            "patchcord.route": started.route,
            "patchcord.outcome": ended.outcome,
            "patchcord.reason": ended.reason,
        },
        [Moment(kind, ns(at), _plain(data)) for kind, at, data in events if kind in _TOLD],
        failed=ended.outcome in ("failed", "rescued"),
    )
    return Trace(root, sorted(parts, key=lambda part: (part.start_ns, part.end_ns)))


def _spans_of(turn: Turn, ns: Callable[[float], int]) -> list[Span]:
    about: dict[str, Attribute] = {"patchcord.turn": turn.number, "patchcord.via": turn.via, "patchcord.interrupted": turn.interrupted}
    spans = [Span(f"{turn.who} speaks", ns(turn.started_at), ns(turn.ended_at), about)]
    if turn.who == "agent" and "gap" in turn.latency_ms:
        stages: dict[str, Attribute] = {f"patchcord.{stage}_ms": round(float(ms), 1) for stage, ms in sorted(turn.latency_ms.items())}
        begun = turn.started_at - turn.latency_ms["gap"] / 1000
        spans.append(Span("response", ns(begun), ns(turn.started_at), {"patchcord.turn": turn.number, **stages}))
    return spans


def _tool(data: Mapping[str, JsonValue], end_ns: int) -> Span:
    took = data.get("ms")
    start_ns = end_ns - int((took if isinstance(took, int | float) else 0) * 1_000_000)
    name = data.get("name")
    return Span("tool", start_ns, end_ns, {"patchcord.tool": str(name)}, failed=data.get("ok") is not True)


def _transfers(events: Sequence[tuple[str, int, Mapping[str, JsonValue]]], call_end_ns: int) -> list[Span]:
    """From the decision to a person, or to what came of it otherwise; one still open at the end of the call ends with it."""
    spans: list[Span] = []
    begun: tuple[int, dict[str, Attribute]] | None = None
    for kind, at, data in events:
        if kind == _TRANSFER_BEGINS and begun is None:
            begun = at, _plain(data)
        elif kind in _TRANSFER_ENDS and begun is not None:
            result = "with_person" if kind == "with_person" else str(data.get("kind", ""))
            spans.append(Span("transfer", begun[0], at, {**begun[1], "patchcord.result": result}))
            begun = None
    if begun is not None:
        spans.append(Span("transfer", begun[0], max(call_end_ns, begun[0]), {**begun[1], "patchcord.result": "call_ended"}))
    return spans


def _plain(data: Mapping[str, JsonValue]) -> dict[str, Attribute]:
    return {
        f"patchcord.{key}": value for key, value in sorted(data.items()) if key in _PLAIN and isinstance(value, str | int | float | bool)
    }
