"""Errors that the command line shows as one line: they exist, and asking for them imports nothing."""

import importlib
import subprocess
import sys
from pathlib import Path

from ari_app.commands.errors import EXPECTED, expected
from ari_app.service.layout import PROJECT


def test_each_is_an_exception_of_its_module() -> None:
    for module, names in EXPECTED.items():
        for name in names:
            assert issubclass(getattr(importlib.import_module(module), name), Exception)
    assert len(expected()) == sum(map(len, EXPECTED.values()))


def test_asking_for_them_imports_none_of_their_modules() -> None:
    script = """
import sys
from ari_app.commands.errors import EXPECTED, expected
assert expected() == ()
assert not set(EXPECTED) & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_a_message_is_one_line_and_the_status_is_1(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ari_app.cli", "status", "--data", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("patchcord: ")
    assert done.stderr.count("\n") == 1
