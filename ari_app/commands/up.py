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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agents.llm.config import check_keys
from ari_app.commands.progress import ProgressBar
from ari_app.logs import configure
from ari_app.pbx.foreign import ForeignAsterisk
from ari_app.pbx.install import ensure_runtime, ensure_voices
from ari_app.pbx.managed import ManagedAsterisk
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.pbx.secret_store import Secrets, load_or_create_secrets
from ari_app.pbx.server import AsteriskServer
from ari_app.pbx.site import routes_of
from ari_app.service.layout import PROJECT, Layout
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.service.rules_files import read_rules
from ari_app.service.screen import CLEAR, render, terminal_size
from ari_app.service.state import NotRunning, hold, read_state
from ari_app.service.supervisor import StartFailed, Supervisor
from ari_app.settings import Settings, load_settings
from dialplan.errors import DialplanError

_T = TypeVar("_T")

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""
_MOST_NUMBERS = 6
"""Shown when the service has started."""
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
    put("desk", "port", options.desk_port)
    if options.rtp_first is not None:
        put("sip", "rtp_first", options.rtp_first)
        put("sip", "rtp_last", options.rtp_first + RTP_PORTS)
    if options.media_first is not None:
        put("media", "first_port", options.media_first)
        put("media", "last_port", options.media_first + MEDIA_PORTS - 1)
    return load_settings(path, overrides=overrides)


def how_to_dial(settings: Settings, data: Path) -> list[str]:
    if settings.asterisk.source == "external":
        return [
            f"Patchcord serves the Asterisk at {settings.asterisk.host}. What its numbers do: ./patchcord dialplan show NUMBER",
            *_desk_line(settings),
        ]
    host = "this machine" if settings.sip.bind == "0.0.0.0" else settings.sip.bind  # noqa: S104 - compared, not bound
    return [
        f"Patchcord answers on {host}, SIP port {settings.sip.port} (UDP and TCP).",
        f"  {_numbers(settings, data)}",
        "  ./patchcord phones  accounts for SIP phones      ./patchcord call  hear it work now",
        *_desk_line(settings),
    ]


def _numbers(settings: Settings, data: Path) -> str:
    """The first of what can be dialled, in one line."""
    try:
        routes = routes_of(settings, data)
    except DialplanError:  # somebody has begun to change the file since the start
        return "what a number does: ./patchcord dialplan show NUMBER"
    found = [(number, route.about or name) for name, route in routes.routes.items() for number in route.numbers]
    more = f"    and {len(found) - _MOST_NUMBERS} more" if len(found) > _MOST_NUMBERS else ""
    return "    ".join(f"{number.removeprefix('_')} {about.partition(',')[0]}" for number, about in found[:_MOST_NUMBERS]) + more


def _desk_line(settings: Settings) -> list[str]:
    return [f"  desk: {desk_url(settings)}    first user: ./patchcord desk user add NAME --role admin"] if settings.desk.enabled else []


def desk_url(settings: Settings) -> str:
    """Where browsers reach the desk."""
    return settings.desk.public_url or f"http://{settings.desk.bind}:{settings.desk.port}"


async def up(options: argparse.Namespace) -> int:
    return await up_with(options, settings_for(options))


async def up_with(options: argparse.Namespace, settings: Settings) -> int:
    """``up`` with these settings in place of those that the options name. Raises what ``errors.expected`` lists."""
    check_keys(settings.llm)
    check_watching(settings)
    layout = Layout(options.data.resolve())
    layout.make()
    if options.background:
        return await _background(layout, settings)
    with hold(layout.lock_file, layout.data):
        return await _foreground(layout, settings, options)


def check_watching(settings: Settings) -> None:
    """What watches over callers can be read. Raises RulesError, ModelUnusable."""
    read_rules(settings)
    if settings.emotion.model:
        from agents.emotion.voice.choosing import open_judge  # takes a moment to load, and is seldom asked for

        open_judge(settings.emotion.model)


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
        supervisor = await _unless(ended, supervisor_for(layout, settings, bar, options))
        if supervisor is None or await _unless(ended, supervisor.start(bar.show)) is None:
            return INTERRUPTED
        bar.close()
        print("\n".join([*how_to_dial(settings, layout.data), f"Ready after {time.monotonic() - began:.1f} s."]), flush=True)
        if sys.stdout.isatty():
            await _screen(settings, layout.data, ended)
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


@dataclass(frozen=True, slots=True)
class Telephony:
    """The Asterisk that is served, and the unpacked packages with voices and libraries."""

    asterisk: ManagedAsterisk
    version: str
    root: RuntimeRoot


async def telephony(layout: Layout, settings: Settings, secrets: Secrets, bar: ProgressBar, options: argparse.Namespace) -> Telephony:
    """Raises PbxError; for an Asterisk that is somebody else's also when it does not answer, or refuses our passwords."""
    valid = not options.accept_old_mirror
    if settings.asterisk.source == "external":
        foreign = ForeignAsterisk(settings, secrets, layout.data)
        await foreign.look()  # before anything is fetched: a wrong address is told at once
        return Telephony(foreign, foreign.version, await ensure_voices(RUNTIME, bar.show, check_valid_until=valid))
    runtime = await ensure_runtime(RUNTIME, settings, bar.show, check_valid_until=valid)
    return Telephony(AsteriskServer(runtime.asterisk, layout.data, settings, secrets), runtime.asterisk.version, runtime.root)


def access_config(secrets: Secrets, layout: Layout) -> dict[str, Any]:
    """What each part of an instance has to know to reach the others."""
    return {
        "data": str(layout.data),
        "ari": {"user": secrets.ari_user, "password": secrets.ari_password},
        "ami": {"user": secrets.ami_user, "password": secrets.ami_password},
        "control_token": secrets.control_token,
    }


async def supervisor_for(layout: Layout, settings: Settings, bar: ProgressBar, options: argparse.Namespace) -> Supervisor:
    """Raises PbxError."""
    secrets = load_or_create_secrets(layout.data, settings=settings)
    served = await telephony(layout, settings, secrets, bar, options)
    mind_config = {
        **access_config(secrets, layout),
        "runtime_root": str(served.root.path),
        "asterisk_version": served.version,
    }
    return Supervisor(layout, settings, served.asterisk, mind_config, options.mind)


async def _screen(settings: Settings, data: Path, ended: asyncio.Event) -> None:
    """Redraw twice a second until ``ended``."""
    header = how_to_dial(settings, data)
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
                print("\n".join([*how_to_dial(settings, layout.data), "End it with: ./patchcord down"]))
                return 0
        bar.spin("starting in the background")
        await asyncio.sleep(0.2)
    bar.close()
    raise StartFailed(f"it ended with status {process.returncode}:\n{log_file.read_text(errors='replace').strip()[-2000:]}")
