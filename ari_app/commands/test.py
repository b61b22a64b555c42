"""``patchcord test``: everything that must hold, in the order in which failures are cheapest to find."""

import asyncio
import os
import subprocess
import sys

from ari_app.commands.progress import ProgressBar
from ari_app.commands.up import RUNTIME
from ari_app.pbx import ensure_runtime
from ari_app.pbx.errors import PbxError
from ari_app.service.layout import PROJECT
from ari_app.settings import Settings


def _run(title: str, command: list[str]) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, cwd=PROJECT, check=False, env={**os.environ, "PYTHONPATH": str(PROJECT)}).returncode


def _prepare() -> None:
    """Asterisk and the voices, always from packages: tests must not depend on an Asterisk that happens to be installed."""
    settings = Settings.model_validate({"asterisk": {"source": "packages"}})
    bar = ProgressBar()
    try:
        asyncio.run(ensure_runtime(RUNTIME, settings, bar.show))
    finally:
        bar.close()


# Calls last as long as people talk and leave the processor idle: two files of them run at once.
_EVEN = ("tests/e2e/test_bad_media.py", "tests/e2e/test_bad_signalling.py")
"""These ask how evenly packets come, which other calls beside them would spoil: they run alone."""
_CALLS = ("-n", "2", "--dist", "loadfile", *(f"--ignore={path}" for path in _EVEN), "tests/e2e")


def run_tests(arguments: list[str], *, quick: bool) -> int:
    """Lint, types, then pytest (which fetches Asterisk and the voice when they are missing). The first failure's status is returned.

    ``arguments`` are pytest's own: given any, it runs once with just those.
    """
    try:
        _prepare()
    except PbxError as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1
    python = sys.executable
    steps = [
        ("lint", ["ruff", "check", "."]),
        ("format", ["ruff", "format", "--check", "."]),
        ("types", ["mypy"]),
        *([("tests", ["pytest", "-q", *arguments])] if arguments else []),
        *([("tests", ["pytest", "-q", "--ignore=tests/e2e"])] if not arguments else []),
        *([("even calls", ["pytest", "-q", *_EVEN]), ("calls", ["pytest", "-q", *_CALLS])] if not arguments and not quick else []),
    ]
    failed = [(title, code) for title, command in steps if (code := _run(title, [python, "-m", *command]))]
    for title, _ in failed:
        print(f"== FAILED: {title}", flush=True)
    return failed[0][1] if failed else 0
