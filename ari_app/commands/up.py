"""``patchcord up``: from a clean checkout to a number that answers."""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from ari_app.commands.progress import ProgressBar
from ari_app.logs import configure
from ari_app.pbx import AsteriskServer, RuntimeInstall, ensure_runtime, load_or_create_secrets
from ari_app.service.layout import PROJECT, Layout
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.service.screen import CLEAR, render, terminal_size
from ari_app.service.state import NotRunning, hold, read_state
from ari_app.service.supervisor import StartFailed, Supervisor
from ari_app.settings import Settings, load_settings

_T = TypeVar("_T")

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""
RTP_PORTS = 2000
MEDIA_PORTS = 200
RUNTIME = Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime"))
"""Unpacked packages, shared by all instances of this checkout."""


def settings_file(given: Path | None) -> Path | None:
    """--config, else patchcord.yaml beside the program when it is there."""
    default = PROJECT / "patchcord.yaml"
    return given or (default if default.exists() else None)


def settings_for(options: argparse.Namespace) -> Settings:
    """patchcord.yaml (or --config), the environment, then the command line. Raises SettingsError."""
    path = settings_file(options.config)
    overrides: dict[str, dict[str, Any]] = {}

    def put(section: str, name: str, value: object) -> None:
        if value is not None:
            overrides.setdefault(section, {})[name] = value

    put("sip", "port", options.sip_port)
    put("sip", "bind", options.bind)
    put("asterisk", "http_port", options.http_port)
    put("asterisk", "ami_port", options.ami_port)
    put("service", "http_port", options.status_port)
    if options.rtp_first is not None:
        put("sip", "rtp_first", options.rtp_first)
        put("sip", "rtp_last", options.rtp_first + RTP_PORTS)
    if options.media_first is not None:
        put("media", "first_port", options.media_first)
        put("media", "last_port", options.media_first + MEDIA_PORTS - 1)
    return load_settings(path, overrides=overrides)


def how_to_dial(settings: Settings) -> list[str]:
    host = "this machine" if settings.sip.bind == "0.0.0.0" else settings.sip.bind  # noqa: S104 - compared, not bound
    return [
        f"Patchcord answers on {host}, SIP port {settings.sip.port} (UDP and TCP).",
        "  100 front-desk agent    101 echo    200 queue support",
        "  ./patchcord phones  accounts for SIP phones      ./patchcord call  hear it work now",
    ]


async def up(options: argparse.Namespace) -> int:
    settings = settings_for(options)
    layout = Layout(options.data.resolve())
    layout.make()
    if options.background:
        return await _background(layout, settings)
    with hold(layout.lock_file, layout.data):
        return await _foreground(layout, settings, options)


async def _foreground(layout: Layout, settings: Settings, options: argparse.Namespace) -> int:
    began = time.monotonic()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    configure("supervisor", settings.service.log_level, layout.logs / "supervisor.log")
    bar = ProgressBar()
    supervisor: Supervisor | None = None
    try:
        fetching = ensure_runtime(RUNTIME, settings, bar.show, check_valid_until=not options.accept_old_mirror)
        runtime = await _unless(ended, fetching)
        if runtime is None:
            return INTERRUPTED
        supervisor = supervisor_for(layout, settings, runtime, options.mind)
        if await _unless(ended, supervisor.start(bar.show)) is None:
            return INTERRUPTED
        bar.close()
        print("\n".join([*how_to_dial(settings), f"Ready after {time.monotonic() - began:.1f} s."]), flush=True)
        if sys.stdout.isatty():
            await _screen(settings, ended)
        else:
            await ended.wait()
        print("Ending …", flush=True)
    finally:
        bar.close()
        if supervisor is not None:
            await supervisor.stop()
    return 0


async def _unless(ended: asyncio.Event, work: Coroutine[Any, Any, _T]) -> _T | None:
    """The result of ``work``; None when ``ended`` came first, with the work cancelled."""
    working = asyncio.create_task(work)
    interrupted = asyncio.create_task(ended.wait())
    await asyncio.wait({working, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    interrupted.cancel()
    if working.done():
        return await working
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def supervisor_for(layout: Layout, settings: Settings, runtime: RuntimeInstall, mind_module: str) -> Supervisor:
    """Raises ConfigError when the passwords cannot be kept."""
    secrets = load_or_create_secrets(layout.data)
    mind_config = {
        "data": str(layout.data),
        "runtime_root": str(runtime.root.path),
        "ari": {"user": secrets.ari_user, "password": secrets.ari_password},
        "ami": {"user": secrets.ami_user, "password": secrets.ami_password},
        "asterisk_version": runtime.asterisk.version,
    }
    asterisk = AsteriskServer(runtime.asterisk, layout.data, settings, secrets)
    return Supervisor(layout, settings, asterisk, mind_config, mind_module)


async def _screen(settings: Settings, ended: asyncio.Event) -> None:
    """Redraw twice a second until ``ended``."""
    header = how_to_dial(settings)
    while not ended.is_set():
        status = live = None
        with contextlib.suppress(ServiceUnreachable):  # shown as "starting": the supervisor brings the worker back
            status = await get_json(settings.service.http_port, "/status", timeout_s=1.0)
            live = await get_json(settings.service.http_port, "/live", timeout_s=1.0)
        sys.stdout.write(CLEAR + render(header, status, live, terminal_size()))
        sys.stdout.flush()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.5)
    sys.stdout.write("\n")


async def _background(layout: Layout, settings: Settings) -> int:
    """Start the same command detached, and wait until it answers or gives up."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--background"]
    log_file = layout.logs / "up.log"
    with log_file.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - returns at once; it must outlive this program
            [sys.executable, "-m", "ari_app.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
    bar = ProgressBar()
    while process.poll() is None:
        with contextlib.suppress(NotRunning, ServiceUnreachable):
            state = read_state(layout.state_file, layout.data)
            if state.pid == process.pid and (await get_json(state.http_port, "/healthz", timeout_s=1.0)).get("ready"):
                bar.close()
                print("\n".join([*how_to_dial(settings), "End it with: ./patchcord down"]))
                return 0
        bar.spin("starting in the background")
        await asyncio.sleep(0.2)
    bar.close()
    raise StartFailed(f"it ended with status {process.returncode}:\n{log_file.read_text(errors='replace').strip()[-2000:]}")
