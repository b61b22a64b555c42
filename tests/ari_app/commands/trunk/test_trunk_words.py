"""What the commands say of a trunk; decisions only, nobody is asked."""

import pytest

from ari_app.caller.sip_message import Headers, SipResponse
from ari_app.commands.trunk import findings
from ari_app.commands.trunk.command import _row, _state
from dialplan.trunks import TrunkEntry, default_trunks
from dialplan.trunks.model import Outbound, Trunk

ENTRY = TrunkEntry("acme", Trunk(server="sip.example.com", user="alice"), "sesame")


@pytest.mark.parametrize(
    ("said", "states", "words"),
    [
        ({}, None, "Asterisk not asked"),
        ({}, {}, "not in Asterisk"),
        ({}, {"patchcord-acme": "unknown", "patchcord-acme-alive": "online"}, "server answers"),
        ({}, {"patchcord-acme": "unknown", "patchcord-acme-alive": "offline"}, "server is silent"),
        ({"qualify_s": 0}, {"patchcord-acme": "unknown"}, "server not asked"),
        ({"outbound": Outbound(allow=("+44207946XXXX",))}, {"patchcord-acme": "online"}, "server answers"),
    ],
)
def test_the_state_of_a_trunk(said: dict[str, object], states: dict[str, str] | None, words: str) -> None:
    assert _state(TrunkEntry("acme", ENTRY.said.model_copy(update=said)), states) == words


def test_a_row_holds_no_password() -> None:
    row = _row(ENTRY, None)
    assert (row["with"], row["outbound"]) == ("sip.example.com", "no calls out")
    assert "sesame" not in repr(row)
    assert _row(default_trunks("127.0.0.1").entries[0], None)["with"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("first", "final", "ok", "words"),
    [
        (401, 200, True, "user and password are right"),
        (401, 401, False, "password of 'alice'"),
        (401, 403, False, "refuses 'alice'"),
        (403, 403, False, "this address is forbidden"),
        (404, 404, False, "no user 'alice'"),
        (503, 503, False, "503 Busy"),
    ],
)
def test_answers_to_a_registration(first: int, final: int, ok: bool, words: str) -> None:
    found = findings.registration(ENTRY, SipResponse(first, "Busy", Headers()), SipResponse(final, "Busy", Headers()))
    assert found.ok is ok and words in found.what and (ok or found.remedy)


def test_a_private_address_of_a_public_carrier_is_its_mistake() -> None:
    assert "private address 10.0.0.1" in findings.audio(100, 0, "10.0.0.1", True).what
    assert "one-way audio" in findings.audio(100, 0, "198.51.100.1", True).what
    assert findings.audio(100, 90, "10.0.0.1", True).ok
