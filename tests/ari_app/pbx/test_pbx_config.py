"""The configuration as text and as files, and the generated passwords."""

import configparser
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.pbx.accounts import accounts
from ari_app.pbx.config import render_all, write_all
from ari_app.pbx.errors import ConfigError
from ari_app.pbx.find import AsteriskInstall
from ari_app.pbx.layout import AsteriskPaths, paths_for
from ari_app.pbx.modules import MODULES, lacking, loadable
from ari_app.pbx.secret_store import Secrets, load_or_create_secrets
from ari_app.pbx.site import site_for
from ari_app.settings import CallSettings, Settings, SipSettings
from dialplan.generated import generate
from dialplan.installing.folder import EtcFolder

BASE = Path("/srv/asterisk")
PATHS = AsteriskPaths(BASE, BASE / "run", Path("/opt/modules"))
SECRETS = Secrets(
    "patchcord",
    "ari-word",
    "patchcord",
    "ami-word",
    {"1001": "one", "2001": "two", "2002": "three", "2001-web": "four", "2002-web": "five"},
)


def install(tmp_path: Path, version: str = "22.10.1") -> AsteriskInstall:
    folders = [tmp_path / name for name in ("modules", "data", "sounds", "music")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    for names in MODULES.values():
        for name in names:
            (folders[0] / f"{name}.so").touch()
    return AsteriskInstall(version, "packages", ("/usr/sbin/asterisk",), *folders)


def sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.split("]")[0].strip("["), [])
        elif line.strip() and not line.startswith(";"):
            current.append(line.strip())
    return found


def test_the_same_input_gives_the_same_text(tmp_path: Path) -> None:
    made = install(tmp_path)
    assert render_all(made, PATHS, Settings(), SECRETS) == render_all(made, PATHS, Settings(), SECRETS)


def test_interfaces_for_programs_bind_to_this_machine(tmp_path: Path) -> None:
    files = render_all(install(tmp_path), PATHS, Settings(), SECRETS)
    for name in ("manager.conf", "http.conf"):
        assert "bindaddr = 127.0.0.1" in sections(files[name])["general"]
    ours = sections(files["patchcord.d/manager.conf"])["patchcord"]
    assert ours[-3:] == ["read = call,agent,user", "write = call,agent", "writetimeout = 5000"]
    recording = render_all(install(tmp_path), PATHS, Settings(calls=CallSettings(record=True)), SECRETS)
    assert "write = call,agent,system" in sections(recording["patchcord.d/manager.conf"])["patchcord"]
    assert "websocket_write_timeout = 5000" in sections(files["ari.conf"])["general"]
    assert "live_dangerously = no" in sections(files["asterisk.conf"])["options"]
    assert {"strictrtp = yes", "icesupport = yes"} <= set(sections(files["rtp.conf"])["general"])


def test_members_of_the_queue_are_the_agents_phones(tmp_path: Path) -> None:
    support = sections(render_all(install(tmp_path), PATHS, Settings(), SECRETS)["patchcord.d/queues.conf"])["support"]
    assert [line for line in support if line.startswith("member")] == [
        f"member => Local/{user}@patchcord-members,0,Agent {user},hint:{user}@patchcord-members" for user in ("2001", "2002")
    ]


def test_every_person_has_phones_a_place_in_the_queue_and_their_name(tmp_path: Path) -> None:
    people = {"2001": "Ana O'Neil", "2010": "Zoë"}
    settings = Settings(sip=SipSettings(people=people))
    files = render_all(install(tmp_path), PATHS, settings, load_or_create_secrets(tmp_path / "data", {}, settings=settings))
    support = sections(files["patchcord.d/queues.conf"])["support"]
    assert [line for line in support if line.startswith("member")] == [
        f"member => Local/{user}@patchcord-members,0,{name},hint:{user}@patchcord-members" for user, name in people.items()
    ]
    accounts = sections(files["pjsip.conf"])
    assert "callerid = Zoë <2010>" in accounts["2010"]
    assert not any(name.startswith("2002") for name in accounts), "nobody has this phone"
    assert "exten => 2010,1,Gosub(patchcord-given,s,1(2010))" in files["patchcord.d/extensions.conf"]


def test_a_phone_that_is_also_a_number_is_refused(tmp_path: Path) -> None:
    settings = Settings(sip=SipSettings(people={"100": "Ana"}))
    with pytest.raises(ConfigError, match="100 is a person's phone and a number of the route front-desk"):
        render_all(install(tmp_path), PATHS, settings, load_or_create_secrets(tmp_path / "data", {}, settings=settings))


def test_sip_lets_in_phones_by_password_and_the_trunk_by_address(tmp_path: Path) -> None:
    files = render_all(install(tmp_path), PATHS, Settings(), SECRETS)
    text = files["pjsip.conf"] + files["patchcord.d/pjsip.conf"]
    found = sections(text)
    assert "endpoint_identifier_order = username,ip" in found["global"]
    assert "anonymous" not in found
    assert found["1001"][-2:] == ["username = 1001", "password = one"]
    assert "context = patchcord-trunk-trunk" in found["trunk"] and "match = 127.0.0.1" in found["trunk"]
    assert "bind = 0.0.0.0:5060" in found["transport-udp"]
    assert "media_address" not in text


def test_a_single_address_carries_the_audio_too(tmp_path: Path) -> None:
    settings = Settings.model_validate({"sip": {"bind": "192.0.2.7"}})
    text = render_all(install(tmp_path), PATHS, settings, SECRETS)["pjsip.conf"]
    assert "media_address = 192.0.2.7" in text


@pytest.mark.parametrize("match", ["192.0.2.0/24\nendpoint=x", "1;2"])
def test_a_setting_that_would_become_an_instruction_is_refused(tmp_path: Path, match: str) -> None:
    settings = Settings.model_validate({"sip": {"trunk_match": match}})
    with pytest.raises(ConfigError, match=r"sip\.trunk_match is .*no name of a host"):
        render_all(install(tmp_path), PATHS, settings, SECRETS)


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    made = install(tmp_path)
    paths = paths_for(tmp_path / "d", made.module_dir)
    for _ in range(2):  # a second time over the first
        write_all(paths, render_all(made, paths, Settings(), SECRETS), made)
    assert {path.stat().st_mode & 0o777 for path in paths.etc.rglob("*.conf")} == {0o600}
    assert {folder.stat().st_mode & 0o777 for folder in paths.folders()} == {0o700}
    assert (paths.share / "sounds" / "en").resolve() == made.sounds_dir


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    made = install(tmp_path)
    (tmp_path / "d").write_text("in the way")
    paths = AsteriskPaths(tmp_path / "d", tmp_path / "d" / "run", made.module_dir)
    with pytest.raises(ConfigError, match=str(tmp_path / "d")):
        write_all(paths, {}, made)


@given(st.frozensets(st.sampled_from(sorted({name for names in MODULES.values() for name in names}))))
def test_only_what_is_there_is_loaded_and_what_lacks_is_told(available: frozenset[str]) -> None:
    loaded = {name for names in loadable(available).values() for name in names}
    assert loaded == available
    assert not set(lacking(available)) & available


def test_modules_conf_names_each_module_once(tmp_path: Path) -> None:
    lines = sections(render_all(install(tmp_path), PATHS, Settings(), SECRETS)["modules.conf"])["modules"]
    assert lines[0] == "autoload = no"
    assert len(set(lines)) == len(lines) > 80


def test_asterisk_conf_is_what_other_programs_can_read(tmp_path: Path) -> None:
    parser = configparser.ConfigParser(comment_prefixes=(";",))
    parser.read_string(render_all(install(tmp_path), PATHS, Settings(), SECRETS)["asterisk.conf"])
    assert parser["directories"]["astetcdir"] == "/srv/asterisk/etc"


# ---- passwords ----


def test_passwords_are_made_once_and_kept(tmp_path: Path) -> None:
    first = load_or_create_secrets(tmp_path / "d")
    assert load_or_create_secrets(tmp_path / "d") == first
    path = tmp_path / "d" / "secrets.json"
    assert path.stat().st_mode & 0o777 == 0o600
    words = [first.ari_password, first.ami_password, *first.phones.values()]
    assert len(set(words)) == 7 and min(map(len, words)) >= 24
    assert not any(letter in word for word in words for letter in ";\n\"' ")


def test_a_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    load_or_create_secrets(tmp_path)
    (tmp_path / "secrets.json").chmod(0o644)
    load_or_create_secrets(tmp_path)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_new_phone_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = load_or_create_secrets(tmp_path)
    path = tmp_path / "secrets.json"
    stored = json.loads(path.read_text())
    del stored["phones"]["2002"]
    path.write_text(json.dumps(stored))
    second = load_or_create_secrets(tmp_path)
    assert second.phones["2001"] == first.phones["2001"] and second.ari_password == first.ari_password
    assert second.phones["2002"] != first.phones["2002"]


@pytest.mark.parametrize("text", ["{", "[]", '{"phones": 3}', '"x"'])
def test_a_damaged_password_file_is_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(ConfigError, match="Delete it"):
        load_or_create_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == text


def test_phones_are_told_an_address_that_they_can_reach() -> None:
    assert all(account.server not in ("0.0.0.0", "") for account in accounts(Settings(), SECRETS))  # noqa: S104 - compared with


def test_what_lies_in_patchcord_d_shows_edits_by_hand(tmp_path: Path) -> None:
    files = render_all(install(tmp_path), PATHS, Settings(), SECRETS)
    for name, text in files.items():
        (tmp_path / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "etc" / name).write_text(text)
    folder = EtcFolder(tmp_path / "etc")
    assert folder.current() == dict(generate(site_for("22.10.1", Settings(), SECRETS, tmp_path)))
    assert folder.edited() == []
    queues = folder.ours / "queues.conf"
    queues.write_text(queues.read_text().replace("[support]", "[sales]", 1))
    assert folder.edited() == ["patchcord.d/queues.conf"]
