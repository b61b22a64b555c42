"""Finds an Asterisk: the system's when it is new and complete enough, else that of the packages."""

import asyncio
import configparser
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .errors import InstallError
from .packages import OLDEST_ASTERISK
from .runtime import RuntimeRoot

NEEDED_MODULES = (
    "res_ari",
    "res_stasis",
    "app_stasis",
    "chan_rtp",
    "app_queue",
    "chan_pjsip",
    "res_musiconhold",
    "codec_gsm",
    "format_gsm",
)
NEEDED_PROMPTS = ("queue-thankyou", "vm-nobodyavail", "goodbye")

_SEARCH_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/asterisk/sbin"
_SYSTEM_CONF = Path("/etc/asterisk/asterisk.conf")
_MODULE_PLACES = (
    "/usr/lib/*-linux-gnu*/asterisk/modules",
    "/usr/lib/asterisk/modules",
    "/usr/lib64/asterisk/modules",
    "/usr/local/lib/asterisk/modules",
)
_DATA_PLACES = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
_VERSION = re.compile(r"(\d+)\.\d+(?:\.\d+)?[^\s]*")
_VERSION_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class AsteriskInstall:
    """An Asterisk that can be run: how to call it and where its files lie."""

    version: str
    source: Literal["system", "packages"]
    command: tuple[str, ...]
    """The command line up to Asterisk's own arguments."""
    module_dir: Path
    data_dir: Path
    """Holds ``documentation`` and ``rest-api``."""
    sounds_dir: Path
    """English prompts."""
    music_dir: Path
    """Music on hold."""

    @property
    def major(self) -> int:
        """Return the major version, e.g. 22."""
        return major_of(self.version)

    def modules(self) -> frozenset[str]:
        """Return the names of the modules that it can load, without ``.so``."""
        return frozenset(path.stem for path in self.module_dir.glob("*.so"))


def major_of(version: str) -> int:
    """Return the major number of a version such as ``22.10.1~dfsg``."""
    match = _VERSION.search(version)
    return int(match[1]) if match else 0


def parse_version(text: str) -> str:
    """Read the answer to ``asterisk -V``, e.g. ``Asterisk 22.10.1~dfsg``.

    Raises:
        InstallError: it holds no version.
    """
    match = _VERSION.search(text)
    if match is None:
        raise InstallError(f"'asterisk -V' answers '{text.strip()[:80]}', which holds no version. Set asterisk.source to 'packages'.")
    return match[0]


async def packaged_asterisk(root: RuntimeRoot) -> AsteriskInstall:
    """Return the Asterisk of the unpacked packages.

    Raises:
        InstallError: the root holds none, or it does not run here.
    """
    data = root.path / "usr/share/asterisk"
    command = tuple(root.command("asterisk"))
    return AsteriskInstall(
        version=await _ask_version(command),
        source="packages",
        command=command,
        module_dir=root.library_dir / "asterisk/modules",
        data_dir=data,
        sounds_dir=_first_sounds([data]) or data / "sounds/en",
        music_dir=data / "moh",
    )


async def system_asterisk() -> AsteriskInstall:
    """Return the system's Asterisk.

    Raises:
        InstallError: there is none, or it is too old, or it lacks modules or prompts; the message says which.
    """
    binary = shutil.which("asterisk", path=_SEARCH_PATH)
    if binary is None:
        raise InstallError(
            f"No Asterisk on this system. Install Asterisk {OLDEST_ASTERISK} or newer, or set asterisk.source to 'packages'."
        )
    version = await _ask_version((binary,))
    if major_of(version) < OLDEST_ASTERISK:
        raise InstallError(f"{binary} is Asterisk {version}; {OLDEST_ASTERISK} or newer is needed. Set asterisk.source to 'packages'.")
    configured = read_directories(_SYSTEM_CONF)
    module_dir = _module_dir(configured)
    data_dirs = [Path(place) for place in (configured.get("astdatadir"), *_DATA_PLACES) if place]
    sounds = _first_sounds(data_dirs)
    music = next((folder / "moh" for folder in data_dirs if any((folder / "moh").glob("*.*"))), None)
    if sounds is None or music is None:
        raise InstallError(
            "The system's Asterisk has no English prompts or no music on hold. Install asterisk-core-sounds-en-gsm and "
            "asterisk-moh-opsound-gsm, or set asterisk.source to 'packages'."
        )
    data = next((folder for folder in data_dirs if (folder / "rest-api").is_dir()), data_dirs[0])
    return AsteriskInstall(version, "system", (binary,), module_dir, data, sounds, music)


def read_directories(conf: Path) -> dict[str, str]:
    """Read the ``[directories]`` of an asterisk.conf; empty when it cannot be read."""
    parser = configparser.ConfigParser(
        strict=False, interpolation=None, delimiters=("=",), comment_prefixes=(";",), inline_comment_prefixes=(";",)
    )
    try:
        # "[directories](!)" and "=>" are Asterisk's own spellings
        parser.read_string(conf.read_text(errors="replace").replace("](!)", "]").replace("=>", "="))
    except (OSError, configparser.Error):
        return {}
    return dict(parser["directories"]) if parser.has_section("directories") else {}


def _module_dir(configured: dict[str, str]) -> Path:
    places = [Path(configured["astmoddir"])] if "astmoddir" in configured else []
    for pattern in _MODULE_PLACES:
        places += sorted(Path("/").glob(pattern.lstrip("/")))
    for place in places:
        if any(place.glob("*.so")):
            return _complete(place)
    raise InstallError("The modules of the system's Asterisk were not found. Set asterisk.source to 'packages'.")


def _complete(module_dir: Path) -> Path:
    if lacking := [name for name in NEEDED_MODULES if not (module_dir / f"{name}.so").exists()]:
        raise InstallError(
            f"The system's Asterisk lacks the modules {', '.join(lacking)} in {module_dir}. Set asterisk.source to 'packages'."
        )
    return module_dir


def _first_sounds(data_dirs: Sequence[Path]) -> Path | None:
    for data in data_dirs:
        for name in ("en", "en_US_f_Allison"):
            folder = data / "sounds" / name
            if all(any(folder.glob(f"{prompt}.*")) for prompt in NEEDED_PROMPTS):
                return folder.resolve()
    return None


async def _ask_version(command: Sequence[str]) -> str:
    process = await asyncio.create_subprocess_exec(*command, "-V", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _VERSION_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise InstallError(f"{command[-1]} -V did not answer within {_VERSION_TIMEOUT_S:g} s. Set asterisk.source to 'packages'.") from None
    return parse_version(said.decode(errors="replace"))
