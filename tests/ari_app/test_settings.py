import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from agents.turns.knobs import layered
from ari_app.settings import Settings, SettingsError, load_settings, section_of
from ari_app.settings_example import example_file


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
        ("sip: {people: {1001: Ana}}", ["sip.people", "1001", "another number"]),
        ("sip: {people: {20a: Ana}}", ["sip.people.20a", "pattern"]),
        ('sip: {people: {2003: "Ana, 2"}}', ["sip.people.2003", "pattern"]),
        ('sip: {people: {2003: "Ana\\nmember => Local/1"}}', ["sip.people.2003", "pattern"]),
    ],
)
def test_bad_input_names_the_thing(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text), {})
    for part in parts:
        assert part in str(caught.value)


def test_people_are_numbers_and_names_from_file_and_environment(tmp_path: Path) -> None:
    path = write(tmp_path, "sip: {people: {2001: Ana, 2002: José Núñez}}")
    assert load_settings(path, {}).sip.people == {"2001": "Ana", "2002": "José Núñez"}
    assert load_settings(None, {"PATCHCORD_SIP__PEOPLE__2003": "Agent 2003"}).sip.people == {"2003": "Agent 2003"}
    assert load_settings(write(tmp_path, "sip: {people: {}}"), {}).sip.people == {}


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


def names_in(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_of(field.annotation)
        yield from names_in(section) if section else (name,)


def test_example_uncommented_equals_the_defaults() -> None:
    text = re.sub(rf"^( +)# ({'|'.join(names_in(Settings))}): ", r"\1\2: ", example_file(), flags=re.MULTILINE)
    tree = yaml.safe_load(text)
    assert tree.pop("numbers") is None
    expected = Settings().model_dump(mode="json")
    assert expected.pop("numbers") == {}
    assert tree == expected


def test_knobs_are_settings_at_any_depth(tmp_path: Path) -> None:
    path = write(tmp_path, "turns: {style: urgent, endpointing: {min_delay_s: 0.3}}\nnumbers: {'100': {turns: {style: casual}}}\n")
    settings = load_settings(path, {"PATCHCORD_TURNS__LISTENING__NO_INPUT_TIMEOUT_S": "3"})
    assert settings.turns.endpointing.min_delay_s == 0.3
    assert settings.turns.endpointing.max_delay_s == 0.6, "the preset lies under what is given"
    assert settings.turns.listening.no_input_timeout_s == 3
    assert layered(settings.turns.model_dump(), settings.numbers["100"].turns).speaking.backchannel


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("turns: {endpointing: {min_dealy_s: 1}}", ["turns.endpointing.min_dealy_s", "did you mean 'min_delay_s'"]),
        ("turns: {style: rude}", ["turns.style", "'formal'"]),
        ("numbers: {'100': {turns: {bargein: {min_words: 0}}}}", ["numbers.100.turns", "bargein.min_words"]),
        ("numbers: {'100': {trun: 1}}", ["numbers.100.trun", "did you mean 'turns'"]),
        ("numbers: {abc: {}}", ["numbers.abc"]),
    ],
)
def test_bad_knobs_are_named(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text), {})
    for part in parts:
        assert part in str(caught.value)
