"""Parsing never raises, and never mistakes odd input for an event."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.ari.events import (
    ApplicationReplaced,
    BridgeDestroyed,
    Channel,
    ChannelDestroyed,
    ChannelDialplan,
    ChannelDtmfReceived,
    Event,
    OtherEvent,
    StasisEnd,
    StasisStart,
    parse_event,
)

CHANNEL = {
    "id": "1763.1",
    "name": "PJSIP/1001-00000001",
    "state": "Ring",
    "caller": {"name": "", "number": "1001"},
    "dialplan": {"context": "patchcord-agent", "exten": "s", "priority": 2, "app_name": "Stasis", "app_data": "patchcord-2,call"},
    "channelvars": {"A": "1"},
}
PARSED = Channel("1763.1", "PJSIP/1001-00000001", "Ring", "1001", "s", "patchcord-agent", "Stasis", {"A": "1"}, "patchcord-2")


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            {"type": "StasisStart", "args": ["call", "front-desk", "100"], "channel": CHANNEL},
            StasisStart(PARSED, ("call", "front-desk", "100")),
        ),
        ({"type": "StasisEnd", "channel": CHANNEL}, StasisEnd(PARSED)),
        ({"type": "ChannelDialplan", "dialplan_app": "Stasis", "channel": CHANNEL}, ChannelDialplan(PARSED)),
        ({"type": "ChannelDestroyed", "cause": 16, "channel": CHANNEL}, ChannelDestroyed(PARSED, 16)),
        ({"type": "ChannelDtmfReceived", "digit": "#", "duration_ms": 100, "channel": CHANNEL}, ChannelDtmfReceived(PARSED, "#", 100)),
        ({"type": "BridgeDestroyed", "bridge": {"id": "b"}}, BridgeDestroyed("b")),
        ({"type": "ApplicationReplaced", "application": "patchcord"}, ApplicationReplaced("patchcord")),
    ],
)
def test_known_events(message: dict[str, object], event: Event) -> None:
    assert parse_event(json.dumps(message)) == event
    assert PARSED.technology == "PJSIP"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "StasisStart", "args": "call", "channel": CHANNEL},
        {"type": "StasisStart", "args": [], "channel": {"id": "x"}},
        {"type": "StasisEnd"},
        {"type": "ChannelDtmfReceived", "digit": "x", "channel": CHANNEL},
        {"type": "BridgeDestroyed", "bridge": None},
        {"type": "ContactStatusChange"},
        {"type": 7},
    ],
)
def test_odd_and_unknown_events_pass_as_other(message: dict[str, object]) -> None:
    kind = message["type"]
    assert parse_event(json.dumps(message)) == OtherEvent(kind if isinstance(kind, str) else "", message)


def test_deep_nesting_is_no_event() -> None:
    assert isinstance(parse_event("[" * 100_000), OtherEvent)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*CHANNEL, "channel", "bridge", "args", "digit"]), inner, max_size=6)
    ),
    max_leaves=20,
)
KINDS = st.sampled_from(
    [
        "StasisStart",
        "StasisEnd",
        "ChannelHangupRequest",
        "ChannelDestroyed",
        "ChannelStateChange",
        "ChannelDtmfReceived",
        "ChannelLeftBridge",
        "BridgeDestroyed",
        "PlaybackFinished",
        "ApplicationReplaced",
        "Other",
    ]
)


@given(KINDS, st.dictionaries(st.sampled_from(["channel", "bridge", "playback", "args", "digit", "cause", "application"]), JSON))
def test_no_message_makes_parsing_raise(kind: str, fields: dict[str, object]) -> None:
    parse_event(json.dumps({**fields, "type": kind}))


@given(st.text() | st.binary())
def test_no_text_makes_parsing_raise(text: str | bytes) -> None:
    parse_event(text)
