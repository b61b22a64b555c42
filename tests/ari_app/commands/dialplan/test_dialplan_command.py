"""``patchcord dialplan`` on the folder of an Asterisk that is somebody else's and does not run now."""

import json
from pathlib import Path

import pytest
import yaml

from ari_app.cli import main
from tests.dialplan.checking.configuration_cases import base


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    etc = tmp_path / "etc"
    etc.mkdir()
    for name, text in base().items():
        if not name.startswith("patchcord.d/"):
            (etc / name).write_text(text.replace("#tryinclude", ";tryinclude"))
    settings = {"asterisk": {"source": "external", "etc": str(etc), "ami_port": 5038}, "calls": {"max_calls": 20}}
    (tmp_path / "patchcord.yaml").write_text(yaml.safe_dump(settings))
    return ["--data", str(tmp_path / "data"), "--config", str(tmp_path / "patchcord.yaml")]


def test_from_a_first_plan_to_a_removal(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    etc = tmp_path / "etc"
    before = {path.name: path.read_bytes() for path in etc.iterdir()}
    assert main(["dialplan", "plan", *arguments]) == 2
    said = capsys.readouterr().out
    assert "+[patchcord-agent]" in said and "lacks the line #tryinclude" in said and "+secret = ********" in said
    assert main(["dialplan", "apply", "--no-scratch", "--no-reload", *arguments]) == 1
    refused = capsys.readouterr()
    assert "Nothing in extensions.conf includes patchcord.d/extensions.conf" in refused.out and "nothing was written" in refused.err
    assert main(["dialplan", "apply", "--no-scratch", "--no-reload", "--add-includes", *arguments]) == 0
    assert "asterisk -rx 'core reload'" in capsys.readouterr().out
    assert main(["dialplan", "plan", *arguments]) == 0
    assert main(["dialplan", "check", "--no-scratch", *arguments]) == 0
    assert "Sound" in capsys.readouterr().out
    assert main(["dialplan", "remove", "--no-reload", *arguments]) == 0
    assert {path.name: path.read_bytes() for path in etc.iterdir()} == before


def test_check_names_file_line_and_remedy_and_leaves_theirs_apart(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "etc" / "extensions.conf").open("a") as file:
        file.write("[old]\nexten => s,1,Goto(nowhere,s,1)\n")
    assert main(["dialplan", "apply", "--no-scratch", "--no-reload", "--add-includes", *arguments]) == 0
    capsys.readouterr()
    assert main(["dialplan", "check", "--no-scratch", "--json", *arguments]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["findings"] == [] and [one["file"] for one in tree["theirs"]] == ["extensions.conf"]
    assert tree["theirs"][0]["line"] > 0 and tree["theirs"][0]["remedy"]
    assert main(["dialplan", "check", "--no-scratch", "--strict", *arguments]) == 1
    path = tmp_path / "etc" / "patchcord.d" / "extensions.conf"
    path.write_text(path.read_text().replace("Ringing()", "Rining()"))
    capsys.readouterr()
    assert main(["dialplan", "check", "--no-scratch", "--as-it-is", *arguments]) == 1
    assert "was 'Ringing' meant?" in capsys.readouterr().out


def test_show_tells_what_a_call_does(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dialplan", "show", "100", "--at", "2026-12-24 18:00", *arguments]) == 0
    assert "front-desk" in capsys.readouterr().out
    assert main(["dialplan", "show", "100", "--at", "tomorrow", *arguments]) == 2
    assert "Write it as 2026-12-24 18:00" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_one_line(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "etc").rename(tmp_path / "elsewhere")
    assert main(["dialplan", "plan", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "asterisk.etc" in said


def test_rollback_without_a_backup_says_so(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dialplan", "rollback", "--no-reload", *arguments]) == 1
    assert "no backup" in capsys.readouterr().err
    assert main(["dialplan", "rollback", "--list", *arguments]) == 0
