"""Worker, desk and tasks as processes of their own, as the production compose file runs them: settings and secrets by file."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
import yaml

from tests.docker.admins_asterisk import AdminsAsterisk, running
from tests.e2e.crowd import greeted
from tests.e2e.instance import PROJECT, Instance, ports_beside, take_speech
from tests.handoff.records.own_server import own_server

PASSWORD = "a-password-for-this-page-only"
PARTS = ("worker", "desk", "tasks")


@dataclass
class Site:
    """What the three share: a data directory, a file of settings, files of secrets."""

    top: Path
    ports: dict[str, object]
    database: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.top / "data"

    def prepare(self) -> None:
        self.data.mkdir()
        take_speech(self.data)
        settings: dict[str, dict[str, object]] = {}
        for key, value in self.ports.items():
            section, name = key.split(".")
            settings.setdefault(section, {})[name] = value
        (self.top / "patchcord.yaml").write_text(yaml.safe_dump(settings))
        subprocess.run([sys.executable, PROJECT / "docker/make-secrets", self.top / "secrets"], check=True, capture_output=True)
        url = self.top / "secrets/database_url"
        url.unlink()
        url.write_text(self.database + "\n")

    def environment(self) -> dict[str, str]:
        names = {
            "PATCHCORD_DATABASE__URL_FILE": "database_url",
            "PATCHCORD_ARI_PASSWORD_FILE": "ari_password",
            "PATCHCORD_AMI_PASSWORD_FILE": "ami_password",
            "PATCHCORD_CONTROL_TOKEN_FILE": "control_token",
        }
        return {**os.environ, "PYTHONPATH": str(PROJECT), **{name: str(self.top / "secrets" / file) for name, file in names.items()}}

    def command(self, *words: str, settings: bool = True) -> list[str]:
        given = ["--config", str(self.top / "patchcord.yaml")] if settings else []
        return [sys.executable, "-m", "ari_app.cli", *words, *given, "--data", str(self.data)]

    def done(self, *words: str, settings: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words, settings=settings),
            cwd=PROJECT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def begin(self, part: str, limit_s: float = 120.0) -> None:
        """Start it and wait until its health command finds it well, as a container engine does."""
        output = self.top / f"{part}.out"
        with output.open("wb") as file:
            self.processes[part] = subprocess.Popen(
                self.command("run", part), cwd=PROJECT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        until = time.monotonic() + limit_s
        while (health := self.done("run", part, "--healthy")).returncode:
            assert self.processes[part].poll() is None and time.monotonic() < until, health.stdout + output.read_text()[-3000:]
            time.sleep(0.2)
        assert "is well" in health.stdout

    def end(self, part: str) -> int:
        process = self.processes.pop(part)
        process.terminate()
        try:
            return process.wait(30)
        finally:
            process.kill()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    asterisk = AdminsAsterisk(tmp_path / "theirs")
    asterisk.lay_out()
    with own_server() as server:
        site = Site(tmp_path, ports_beside({**asterisk.settings(), "calls.max_calls": 30}), server.url)
        site.prepare()
        applied = site.done("dialplan", "apply", "--add-includes", "--no-reload")
        assert applied.returncode == 0, applied.stdout + applied.stderr
        with running(asterisk):
            try:
                yield site
            finally:
                for part in list(site.processes):
                    site.end(part)


def signed_in(url: str, name: str, password: str) -> str:
    """The first page after the login. Raises HTTPError for a wrong password."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{url}/login", timeout=5) as answer:
        token = re.search(r'name="csrf" value="([^"]+)"', answer.read().decode())
    assert token is not None
    form = urlencode({"csrf": token[1], "name": name, "password": password}).encode()
    with browser.open(Request(f"{url}/login", form), timeout=5) as answer:  # noqa: S310 - loopback
        assert not answer.url.endswith("/login")
        return str(answer.read().decode())


@pytest.mark.e2e
async def test_three_processes_make_one_patchcord(site: Site) -> None:
    assert site.done("run", "worker", "--healthy").returncode == 1, "nobody is well before the start"
    for part in PARTS:
        site.begin(part)
    instance = Instance(site.data, dict(site.ports))
    assert set(instance.refresh()["processes"]) & {"asterisk", "desk", "tasks", "postgres"} == set()
    password = site.top / "password"
    password.write_text(PASSWORD)
    added = site.done("desk", "user", "add", "ada", "--role", "admin", "--password-file", str(password), settings=False)
    assert added.returncode == 0, added.stderr
    url = f"http://127.0.0.1:{site.ports['desk.port']}"
    assert "ada" in signed_in(url, "ada", PASSWORD)
    with pytest.raises(HTTPError, match="401"):
        signed_in(url, "ada", "not the password")
    await greeted(instance, limit_s=10.0)
    for part in ("desk", "tasks"):
        assert site.end(part) == 0
    assert site.done("run", "desk", "--healthy").returncode == 1
    assert instance.ready(), "calls are answered without pages"
    assert site.end("worker") == 0
