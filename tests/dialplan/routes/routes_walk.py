"""Lets calls walk a rendered dialplan in a real Asterisk, with probes in place of agents, queues and the admin's contexts."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dialplan.extensions import Plan, render_extensions
from dialplan.routes import HangUp, Routes, ToAgent, ToContext, ToQueue, decide
from tests.ari_app.calls.pbx_rig import _MODULES, SECRET, Pbx

MORE = "app_playback func_rand func_groupcount func_dialplan func_cut func_math app_exec app_read app_chanspy".split()  # noqa: SIM905
_PROBED = ("patchcord-agent", "patchcord-queue", "patchcord-fallback")
_TOLD = ",".join(
    f"{name}: ${{{variable}}}"
    for name, variable in {
        "Case": "PROBE_CASE",
        "Goes": "GOES",
        "Options": "PATCHCORD_OPTIONS",
        "Number": "PATCHCORD_NUMBER",
        "Overflow": "PATCHCORD_OVERFLOW",
        "Played": "PROBE_PLAYED",
        "Name": "CALLERID(name)",
        "Caller": "CALLERID(num)",
    }.items()
)
_PROBE = """
[patchcord-agent]
exten => s,1,Set(GOES=agent ${{PATCHCORD_ROUTE}})
 same => n,Goto(probe,report,1)
[patchcord-queue]
exten => _[a-z0-9]!,1,Set(GOES=queue ${{EXTEN}})
 same => n,Goto(probe,report,1)
[patchcord-fallback]
{fallback}
[ivr-main]
exten => s,1(begin),Set(GOES=theirs ivr-main s 1)
 same => n,Goto(probe,report,1)
[old-menu]
exten => 600,1,NoOp()
 same => n(night),Set(GOES=theirs old-menu 600 night)
 same => n,Goto(probe,report,1)
[from-internal]
exten => 600,1,Set(GOES=theirs from-internal 600 1)
 same => n,Goto(probe,report,1)
[app-daynight]
exten => 0,1(start),Set(GOES=theirs app-daynight 0 start)
 same => n,Goto(probe,report,1)
[probe]
exten => walk,1,Set(CALLERID(num)=${{PROBE_CALLER}})
 same => n,Set(CALLERID(name)=${{PROBE_NAME}})
 same => n,ExecIf($["${{PROBE_PRES}}" != ""]?Set(CALLERID(num-pres)=${{PROBE_PRES}}))
 same => n,Goto(${{PROBE_CONTEXT}},${{PROBE_NUMBER}},1)
exten => report,1,UserEvent(Probe,{told})
 same => n,Wait(${{IF($["${{PROBE_STAY}}" = ""]?0:${{PROBE_STAY}})}})
 same => n,Hangup()
exten => stay,1,Wait(60)
"""


@dataclass(frozen=True)
class Call:
    """A call to walk."""

    number: str
    caller: str
    at: datetime
    thrown: int = 1
    name: str = ""
    withheld: bool = False
    stay_s: int = 0
    context: str = "patchcord-numbers"
    tried: bool = True
    """The time is set; otherwise it is what the dialplan makes of it."""


def probed_text(plan: Plan, *, real_fallback: bool = False, real_chance: bool = False) -> str:
    """Render a plan for walking: who would answer reports instead, prompts are noted and chance is set by the call."""
    text = render_extensions(plan)
    parts = re.split(r"(?m)^(?=\[)", text)
    fallback = next(part for part in parts if part.startswith("[patchcord-fallback]"))
    kept = [part for part in parts if not part.startswith(tuple(f"[{name}]" for name in _PROBED))]
    text = "".join(kept)
    if not real_chance:
        text, thrown = re.subn(r"\$\{RAND\(1,100\)\}", "${PROBE_THROWN}", text)
        assert thrown == sum(bool(route.split) for route in plan.routes.routes.values())
    text = re.sub(r"Playback\(([^)]*)\)", r"Set(PROBE_PLAYED=\1)", text)
    text = re.sub(r"Hangup\((\d*)\)", r"Goto(probe-end,e\1,1)", text)
    lines = [f"exten => e{cause},1,Set(GOES=end {cause or 16})\n same => n,Goto(probe,report,1)\n" for cause in ("", "1", "21")]
    ends = "[probe-end]\n" + "".join(lines)
    told = fallback.split("\n", 1)[1] if real_fallback else "exten => s,1,Set(GOES=fallback)\n same => n,Goto(probe,report,1)"
    return text + ends + _PROBE.format(fallback=told, told=_TOLD)


def expected(routes: Routes, call: Call) -> dict[str, str]:
    """Say in the probe's words where ``decide`` says that the call ends."""
    found = decide(routes, call.number, "" if call.withheld else call.caller, call.at, (call.thrown - 1) / 100)
    match found.target:
        case ToAgent(agent):
            goes = f"agent {agent}"
        case ToQueue(queue):
            goes = f"queue {queue}"
        case ToContext(context, extension, priority):
            goes = f"theirs {context} {extension} {priority}"
        case HangUp(cause):
            goes = f"end {cause}"
    options = found.options if isinstance(found.target, ToAgent) else ""
    return {"Goes": goes, "Options": options, "Played": "&".join(found.announcements)}


def with_dialplan(pbx: Pbx, text: str) -> Pbx:
    """Give a rig's Asterisk this dialplan instead of its own before it starts."""
    rendered = pbx.render

    def render() -> None:
        rendered()
        etc = pbx.home / "etc"
        (etc / "extensions.conf").write_text("[general]\nstatic=yes\n[globals]\n" + text)
        manager = etc / "manager.conf"
        manager.write_text(manager.read_text().replace("write=", "write=originate,"))
        modules = etc / "modules.conf"
        present = Path(re.search(r"astmoddir=>(.+)", (etc / "asterisk.conf").read_text())[1])  # type: ignore[index]
        extra = [name for name in MORE if name not in _MODULES and (present / f"{name}.so").exists()]
        modules.write_text(modules.read_text() + "".join(f"load=>{name}.so\n" for name in extra))

    pbx.render = render  # type: ignore[method-assign]
    return pbx


class Walker:
    """Places calls by AMI and gathers what the probes report."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._reports: dict[str, asyncio.Future[dict[str, str]]] = {}
        self._reloaded: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._count = 0

    async def __aenter__(self) -> "Walker":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._pbx.ami)
        await self._reader.readline()
        self._send(Action="Login", Username="patchcord", Secret=SECRET)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()
        await self._writer.wait_closed()

    def _send(self, variables: dict[str, str] | None = None, **fields: str) -> None:
        lines = [f"{key}: {value}" for key, value in fields.items()]
        lines += [f"Variable: {key}={value}" for key, value in (variables or {}).items()]
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")

    async def _read(self) -> None:
        while True:
            block = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            event = {line.partition(": ")[0]: line.partition(": ")[2] for line in block.split("\r\n") if line}
            if event.get("ActionID") == "load":
                self._reloaded.set_result(event["Response"])
            if event.get("UserEvent") == "Probe" and (waiting := self._reports.pop(event.get("Case", ""), None)):
                waiting.set_result(event)

    async def load(self, text: str) -> None:
        """Let Asterisk read another dialplan."""
        (self._pbx.home / "etc/extensions.conf").write_text("[general]\nstatic=yes\n[globals]\n" + text)
        self._reloaded = asyncio.get_running_loop().create_future()
        self._send(Action="Reload", Module="pbx_config", ActionID="load")
        assert await asyncio.wait_for(self._reloaded, 20) == "Success"

    async def walk(self, call: Call) -> dict[str, str]:
        """Place one call; returns the report of the probe that it ends at."""
        self._count += 1
        case = f"case{self._count}"
        report = self._reports[case] = asyncio.get_running_loop().create_future()
        variables = {
            "PROBE_CASE": case,
            "PROBE_NUMBER": call.number,
            "PROBE_CONTEXT": call.context,
            "PROBE_CALLER": call.caller,
            "PROBE_NAME": call.name,
            "PROBE_PRES": "prohib" if call.withheld else "",
            "PROBE_THROWN": str(call.thrown),
            "PROBE_STAY": str(call.stay_s or ""),
        }
        if call.tried:
            variables["TESTTIME"] = f"{int(call.at.timestamp())}.000000"
        # /n: the half that walks stays, and so do its variables
        self._send(
            {f"__{key}": value for key, value in variables.items()},
            Action="Originate",
            Channel="Local/walk@probe/n",
            Context="probe",
            Exten="stay",
            Priority="1",
            Async="true",
            Timeout="20000",
        )
        return await asyncio.wait_for(report, 6)
