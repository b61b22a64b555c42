"""What on the floor needs a supervisor. Pure; texts hold no running times, so that an alert stays the same while it lasts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Literal

from agents.transcript import JsonValue
from handoff.desk.floor.live_calls import LiveCall
from handoff.desk.floor.live_mood import WITHOUT_MOOD, troubled
from handoff.queues.view import QueueView


@dataclass(frozen=True, slots=True)
class AlertLimits:
    """Past these an alert stands."""

    longest_wait_s: float = 60.0
    """Of a caller in a queue."""
    service_level: float = 0.8
    """Least share of the last 30 minutes."""
    offered: int = 5
    """Calls in the last 30 minutes before the service level says anything."""
    gap_ms: float = 2000.0
    """Median gap before the agent's answers in one call, milliseconds."""
    gaps: int = 3
    """Answers before the median says anything."""
    confidence: float = 0.4
    """Least of the last utterance, 0 to 1."""
    waiting_s: float = 120.0
    """For a person, in company of the AI."""
    paused_s: float = 1800.0
    """Of a member."""


@dataclass(frozen=True, slots=True)
class Alert:
    key: str
    """The same for as long as it is the same alert."""
    level: Literal["warn", "bad"]
    text: str
    since: float | None = None
    """Unix seconds."""
    call_id: str = ""

    def page(self) -> dict[str, JsonValue]:
        return {"key": self.key, "level": self.level, "text": self.text, "since": self.since, "call_id": self.call_id}


def find_alerts(
    calls: Iterable[LiveCall], queues: Mapping[str, QueueView], now: float, limits: AlertLimits, *, connected: bool = True
) -> list[Alert]:
    """The worst first. ``now``: Unix seconds. ``connected``: whether calls are heard of at all."""
    found = [] if connected else [Alert("feed", "bad", "Live calls cannot be seen: the service that holds them does not answer")]
    for queue in queues.values():
        found.extend(_of_queue(queue, now, limits))
    for call in calls:
        found.extend(_of_call(call, now, limits))
    found.extend(_of_members(queues, now, limits))
    return sorted(found, key=lambda alert: (alert.level != "bad", alert.key))


def _of_queue(queue: QueueView, now: float, limits: AlertLimits) -> Iterator[Alert]:
    if queue.stale_since is not None:
        yield Alert(f"stale:{queue.name}", "bad", f"Queue {queue.name}: Asterisk is not heard", queue.stale_since)
    longest = queue.longest_wait_since
    if longest is not None and queue.serving == 0:
        yield Alert(f"nobody:{queue.name}", "bad", f"Queue {queue.name}: callers wait and nobody is there to answer", longest)
    elif longest is not None and now - longest > limits.longest_wait_s:
        yield Alert(f"wait:{queue.name}", "bad", f"Queue {queue.name}: a caller waits longer than {limits.longest_wait_s:.0f} s", longest)
    recent = queue.last_30_min
    if recent.offered >= limits.offered and recent.service_levels:
        level = recent.service_levels[0].value
        if level is not None and level < limits.service_level:
            text = f"Queue {queue.name}: service level of the last 30 min below {limits.service_level:.0%}"
            yield Alert(f"level:{queue.name}", "warn", text)


def _of_call(call: LiveCall, now: float, limits: AlertLimits) -> Iterator[Alert]:
    state, since, confidence = call.facts.get("state"), call.facts.get("state_since"), call.facts.get("confidence")
    if state in ("waiting", "ringing") and isinstance(since, int | float) and now - since > limits.waiting_s:
        text = f"A caller is with the AI and waits for a person longer than {limits.waiting_s:.0f} s"
        yield Alert(f"person:{call.id}", "bad", text, float(since), call.id)
    if len(call.gaps_ms) >= limits.gaps and median(call.gaps_ms) > limits.gap_ms:
        yield Alert(f"gap:{call.id}", "warn", f"The agent answers late: median over {limits.gap_ms / 1000:g} s", None, call.id)
    if state == "talking" and isinstance(confidence, int | float) and confidence < limits.confidence:
        text = f"The agent is not sure what it understood: confidence below {limits.confidence:.0%}"
        yield Alert(f"confidence:{call.id}", "warn", text, None, call.id)

    mood = troubled(call.facts) if state not in WITHOUT_MOOD else ""
    if mood:
        yield Alert(f"mood:{call.id}", "warn", f"A caller with the AI seems {mood}", None, call.id)


def _of_members(queues: Mapping[str, QueueView], now: float, limits: AlertLimits) -> Iterator[Alert]:
    told: set[str] = set()
    for queue in queues.values():
        for member in queue.members:
            if member.state == "paused" and now - member.since > limits.paused_s and member.interface not in told:
                told.add(member.interface)
                text = f"{member.name} is paused longer than {limits.paused_s / 60:.0f} min"
                yield Alert(f"paused:{member.interface}", "warn", text, member.since)
