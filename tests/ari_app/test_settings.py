import re
from pathlib import Path

import pytest
import yaml

from ari_app.settings import Settings, SettingsError, example_file, load_settings


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "patchcord.yaml"
    path.write_text(text)
    return path


def test_defaults_need_no_file() -> None:
    assert load_settings(None, {}) == Settings()


def test_order_is_file_then_environment_then_command_line(tmp_path: Path) -> None:
    path = write(tmp_path, "sip: {port: 5070}\nservice: {http_port: 9000, log_level: debug}\n")
    settings = load_settings(path, {"PATCHCORD_SERVICE__HTTP_PORT": "9001", "PATCHCORD_PYTHON": "x"}, {"service": {"http_port": 9002}})
    assert (settings.sip.port, settings.service.http_port, settings.service.log_level) == (5070, 9002, "debug")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sip: {prot: 1}", ["patchcord.yaml", "sip.prot", "did you mean 'port'"]),
        ("spi: {port: 1}", ["spi", "did you mean 'sip'"]),
        ("sip: {port: 70000}", ["sip.port", "65535"]),
        ("sip: {port: many}", ["sip.port", "'many'"]),
        ("sip: [1]", ["sip"]),
        ("- a", ["sections"]),
        ("sip: {port: 1", ["not valid YAML"]),
        ("calls: {heartbeat_s: 5}", ["heartbeat_s", "third"]),
        ("media: {first_port: 11000, last_port: 11100}", ["overlap"]),
        ("sip: {rtp_first: 10000, rtp_last: 10002}", ["rtp_last"]),
    ],
)
def test_bad_input_names_the_thing(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text), {})
    for part in parts:
        assert part in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, "sip: {prot: 1, port: 0}"), {})
    assert "sip.prot" in str(caught.value)
    assert "sip.port" in str(caught.value)


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.yaml"):
        load_settings(tmp_path / "nothing.yaml", {})


def test_shipped_example_holds_every_default_and_loads() -> None:
    shipped = Path(__file__).parents[2] / "patchcord.example.yaml"
    assert shipped.read_text() == example_file(), "write it anew with: ./patchcord settings > patchcord.example.yaml"
    assert load_settings(shipped, {}) == Settings()


def test_example_uncommented_equals_the_defaults() -> None:
    known = {section: set(model.model_dump()) for section, model in Settings()}
    names = "|".join(sorted(set().union(*known.values())))
    text = re.sub(rf"^  # ({names}): ", r"  \1: ", example_file(), flags=re.MULTILINE)
    assert yaml.safe_load(text) == Settings().model_dump()
