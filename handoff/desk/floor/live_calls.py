"""Live calls, folded from feed lines: the same fold makes the snapshot in the mind process and the mirror in the desk.

A line is an object ``{"seq", "kind", "call_id", "at", "data"}``; ``at`` is when it happened, Unix seconds. Kinds and their data:

``state``
    Facts of the call, merged into what is known; the first one makes the call known, null forgets a fact. Text: ``caller``, ``number``,
    ``agent``, ``version``, ``route``, ``state`` (see STATES), ``language``, ``node``, ``question``, ``recording`` (on, paused, off),
    ``audio`` (why the caller cannot be heard now).
    Numbers: ``started``, ``state_since`` (Unix seconds; without it the line's ``at`` when the state changes), ``confidence`` (0 to 1, of
    the last utterance). Objects: ``transfer`` (``id``, ``queue``, ``position``, ``expected_wait_s``, ``attempt``, ``member``, ``state``);
    the state ``talking`` without one ends it. ``mood`` and ``ruling``: the caller's mood and the last rule (``live_mood.py``).
    Lists: ``listeners`` (objects with ``name``, ``mode``, ``phone``, ``since``), ``flags`` (texts), ``emotion`` (objects with ``at``,
    ``label``, ``level``, ``valence``; the newest points of the course).
``turn``
    ``number``, ``who``, ``text``, ``heard``, ``via``, ``interrupted``, ``latency_ms``; a second one of the same number takes its place.
``partial``
    ``text``: what the caller has said so far; empty when it came to nothing.
``event``
    ``event`` (its name) and ``data``. Understood: ``tool``, ``flagged``, ``agent_version``, ``secret_entry``, ``emotion``,
    ``escalation_rule``, ``recognised``; the others pass by.
``card``
    ``card_id``, ``state``, ``revision``, ``queue``.
``ended``
    ``outcome``, ``reason``. The call is forgotten.
``snapshot``
    Not of one call: ``calls`` in place of ``data``, each as ``LiveCall.whole`` gives it. All that was known before is void.
``beat``
    Nothing happened; the line is alive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final, TypeAlias

from agents.transcript import JsonValue
from handoff.desk.floor.live_mood import WITHOUT_MOOD, follow_mood, follow_rule

JsonObject: TypeAlias = Mapping[str, JsonValue]

STATES: Final = ("arriving", "talking", "waiting", "ringing", "briefing", "with_person", "ending")
"""``waiting``: with the AI or in the queue, for a person; ``ringing``: at a member; ``briefing``: a member is being told."""
TEXTS: Final = ("caller", "number", "agent", "version", "route", "state", "language", "node", "question", "recording", "audio")
NUMBERS: Final = ("started", "state_since", "confidence")
TURNS: Final = 6
"""Kept of each call."""
GAPS: Final = 20
"""Answers over which the median gap is taken."""
_TURN_FIELDS: Final = ("number", "who", "text", "heard", "via", "interrupted")


class BadLine(Exception):
    """A feed line that cannot be understood: the two processes are not of one version, or something else answers at that port."""


@dataclass(slots=True)
class LiveCall:
    id: str
    facts: dict[str, JsonValue] = field(default_factory=dict)
    turns: list[dict[str, JsonValue]] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)
    partial: str = ""
    secret: bool = False
    """The caller is keying something that nobody may see: no words of theirs are shown meanwhile."""

    def whole(self) -> dict[str, JsonValue]:
        """Everything, for a snapshot."""
        return {
            "id": self.id,
            "facts": dict(self.facts),
            "turns": list(self.turns),
            "gaps_ms": list(self.gaps_ms),
            "partial": self.partial,
            "secret": self.secret,
        }

    @classmethod
    def of(cls, data: JsonObject) -> "LiveCall":
        """Raises BadLine."""
        call = cls(_text(data, "id"), partial=_text(data, "partial", ""), secret=bool(data.get("secret")))
        call.merge(_object(data, "facts"), None)
        for turn in _list(data, "turns"):
            if isinstance(turn, dict):
                call.turns.append({name: turn[name] for name in _TURN_FIELDS if name in turn})
        call.gaps_ms = [float(gap) for gap in _list(data, "gaps_ms") if isinstance(gap, int | float)]
        return call

    def shown(self) -> dict[str, JsonValue]:
        """What a page shows of it: the facts, turns, words so far and gaps under one roof; facts that are not known are absent."""
        shown: dict[str, JsonValue] = {
            "id": self.id,
            **self.facts,
            "turns": list(self.turns),
            "partial": self.partial,
            "secret": self.secret,
        }
        if self.gaps_ms:
            shown |= {"gap_ms": round(self.gaps_ms[-1]), "gap_median_ms": round(median(self.gaps_ms))}
        return shown

    # What happens to it

    def merge(self, data: JsonObject, at: float | None) -> None:
        """Take over known facts of the right type; null forgets one. Others are passed over: they are of a later version."""
        before = self.facts.get("state")
        for name, value in data.items():
            if value is None:
                self.facts.pop(name, None)
            elif _fits(name, value):
                self.facts[name] = value
        if data.get("state") == "talking" and "transfer" not in data:
            self.facts.pop("transfer", None)
        if at is not None and self.facts.get("state") != before and "state_since" not in data:
            self.facts["state_since"] = at

    def turn(self, data: JsonObject) -> None:
        turn = {name: data[name] for name in _TURN_FIELDS if name in data}
        self.turns = [*(old for old in self.turns if old.get("number") != turn.get("number")), turn][-TURNS:]
        if data.get("who") == "caller":
            self.partial = ""
        latency = data.get("latency_ms")
        gap = latency.get("gap") if isinstance(latency, Mapping) else None
        if isinstance(gap, int | float):
            self.gaps_ms = [*self.gaps_ms, float(gap)][-GAPS:]

    def happened(self, event: str, data: JsonObject, at: float) -> None:
        match event:
            case "tool":
                self.facts["tool"] = {"name": data.get("name"), "ok": bool(data.get("ok")), "ms": data.get("ms"), "at": at}
            case "agent_version":
                self.merge({"agent": data.get("agent"), "version": data.get("version")}, None)
            case "secret_entry":
                self.secret = bool(data.get("on"))
                self.partial = ""
            case "recognised":
                self.merge({"confidence": data.get("confidence")}, None)
            case "emotion" if self.facts.get("state") not in WITHOUT_MOOD:
                follow_mood(self.facts, data, at)
            case "escalation_rule":
                follow_rule(self.facts, data, at)
            case "flagged" if isinstance(reason := data.get("reason"), str):
                flags = self.facts.get("flags")
                known = list(flags) if isinstance(flags, list) else []
                self.facts["flags"] = known if reason in known else [*known, reason]


class LiveCalls:
    """All of them, in the order in which they came."""

    def __init__(self) -> None:
        self.calls: dict[str, LiveCall] = {}

    def apply(self, kind: str, call_id: str, at: float, data: JsonObject) -> bool:
        """True when something about the call is to be shown anew. Calls that no ``state`` made known are passed over."""
        call = self.calls.get(call_id)
        if kind == "state":
            if call is None:
                call = self.calls[call_id] = LiveCall(call_id, {"started": at})
            call.merge(data, at)
            return True
        if call is None:
            return False
        match kind:
            case "turn":
                call.turn(data)
            case "partial" if call.secret:
                return False
            case "partial":
                call.partial = _text(data, "text", "")
            case "event":
                call.happened(_text(data, "event"), _object(data, "data"), at)
            case "card":
                call.facts["card"] = dict(data)
            case "ended":
                del self.calls[call_id]
            case _:
                return False
        return True

    def whole(self) -> list[JsonValue]:
        return [call.whole() for call in self.calls.values()]

    def replace(self, calls: JsonValue) -> None:
        """Raises BadLine."""
        if not isinstance(calls, list):
            raise BadLine("a snapshot without a list of calls")
        found = [LiveCall.of(call) for call in calls if isinstance(call, dict)]
        self.calls = {call.id: call for call in found}


def _fits(name: str, value: JsonValue) -> bool:
    if name in TEXTS:
        return isinstance(value, str)
    if name in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name in ("transfer", "tool", "card", "mood", "ruling"):
        return isinstance(value, dict)
    return name in ("listeners", "flags", "emotion") and isinstance(value, list)


def _text(data: JsonObject, name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise BadLine(f"'{name}' is no text")
    return value


def _object(data: JsonObject, name: str) -> JsonObject:
    value = data.get(name, {})
    if not isinstance(value, Mapping):
        raise BadLine(f"'{name}' is no object")
    return value


def _list(data: JsonObject, name: str) -> list[JsonValue]:
    value = data.get(name, [])
    if not isinstance(value, list):
        raise BadLine(f"'{name}' is no list")
    return value
