"""One Asterisk from the unpacked packages with the configuration that a test gives it."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ari_app.pbx.find import AsteriskInstall
from ari_app.pbx.runtime import RuntimeRoot

_EMPTY = (
    *("acl.conf", "codecs.conf", "stasis.conf", "pjproject.conf", "features.conf", "udptl.conf", "extconfig.conf", "sorcery.conf"),
    *("queues.conf", "queuerules.conf", "musiconhold.conf", "websocket_client.conf"),
)
_QUIET = {
    **dict.fromkeys(("http.conf", "manager.conf", "ari.conf"), "[general]\nenabled=no\n"),
    **dict.fromkeys(("cdr.conf", "cel.conf"), "[general]\nenable=no\n"),
    **dict.fromkeys(_EMPTY, ""),
    "ccss.conf": "[general]\n",
    "logger.conf": "[general]\n[logfiles]\nfull => notice,warning,error\n",
    "indications.conf": "[general]\ncountry=us\n[us]\ndescription=here\nringcadence=2000,4000\nring=440+480/2000,0/4000\n"
    "dial=350+440\nbusy=480/500,0/500\n",
}
_START_LIMIT_S = 30.0


@dataclass(frozen=True)
class Box:
    """A running Asterisk."""

    home: Path
    command: tuple[str, ...]

    async def rx(self, command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *self.command, "-rx", command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=RuntimeRoot.environment()
        )
        said, _ = await asyncio.wait_for(process.communicate(), 10)
        return said.decode(errors="replace")

    async def until(self, command: str, text: str, limit_s: float = 15.0) -> str:
        """Wait until what ``command`` prints holds ``text``."""
        give_up = time.monotonic() + limit_s
        while text not in (said := await self.rx(command)):
            assert time.monotonic() < give_up, f"'{command}' never said {text!r}, but:\n{said}\n{self.log()[-2000:]}"
            await asyncio.sleep(0.2)
        return said

    async def value(self, name: str, limit_s: float = 10.0) -> str:
        """Wait for a global variable that the test's dialplan sets."""
        give_up = time.monotonic() + limit_s
        while True:
            lines = (line.strip().partition("=") for line in (await self.rx("dialplan show globals")).splitlines())
            if (value := next((value for key, _, value in lines if key == name), "-")) != "-":
                return value
            assert time.monotonic() < give_up, f"{name} was never set\n{await self.rx('core show channels')}{self.log()[-1500:]}"
            await asyncio.sleep(0.2)

    async def forget(self, name: str) -> None:
        await self.rx(f"dialplan set global {name} -")

    async def nobody_left(self) -> None:
        give_up = time.monotonic() + 10
        while said := (await self.rx("core show channels concise")).strip():
            assert time.monotonic() < give_up, said
            await asyncio.sleep(0.1)

    def log(self) -> str:
        return (self.home / "log/full").read_text(errors="replace")


@contextlib.asynccontextmanager
async def asterisk(install: AsteriskInstall, files: Mapping[str, str]) -> AsyncIterator[Box]:
    """Run it for the length of the block. ``files``: name below its configuration folder to text."""
    home = Path(tempfile.mkdtemp(prefix="pc-box-"))  # short: its control socket lies below
    try:
        for folder in ("etc", "var/keys", "log", "run", "spool"):
            (home / folder).mkdir(parents=True)
        directories = {
            "astetcdir": "etc", "astvarlibdir": "var", "astdbdir": "var", "astkeydir": "var",
            "astspooldir": "spool", "astrundir": "run", "astlogdir": "log",
        }  # fmt: skip
        directories |= {"astmoddir": str(install.module_dir), "astdatadir": str(install.data_dir)}
        lines = "".join(f"{key}={home / place}\n" for key, place in directories.items())
        written = _QUIET | {"asterisk.conf": f"[directories]\n{lines}[options]\nnocolor=yes\n", **files}
        for name, text in written.items():
            (home / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            (home / "etc" / name).write_text(text)
        box = Box(home, (*install.command, "-C", str(home / "etc/asterisk.conf")))
        with (home / "log/console").open("wb") as console:
            process = await asyncio.create_subprocess_exec(
                *box.command, "-f", stdin=asyncio.subprocess.DEVNULL, stdout=console, stderr=console, env=RuntimeRoot.environment()
            )
        try:
            await _ready(box, process)
            yield box
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _ready(box: Box, process: asyncio.subprocess.Process) -> None:
    give_up = time.monotonic() + _START_LIMIT_S
    while "fully booted" not in (await box.rx("core waitfullybooted")).lower():
        assert process.returncode is None, (box.home / "log/console").read_text(errors="replace")[-2000:]
        assert time.monotonic() < give_up, "Asterisk did not start"
        await asyncio.sleep(0.1)
