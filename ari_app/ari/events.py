"""The ARI events that we use, typed. Whatever else arrives, odd input included, is an OtherEvent: parsing never raises."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ari_app.ari.from_outside import clean_number, clean_text


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    """Such as ``PJSIP/1001-00000003``: what AMI actions take."""
    state: str
    """``Ring``, ``Up`` and the like."""
    caller_number: str = ""
    dialled: str = ""
    """The extension that the dialplan is at."""
    context: str = ""
    app: str = ""
    """The dialplan application that runs, ``Stasis`` while ARI owns the channel."""
    variables: Mapping[str, str] = field(default_factory=dict)
    stasis: str = ""
    """The ARI application that owns the channel; empty while none does, or when Asterisk does not say."""

    @property
    def technology(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class StasisStart:
    channel: Channel
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StasisEnd:
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDialplan:
    """The channel begins something in the dialplan; ``channel.stasis`` is then the ARI application that it enters."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelHangupRequest:
    channel: Channel
    cause: int


@dataclass(frozen=True, slots=True)
class ChannelDestroyed:
    channel: Channel
    cause: int
    """Q.850 cause code; 0 when Asterisk names none."""


@dataclass(frozen=True, slots=True)
class ChannelStateChange:
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDtmfReceived:
    channel: Channel
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ChannelLeftBridge:
    channel: Channel
    bridge_id: str


@dataclass(frozen=True, slots=True)
class ChannelHold:
    """The other side holds the call (a re-INVITE with sendonly or inactive), or takes it back (``on`` False)."""

    channel: Channel
    on: bool


@dataclass(frozen=True, slots=True)
class BridgeDestroyed:
    bridge_id: str


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    playback_id: str
    state: str
    """``done`` or ``failed``."""


@dataclass(frozen=True, slots=True)
class ApplicationReplaced:
    """Another websocket took our application; no further event comes on this one."""

    application: str


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that we do not use, or input that is no event (``type`` is empty then)."""

    type: str
    raw: object


Event: TypeAlias = (
    StasisStart
    | StasisEnd
    | ChannelDialplan
    | ChannelHangupRequest
    | ChannelDestroyed
    | ChannelStateChange
    | ChannelDtmfReceived
    | ChannelLeftBridge
    | ChannelHold
    | BridgeDestroyed
    | PlaybackFinished
    | ApplicationReplaced
    | OtherEvent
)

_DIGITS: Final = frozenset("0123456789*#ABCD")


class _OddError(Exception):
    """A field is missing or of another type than Asterisk documents."""


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise _OddError(key)
    return value


def _maybe(data: object, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _number(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _variables(data: object) -> dict[str, str]:
    return {k: v for k, v in data.items() if isinstance(k, str) and isinstance(v, str)} if isinstance(data, dict) else {}


def parse_channel(data: object) -> Channel | None:
    """The channel in an event or a response; None when ``data`` is not one."""
    if not isinstance(data, dict):
        return None
    ident, name = _maybe(data, "id"), _maybe(data, "name")
    if not ident or not name:
        return None
    dialplan = data.get("dialplan")
    return Channel(
        id=ident,
        name=name,
        state=_maybe(data, "state"),
        caller_number=clean_number(_maybe(data.get("caller"), "number")),
        dialled=clean_number(_maybe(dialplan, "exten")),
        context=_maybe(dialplan, "context"),
        app=_maybe(dialplan, "app_name"),
        stasis=_maybe(dialplan, "app_data").partition(",")[0] if _maybe(dialplan, "app_name") == "Stasis" else "",
        variables=_variables(data.get("channelvars")),
    )


def _channel(data: Mapping[str, Any]) -> Channel:
    channel = parse_channel(data.get("channel"))
    if channel is None:
        raise _OddError("channel")
    return channel


def _inner(data: Mapping[str, Any], key: str, field_name: str) -> str:
    value = _maybe(data.get(key), field_name)
    if not value:
        raise _OddError(key)
    return value


def _start(data: Mapping[str, Any]) -> Event:
    args = data.get("args")
    if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
        raise _OddError("args")
    return StasisStart(_channel(data), tuple(map(clean_text, args)))


def _dtmf(data: Mapping[str, Any]) -> Event:
    digit = _text(data, "digit").upper()
    if digit not in _DIGITS:
        raise _OddError("digit")
    return ChannelDtmfReceived(_channel(data), digit, _number(data, "duration_ms"))


_PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Event]]] = {
    "StasisStart": _start,
    "StasisEnd": lambda data: StasisEnd(_channel(data)),
    "ChannelDialplan": lambda data: ChannelDialplan(_channel(data)),
    "ChannelHangupRequest": lambda data: ChannelHangupRequest(_channel(data), _number(data, "cause")),
    "ChannelDestroyed": lambda data: ChannelDestroyed(_channel(data), _number(data, "cause")),
    "ChannelStateChange": lambda data: ChannelStateChange(_channel(data)),
    "ChannelDtmfReceived": _dtmf,
    "ChannelLeftBridge": lambda data: ChannelLeftBridge(_channel(data), _inner(data, "bridge", "id")),
    "ChannelHold": lambda data: ChannelHold(_channel(data), on=True),
    "ChannelUnhold": lambda data: ChannelHold(_channel(data), on=False),
    "BridgeDestroyed": lambda data: BridgeDestroyed(_inner(data, "bridge", "id")),
    "PlaybackFinished": lambda data: PlaybackFinished(_inner(data, "playback", "id"), _inner(data, "playback", "state")),
    "ApplicationReplaced": lambda data: ApplicationReplaced(_maybe(data, "application")),
}


def parse_event(text: str | bytes) -> Event:
    """One websocket message as an event."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return OtherEvent("", text)
    if not isinstance(data, dict):
        return OtherEvent("", data)
    kind = _maybe(data, "type")
    parser = _PARSERS.get(kind)
    if parser is None:
        return OtherEvent(kind, data)
    try:
        return parser(data)
    except _OddError:
        return OtherEvent(kind, data)
