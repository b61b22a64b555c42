"""What rules decided in a call and on what grounds, out of its ``escalation_rule`` events, and how that is told in a sentence.

Grounds are signals, values, limits, turns and times; whatever else an event may hold is not looked at.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from agents.transcript import JsonValue
from handoff.card_types import CallEvent
from handoff.card_words import Words, words_for
from handoff.emotion_course import number_in
from handoff.emotion_words import code_in
from handoff.signal_words import signal_in_words

Act: TypeAlias = Literal["escalate", "try_once", "adapt", "flag"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
_LONGEST_TEXT: Final = 40
_LONGEST_SIGNAL: Final = 80
_LONGEST_SENTENCE: Final = 240
_OPS: Final = frozenset({">", ">=", "<", "<=", "is", "is not", "one of", "known", "within"})
_NOT: Final = "not "
_BESIDES: Final = (".confidence", ".method", ".besides_voice")

_WORDS: Final[dict[str, Words]] = {
    "en": {"limit": "limit {limit}", "most": "at most {limit}", "turns": " for {count} turns", "held": " for {seconds} s"},
    "es": {
        "limit": "límite {limit}",
        "most": "como mucho {limit}",
        "turns": " durante {count} turnos",
        "held": " durante {seconds} s",
    },
}
ACTS_IN_WORDS: Final[Mapping[Act, tuple[str, str]]] = {
    "escalate": ("called a person", "would have called a person"),
    "try_once": ("tried once more", "would have tried once more"),
    "adapt": ("changed the manner", "would have changed the manner"),
    "flag": ("flagged for review", "would have flagged for review"),
}
"""As it acted, and in shadow."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One condition that held."""

    signal: str
    """Dotted name; parts of it may be names out of the rules, such as that of a queue."""
    value: float | str | None
    op: str
    threshold: float | str | None
    turn: int
    """0: of no turn."""
    start_ms: int | None
    """Of the utterance, from the start of the call."""
    end_ms: int | None
    held_s: float | None
    """How long it had held, seconds."""

    @property
    def shown_value(self) -> str:
        return _shown(self.value)

    @property
    def shown_limit(self) -> str:
        return " ".join(part for part in (self.op, _shown(self.threshold)) if part)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule that held."""

    at_ms: int
    """From the start of the call."""
    rule: str
    act: Act
    queue: str
    priority: str
    reason: str
    shadow: bool
    """It only says what it would have done."""
    grounds: tuple[Ground, ...]

    @property
    def done(self) -> str:
        return ACTS_IN_WORDS[self.act][self.shadow]

    @property
    def turn(self) -> int:
        """The last that it rests on; 0: none."""
        return max((ground.turn for ground in self.grounds), default=0)


def rulings_in(events: Iterable[CallEvent], started_monotonic: float) -> tuple[Ruling, ...]:
    """In the order of the events. Never raises: an event that cannot be read is passed over."""
    found = (ruling_of(at - started_monotonic, data) for kind, at, data in events if kind == "escalation_rule")
    return tuple(ruling for ruling in found if ruling is not None)


def ruling_of(at_s: float, data: Mapping[str, JsonValue]) -> Ruling | None:
    rule, act = code_in(data.get("rule")), data.get("act")
    if not rule or act not in ACTS or not math.isfinite(at_s):
        return None
    grounds, priority = data.get("grounds"), number_in(data.get("priority"))
    return Ruling(
        round(at_s * 1000),
        rule,
        act,
        _text(data.get("queue")),
        _shown(priority) if priority is not None else _text(data.get("priority")),
        code_in(data.get("reason")),
        data.get("shadow") is True,
        tuple(_ground(item) for item in grounds if isinstance(item, Mapping)) if isinstance(grounds, list | tuple) else (),
    )


def deciding(rulings: Sequence[Ruling], reason: str) -> Ruling | None:
    """The rule by which a person was asked for with this reason: the last that acted. None: it was not a rule."""
    acted = [ruling for ruling in rulings if ruling.act == "escalate" and not ruling.shadow]
    return next((ruling for ruling in reversed(acted) if reason in (ruling.reason, ruling.rule)), None)


def why(ruling: Ruling, language: str = "en") -> str:
    """The grounds in a sentence, such as "frustrated 0.82 for 14 s (limit 0.7)"; empty where there are none.

    Conditions on the same thing are told as one; on what its certainty and its source rest is left to the whole list of grounds.
    """
    by_signal: dict[str, list[Ground]] = {}
    for ground in ruling.grounds:
        if ground.signal and not ground.signal.endswith(_BESIDES):
            by_signal.setdefault(ground.signal.removesuffix(".held_s"), []).append(ground)
    sentence = "; ".join(_together(grounds, language) for grounds in by_signal.values())
    return sentence if len(sentence) <= _LONGEST_SENTENCE else sentence[: _LONGEST_SENTENCE - 1].rsplit(" ", 1)[0] + "…"


def rule_and_why(ruling: Ruling, language: str = "en") -> str:
    return ": ".join(part for part in (ruling.rule.replace("_", " "), why(ruling, language)) if part)


def _together(grounds: Sequence[Ground], language: str) -> str:
    """One signal, maybe over several turns: its last value."""
    phrases = words_for(_WORDS, language)
    last = next((ground for ground in reversed(grounds) if not ground.signal.endswith(".held_s")), grounds[-1])
    text = signal_in_words(last.signal, language)
    if last.value is not None and not isinstance(last.value, bool):
        text += f" {last.shown_value}"
    turns = len({ground.turn for ground in grounds if ground.turn})
    held = max((ground.held_s for ground in grounds if ground.held_s), default=0.0)
    if turns > 1:
        text += phrases["turns"].format(count=turns)
    elif held >= 1:
        text += phrases["held"].format(seconds=round(held))
    if isinstance(last.threshold, float):
        most = last.op.removeprefix(_NOT).startswith("<") != last.op.startswith(_NOT)
        text += f" ({phrases['most' if most else 'limit'].format(limit=_shown(last.threshold))})"
    return text


def _ground(data: Mapping[str, JsonValue]) -> Ground:
    turn, op = number_in(data.get("turn")), data.get("op")
    return Ground(
        _text(data.get("signal"), _LONGEST_SIGNAL),
        _value(data.get("value")),
        op if isinstance(op, str) and op.removeprefix(_NOT) in _OPS else "",
        _value(data.get("threshold")),
        int(turn) if turn is not None and turn > 0 else 0,
        _ms(data.get("start_ms")),
        _ms(data.get("end_ms")),
        number_in(data.get("held_s")),
    )


def _value(value: JsonValue) -> float | str | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(_texts(value))[:_LONGEST_TEXT]
    return number if (number := number_in(value)) is not None else (_text(value) or None)


def _texts(values: Iterable[JsonValue]) -> Iterator[str]:
    for value in values:
        yield _shown(number) if (number := number_in(value)) is not None else _text(value)


def _text(value: object, most: int = _LONGEST_TEXT) -> str:
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def _shown(value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def _ms(value: JsonValue) -> int | None:
    number = number_in(value)
    return None if number is None else round(number)
