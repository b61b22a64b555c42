"""docs/freepbx.md: its settings and routes are read, its commands exist, its dialplan is sound."""

import re
from pathlib import Path

import yaml

from ari_app.cli import build_parser
from ari_app.settings import load_settings
from dialplan.checking.reading import read
from dialplan.routes import parse_routes

PAGE = (Path(__file__).parents[3] / "docs/freepbx.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    found = re.findall(r"^```([a-z]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [text for given, text in found if given == kind]


def test_settings_and_routes_are_read(tmp_path: Path) -> None:
    found = blocks("yaml")
    settings = [text for text in found if "routes:" not in text]
    assert len(settings) == 2 and len(found) == 3
    (tmp_path / "patchcord.yaml").write_text("".join(settings))
    read_back = load_settings(tmp_path / "patchcord.yaml", {})
    assert read_back.calls.queue == "8000" and read_back.agi.enabled and yaml.safe_load(settings[1])["agi"]["port"] == read_back.agi.port
    (routes,) = (text for text in found if "routes:" in text)
    assert parse_routes(routes, "routes.yaml", fallback_queue="8000").find("+442079460000") is not None


def test_commands_are_commands() -> None:
    lines = [line.removeprefix("$ ./patchcord ") for text in blocks("console") for line in text.splitlines()]
    assert len(lines) == 7
    for line in lines:
        build_parser().parse_args(line.split())


def test_the_dialplan_is_whole() -> None:
    (text,) = blocks("")
    reading = read({"extensions.conf": text}, "extensions.conf")
    assert not reading.faults and [section.name for section in reading.plain()] == ["from-pstn-custom"]
