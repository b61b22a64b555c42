"""What becomes of trunks in pjsip.conf and extensions.conf: which way in, which way out, and nothing else."""

import re
from pathlib import Path

import pytest

from dialplan import templates
from dialplan.errors import DialplanError
from dialplan.trunks import NO_TRUNKS, TrunkEntry, Trunks, default_trunks, load_trunks, render_trunks

FILE = """
nat: {public_address: 203.0.113.9, local_networks: [10.0.0.0/8]}
tls: {certificate: /etc/patchcord/cert.pem, key: /etc/patchcord/key.pem}
trunks:
  acme: {server: sip.example.com, user: alice, password: sesame, proxy: proxy.example.com, transport: tcp}
  beta:
    profile: ip
    addresses: [192.0.2.0/24, 198.51.100.7]
    server: out.example.com
    outbound: {allow: [+44207946XXXX, "999"], caller: "+442079460000"}
    limits: {max_calls: 4, calls_per_second: 3, when_full: busy}
  gamma: {profile: tls, addresses: [203.0.113.0/24], early_media: audio, session_timers: {mode: required}}
"""


@pytest.fixture
def trunks(tmp_path: Path) -> Trunks:
    (tmp_path / "trunks.yaml").write_text(FILE)
    (tmp_path / "trunks.yaml").chmod(0o600)
    return load_trunks(tmp_path / "trunks.yaml", {})


def objects(text: str) -> dict[tuple[str, str], list[str]]:
    """(section, type) to its lines."""
    found: dict[tuple[str, str], list[str]] = {}
    for section, base, body in re.findall(r"^\[([^\]]+)\](\S*)\n((?:[^\[\n].*\n|\n)*)", text, re.MULTILINE):
        lines = [line for line in body.splitlines() if line and not line.startswith(";")]
        kind = next(
            (line.partition(" = ")[2] for line in lines if line.startswith("type = ")), "endpoint" if "patchcord-trunk" in base else base
        )
        found[section, kind] = lines
    return found


def contexts(trunks: Trunks) -> dict[str, str]:
    text = templates.render("patchcord.d/extensions/trunks", trunks=trunks.entries)
    return dict(re.findall(r"^\[([^\]]+)\]\n((?:(?!\[).*\n)*)", text, re.MULTILINE))


def test_the_same_trunks_give_the_same_text(trunks: Trunks) -> None:
    assert render_trunks(trunks, own=True) == render_trunks(trunks, own=True)


def test_registration(trunks: Trunks) -> None:
    found = objects(render_trunks(trunks, own=True))
    registration = found["patchcord-acme", "registration"]
    assert r"server_uri = sip:sip.example.com\;transport=tcp" in registration
    assert {"client_uri = sip:alice@sip.example.com", "line = yes", "endpoint = patchcord-acme"} <= set(registration)
    assert r"outbound_proxy = sip:proxy.example.com\;lr\;transport=tcp" in registration
    assert found["patchcord-acme", "auth"][-2:] == ["username = alice", "password = sesame"]
    assert not any(line.startswith("aors") for line in found["patchcord-acme", "endpoint"]), "no way out without outbound"


def test_a_trunk_known_by_address(trunks: Trunks) -> None:
    found = objects(render_trunks(trunks, own=True))
    assert found["patchcord-beta", "identify"][-2:] == ["match = 192.0.2.0/24", "match = 198.51.100.7"]
    assert ("patchcord-beta", "registration") not in found and ("patchcord-beta", "auth") not in found
    assert "aors = patchcord-beta" in found["patchcord-beta", "endpoint"]


def test_tls_srtp_early_media_and_timers(trunks: Trunks) -> None:
    found = objects(render_trunks(trunks, own=True))
    endpoint = set(found["patchcord-gamma", "endpoint"])
    assert {"transport = patchcord-tls", "media_encryption = sdes", "media_encryption_optimistic = no"} <= endpoint
    assert {"inband_progress = yes", "timers = required"} <= endpoint
    transport = found["patchcord-tls", "transport"]
    assert {"verify_server = yes", "method = tlsv1_2", "cert_file = /etc/patchcord/cert.pem"} <= set(transport)


def test_the_public_address_goes_to_transports_of_ours_only(trunks: Trunks) -> None:
    own, theirs = render_trunks(trunks, own=True), render_trunks(trunks, own=False)
    assert "[transport-udp](+)" in own and "[transport-udp]" not in theirs
    assert "external_media_address = 203.0.113.9" in "\n".join(objects(theirs)["patchcord-tls", "transport"])


def test_no_trunks_make_no_object() -> None:
    text = render_trunks(NO_TRUNKS, own=False)
    assert not [line for line in text.splitlines() if line and not line.startswith(";")]
    assert contexts(NO_TRUNKS) == {}


def test_the_trunk_of_a_fresh_installation() -> None:
    found = objects(render_trunks(default_trunks("127.0.0.1"), own=True, media_address="127.0.0.1"))
    assert "context = patchcord-trunk-trunk" in found["trunk", "endpoint"] and "match = 127.0.0.1" in found["trunk", "identify"]


def test_the_trunk_of_a_fresh_installation_may_be_a_name() -> None:
    assert default_trunks("sbc.example.com").entries[0].matches == ("sbc.example.com",)
    assert default_trunks("") == NO_TRUNKS
    for wrong in ("192.0.2.0/24\nendpoint=x", "1;2", "a b"):
        with pytest.raises(DialplanError, match=r"sip\.trunk_match"):
            default_trunks(wrong)


def test_calls_go_to_the_numbers_and_nowhere_else(trunks: Trunks) -> None:
    found = contexts(trunks)
    for entry in trunks.entries:
        dialled = re.findall(r"^exten => ([^,]+),", found[entry.context], re.MULTILINE)
        assert set(dialled) <= {"_X!", "_+X!", entry.contact_user}
        jumps = re.findall(r"Goto\(([^,)]+)|\?([a-z0-9-]+),", found[entry.context] + found[entry.inner_context])
        assert {one or other for one, other in jumps} <= {entry.inner_context, "patchcord-numbers", "patchcord-fallback"}
        assert "Dial(" not in found[entry.context] + found[entry.inner_context]
    assert not any("include =>" in text for text in found.values())


def test_the_way_out_is_a_list_of_numbers(trunks: Trunks) -> None:
    found = contexts(trunks)
    assert [name for name, text in found.items() if "Dial(" in text] == ["patchcord-outbound-beta"]
    way_out = found["patchcord-outbound-beta"]
    assert re.findall(r"^exten => ([^,]+),", way_out, re.MULTILINE) == ["_+44207946XXXX", "_999"]
    others = "".join(text for name, text in found.items() if name != "patchcord-outbound-beta")
    assert "patchcord-outbound" not in others


def test_limits(trunks: Trunks) -> None:
    inner = contexts(trunks)["patchcord-in-beta"]
    assert "GROUP_COUNT(beta@patchcord-trunk)} > 4]" in inner and "@patchcord-second)} > 3]" in inner and "Hangup(17)" in inner


def test_what_a_caller_sends_never_stands_in_an_expression_unfiltered(trunks: Trunks) -> None:
    for text in contexts(trunks).values():
        for expression in re.findall(r"\$\[(.*?)\](?=\?|\})", text):
            inside = re.sub(r"\$\{(?:FILTER|LEN|REGEX\(\"[^\"]*\")[^}]*\}+", "", expression)
            assert "CALLERID(n" not in inside and "${EXTEN}" not in inside and "PJSIP_HEADER" not in inside.replace("${REGEX", "")


@pytest.mark.parametrize("password", ["a;b", "a\nb"])
def test_a_value_cannot_become_an_instruction(trunks: Trunks, password: str) -> None:
    entry = TrunkEntry("acme", trunks.entries[0].said, password)
    with pytest.raises(DialplanError):
        render_trunks(Trunks((entry,)), own=True)
