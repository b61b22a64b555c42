"""trunks.yaml: what is taken, what is refused with line and remedy, and where passwords may stand."""

import json
from pathlib import Path

import pytest

from dialplan.trunks import Trunks, TrunksError, load_trunks
from dialplan.trunks.carriers import CARRIERS, with_carrier
from dialplan.trunks.model import Trunk
from dialplan.trunks.schema import FILE, trunks_schema, written

SECRET = "open-sesame"


def load(folder: Path, text: str, mode: int = 0o600, environment: dict[str, str] | None = None) -> Trunks:
    file = folder / "trunks.yaml"
    file.write_text(text)
    file.chmod(mode)
    return load_trunks(file, environment or {})


def refused(folder: Path, text: str, mode: int = 0o600) -> str:
    with pytest.raises(TrunksError) as found:
        load(folder, text, mode)
    assert SECRET not in str(found.value)
    return str(found.value).replace(str(folder / "trunks.yaml"), "FILE")


def one(**lines: str) -> str:
    """A file with one sound trunk, and further keys of it."""
    keys = {"server": "sip.example.com", "user": "alice", "password": SECRET} | lines
    return "trunks:\n  acme:\n" + "".join(f"    {key}: {value}\n" for key, value in keys.items() if value)


def test_a_trunk_has_sound_defaults(tmp_path: Path) -> None:
    (entry,) = load(tmp_path, one()).entries
    assert (entry.endpoint, entry.context, entry.password) == ("patchcord-acme", "patchcord-trunk-acme", SECRET)
    assert entry.said.codecs == ("alaw", "ulaw") and entry.said.outbound is None and entry.said.caller.header == "from"
    assert entry.matches == ("sip.example.com",) and entry.srtp == "off"
    assert SECRET not in repr(entry)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "FILE:1: is empty; write trunks:"),
        ("- acme", "FILE:1: is not a mapping of keys; write trunks:"),
        ("trunks: [", "FILE:1: not valid YAML"),
        ("trunks: {}", "FILE:1: trunks: dictionary should have at least 1 item"),
        ("trunk: {}", "FILE:1: trunk: unknown key; did you mean 'trunks'?"),
        (one() + "  acme:\n    profile: ip\n", "FILE:6: 'acme' stands here a second time; keep one of them"),
        ("trunks:\n  Acme: {}\n", "FILE:2: trunks.Acme: 'Acme' is no name of a trunk; use small letters"),
        ("trunks:\n  trunk: {profile: ip, addresses: [192.0.2.1]}\n", "'trunk' is the name of the built-in trunk"),
        (one(sever="x"), "FILE:6: trunks.acme.sever: unknown key; did you mean 'server'?"),
        (one(profile="registered"), "FILE:6: trunks.acme.profile: 'registered' is unknown; did you mean 'registration'?"),
        (one(server="sip example"), "trunks.acme.server: 'sip example' cannot stand here; write it like sip.example.com"),
        (one(server="evil.example.com;x"), "FILE:3: trunks.acme.server:"),
        (one(server=""), "FILE:2: trunks.acme.profile: registration needs server:; add it, or write profile: ip"),
        (one(user="", password=""), "registration needs user:; add it"),
        (one(password=""), "FILE:4: trunks.acme.user: has no password; add password_env: or password_file:"),
        (one(password_env="X"), "trunks.acme.password_env: stands beside password; keep one of them"),
        (one(password="'a;b'"), "holds a semicolon"),
        (one(password="[12345]"), "FILE:5: trunks.acme.password: it must be text; put it in quotes"),
        (one(codecs="[g729]"), "FILE:6: trunks.acme.codecs.0: 'g729' is unknown"),
        (one(codecs="alaw"), "trunks.acme.codecs: 'alaw' must be a list; write [ and ] around it"),
        (one(dtmf="rfc2833"), "FILE:6: trunks.acme.dtmf: 'rfc2833' is unknown; did you mean 'rfc4733'?"),
        (one(srtp="required"), "FILE:6: trunks.acme.srtp: sends its keys in the SDP"),
        (one(transport="tls"), "FILE:6: trunks.acme.transport: tls is a profile; write profile: tls"),
        (one(profile="tls"), "FILE:6: trunks.acme.profile: tls needs the section tls:"),
        (one(outbound="true"), "FILE:6: trunks.acme.outbound: 'true' must say what may be dialled"),
        (one(outbound="{allow: [X.]}"), "cannot stand here; write it like +4420XXXXXXXX"),
        (one(outbound="{allow: ['00.']}"), "'00.' lets calls out to anywhere; name at least 3 digits"),
        (one(addresses="[203.0.113.5/24]"), "FILE:6: trunks.acme.addresses.0: '203.0.113.5/24' is no address such as"),
        (one(limits="{max_call: 3}"), "FILE:6: trunks.acme.limits.max_call: unknown key; did you mean 'max_calls'?"),
        (one(limits="{max_calls: 0}"), "FILE:6: trunks.acme.limits.max_calls: input should be greater than or equal to 1; it is '0'"),
        (one(numbers="{country: '+44'}"), "write it like 44 (digits only)"),
        (one(carrier="twillio"), "FILE:6: trunks.acme.carrier: 'twillio' has no settings here; did you mean 'twilio'?"),
        (one(session_timers="{refresh_s: 100, least_s: 200}"), "is less than least_s (200); raise it"),
        ("tls: {certificate: a.pem}\n" + one(), "FILE:1: tls.certificate: needs the key beside it"),
        (
            "nat: {public_address: 203.0.113.9, local: []}\n" + one(),
            "FILE:1: nat.local: unknown key; known are public_address, local_networks",
        ),
        ("trunks:\n  a: {profile: ip}\n", "FILE:2: trunks.a.profile: ip needs addresses:"),
        (
            "trunks:\n  a: {profile: ip, addresses: [192.0.2.0/24]}\n  b:\n    profile: ip\n    addresses:\n      - 192.0.2.7\n",
            "FILE:6: trunks.b.addresses.0: 192.0.2.7 is also of trunk 'a' (192.0.2.0/24)",
        ),
    ],
)
def test_mistakes_are_named_with_line_and_remedy(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in refused(tmp_path, text)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    found = refused(tmp_path, one(sever="x", dtmf="beep", carrier="nobody")).splitlines()
    assert sorted(line.split(":")[1] for line in found) == ["6", "7", "8"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_password_in_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    assert "FILE:5: trunks.acme.password: other users of this machine may read it; run: chmod 600" in refused(tmp_path, one(), mode)


def test_passwords_from_environment_and_file(tmp_path: Path) -> None:
    by_name = one(password="", password_env="ACME_PASSWORD")
    assert load(tmp_path, by_name, 0o644, {"ACME_PASSWORD": SECRET}).entries[0].password == SECRET
    assert "the environment has no ACME_PASSWORD" in refused(tmp_path, by_name, 0o644)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "secret").chmod(0o600)
    by_file = one(password="", password_file="secret")
    assert load(tmp_path, by_file, 0o644).entries[0].password == SECRET
    (tmp_path / "secret").chmod(0o644)
    assert "chmod 600" in refused(tmp_path, by_file)
    (tmp_path / "secret").unlink()
    assert "cannot be read (No such file or directory)" in refused(tmp_path, by_file)


def test_two_accounts_at_one_server_are_told_apart_by_their_registration(tmp_path: Path) -> None:
    text = one() + '  other:\n    server: "sip.example.com:5070"\n    user: bob\n    password: x\n'
    assert [entry.matches for entry in load(tmp_path, text).entries] == [(), ()]


def test_tls_means_encrypted_audio_too(tmp_path: Path) -> None:
    trunks = load(tmp_path, "tls: {certificate: c.pem, key: k.pem}\n" + one(profile="tls"))
    assert trunks.entries[0].srtp == "required" and trunks.entries[0].port == 5061
    assert list(trunks.files()) == ["/etc/ssl/certs/ca-certificates.crt", str(tmp_path / "c.pem"), str(tmp_path / "k.pem")]


@pytest.mark.parametrize("carrier", sorted(CARRIERS))
def test_every_carrier_makes_a_sound_trunk(tmp_path: Path, carrier: str) -> None:
    account = {"user": "alice", "password": SECRET} if CARRIERS[carrier].get("profile") != "ip" else {"user": "", "password": ""}
    (entry,) = load(tmp_path, one(carrier=carrier, server="", **account)).entries
    assert entry.matches


def test_what_a_trunk_says_itself_comes_before_its_carrier() -> None:
    merged = with_carrier({"codecs": ["alaw"], "limits": {"max_calls": 5}}, CARRIERS["twilio"])
    assert merged["codecs"] == ["alaw"] and merged["limits"] == {"calls_per_second": 30, "max_calls": 5}


def test_the_schema_is_in_step() -> None:
    assert FILE.read_text("utf-8") == written(trunks_schema()), "run: python -m dialplan.trunks.schema"
    assert json.loads(FILE.read_text("utf-8"))["$defs"]["Trunk"]["properties"].keys() == Trunk.model_fields.keys()


def test_digits_need_no_quotes(tmp_path: Path) -> None:
    text = one(user="4912345", password="123456", numbers="{country: 44, national_prefix: 0, international_prefix: 00}")
    (entry,) = load(tmp_path, text).entries
    assert (entry.said.user, entry.password, entry.said.numbers.international_prefix) == ("4912345", "123456", "00")
