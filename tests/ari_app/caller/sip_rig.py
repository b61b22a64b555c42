"""A small real Asterisk with PJSIP on free loopback ports: what the scripted caller is tested against."""

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ari_app.caller.sip_message import SipError
from ari_app.caller.user_agent import SipTarget, UserAgent

PASSWORD = "rig-password"
_MODULES = (
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_pjproject", "res_statsd", "res_pjsip",
    "res_pjsip_session", "res_pjsip_sdp_rtp", "res_pjsip_pubsub", "res_pjsip_registrar", "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest", "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user",
    "res_pjsip_caller_id", "res_pjsip_header_funcs", "res_pjsip_nat", "res_pjsip_rfc3326", "res_pjsip_dlg_options", "res_srtp",
    "res_rtp_asterisk", "res_timing_timerfd", "chan_pjsip", "pbx_config", "app_echo", "app_dial", "app_playtones", "app_read",
    "app_stack", "app_progress", "bridge_simple", "bridge_native_rtp", "codec_ulaw", "codec_alaw", "func_channel",
    "func_callerid", "func_logic", "func_strings", "res_http_websocket", "res_indications",
)  # fmt: skip
_ENDPOINT = """
[{user}]
type=endpoint
context=rig
disallow=all
allow=ulaw,alaw
auth={user}
aors={user}
direct_media={direct}
[{user}]
type=auth
auth_type=digest
username={user}
password={password}
supported_algorithms_uas={algorithms}
[{user}]
type=aor
max_contacts=1
remove_existing=yes
"""
_DIALPLAN = """
[rig]
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Progress()
 same => n,Playtones(!425/1000)
 same => n,Wait(0.6)
 same => n,Answer()
 same => n,Wait(10)
exten => 602,1,Hangup(17)
exten => 603,1,Hangup(21)
exten => 604,1,Hangup(34)
exten => 605,1,Ringing()
 same => n,Wait(30)
exten => 606,1,Answer()
 same => n,Read(DIGITS,,4,,,5)
 same => n,GotoIf($["${DIGITS}"="12*9"]?right)
 same => n,Hangup()
 same => n(right),Playtones(425)
 same => n,Wait(5)
exten => 607,1,Answer()
 same => n,Wait(0.5)
 same => n,Hangup()
exten => 608,1,Answer()
 same => n,Playtones(!0/300,!425/900,!0/2500,!425/600,!0/9000)
 same => n,Wait(20)
exten => 609,1,Answer()
 same => n,Playtones(!0/300,!425/600,!0/60000)
 same => n,Wait(20)
exten => 2001,1,Set(CALLERID(name)=Ada "quoted")
 same => n,Dial(PJSIP/2001,20,b(card^s^1))
[card]
exten => s,1,Set(PJSIP_HEADER(add,X-Patchcord-Card)=card-77)
 same => n,Return()
"""
_PLAIN_FILES = {
    "logger.conf": "[general]\n[logfiles]\nfull => verbose(3),notice,warning,error\n",
    "cdr.conf": "[general]\nenable=no\n", "cel.conf": "[general]\nenable=no\n", "features.conf": "[general]\n", "acl.conf": "",
    "udptl.conf": "[general]\n", "indications.conf": "[general]\ncountry=us\n[us]\nringcadence=2000,4000\ndial=350+440\nbusy=480\n",
    "codecs.conf": "", "stasis.conf": "", "pjproject.conf": "",
    "http.conf": "[general]\nenabled=no\n", "manager.conf": "[general]\nenabled=no\n",
}  # fmt: skip


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Rig:
    port: int
    home: Path

    def trunk(self) -> SipTarget:
        return SipTarget("127.0.0.1", self.port)

    def phone(self, user: str = "1001", password: str = PASSWORD) -> SipTarget:
        return SipTarget("127.0.0.1", self.port, user, password)


def _libraries(root: Path) -> Path:
    return next((root / "usr/lib").glob("*-linux-gnu*/libc.so.6")).parent


def _render(home: Path, root: Path, port: int) -> Path:
    etc = home / "etc"
    for name in ("etc", "var/keys", "log", "run", "spool"):
        (home / name).mkdir(parents=True, exist_ok=True)
    for name, text in _PLAIN_FILES.items():
        (etc / name).write_text(text)
    modules = _libraries(root) / "asterisk/modules"
    loads = "".join(f"load=>{name}.so\n" for name in _MODULES if (modules / f"{name}.so").exists())
    (etc / "modules.conf").write_text(f"[modules]\nautoload=no\n{loads}")
    first = 31000 + os.getpid() % 100 * 120
    (etc / "rtp.conf").write_text(f"[general]\nrtpstart={first}\nrtpend={first + 118}\n")
    (etc / "extensions.conf").write_text(_DIALPLAN)
    phones = "".join(
        _ENDPOINT.format(user=user, password=PASSWORD, direct=direct, algorithms=algorithms)
        for user, direct, algorithms in (("1001", "yes", "MD5"), ("2001", "yes", "SHA-256,MD5"), ("1002", "no", "MD5"))
    )
    (etc / "pjsip.conf").write_text(
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n"
        "[trunk]\ntype=endpoint\ncontext=rig\ndisallow=all\nallow=ulaw,alaw\n"
        f"[trunk]\ntype=identify\nendpoint=trunk\nmatch=127.0.0.1\n[global]\ntype=global\nendpoint_identifier_order=username,ip\n{phones}"
    )
    share = root / "usr/share/asterisk"
    conf = etc / "asterisk.conf"
    conf.write_text(
        f"[directories]\nastetcdir=>{etc}\nastmoddir=>{modules}\nastvarlibdir=>{home}/var\nastdbdir=>{home}/var\nastkeydir=>{home}/var\n"
        f"astdatadir=>{share}\nastspooldir=>{home}/spool\nastrundir=>{home}/run\nastlogdir=>{home}/log\n[options]\ndocumentation_language=en_US\n"
    )
    return conf


@contextlib.asynccontextmanager
async def running(runtime: Path) -> AsyncIterator[Rig]:
    """Starts Asterisk from the unpacked packages below ``runtime``; the folder is short because of its control socket's path."""
    root = runtime / "root"
    home = Path(tempfile.mkdtemp(prefix="pc-rig-"))
    port = free_udp_port()
    libraries = _libraries(root)
    loader = next(libraries.glob("ld-linux*.so.*"))
    program = [str(loader), "--library-path", str(libraries), str(root / "usr/sbin/asterisk")]
    command = [*program, "-C", str(_render(home, root, port)), "-f"]
    with (home / "log/console").open("ab") as console:
        process = await asyncio.create_subprocess_exec(*command, stdout=console, stderr=console, stdin=asyncio.subprocess.DEVNULL)
    rig = Rig(port, home)
    try:
        await _ready(rig, process)
        yield rig
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)


async def _ready(rig: Rig, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30), await UserAgent.open(rig.phone("1002")) as probe:
        while True:
            assert process.returncode is None, (rig.home / "log/console").read_text()[-2000:]
            try:
                async with asyncio.timeout(0.5):
                    await probe.register()
                return
            except (SipError, TimeoutError):
                await asyncio.sleep(0.1)
