"""An Asterisk that belongs to an admin: their own phones, dialplan, queue and users, and Patchcord only by the include lines."""

import base64
import contextlib
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ari_app.pbx.runtime import RuntimeRoot
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.site import site_for
from ari_app.settings import load_settings
from dialplan.generated import generate
from tests.e2e.instance import PROJECT
from tests.free_ports import free_block, free_port

RUNTIME = Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime")) / "root"
INCLUDED = ("extensions", "queues", "pjsip", "ari", "manager")
OWN_SECRET = "the-admins-own-secret"
_FILES = {
    "http.conf": "[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {http}\n",
    "ari.conf": "[general]\nenabled = yes\n\n[wallboard]\ntype = user\nread_only = yes\npassword = {own}\n",
    "manager.conf": (
        "[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {ami}\n\n[operator]\nsecret = {own}\nread = all\nwrite = all\n"
        "permit = 127.0.0.1/255.255.255.255\n"
    ),
    "rtp.conf": "[general]\nrtpstart = {rtp}\nrtpend = {rtp_last}\n",
    "pjsip.conf": (
        "[transport-udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{sip}\n\n"
        "[carrier]\ntype = endpoint\ncontext = from-carrier\ndisallow = all\nallow = alaw,ulaw\nidentify_by = ip\n\n"
        "[carrier]\ntype = identify\nendpoint = carrier\nmatch = 127.0.0.1\n"
    ),
    "queues.conf": "[general]\n\n[old-hotline]\njoinempty = yes\n",
    "extensions.conf": (
        "[globals]\n\n[from-carrier]\n; what was there before\nexten => 500,1,Answer()\n same => n,Echo()\n same => n,Hangup()\n"
        "include => patchcord-numbers\n"
    ),
    "logger.conf": "[general]\n[logfiles]\nfull.log => notice,warning,error\n",
    "modules.conf": (
        "[modules]\nautoload = yes\nnoload = chan_iax2.so\nnoload = chan_unistim.so\nnoload = chan_ooh323.so\nnoload = pbx_dundi.so\n"
    ),
}
_COPIED = ("acl", "ccss", "cdr", "cel", "codecs", "features", "indications", "musiconhold", "pjproject", "sorcery", "stasis", "udptl")


@dataclass
class AdminsAsterisk:
    """Below ``home``; listens on loopback only."""

    home: Path
    http: int = field(default_factory=free_port)
    ami: int = field(default_factory=free_port)
    sip: int = field(default_factory=lambda: free_block(2))
    rtp: int = field(default_factory=lambda: free_block(200))
    process: subprocess.Popen[bytes] | None = None

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    def lay_out(self, more: Mapping[str, str] | None = None) -> None:
        """The admin's files, ``more`` in place of some of them. No word of Patchcord."""
        for name in ("etc", "var/agi-bin", "var/keys", "log/cdr-csv", "run", "spool"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        for name in _COPIED:
            if (sample := RUNTIME / "etc/asterisk" / f"{name}.conf").exists():
                shutil.copy(sample, self.etc / sample.name)
        values = {"http": self.http, "ami": self.ami, "sip": self.sip, "rtp": self.rtp, "rtp_last": self.rtp + 199, "own": OWN_SECRET}
        for name, text in {**_FILES, **(more or {})}.items():
            (self.etc / name).write_text(text.format(**values))
        modules = RuntimeRoot(RUNTIME).library_dir / "asterisk/modules"
        share = RUNTIME / "usr/share/asterisk"
        (self.etc / "asterisk.conf").write_text(
            f"[directories]\nastetcdir => {self.etc}\nastmoddir => {modules}\n"
            f"astvarlibdir => {self.home}/var\nastdbdir => {self.home}/var\n"
            f"astkeydir => {self.home}/var/keys\nastdatadir => {share}\nastagidir => {self.home}/var/agi-bin\n"
            f"astspooldir => {self.home}/spool\nastrundir => {self.home}/run\nastlogdir => {self.home}/log\n"
            "[options]\ndocumentation_language = en_US\nsystemname = theirs\n"
        )

    def add_include_lines(self, names: tuple[str, ...] = INCLUDED) -> None:
        """The one line in each file that the documentation asks for."""
        for name in names:
            with (self.etc / f"{name}.conf").open("a") as file:
                file.write(f'#tryinclude "patchcord.d/{name}.conf"\n')

    def settings(self) -> dict[str, object]:
        """Of a Patchcord that uses it."""
        return {
            "asterisk.source": "external",
            "asterisk.etc": str(self.etc),
            "asterisk.http_port": self.http,
            "asterisk.ami_port": self.ami,
            "sip.port": self.sip,
        }

    def spawn(self) -> subprocess.Popen[bytes]:
        with (self.home / "log/console").open("ab") as console:
            self.process = subprocess.Popen(
                [*RuntimeRoot(RUNTIME).command("asterisk"), "-C", str(self.etc / "asterisk.conf"), "-f"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=RuntimeRoot.environment(),
            )
        return self.process

    def start(self, limit_s: float = 30.0) -> None:
        process = self.spawn()
        until = time.monotonic() + limit_s
        while not self.answers():
            assert process.poll() is None and time.monotonic() < until, (self.home / "log/console").read_text()[-2000:]
            time.sleep(0.1)
        self.rx("core waitfullybooted")

    def answers(self) -> bool:
        """To its own admin, over ARI."""
        token = base64.b64encode(f"wallboard:{OWN_SECRET}".encode()).decode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/ari/asterisk/ping", headers={"Authorization": f"Basic {token}"})
        try:
            with urllib.request.urlopen(request, timeout=1) as answer:  # noqa: S310 - loopback
                return int(answer.status) == 200
        except OSError:
            return False

    def rx(self, command: str) -> str:
        full = [*RuntimeRoot(RUNTIME).command("asterisk"), "-C", str(self.etc / "asterisk.conf"), "-rx", command]
        return subprocess.run(full, capture_output=True, text=True, timeout=15, check=False, env=RuntimeRoot.environment()).stdout

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


def write_patchcord_d(asterisk: AdminsAsterisk, data: Path, settings: Mapping[str, object]) -> None:
    """As ``dialplan apply`` does, without its checks and its reload."""
    environment = {f"PATCHCORD_{key.replace('.', '__').upper()}": str(value) for key, value in settings.items()}
    site = site_for("22.0.0", load_settings(None, environment), load_or_create_secrets(data), data)
    for name, text in generate(site).items():
        (asterisk.etc / name).parent.mkdir(exist_ok=True)
        (asterisk.etc / name).write_text(text)


@contextlib.contextmanager
def running(asterisk: AdminsAsterisk) -> Iterator[AdminsAsterisk]:
    try:
        asterisk.start()
        yield asterisk
    finally:
        asterisk.stop()
