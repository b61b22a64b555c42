"""Secrets by file: read, not shown, and said which file when they cannot be."""

from pathlib import Path

import pytest

from ari_app.pbx.errors import ConfigError
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.secret_files import SecretFileUnusable, from_files, take_secret_files
from ari_app.settings import load_settings


def test_a_file_stands_for_a_setting_a_password_and_the_key_of_a_service(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("postgresql://somebody:secret@db.example.com/patchcord\n")
    environment = {
        "PATCHCORD_DATABASE__URL_FILE": str(file),
        "SPEECH_API_KEY_FILE": str(file),
        "XDG_CONFIG_FILE": "/not/ours",
        "PATCHCORD_EMPTY_FILE": "",
    }
    take_secret_files(environment)
    assert set(environment) == {"PATCHCORD_DATABASE__URL", "SPEECH_API_KEY", "XDG_CONFIG_FILE", "PATCHCORD_EMPTY_FILE"}
    assert environment["SPEECH_API_KEY"] == file.read_text().strip()
    assert load_settings(None, environment).database.url.endswith("/patchcord")
    before = dict(environment)
    take_secret_files(environment)
    assert environment == before


@pytest.mark.parametrize(
    ("content", "word"), [(None, "cannot be read"), (b"", "empty"), (b"\n", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 70000, "too large")]
)
def test_a_file_that_cannot_be_used_is_named_without_its_content(tmp_path: Path, content: bytes | None, word: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SecretFileUnusable) as raised:
        from_files({"PATCHCORD_ARI_PASSWORD_FILE": str(file)})
    assert word in str(raised.value) and str(file) in str(raised.value) and "xxx" not in str(raised.value)


def test_both_ways_at_once_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a")
    environment = {"PATCHCORD_ARI_PASSWORD": "b", "PATCHCORD_ARI_PASSWORD_FILE": str(tmp_path / "secret")}
    with pytest.raises(SecretFileUnusable, match="both set"):
        take_secret_files(environment)
    assert environment["PATCHCORD_ARI_PASSWORD"] == "b"


def test_given_passwords_come_before_those_that_are_kept(tmp_path: Path) -> None:
    made = load_or_create_secrets(tmp_path, {})
    given = load_or_create_secrets(tmp_path, {"PATCHCORD_ARI_PASSWORD": "given-by-the-operator", "PATCHCORD_AMI_USER": "operator"})
    assert (given.ari_password, given.ami_user) == ("given-by-the-operator", "operator")
    assert (given.ami_password, given.control_token) == (made.ami_password, made.control_token)
    assert "given-by-the-operator" not in (tmp_path / "secrets.json").read_text()
    assert load_or_create_secrets(tmp_path, {}) == made


@pytest.mark.parametrize(
    "value", ["short", "sixteen letters and spaces", "with-a;semicolon-in-it", 'with-a-"quote"-in-it', "geheimnis-mit-ümlaut"]
)
def test_a_password_that_asterisk_would_misread_is_refused_without_being_shown(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_or_create_secrets(tmp_path, {"PATCHCORD_AMI_PASSWORD": value})
    assert "PATCHCORD_AMI_PASSWORD" in str(raised.value) and value not in str(raised.value)
