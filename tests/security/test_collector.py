"""What requests leave behind is collected: a process whose collector is off grows with each of them."""

import subprocess
import sys

import pytest

from ari_app.service.layout import PROJECT


@pytest.mark.parametrize(("module", "collects"), [("desk", True), ("tasks", True), ("mind", False)])
def test_only_the_mind_starts_without_it(module: str, collects: bool) -> None:
    """The mind switches it on itself once everything is there; nobody else does."""
    started = f"import sys; sys.argv = ['-m']; sys.orig_argv = ['python', '-m', 'ari_app.service.{module}']"
    code = f"{started}; import ari_app.service, gc; print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(collects)
