"""A real Asterisk on free loopback ports, with Local channels as callers, for the tests of call control."""

import asyncio
import base64
import contextlib
import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ari_app.ari.client import AriClient
from tests.free_ports import free_block, free_port

PROJECT = Path(__file__).resolve().parents[3]
ROOT = Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime")) / "root"
APP = "patchcord"
SECRET = "rig-secret"

_MODULES = """
app_stasis app_queue app_verbose app_mixmonitor app_playtones app_userevent bridge_simple bridge_softmix bridge_holding chan_rtp
codec_ulaw codec_alaw format_pcm format_wav format_sln func_callerid func_channel func_timeout func_logic func_strings func_db func_dialplan
pbx_config res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_events
res_ari_playbacks res_http_websocket res_rtp_asterisk res_websocket_client res_stasis_recording res_rtp_multicast res_pjproject
res_srtp res_stasis_snoop res_sorcery_config res_sorcery_memory res_stasis res_stasis_answer res_stasis_playback res_musiconhold
app_dial app_stack func_global res_timing_timerfd app_waitforcond func_config app_senddtmf codec_resample
""".split()  # noqa: SIM905 - a list of words

_FILES = {
    "logger.conf": "[general]\n[logfiles]\nfull => verbose(3),warning,error\n",
    "http.conf": "[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={http}\nsessionlimit=400\n",
    "ari.conf": ("[general]\nenabled=yes\nwebsocket_write_timeout=5000\n[patchcord]\ntype=user\nread_only=no\npassword=rig-secret\n"),
    "manager.conf": (
        "[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={ami}\n"
        "[patchcord]\nsecret=rig-secret\nread=agent,call,user\nwrite=agent,call,system,user\n"
    ),
    "rtp.conf": "[general]\nrtpstart={rtp}\nrtpend={rtp_last}\n",
    "queues.conf": (
        "[general]\n"
        "[support]\nstrategy=ringall\njoinempty=yes\nleavewhenempty=no\nmember => Local/deaf@rig-people/n,0,Deaf\n"
        "[staffed]\nstrategy=ringall\njoinempty=yes\nmember => Local/person@rig-people/n,0,Person\n"
        "[empty]\njoinempty=no\n"
    ),
    "musiconhold.conf": "[general]\n",
    "cdr.conf": "[general]\nenable=no\n",
    "cel.conf": "[general]\nenable=no\n",
    "features.conf": "[general]\n",
    "acl.conf": "",
    "udptl.conf": "[general]\n",
    "indications.conf": "[general]\ncountry=us\n[us]\nringcadence=2000,4000\ndial=350+440\nbusy=480+620/500,0/500\n",
    "codecs.conf": "",
    "stasis.conf": "",
    "pjproject.conf": "",
    "websocket_client.conf": "",
    "extensions.conf": """
[patchcord-numbers]
exten => 100,1,Set(PATCHCORD_ROUTE=front-desk)
 same => n,Goto(patchcord-agent,s,1)
exten => 101,1,Set(PATCHCORD_ROUTE=echo)
 same => n,Goto(patchcord-agent,s,1)
exten => 102,1,Set(PATCHCORD_ROUTE=front-desk)
 same => n,Set(PATCHCORD_OPTIONS=language:es record:off variant:b)
 same => n,Goto(patchcord-agent,s,1)
[patchcord-agent]
exten => s,1,Set(TIMEOUT(absolute)=${{DEADMAN}})
 same => n,Stasis(patchcord,call,${{PATCHCORD_ROUTE}},100,${{PATCHCORD_OPTIONS}})
 same => n,Set(TIMEOUT(absolute)=0)
 same => n,GotoIf($["${{STASISSTATUS}}"="FAILED"]?patchcord-fallback,s,1)
 same => n,Hangup()
exten => next,1,Set(TIMEOUT(absolute)=0)
 same => n,Goto(patchcord-fallback,s,1)
exten => T,1,Set(TIMEOUT(absolute)=0)
 same => n,Goto(patchcord-fallback,s,1)
[patchcord-queue]
exten => _[a-z].,1,Set(TIMEOUT(absolute)=0)
 same => n,Answer()
 same => n,Set(TOLD=Card: ${{PATCHCORD_CARD}},Route: ${{PATCHCORD_ROUTE}},Caller: ${{CALLERID(num)}})
 same => n,Set(DB(rig/hello)=written)
 same => n,UserEvent(RigQueue,Queue: ${{EXTEN}},${{TOLD}},Db: ${{DB(rig/hello)}})
 same => n,Queue(${{EXTEN}},,${{PATCHCORD_CARD}},,${{QUEUE_STAY}})
 same => n(back),Set(TIMEOUT(absolute)=${{DEADMAN}})
 same => n,Stasis(patchcord,returned,${{PATCHCORD_ROUTE}},${{PATCHCORD_CARD}},${{QUEUESTATUS}})
 same => n,Set(TIMEOUT(absolute)=0)
 same => n,GotoIf($["${{STASISSTATUS}}"="FAILED"]?patchcord-fallback,s,1)
 same => n,Hangup()
[patchcord-fallback]
exten => s,1,Set(TIMEOUT(absolute)=0)
 same => n,UserEvent(RigFallback,Caller: ${{CHANNEL}})
 same => n,Wait(60)
 same => n,Hangup()
[rig-orphans]
exten => s,1,Stasis(patchcord,orphan)
 same => n,Hangup()
[rig-back]
exten => _[a-z].,1,Set(QUEUESTATUS=TIMEOUT)
 same => n,Goto(patchcord-queue,${{EXTEN}},back)
[rig-caller]
exten => talk,1,Wait(60)
[rig-people]
exten => deaf,1,Wait(30)
exten => person,1,Answer()
 same => n,Wait(30)
[globals]
DEADMAN={deadman}
QUEUE_STAY=3
""",
}


@dataclass
class Pbx:
    """One Asterisk below ``home``."""

    home: Path
    deadman_s: float = 6.0
    http: int = field(default_factory=free_port)
    ami: int = field(default_factory=free_port)
    proxied_ami: int = 0
    """Where clients are to reach the manager interface instead, when something stands between."""
    rtp_first: int = 0
    rtp_last: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.rtp_first = free_block(200)
        self.rtp_last = self.rtp_first + 199

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}/ari"

    def client(self, **options: Any) -> AriClient:
        return AriClient(self.url, "patchcord", SECRET, **options)

    def render(self) -> None:
        etc = self.home / "etc"
        for name in ("etc", "var/keys", "log", "run", "spool"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        values = {"http": self.http, "ami": self.ami, "rtp": self.rtp_first, "rtp_last": self.rtp_last, "deadman": f"{self.deadman_s:g}"}
        for name, text in _FILES.items():
            (etc / name).write_text(text.format(**values))
        present = next((ROOT / "usr/lib").glob("*-linux-gnu/asterisk/modules"))
        loads = "".join(f"load=>{m}.so\n" for m in _MODULES if (present / f"{m}.so").exists())
        (etc / "modules.conf").write_text(f"[modules]\nautoload=no\n{loads}")
        share = ROOT / "usr/share/asterisk"
        (etc / "asterisk.conf").write_text(
            f"[directories]\nastetcdir=>{etc}\nastmoddir=>{present}\nastvarlibdir=>{self.home}/var\nastdbdir=>{self.home}/var\n"
            f"astkeydir=>{self.home}/var\nastdatadir=>{share}\nastspooldir=>{self.home}/spool\nastrundir=>{self.home}/run\n"
            f"astlogdir=>{self.home}/log\n[options]\ndocumentation_language=en_US\n"
        )

    def start(self) -> None:
        self.render()
        loader = next((ROOT / "usr").glob("lib*/ld-linux-*.so.*"))
        libraries = next((ROOT / "usr/lib").glob("*-linux-gnu"))
        command = [loader, "--library-path", libraries, ROOT / "usr/sbin/asterisk", "-C", self.home / "etc/asterisk.conf", "-f"]
        with (self.home / "log/console").open("ab") as console:
            self.process = subprocess.Popen(list(map(str, command)), stdout=console, stderr=console, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._ready():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.home / "log/console").read_text()[-2000:]
            time.sleep(0.05)

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=1)
        try:
            token = base64.b64encode(f"patchcord:{SECRET}".encode()).decode()
            connection.request("GET", "/ari/asterisk/ping", headers={"Authorization": f"Basic {token}"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    async def dial(self, client: AriClient, number: str = "100", *, context: str = "patchcord-numbers", caller: str = "5551234") -> str:
        """Place a call; returns the caller's own channel id. ``<id>-in`` is the channel that enters the dialplan."""
        ident = f"rig-{os.urandom(6).hex()}"
        params = {
            "endpoint": f"Local/{number}@{context}/n",
            "context": "rig-caller",
            "extension": "talk",
            "priority": "1",
            "channelId": ident,
            "otherChannelId": f"{ident}-in",
            "callerId": caller,
            "timeout": "30",
        }
        async with client.session.post(f"{self.url}/channels", params=params) as answer:
            assert answer.status == 200, await answer.text()
        return ident


@contextlib.contextmanager
def running(home: Path, **options: Any) -> Iterator[Pbx]:
    pbx = Pbx(home, **options)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


@pytest.fixture(scope="module")
def pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    with running(tmp_path_factory.mktemp("pbx")) as started:
        yield started


async def until(condition: Any, timeout_s: float = 5.0, what: str = "") -> None:
    """Poll ``condition`` (plain or coroutine function) until it holds."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what or condition} did not come true within {timeout_s} s")
