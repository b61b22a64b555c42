"""Reads what the checks look at: files, the running Asterisk, processes. Asks only; changes nothing."""

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from ari_app.ami.link import AmiLink
from ari_app.ami.port import AmiError
from ari_app.ari.client import AriClient
from ari_app.doctor.security.conf_file import ConfFile, Unreadable, read_conf
from ari_app.doctor.security.dialplan_text import Dialplan, from_console, from_files
from ari_app.doctor.security.evidence import CONF_FILES, Evidence
from ari_app.service.layout import Layout
from ari_app.settings import Settings

Console = Callable[[str], Awaitable[str]]
"""Asterisk's console: a command in, what it prints out; empty when it does not answer."""
_ASK_S = 3.0


async def gather(settings: Settings, layout: Layout, processes: Mapping[str, int], console: Console | None) -> Evidence:
    """``processes``: ids by name of what runs; ``console``: of the running Asterisk, where there is one to ask."""
    external = settings.asterisk.source == "external"
    etc = Path(settings.asterisk.etc) if external else layout.data / "asterisk" / "etc"
    conf, unreadable = _configuration(etc)
    secrets = _json(layout.data / "secrets.json")
    dialplan, origin = await _dialplan(conf, console)
    running = bool(processes) or external
    version, actions = await asyncio.gather(
        _version(settings, secrets) if running else _nothing(""), _actions(settings, secrets) if running else _nothing(None)
    )
    return Evidence(
        settings=settings,
        data=layout.data,
        secrets=secrets,
        conf=conf,
        unreadable=tuple(unreadable),
        dialplan=dialplan,
        dialplan_from=origin,
        version=version,
        user_ids={name: user for name, pid in processes.items() if (user := _user_of(pid)) is not None},
        ami_actions=actions,
        arguments={name: _arguments_of(pid) for name, pid in processes.items()},
    )


async def asked_locally(command: str) -> str:
    """Of an Asterisk that the system runs, by its own program; empty when there is none, or we may not."""
    if (program := shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")) is None:
        return ""
    process = await asyncio.create_subprocess_exec(
        *(program, "-rx", command), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _ASK_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return said.decode(errors="replace") if process.returncode == 0 else ""


def control_token(layout: Layout) -> str:
    """Of the instance that was started last; empty when there is none."""
    return str(_json(layout.mind_file).get("control_token", ""))


async def _nothing(value: Any) -> Any:
    return value


def _configuration(etc: Path) -> tuple[dict[str, ConfFile], list[str]]:
    found: dict[str, ConfFile] = {}
    unreadable = []
    for name in CONF_FILES:
        try:
            if (conf := read_conf(etc, name)).sections:
                found[name] = conf
        except Unreadable as error:
            unreadable.append(str(error))
    if not found and not unreadable:
        unreadable.append(f"there is none in {etc}")
    return found, unreadable


async def _dialplan(conf: Mapping[str, ConfFile], console: Console | None) -> tuple[Dialplan, str]:
    if console is not None and (shown := from_console(await console("dialplan show"))):
        return shown, "as it is loaded"
    if (extensions := conf.get("extensions.conf")) is not None:
        return from_files(extensions), "as the files have it"
    return {}, ""


async def _version(settings: Settings, secrets: Mapping[str, Any]) -> str:
    if not secrets.get("ari_password"):
        return ""
    url = f"http://{settings.asterisk.host}:{settings.asterisk.http_port}/ari"
    within = aiohttp.ClientTimeout(total=_ASK_S)
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        async with (
            AriClient(url, secrets["ari_user"], secrets["ari_password"]) as ari,
            ari.session.get(f"{ari.base_url}/asterisk/info", timeout=within) as answer,
        ):
            return str((await answer.json())["system"]["version"])
    return ""


async def _actions(settings: Settings, secrets: Mapping[str, Any]) -> frozenset[str] | None:
    """Asterisk lists to each AMI user what that user may do."""
    if not secrets.get("ami_password"):
        return None
    link = AmiLink(lambda _: None)
    try:
        await link.open(settings.asterisk.host, settings.asterisk.ami_port, secrets["ami_user"], secrets["ami_password"], "off", _ASK_S)
        answer = (await link.send({"Action": "ListCommands"}, timeout_s=_ASK_S))[0]
        return frozenset(key for key in answer if key not in ("Response", "ActionID"))
    except AmiError:
        return None
    finally:
        link.close()


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _user_of(pid: int) -> int | None:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None


def _arguments_of(pid: int) -> tuple[str, ...]:
    try:
        return tuple(Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0"))
    except OSError:
        return ()
