"""``patchcord doctor``: looks at the machine, the instance and the audio path."""

import argparse
import asyncio
import contextlib
import json
import statistics
from dataclasses import asdict

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.echo_delay import frame_echo, unique_noise
from ari_app.caller.sip_message import SipError
from ari_app.commands.call import target_of
from ari_app.commands.doctor_dialplan import dialplan_findings
from ari_app.commands.instance import running_settings
from ari_app.commands.up import RUNTIME, desk_url, settings_file
from ari_app.doctor import machine, running
from ari_app.doctor.finding import Finding, ok, problem, report, warning
from ari_app.doctor.security.gathering import Console, asked_locally, control_token, gather
from ari_app.doctor.security.inspection import inspect
from ari_app.pbx.errors import PbxError
from ari_app.pbx.find import system_asterisk
from ari_app.pbx.install import ensure_runtime
from ari_app.pbx.packages import ASTERISK_PACKAGES, AUDIO_PACKAGES, VOICE_PACKAGES, installed
from ari_app.pbx.realtime import preferred
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.server import AsteriskServer
from ari_app.service.layout import Layout
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.service.state import NotRunning, ServiceState, read_state
from ari_app.settings import Settings, SettingsError, load_settings

ECHO_S = 3.0


async def doctor(options: argparse.Namespace) -> int:
    """Exit status 0 when nothing is a problem."""
    layout = Layout(options.data.resolve())
    if options.security:
        return _told(await security(options, layout), options)
    findings = [machine.python_version(), machine.disk(layout.data)]
    settings, finding = _settings(options)
    findings += [finding, await _programs(settings)]
    try:
        state = read_state(layout.state_file, layout.data)
    except NotRunning as error:
        findings += machine.ports(settings)
        findings.append(
            warning("Instance", str(error).split(". ")[0], "start it with ./patchcord up, then run this again: it places an echo call")
        )
    else:
        with contextlib.suppress(NotRunning):
            settings = running_settings(layout)
        findings += await _instance(layout, state)
    findings += await dialplan_findings(options, settings, layout)
    return _told(findings, options)


def _told(findings: list[Finding], options: argparse.Namespace) -> int:
    print(json.dumps([asdict(each) for each in findings], indent=2) if options.json else report(findings))
    return 1 if any(each.state == "problem" for each in findings) else 0


async def security(options: argparse.Namespace, layout: Layout) -> list[Finding]:
    """Who could do what with this instance; of one that does not run, as far as its files tell."""
    processes: dict[str, int] = {}
    with contextlib.suppress(NotRunning):
        processes = dict(read_state(layout.state_file, layout.data).processes)
    settings, finding = _settings(options)
    if processes:
        with contextlib.suppress(NotRunning):
            settings, finding = running_settings(layout), ok("Settings", "those of the running instance")
    evidence = await gather(settings, layout, processes, _console(settings, layout))
    return [finding, *inspect(evidence, control_token(layout) if processes else "")]


def _console(settings: Settings, layout: Layout) -> Console:
    """Of the Asterisk that runs here; one that is somebody else's by the program of the system, where we may use it."""

    async def ask(command: str) -> str:
        try:
            if settings.asterisk.source == "external":
                return await asked_locally(command)
            install = (await ensure_runtime(RUNTIME, settings)).asterisk
            return await AsteriskServer(install, layout.data, settings, load_or_create_secrets(layout.data)).rx(command)
        except PbxError:
            return ""  # it does not run: then the files are looked at

    return ask


def _settings(options: argparse.Namespace) -> tuple[Settings, Finding]:
    path = settings_file(options.config)
    try:
        return load_settings(path), ok("Settings", str(path) if path else "all at their defaults")
    except SettingsError as error:
        return Settings(), problem("Settings", str(error), "correct it there; ./patchcord settings prints all that exist")


async def _programs(settings: Settings) -> Finding:
    """Where Asterisk will come from, without fetching it."""
    name = "Asterisk and voices"
    packages = installed(RUNTIME, (*ASTERISK_PACKAGES, *VOICE_PACKAGES, *AUDIO_PACKAGES))
    if settings.asterisk.source != "packages":
        try:
            return ok(name, f"the system's Asterisk {(await system_asterisk()).version}")
        except PbxError as error:
            if settings.asterisk.source == "system":
                return problem(name, str(error), "install it, or set asterisk.source to auto")
    if packages is None:
        return warning(name, "not fetched yet", "./patchcord up fetches them (about 170 MB)")
    missing = f"; not to be had: {', '.join(packages.missing)}" if packages.missing else ""
    return ok(name, f"packages, Asterisk {packages.versions['asterisk']}{missing}")


async def _instance(layout: Layout, state: ServiceState) -> list[Finding]:
    try:
        status = await get_json(state.http_port, "/status")
    except ServiceUnreachable as error:
        return [problem("Worker", str(error), f"read {layout.logs / 'mind.log'}")]
    findings = running.service(status)
    findings.append(_priority(layout, state))
    findings += await _desk(layout)
    findings.append(await _modules(layout))
    findings.append(await _echo_call(layout))
    return findings


def _priority(layout: Layout, state: ServiceState) -> Finding:
    ours = running_settings(layout).asterisk.realtime
    timely = {name: pid for name, pid in state.processes.items() if name.startswith("media") or (name == "asterisk" and ours)}
    return running.priority({name: preferred(pid) for name, pid in timely.items()})


async def _desk(layout: Layout) -> list[Finding]:
    settings = running_settings(layout)
    if not settings.desk.enabled:
        return []
    answer = None
    with contextlib.suppress(ServiceUnreachable):
        answer = await get_json(settings.desk.port, "/healthz")
    return [running.desk(answer, desk_url(settings))]


async def _modules(layout: Layout) -> Finding:
    """Asked of the running Asterisk through its console."""
    settings = running_settings(layout)
    try:
        install = (await ensure_runtime(RUNTIME, settings)).asterisk
        health = await AsteriskServer(install, layout.data, settings, load_or_create_secrets(layout.data)).health()
    except PbxError as error:
        return problem("Asterisk modules", str(error), f"read {layout.data / 'asterisk' / 'log' / 'full'}")
    return running.modules(list(health.missing_modules))


async def _echo_call(layout: Layout) -> Finding:
    settings = running_settings(layout)
    try:
        async with telephone(target_of(layout, phone=False)) as (agent, threads), dialled(agent, threads, "101") as line:
            await asyncio.wait_for(line.leg.answered(), 10)
            line.session.play(unique_noise(ECHO_S))
            await asyncio.sleep(ECHO_S + 0.5)
            echo = frame_echo(line.session.log.sent, line.session.log.received)
    except TimeoutError:
        return running.echo(heard_frames=0, sent_frames=0, delay_ms=None, failure=f"no answer on port {settings.sip.port} within 10 s")
    except SipError as error:
        return running.echo(heard_frames=0, sent_frames=0, delay_ms=None, failure=str(error))
    delay = statistics.median(echo.delays_ms) if echo.delays_ms else None
    return running.echo(heard_frames=len(echo.delays_ms), sent_frames=echo.sent, delay_ms=delay)
