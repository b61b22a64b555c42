"""``patchcord freepbx``: what it prints, what it refuses, and that nothing of it stays."""

import json
from pathlib import Path

import pytest

from ari_app.cli import main
from tests.dialplan.freepbx.freepbx_files import ROUTES, write_freepbx


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Configuration folder, data, settings."""
    etc, data = tmp_path / "etc", tmp_path / "data"
    etc.mkdir()
    data.mkdir()
    write_freepbx(etc)
    (data / "routes.yaml").write_text(ROUTES)
    (tmp_path / "patchcord.yaml").write_text(f'asterisk: {{source: external, etc: {etc}}}\ncalls: {{queue: "8000"}}\n')
    return etc, data, tmp_path / "patchcord.yaml"


def run(capsys: pytest.CaptureFixture[str], places: tuple[Path, Path, Path], *words: str) -> tuple[int, str, str]:
    status = main(["freepbx", *words, "--data", str(places[1]), "--config", str(places[2])])
    told = capsys.readouterr()
    return status, told.out, told.err


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_install_show_remove(capsys: pytest.CaptureFixture[str], places: tuple[Path, Path, Path]) -> None:
    before = contents(places[0])
    status, told, _ = run(capsys, places, "show")
    assert status == 0 and told.count("  lacks") == 5 and "freepbx install" in told
    assert "patchcord-numbers,+442079460000,1" in told and 'theirs: ["8000", "8001"]' in told
    assert 'goto: "ext-queues,8000,1"' in told and 'goto: "ivr-1,s,1"' in told and "To be set right" not in told
    assert contents(places[0]) == before
    status, told, _ = run(capsys, places, "install")
    assert status == 0 and told.count("#tryinclude") == 5 and ".patchcord/freepbx" in told
    status, told, _ = run(capsys, places, "show")
    assert told.count("is there") == 5 and "freepbx install" not in told
    assert run(capsys, places, "install")[1] == "All lines are there already.\n"
    status, told, _ = run(capsys, places, "remove")
    assert status == 0 and told.count("as it was without Patchcord") == 5 and "fwconsole reload" in told
    assert contents(places[0]) == before
    assert run(capsys, places, "remove")[1] == "There was no line of Patchcord.\n"


def test_json_holds_the_same(capsys: pytest.CaptureFixture[str], places: tuple[Path, Path, Path]) -> None:
    shown = json.loads(run(capsys, places, "show", "--json")[1])
    assert shown["freepbx"] and [line["there"] for line in shown["lines"]] == [False] * 5 and shown["queues"] == ["8000", "8001"]
    # a number that stands for the pattern, taken by the same route
    assert [one["target"] for one in shown["destinations"]] == [
        "patchcord-numbers,+442079460000,1",
        "patchcord-numbers,+442079460100,1",
        "patchcord-numbers,+442079460050,1",
    ]
    assert len(json.loads(run(capsys, places, "install", "--json")[1])["added"]) == 5
    assert json.loads(run(capsys, places, "remove", "--json")[1])["left"] == []


@pytest.mark.parametrize(
    ("queue", "routes", "words"),
    [
        ("support", ROUTES, "Callers whom nobody answers wait in 'support'"),
        ("8000", ROUTES.replace('"8000", ', ""), "declare it in routes.yaml under queues: theirs:"),
        ("8001", ROUTES.replace('"8000"', '"8000", "8002"'), "names queue 8002 as yours"),
        ("8001", ROUTES.replace("ext-queues,8000", "ext-queues,8009"), "leads to ext-queues,8009,1"),
    ],
)
def test_what_would_lose_callers_is_told(
    capsys: pytest.CaptureFixture[str], places: tuple[Path, Path, Path], queue: str, routes: str, words: str
) -> None:
    places[2].write_text(places[2].read_text().replace('"8000"', f'"{queue}"'))
    (places[1] / "routes.yaml").write_text(routes)
    told = run(capsys, places, "show")[1]
    assert words in told.partition("To be set right:")[2]


def test_another_folder_is_refused(capsys: pytest.CaptureFixture[str], places: tuple[Path, Path, Path], tmp_path: Path) -> None:
    status, _, told = run(capsys, places, "install", "--etc", str(tmp_path / "none"))
    assert status == 1 and "is no folder" in told and "--etc" in told
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/extensions.conf").write_text("[default]\n")
    status, _, told = run(capsys, places, "install", "--etc", str(tmp_path / "plain"))
    assert status == 1 and "does not look like FreePBX" in told and "--add-includes" in told
    assert run(capsys, places, "show", "--etc", str(tmp_path / "plain"))[0] == 0
