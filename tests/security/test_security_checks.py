"""Each mistake that people make is found, with a remedy; a sound instance has none."""

from pathlib import Path
from typing import Any

import pytest

# ruff: noqa: S104 - addresses to be judged; nothing is bound to them
from ari_app.doctor.security.advisories import ADVISORIES, affects
from ari_app.doctor.security.evidence import loopback, numbers_of
from ari_app.doctor.security.secret_files import LEAST_BITS, bits
from ari_app.pbx.secret_store import load_or_create_secrets
from tests.security.evidence_made import LONG, OTHER, SOUND, evidence, wrong


def test_a_sound_instance_has_nothing_wrong(tmp_path: Path) -> None:
    assert wrong(evidence(tmp_path), token="t" + LONG + OTHER) == {}


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in SOUND[f"{name}.conf"], "the sound file does not hold what is to be spoilt"
    return {name: SOUND[f"{name}.conf"].replace(old, new)}


FILES: list[tuple[dict[str, str], str, str]] = [
    (changed("asterisk", "live_dangerously = no", "live_dangerously = yes"), "live_dangerously", "problem"),
    (changed("asterisk", "dumpcore = no", "dumpcore = yes"), "Core dumps", "warning"),
    (changed("http", "127.0.0.1", "0.0.0.0"), "Asterisk's HTTP server", "problem"),
    (changed("http", "enabled = yes\n", "enabled = yes\nenable_static = yes\n"), "Pages of Asterisk", "warning"),
    (changed("http", "enabled = yes\n", "enabled = yes\ntlsenable = yes\n"), "HTTPS of Asterisk", "problem"),
    (changed("ari", LONG, "patchcord"), "ARI users", "problem"),
    (changed("ari", "[patchcord]\n", "[wallboard]\n"), "ARI users", "warning"),
    (changed("ari", "enabled = yes\n", "enabled = yes\nallowed_origins = *\n"), "ARI users", "problem"),
    (changed("manager", "bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0"), "AMI's port", "problem"),
    (changed("manager", "webenabled = no", "webenabled = yes"), "AMI's port", "problem"),
    (changed("manager", "write = call,agent", "write = call,agent,originate"), "AMI user patchcord", "problem"),
    (changed("manager", "write = call,agent", "write = all"), "AMI user patchcord", "problem"),
    (changed("manager", "write = call,agent", "write = call,agent,system"), "AMI user patchcord", "problem"),
    (changed("manager", "deny = 0.0.0.0/0.0.0.0\n", ""), "AMI user patchcord", "problem"),
    (changed("manager", OTHER, "amp111"), "AMI user patchcord", "problem"),
    (changed("pjsip", "[carrier]\ntype = endpoint", "[anonymous]\ntype = endpoint"), "Unknown callers", "problem"),
    (changed("pjsip", "endpoint = carrier\n", "endpoint = another\n"), "Endpoints without a password", "problem"),
    (changed("pjsip", "198.51.100.0/28", "0.0.0.0/0"), "Addresses of trunks", "problem"),
    (changed("pjsip", LONG + "x", "2001"), "SIP passwords", "warning"),
    (changed("pjsip", "bind = 127.0.0.1:5060", "bind = 0.0.0.0:5060"), "Reach of SIP", "warning"),
    (changed("pjsip", "protocol = udp", "protocol = tls\nmethod = tlsv1"), "TLS of transport-udp", "problem"),
    (changed("pjsip", "allow_transfer = no\n", ""), "Transfers by outside callers", "problem"),
]


@pytest.mark.parametrize(("files", "name", "state"), FILES, ids=[f"{name}-{index}" for index, (_, name, _) in enumerate(FILES)])
def test_a_mistake_in_asterisks_files_is_found(tmp_path: Path, files: dict[str, str], name: str, state: str) -> None:
    found = wrong(evidence(tmp_path, None, None, **files))
    assert name in found, found
    assert found[name].state == state
    assert found[name].remedy


OURS: list[tuple[dict[str, dict[str, Any]], str, str]] = [
    ({"desk": {"bind": "0.0.0.0"}}, "Desk", "problem"),
    ({"desk": {"bind": "192.0.2.5", "behind_tls": True}}, "Desk", "warning"),
    ({"desk": {"public_url": "https://desk.example.com"}}, "Cookies of the desk", "problem"),
    ({"desk": {"public_url": "http://desk.example.com:8095"}}, "Cookies of the desk", "problem"),
    ({"desk": {"trusted_proxies": ("0.0.0.0/0",)}}, "Proxies of the desk", "problem"),
    ({"database": {"url": "postgresql://u:p@db.example.com/calls"}}, "Way to the database", "problem"),
    ({"database": {"url": "postgresql://u:p@db.example.com/calls?sslmode=require"}}, "Way to the database", "warning"),
    ({"agents": {"demo": {"test": True}}}, "Demo shop's test pages", "problem"),
]


@pytest.mark.parametrize(("settings", "name", "state"), OURS, ids=[f"{name}-{index}" for index, (_, name, _) in enumerate(OURS)])
def test_a_mistake_in_our_settings_is_found(tmp_path: Path, settings: dict[str, dict[str, Any]], name: str, state: str) -> None:
    found = wrong(evidence(tmp_path, settings))
    assert set(found) == {name}
    assert found[name].state == state
    assert found[name].remedy


@pytest.mark.parametrize(
    "settings",
    [
        {"desk": {"public_url": "https://desk.example.com", "behind_tls": True}},
        {"database": {"url": "postgresql://u:p@db.example.com/calls?sslmode=verify-full"}},
        {"database": {"url": "postgresql://u@/calls?host=/run/postgresql"}},
        {"desk": {"enabled": False}},
    ],
)
def test_what_is_well_is_not_complained_of(tmp_path: Path, settings: dict[str, dict[str, Any]]) -> None:
    assert wrong(evidence(tmp_path, settings)) == {}


def test_demo_data_is_told_of_as_soon_as_real_callers_can_come(tmp_path: Path) -> None:
    found = wrong(evidence(tmp_path, {"sip": {"bind": "192.0.2.5"}}))
    assert {"Demo shop", "Agents"} <= set(found)


def test_root_is_serious_where_the_network_reaches_it(tmp_path: Path) -> None:
    root = {"user_ids": {"asterisk": 0, "mind": 990}}
    assert wrong(evidence(tmp_path, more=root))["Running as root"].state == "warning"
    exposed = wrong(evidence(tmp_path, {"sip": {"bind": "0.0.0.0"}}, root))["Running as root"]
    assert (exposed.state, exposed.detail) == ("problem", "asterisk")


def test_a_file_with_passwords_that_others_can_read_is_named(tmp_path: Path) -> None:
    found = evidence(tmp_path)
    (found.data / "secrets.json").write_text("{}")
    (found.data / "secrets.json").chmod(0o640)
    assert str(found.data / "secrets.json") in wrong(found)["Files with passwords"].detail
    (found.data / "secrets.json").chmod(0o600)
    assert wrong(found) == {}


def test_recordings_that_others_can_read_are_named(tmp_path: Path) -> None:
    found = evidence(tmp_path)
    (found.data / "recordings").mkdir()
    (found.data / "recordings" / "a.wav").touch(0o644)
    assert wrong(found) == {}, "nobody gets into the folder above"
    found.data.chmod(0o755)
    (found.data / "recordings").chmod(0o755)
    (found.data / "recordings" / "a.wav").chmod(0o644)
    assert "a.wav" in wrong(found)["Recordings, logs and journals"].detail


@pytest.mark.parametrize(
    "secrets", [{"ari_password": "patchcord"}, {"ari_password": LONG, "ami_password": LONG}, {"phones": {"2001": "2001"}}]
)
def test_passwords_that_could_be_guessed_are_named(tmp_path: Path, secrets: dict[str, Any]) -> None:
    assert wrong(evidence(tmp_path, more={"secrets": secrets}))["Generated passwords"].state == "problem"


def test_a_password_in_a_command_line_is_noticed_and_not_repeated(tmp_path: Path) -> None:
    found = wrong(evidence(tmp_path, more={"arguments": {"mind": ("python", f"--password={LONG}")}}))["Passwords in command lines"]
    assert found.state == "problem"
    assert LONG not in found.detail


def test_generated_secrets_are_private_and_cannot_be_guessed(tmp_path: Path) -> None:
    secrets = load_or_create_secrets(tmp_path / "data", {})
    assert (tmp_path / "data" / "secrets.json").stat().st_mode & 0o777 == 0o600
    words = [secrets.ari_password, secrets.ami_password, secrets.desk_ami_password, secrets.ami_admin_password, secrets.control_token]
    words += secrets.phones.values()
    assert all(bits(word) >= LEAST_BITS for word in words)
    assert len(set(words)) == len(words)
    assert not any(word in repr(secrets) for word in words)


@pytest.mark.parametrize(
    ("actions", "record", "state"),
    [
        ({"Originate"}, False, "problem"),
        ({"Command"}, True, "problem"),
        ({"ModuleLoad"}, False, "problem"),
        ({"ModuleLoad"}, True, "warning"),
    ],
)
def test_what_asterisk_grants_our_user_is_judged(tmp_path: Path, actions: set[str], record: bool, state: str) -> None:
    found = evidence(tmp_path, {"calls": {"record": record}}, {"ami_actions": frozenset({"Ping", "Setvar", *actions})})
    assert wrong(found)["What our AMI user may do"].state == state


def test_an_external_asterisk_elsewhere_is_reached_in_the_clear(tmp_path: Path) -> None:
    found = wrong(evidence(tmp_path, {"asterisk": {"source": "external", "host": "192.0.2.9"}}))
    assert found["Way to Asterisk"].state == "warning"


@pytest.mark.parametrize(
    ("version", "known"),
    [("22.10.0", 2), ("22.9.0~dfsg", 2), ("22.10.1+dfsg", 0), ("20.20.0", 1), ("20.20.1", 0), ("23.4.0", 1), ("23.5.0", 0)],
)
def test_versions_with_known_holes(version: str, known: int) -> None:
    assert sum(affects(each, numbers_of(version)) for each in ADVISORIES) == known


@pytest.mark.parametrize(("address", "here"), [("127.0.0.1", True), ("127.8.8.8", True), ("[::1]", True), ("0.0.0.0", False), ("x", False)])
def test_which_addresses_stay_on_the_machine(address: str, here: bool) -> None:
    assert loopback(address) is here
