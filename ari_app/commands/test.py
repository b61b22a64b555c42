"""``patchcord test``: everything that must hold, in the order in which failures are cheapest to find."""

import os
import subprocess
import sys

from ari_app.service.layout import PROJECT


def _run(title: str, command: list[str]) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, cwd=PROJECT, check=False, env={**os.environ, "PYTHONPATH": str(PROJECT)}).returncode


def run_tests(arguments: list[str], *, quick: bool) -> int:
    """Lint, types, then pytest (which fetches Asterisk and the voice when they are missing). The first failure's status is returned."""
    python = sys.executable
    steps = [
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("format", [python, "-m", "ruff", "format", "--check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("tests", [python, "-m", "pytest", "-q", *(["-m", "not e2e"] if quick else []), *arguments]),
    ]
    failed = [(title, code) for title, command in steps if (code := _run(title, command))]
    for title, _ in failed:
        print(f"== FAILED: {title}", flush=True)
    return failed[0][1] if failed else 0
