"""The process of a Chromium without a screen: started with a profile of its own, and gone together with it."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from ari_app.service.child import die_with_parent

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
_FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--no-sandbox",  # tests may run as root in a container
    "--remote-debugging-port=0",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


def program() -> str:
    """The browser; skips the test where there is none."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium here: install the Debian package 'chromium' to run the tests of the pages")


class ChromiumProcess:
    """Runs from here to ``close``, and never longer than the thread that made it: the kernel sees to that."""

    def __init__(self, *flags: str) -> None:
        found = program()
        self._profile = Path(tempfile.mkdtemp(prefix="chromium-"))
        self._process = subprocess.Popen(
            [found, *_FLAGS, *flags, f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one call to the kernel, which takes no lock
        )

    def address(self, limit_s: float = 30.0) -> str:
        """The ``ws:`` URL of the browser's DevTools; waits until it is there."""
        file = self._profile / "DevToolsActivePort"
        ends = time.monotonic() + limit_s
        while time.monotonic() < ends:
            assert self._process.poll() is None, f"Chromium ended with {self._process.returncode}"
            with contextlib.suppress(FileNotFoundError, ValueError):
                port, path = file.read_text().splitlines()
                return f"ws://127.0.0.1:{port}{path}"
            time.sleep(0.05)
        raise TimeoutError(f"Chromium does not listen after {limit_s:g} s")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _remove(self._profile)


def _remove(folder: Path, limit_s: float = 5.0) -> None:
    """Helpers of a browser that has ended still write for a moment."""
    ends = time.monotonic() + limit_s
    while folder.exists() and time.monotonic() < ends:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)
