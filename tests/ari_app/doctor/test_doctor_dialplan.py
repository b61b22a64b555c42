"""What the doctor says of routes, trunks and the files that Asterisk has."""

import argparse
from pathlib import Path

import pytest
import yaml

from ari_app.cli import main
from ari_app.commands.doctor_dialplan import dialplan_findings
from ari_app.doctor.dialplan import Standing, standing
from ari_app.doctor.finding import Finding
from ari_app.service.layout import Layout
from ari_app.settings import load_settings
from tests.dialplan.checking.configuration_cases import base


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        (Standing("/etc/asterisk/patchcord.d"), "ok", "holds what routes and trunks say"),
        (Standing("/e", changed=["a", "b", "c", "d", "e"]), "warning", "a, b, c and 2 more"),
        (Standing("/e", lacking=["pjsip.conf"]), "problem", "pjsip.conf"),
        (Standing("/e", changed=["a"], edited=["b"]), "warning", "edited by hand"),
        (Standing("/e", changed=["a"], in_force=False), "ok", "up writes them"),
        (Standing("/e", edited=["a"], in_force=False), "warning", "edited by hand"),
    ],
)
def test_how_a_folder_stands(seen: Standing, state: str, words: str) -> None:
    found = standing(seen)
    assert found.state == state and words in found.detail
    assert bool(found.remedy) == (state != "ok")


@pytest.fixture
def options(tmp_path: Path) -> argparse.Namespace:
    etc, data = tmp_path / "etc", tmp_path / "data"
    etc.mkdir()
    data.mkdir()
    for name, text in base().items():
        if not name.startswith("patchcord.d/"):
            (etc / name).write_text(text.replace("#tryinclude", ";tryinclude"))
    (tmp_path / "patchcord.yaml").write_text(yaml.safe_dump({"asterisk": {"source": "external", "etc": str(etc)}}))
    return argparse.Namespace(data=data, config=tmp_path / "patchcord.yaml")


async def looked(options: argparse.Namespace) -> list[Finding]:
    return await dialplan_findings(options, load_settings(options.config), Layout(options.data))


async def test_a_machine_where_nothing_was_written_is_left_as_it_is(options: argparse.Namespace) -> None:
    assert await looked(options) == []
    assert list(options.data.iterdir()) == []


@pytest.mark.parametrize("file", ["routes.yaml", "trunks.yaml"])
async def test_a_file_that_cannot_be_read_is_named(options: argparse.Namespace, file: str) -> None:
    (options.data / file).write_text("routes: [\n")
    [found] = await looked(options)
    assert (found.name, found.state) == (file, "problem")
    assert "dialplan check" in found.remedy


class TestWhatWasApplied:
    @pytest.fixture(autouse=True)
    def applied(self, options: argparse.Namespace) -> None:
        self._main(options, "apply", "--no-scratch", "--no-reload", "--add-includes")

    @staticmethod
    def _main(options: argparse.Namespace, action: str, *more: str) -> None:
        assert main(["dialplan", action, *more, "--data", str(options.data), "--config", str(options.config)]) == 0

    async def test_all_is_well(self, options: argparse.Namespace) -> None:
        assert [found.state for found in await looked(options)] == ["ok"]

    async def test_a_changed_file_is_to_be_applied(self, options: argparse.Namespace) -> None:
        (options.data / "routes.yaml").write_text("routes:\n  desk: {numbers: ['300'], agent: front-desk}\n")
        [found] = await looked(options)
        assert "extensions.conf" in found.detail and "dialplan apply" in found.remedy

    async def test_an_edit_by_hand_is_told(self, options: argparse.Namespace, tmp_path: Path) -> None:
        path = tmp_path / "etc" / "patchcord.d" / "queues.conf"
        path.write_text(f"; mine\n{path.read_text()}")
        [found] = await looked(options)
        assert "edited by hand" in found.detail and "--overwrite" in found.remedy
