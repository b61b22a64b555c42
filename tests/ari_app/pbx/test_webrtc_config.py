"""Browser phones in the configuration: there when Asterisk can carry them, and harmless to everything else."""

from pathlib import Path

import pytest

from ari_app.pbx.config import render_all
from ari_app.pbx.find import AsteriskInstall
from ari_app.pbx.layout import AsteriskPaths
from ari_app.pbx.modules import MODULES, lacking, takes_browsers
from ari_app.pbx.secret_store import Secrets, load_or_create_secrets
from ari_app.settings import Settings

BASE = Path("/srv/asterisk")
PATHS = AsteriskPaths(BASE, BASE / "run", Path("/opt/modules"))
ALL = frozenset(name for names in MODULES.values() for name in names)
WEB_ONLY = ("ice_support = yes", "media_encryption = dtls", "use_avpf = yes", "rtcp_mux = yes")


def render(tmp_path: Path, modules: frozenset[str] = ALL, **sip: str) -> dict[str, dict[str, list[str]]]:
    """File to section to lines; a section that comes twice has the lines of both."""
    folder = tmp_path / "modules"
    folder.mkdir()
    for name in modules:
        (folder / f"{name}.so").touch()
    install = AsteriskInstall("22.10.1", "packages", ("/usr/sbin/asterisk",), folder, tmp_path, tmp_path, tmp_path)
    files = render_all(install, PATHS, Settings.model_validate({"sip": sip}), load_or_create_secrets(tmp_path / "data"))
    return {name: _sections(text) for name, text in files.items()}


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.partition(";")[0].strip(), [])
        elif line.strip() and not line.startswith(";"):
            current.append(line.strip())
    return found


def test_each_agent_has_a_second_phone_for_the_browser(tmp_path: Path) -> None:
    pjsip = render(tmp_path)["pjsip.conf"]
    assert {"[2001-web](browser-phone)", "[2002-web](browser-phone)"} <= set(pjsip)
    assert "[1001-web](browser-phone)" not in pjsip
    assert pjsip["[2001-web](browser-phone)"] == [
        "auth = 2001-web",
        "aors = 2001-web",
        "callerid = Agent 2001 <2001>",
        "allow_transfer = yes",
    ]
    assert "protocol = ws" in pjsip["[transport-ws]"]


def test_encryption_and_ice_are_for_browsers_only(tmp_path: Path) -> None:
    pjsip = render(tmp_path)["pjsip.conf"]
    assert set(WEB_ONLY) <= set(pjsip["[browser-phone](!,phone)"])
    assert "dtls_auto_generate_cert = yes" in pjsip["[browser-phone](!,phone)"]
    assert "bundle = no" in pjsip["[browser-phone](!,phone)"]  # the way into a deadlock of Asterisk before 22.11
    for section, lines in pjsip.items():
        if section != "[browser-phone](!,phone)":
            assert not set(lines) & set(WEB_ONLY), section
    assert "ice_support = no" in pjsip["[media](!)"]


def test_the_two_phones_of_a_person_have_two_passwords(tmp_path: Path) -> None:
    phones = load_or_create_secrets(tmp_path).phones
    assert {"2001", "2001-web", "2002", "2002-web", "1001"} == set(phones)
    assert len(set(phones.values())) == 5


@pytest.mark.parametrize("absent", ["res_pjsip_transport_websocket", "res_srtp", "res_http_websocket", "res_crypto"])
def test_an_asterisk_without_webrtc_still_works_without_browsers(tmp_path: Path, absent: str) -> None:
    files = render(tmp_path, ALL - {absent})
    assert not any("web" in section or "ws" in section for section in files["pjsip.conf"])
    assert "icesupport = no" in files["rtp.conf"]["[general]"]
    assert not takes_browsers(ALL - {absent})


def test_only_modules_that_every_call_needs_are_demanded() -> None:
    assert lacking(ALL - {"res_srtp", "res_pjsip_transport_websocket"}) == []
    assert takes_browsers(ALL)


@pytest.mark.parametrize(("bind", "mapped"), [("127.0.0.1", True), ("127.0.0.2", True), ("0.0.0.0", False), ("192.0.2.7", False)])  # noqa: S104 - a setting under test
def test_audio_on_loopback_is_offered_as_a_candidate(tmp_path: Path, bind: str, mapped: bool) -> None:
    rtp = render(tmp_path, bind=bind)["rtp.conf"]
    assert "icesupport = yes" in rtp["[general]"]
    assert ("[ice_host_candidates]" in rtp) is mapped
    if mapped:
        (line,) = rtp["[ice_host_candidates]"]
        assert line.endswith(f"=> {bind}")


def test_the_socket_is_on_this_machine_only(tmp_path: Path) -> None:
    assert "bindaddr = 127.0.0.1" in render(tmp_path, bind="0.0.0.0")["http.conf"]["[general]"]  # noqa: S104 - a setting under test


def test_secrets_of_an_older_instance_gain_the_browsers_passwords(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(
        '{"ari_user": "p", "ari_password": "a", "ami_user": "p", "ami_password": "b", "phones": {"2001": "kept"}}'
    )
    secrets: Secrets = load_or_create_secrets(tmp_path)
    assert secrets.phones["2001"] == "kept" and len(secrets.phones["2001-web"]) >= 24
