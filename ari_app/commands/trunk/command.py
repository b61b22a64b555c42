"""``patchcord trunk list`` and ``patchcord trunk test``: asks and prints."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from ari_app.commands.instance import running_settings
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.site import trunks_file, trunks_of
from ari_app.service.layout import Layout
from ari_app.service.state import NotRunning, read_state
from ari_app.settings import Settings, load_settings
from dialplan.errors import DialplanError
from dialplan.trunks import TrunkEntry, Trunks, load_trunks

from .calling import call_through
from .complaints import no_such_trunk
from .findings import Finding, worst
from .probing import probe

_USUAL = Path("patchcord.yaml")
_ASK_S = 3.0


async def trunk(options: argparse.Namespace) -> int:
    """Returns the exit status: 1 when something is wrong. Raises SettingsError."""
    try:
        return await (_list(options) if options.trunk_action == "list" else _test(options))
    except DialplanError as error:
        sys.stderr.write(f"{error}\n")
        return 1


async def _test(options: argparse.Namespace) -> int:
    trunks, source = _trunks(options)
    entry = trunks.get(options.name)
    if entry is None:
        sys.stderr.write(f"patchcord: {no_such_trunk(options.name, trunks, source)}\n")
        return 1
    found: list[Finding] = []
    async for finding in probe(trunks, entry):
        found.append(finding)
        _show(finding, options.json)
    if options.call and not worst(found):
        async for finding in call_through(entry, options.call, echo=options.echo):
            found.append(finding)
            _show(finding, options.json)
    elif options.call:
        _show(Finding("call", False, "no call was tried: the steps before it must work first", "mend them in this order"), options.json)
    if options.json:
        print(json.dumps({"trunk": entry.name, "ok": not worst(found), "findings": [finding.as_json() for finding in found]}, indent=2))
    return worst(found)


def _show(finding: Finding, as_json: bool) -> None:
    if as_json:
        return
    print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.step:<13} {finding.what}", flush=True)
    if not finding.ok:
        print(f"      {'remedy:':<13} {finding.remedy}", flush=True)


async def _list(options: argparse.Namespace) -> int:
    trunks, source = _trunks(options)
    states = await _states(Layout(options.data.resolve()))
    rows = [_row(entry, states) for entry in trunks.entries]
    if options.json:
        print(json.dumps({"source": source, "trunks": rows}, indent=2))
        return 0
    print(f"# {source}")
    for row in rows:
        print("  ".join(str(row[key]).ljust(width) for key, width in _WIDTHS.items()).rstrip())
    if not rows:
        print("There are none.")
    return 0


_WIDTHS: Mapping[str, int] = {"name": 14, "profile": 13, "with": 34, "codecs": 10, "calls": 12, "outbound": 14, "state": 20}


def _row(entry: TrunkEntry, states: Mapping[str, str] | None) -> dict[str, str]:
    said = entry.said
    return {
        "name": entry.name,
        "profile": f"{said.profile}{', registers' if said.profile == 'tls' and said.registers else ''}",
        "with": said.server or _first(entry.matches),
        "codecs": ",".join(said.codecs),
        "calls": f"at most {said.limits.max_calls}",
        "outbound": f"{len(said.outbound.allow)} patterns" if said.outbound else "no calls out",
        "state": _state(entry, states),
    }


def _first(addresses: tuple[str, ...]) -> str:
    return f"{addresses[0]} and {len(addresses) - 1} more" if len(addresses) > 1 else addresses[0]


def _state(entry: TrunkEntry, states: Mapping[str, str] | None) -> str:
    if states is None:
        return "Asterisk not asked"
    if entry.endpoint not in states:
        return "not in Asterisk"
    if not entry.host or not entry.said.qualify_s:
        return "server not asked"
    alive = entry.endpoint if entry.said.outbound else f"{entry.endpoint}-alive"
    return "server answers" if states.get(alive) == "online" else "server is silent"


async def _states(layout: Layout) -> Mapping[str, str] | None:
    """Endpoint to its state, as the running Asterisk says; None when there is none to ask."""
    try:
        read_state(layout.state_file, layout.data)
        settings = running_settings(layout)
    except NotRunning:
        return None
    secrets = load_or_create_secrets(layout.data, settings=settings)
    host = settings.asterisk.host if settings.asterisk.source == "external" else "127.0.0.1"
    url = f"http://{host}:{settings.asterisk.http_port}/ari/endpoints/PJSIP"
    try:
        async with (
            aiohttp.ClientSession(auth=aiohttp.BasicAuth(secrets.ari_user, secrets.ari_password)) as session,
            session.get(url, timeout=aiohttp.ClientTimeout(total=_ASK_S)) as answer,
        ):
            return {str(item["resource"]): str(item["state"]) for item in await answer.json()}
    except (aiohttp.ClientError, TimeoutError, KeyError, TypeError):
        return None  # shown as "Asterisk not asked"


def _trunks(options: argparse.Namespace) -> tuple[Trunks, str]:
    """The trunks and where they stand. Raises DialplanError, SettingsError."""
    if options.trunks is not None:
        return load_trunks(options.trunks), str(options.trunks)
    data = options.data.resolve()
    settings = _settings(options, data)
    file = trunks_file(settings, data)
    return trunks_of(settings, data), str(file) if file is not None else f"built in (no {data / 'trunks.yaml'})"


def _settings(options: argparse.Namespace, data: Path) -> Settings:
    if options.config is None:
        layout = Layout(data)
        try:
            read_state(layout.state_file, layout.data)
            return running_settings(layout)
        except NotRunning:
            return load_settings(_USUAL if _USUAL.exists() else None)
    return load_settings(options.config)
