"""A whole Patchcord of its own for the tests: ``./patchcord up`` on free ports and a private data directory."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.free_ports import free_block, free_port

PROJECT = Path(__file__).resolve().parents[2]
SPEECH = PROJECT / ".patchcord" / "test-speech"


def free_ports() -> dict[str, Any]:
    """Settings that put an instance on ports of its own."""
    rtp, media = free_block(400), free_block(160)
    return {
        "sip.bind": "127.0.0.1",
        "sip.port": free_block(2),
        "sip.rtp_first": rtp,
        "sip.rtp_last": rtp + 399,
        "media.first_port": media,
        "media.last_port": media + 159,
        "asterisk.http_port": free_port(),
        "asterisk.ami_port": free_port(),
        "service.http_port": free_port(),
        "desk.port": free_port(),
    }


def apart(settings: Mapping[str, Any]) -> bool:
    """Whether the RTP ports of Asterisk and those of the media process do not meet."""
    return bool(settings["sip.rtp_last"] < settings["media.first_port"] or settings["media.last_port"] < settings["sip.rtp_first"])


def ports_beside(settings: Mapping[str, Any]) -> dict[str, Any]:
    """``settings``, and ports of its own for all that they leave open."""
    while not apart(whole := {**free_ports(), **settings}):
        continue
    return whole


def environment_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """The environment of a command of ours: ``section.name`` -> value becomes ``PATCHCORD_SECTION__NAME``, at any depth."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    for key, value in settings.items():
        environment[f"PATCHCORD_{key.replace('.', '__').upper()}"] = str(value)
    return environment


def speech_kept() -> bool:
    return SPEECH.is_dir() and any(SPEECH.iterdir())


def take_speech(data: Path) -> None:
    """Give a new data directory the sentences of an earlier instance: synthesizing them takes most of a first start."""
    if speech_kept() and not (data / "cache").exists():
        shutil.copytree(SPEECH, data / "cache" / "speech")


def keep_speech(data: Path) -> None:
    """Keep the sentences of a running instance for the ones to come."""
    if speech_kept():
        return
    made = SPEECH.with_name(f"{SPEECH.name}.{os.getpid()}")
    shutil.copytree(data / "cache" / "speech", made)
    try:
        made.rename(SPEECH)
    except OSError:  # another test run was faster
        shutil.rmtree(made)


@dataclass
class Instance:
    """A running Patchcord. ``settings`` are ``section.name`` -> value, given by the environment."""

    data: Path
    settings: dict[str, Any] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    """More of them for ``up``."""
    program: Sequence[str] = ("-m", "ari_app.cli", "up")
    """What Python runs; a script with an agent of its own takes the same arguments."""
    process: subprocess.Popen[bytes] | None = None
    state: dict[str, Any] = field(default_factory=dict)
    started_in_s: float = 0.0
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def start(self, limit_s: float = 240.0) -> None:
        # A spare takes seconds of a processor beside the first calls, and only whoever kills the mind process has use for it.
        environment = environment_of({"service.spare": "false", **ports_beside(self.settings)})
        self.data.mkdir(parents=True, exist_ok=True)
        take_speech(self.data)
        began = time.monotonic()
        self.output = self.data / "up.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, "--data", str(self.data), *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=PROJECT,
            )
        while time.monotonic() - began < limit_s:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"up ended with {self.process.returncode}:\n{self.output.read_text(errors='replace')[-4000:]}{self.tails()}"
                )
            if self.ready():
                self.started_in_s = time.monotonic() - began
                return
            time.sleep(0.1)
        text = f"not ready after {limit_s} s:\n{self.output.read_text(errors='replace')[-4000:]}{self.tails()}"
        self.stop()
        raise RuntimeError(text)

    def settle_in(self, limit_s: float = 240.0) -> None:
        """Wait for what the worker does after its latest start beside its first calls: it takes a processor for seconds, at the first start
        of all for minutes."""
        until = time.monotonic() + limit_s
        while '"sentences_ready"' not in (self.data / "logs" / "mind.log").read_text(errors="replace").rpartition('"database_ready"')[2]:
            if time.monotonic() > until:
                text = f"the agents' sentences are not ready after {limit_s} s:{self.tails()}"
                self.stop()
                raise RuntimeError(text)
            time.sleep(0.2)

    def tails(self) -> str:
        return "".join(f"\n--- {path.name}\n{path.read_text(errors='replace')[-2500:]}" for path in (self.data / "logs").glob("*.log"))

    def refresh(self) -> dict[str, Any]:
        self.state = json.loads((self.data / "run" / "service.json").read_text())
        return self.state

    def ready(self) -> bool:
        try:
            self.refresh()
            return bool(self.get("/healthz")["ready"])
        except (OSError, ValueError, KeyError):
            return False

    def spare_stands_by(self) -> bool:
        """Loaded, since the mind process that serves began."""
        log = (self.data / "logs" / "mind.log").read_text(errors="replace")
        return '"spare_ready"' in log.rpartition('"ari_stream_connected"')[2]

    def get(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.state['http_port']}{path}", timeout=3) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.load(error))

    def text(self, path: str) -> str:
        """A page that is no JSON, such as /metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.state['http_port']}{path}", timeout=3) as answer:
            return str(answer.read().decode())

    def status(self) -> dict[str, Any]:
        return self.get("/status")

    def ari(self, path: str) -> Any:
        """What Asterisk itself says: GET on its REST interface."""
        secrets = json.loads((self.data / "secrets.json").read_text())
        settings = json.loads((self.data / "run" / "mind.json").read_text())["settings"]
        credentials = base64.b64encode(f"{secrets['ari_user']}:{secrets['ari_password']}".encode()).decode()
        url = f"http://127.0.0.1:{settings['asterisk']['http_port']}/ari{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310 - the same
            return json.load(answer)

    def holdings(self) -> dict[str, int]:
        """Everything that a call takes, by our own count and by Asterisk's; all zero when nobody is on the line."""
        counts = self.status()["counts"]
        ours = {name: int(counts[name]) for name in ("channels", "bridges", "rtp_ports", "conversations", "tasks")}
        return {
            "calls": sum(counts["calls"].values()),
            **ours,
            "asterisk_channels": len(self.ari("/channels")),
            "asterisk_bridges": len(self.ari("/bridges")),
        }

    @property
    def sip_port(self) -> int:
        return int(self.state["sip_port"])

    def pid(self, name: str) -> int:
        return int(self.refresh()["processes"][name])

    def kill(self, name: str) -> int:
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def cli(self, *arguments: str, check: bool = True, timeout_s: float = 120) -> str:
        """Run ``patchcord ARGUMENTS --data …``; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "ari_app.cli", *arguments, "--data", str(self.data)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(
                f"patchcord {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        return done.stdout

    def phones(self) -> dict[str, dict[str, Any]]:
        """Made at the first start, for good."""
        if not self.accounts:
            self.accounts = {account["user"]: account for account in json.loads(self.cli("phones", "--json"))}
        return self.accounts

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
