"""``patchcord test``: everything that must hold, in the order in which failures are cheapest to find."""

import asyncio
import os
import shutil
import subprocess
import sys

from ari_app.commands.progress import ProgressBar
from ari_app.commands.up import RUNTIME
from ari_app.pbx.errors import PbxError
from ari_app.pbx.install import ensure_runtime
from ari_app.service.layout import PROJECT
from ari_app.settings import Settings


def _run(title: str, command: list[str]) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, cwd=PROJECT, check=False, env={**os.environ, "PYTHONPATH": str(PROJECT)}).returncode


def _begin(title: str, command: list[str]) -> subprocess.Popen[bytes]:
    print(f"== {title}", flush=True)
    return subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)})


def _prepare() -> None:
    """Asterisk and the voices, always from packages: tests must not depend on an Asterisk that happens to be installed."""
    settings = Settings.model_validate({"asterisk": {"source": "packages"}})
    bar = ProgressBar()
    try:
        asyncio.run(ensure_runtime(RUNTIME, settings, bar.show))
    finally:
        bar.close()


_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")


def _prepare_browser() -> None:
    """A Chromium for the tests of the pages. It cannot be unpacked beside the project as Asterisk is: root installs it, others are told."""
    if any(shutil.which(name) for name in _BROWSERS):
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("== installing chromium for the tests of the pages", flush=True)
        unasked = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for each in (["apt-get", "update"], command):
            subprocess.run(each, check=False, stdout=subprocess.DEVNULL, env=unasked)
    if not any(shutil.which(name) for name in _BROWSERS):
        print(f"== no Chromium: the tests of the pages are skipped. Install it as root with: {' '.join(command)}", flush=True)


_IN_TIME = tuple(f"tests/ari_app/{room}" for room in ("ami", "ari", "caller", "calls", "media", "pbx", "service"))
"""These keep the time of packets and processes, which other tests beside them would spoil: they run one after the other."""
_ANYWHERE = ("-n", "2", "--dist", "loadfile", "--ignore=tests/e2e", *(f"--ignore={path}" for path in _IN_TIME))
_EVEN = tuple(
    f"tests/e2e/test_{name}.py" for name in ("bad_media", "bad_signalling", "worker_killed", "workers", "rolling_restart", "fail_open")
)
"""These ask how evenly packets come and how soon a killed or replaced worker is back, which an instance that other calls share would
spoil by being there: they have a run of their own."""
_CALLS = (*(f"--ignore={path}" for path in _EVEN), "tests/e2e")
"""One after the other: callers are promised times, and a second instance of everything beside them would take the processor for it."""


def run_tests(arguments: list[str], *, quick: bool) -> int:
    """Lint, types, then pytest (which fetches Asterisk and the voice when they are missing). The first failure's status is returned.

    ``arguments`` are pytest's own: given any, it runs once with just those.
    """
    try:
        _prepare()
    except PbxError as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1
    _prepare_browser()
    python = sys.executable
    # Beside lint and types, which take one processor.
    speaking = None if arguments else _begin("speech for the calls", [python, "-m", "tests.e2e.make_speech"])
    steps = [
        ("lint", ["ruff", "check", "."]),
        ("format", ["ruff", "format", "--check", "."]),
        ("types", ["mypy"]),
        *([("tests", ["pytest", "-q", *arguments])] if arguments else []),
        *([("tests", ["pytest", "-q", *_ANYWHERE]), ("tests in time", ["pytest", "-q", *_IN_TIME])] if not arguments else []),
        *([("even calls", ["pytest", "-q", *_EVEN]), ("calls", ["pytest", "-q", *_CALLS])] if not arguments and not quick else []),
    ]
    failed: list[tuple[str, int]] = []
    for title, command in steps:
        if speaking is not None and command[0] == "pytest":
            if speaking.wait():
                failed.append(("speech for the calls", speaking.returncode))
            speaking = None
        if code := _run(title, [python, "-m", *command]):
            failed.append((title, code))
    for title, _ in failed:
        print(f"== FAILED: {title}", flush=True)
    return failed[0][1] if failed else 0
