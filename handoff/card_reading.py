"""A card from its JSON: versions 2 and 1. Nothing is taken on trust: a field of another kind is named in the error."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeVar, cast

from agents.transcript import JsonValue, Turn
from handoff.card_types import (
    CARD_STATES,
    CARD_VERSION,
    EMOTION_CONSENTS,
    IDENTITY_LEVELS,
    RECORDING_CONSENTS,
    RECORDING_STATES,
    Attempt,
    Caller,
    Card,
    CardError,
    Consent,
    EmotionPoint,
    Fact,
    Intent,
    KeyFact,
    NextAction,
    Reason,
    Summary,
    Timing,
    Verified,
)

_Json = Mapping[str, JsonValue]
_Item = TypeVar("_Item")
_Word = TypeVar("_Word", bound=str)
_FIRST_VERSION: Final = 1


def card_from_json(data: _Json, *, started: float = 0.0) -> Card:
    """``started`` becomes the ``time.monotonic()`` of the start of the call. Raises CardError."""
    version = data.get("version")
    if isinstance(version, bool) or version not in (_FIRST_VERSION, CARD_VERSION):
        raise CardError(f"card version {version!r}: this program understands {_FIRST_VERSION} and {CARD_VERSION}")
    try:
        return _version_2(data, started) if version == CARD_VERSION else _version_1(data, started)
    except (KeyError, TypeError, AttributeError) as error:
        raise CardError(f"not a card: field {error}") from error


def _version_1(data: _Json, started: float) -> Card:
    created = _moment(data, "created_at")
    turns = _list(data, "turns", lambda turn: turn_from_json(turn, started))
    end = max((turn.ended_at - started for turn in turns), default=0.0)
    return Card(
        id=_text(data, "id"),
        call_id=_text(data, "call_id"),
        transfer_id="",
        revision=1,
        state="requested",
        created_at=created,
        updated_at=created,
        reason=Reason(_text(data, "reason")),
        caller=Caller(_text(data, "caller_number")),
        intent=Intent(_text(data, "intent")),
        queue=_text(data, "queue"),
        timing=Timing(max(0.0, end), created),
        slots=_slots(data),
        turns=turns,
        started_monotonic=started,
    )


def _version_2(data: _Json, started: float) -> Card:
    consent, timing = _object(data, "consent"), _object(data, "timing")
    return Card(
        id=_text(data, "id"),
        call_id=_text(data, "call_id"),
        transfer_id=_text(data, "transfer_id"),
        revision=_whole(data, "revision"),
        state=_one_of(data, "state", CARD_STATES),
        created_at=_moment(data, "created_at"),
        updated_at=_moment(data, "updated_at"),
        reason=_reason(_object(data, "reason")),
        caller=_caller(_object(data, "caller")),
        intent=_intent(_object(data, "intent")),
        queue=_text(data, "queue"),
        timing=Timing(_number(timing, "call_s"), _moment(timing, "started_at")),
        agent=_text(data, "agent"),
        number=_text(data, "number"),
        slots=_slots(data),
        summary=_summary(_object(data, "summary")),
        key_facts=_list(data, "key_facts", _key_fact),
        attempted=_list(data, "attempted", _attempt),
        promises=_list(data, "promises", _fact),
        open_question=None if data["open_question"] is None else _fact(_object(data, "open_question")),
        next_action=None if data["next_action"] is None else _next_action(_object(data, "next_action")),
        emotion=_list(data, "emotion", _emotion),
        consent=_consent(consent),
        recording=_one_of(_object(data, "recording"), "state", RECORDING_STATES),
        turns=_list(data, "turns", lambda turn: turn_from_json(turn, started)),
        started_monotonic=started,
    )


def turn_from_json(data: _Json, started: float) -> Turn:
    """Raises CardError."""
    try:
        if data["who"] not in ("caller", "agent") or data["via"] not in ("speech", "keypad"):
            raise CardError(f"not a turn: who is {data['who']!r} and via is {data['via']!r}")
        return Turn(
            number=int(_number(data, "number")),
            who="caller" if data["who"] == "caller" else "agent",
            text=_text(data, "text"),
            heard=_text(data, "heard"),
            started_at=started + _number(data, "started_ms") / 1000,
            ended_at=started + _number(data, "ended_ms") / 1000,
            via="keypad" if data["via"] == "keypad" else "speech",
            interrupted=bool(data["interrupted"]),
            latency_ms={name: float(cast(float, value)) for name, value in _object(data, "latency_ms").items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CardError(f"not a turn: field {error}") from error


def _reason(data: _Json) -> Reason:
    return Reason(_text(data, "code"), _text(data, "detail"), _text(data, "triggered_by"))


def _caller(data: _Json) -> Caller:
    verified = _object(data, "verified")
    return Caller(
        _text(data, "number"),
        _text(data, "name"),
        _text(data, "customer_id"),
        _text(data, "language"),
        Verified(_one_of(verified, "level", IDENTITY_LEVELS), _text(verified, "method"), _whole(verified, "turn")),
    )


def _intent(data: _Json) -> Intent:
    return Intent(_text(data, "code"), None if data["confidence"] is None else _number(data, "confidence"))


def _summary(data: _Json) -> Summary:
    return Summary(_text(data, "text"), _list(data, "facts", _fact))


def _fact(data: _Json) -> Fact:
    return Fact(_text(data, "text"), _whole(data, "turn"))


def _key_fact(data: _Json) -> KeyFact:
    return KeyFact(_text(data, "key"), _text(data, "value"), _one_of(data, "source", ("caller", "tool")), _whole(data, "turn"))


def _attempt(data: _Json) -> Attempt:
    return Attempt(_text(data, "tool"), _flag(data, "ok"), _text(data, "error"), _whole(data, "turn"))


def _next_action(data: _Json) -> NextAction:
    return NextAction(_text(data, "text"), _text(data, "why"))


def _consent(data: _Json) -> Consent:
    emotion = _one_of(data, "emotion", EMOTION_CONSENTS) if "emotion" in data else "none"
    return Consent(_flag(data, "ai_disclosed"), _one_of(data, "recording", RECORDING_CONSENTS), emotion)


def _emotion(data: _Json) -> EmotionPoint:
    """Cards of earlier programs have the first four fields only."""
    return EmotionPoint(
        _whole(data, "at_ms"),
        _text(data, "label"),
        _number(data, "value"),
        _one_of(data, "method", ("text", "audio")),
        arousal=_number(data, "arousal") if "arousal" in data else 0.5,
        level=_number(data, "level") if "level" in data else 0.0,
        turn=_whole(data, "turn") if "turn" in data else 0,
        reasons=_texts(data, "reasons") if "reasons" in data else (),
    )


def _texts(data: _Json, name: str) -> tuple[str, ...]:
    value = data[name]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CardError(f"field {name} must be a list of texts")
    return tuple(cast(list[str], value))


def _slots(data: _Json) -> dict[str, str]:
    return {name: str(value) for name, value in _object(data, "slots").items()}


def _object(data: _Json, name: str) -> _Json:
    value = data[name]
    if not isinstance(value, Mapping):
        raise CardError(f"not a card: field {name} must be an object, not {type(value).__name__}")
    return value


def _list(data: _Json, name: str, read: Callable[[_Json], _Item]) -> tuple[_Item, ...]:
    value = data[name]
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise CardError(f"not a card: field {name} must be a list of objects")
    return tuple(read(cast(_Json, item)) for item in value)


def _one_of(data: _Json, name: str, words: tuple[_Word, ...]) -> _Word:
    for word in words:
        if data[name] == word:
            return word
    raise CardError(f"field {name} must be one of {', '.join(words)}, not {data[name]!r}")


def _moment(data: _Json, name: str) -> datetime:
    text = _text(data, name)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise CardError(f"field {name} must be a date and time as ISO 8601 writes it") from error


def _flag(data: _Json, name: str) -> bool:
    value = data[name]
    if not isinstance(value, bool):
        raise CardError(f"field {name} must be true or false, not {type(value).__name__}")
    return value


def _text(data: _Json, name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise CardError(f"field {name} must be a text, not {type(value).__name__}")
    return value


def _whole(data: _Json, name: str) -> int:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise CardError(f"field {name} must be a whole number, not {type(value).__name__}")
    return value


def _number(data: _Json, name: str) -> float:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CardError(f"field {name} must be a number, not {type(value).__name__}")
    return value
