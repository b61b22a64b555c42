"""apt-get with a private state: reads the user's mirror and proxy settings, touches nothing of the system, needs no root."""

import asyncio
import contextlib
import os
import re
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from . import apt_sources
from .errors import PackageError

Percent = Callable[[float], None]

_OS_RELEASE = Path("/etc/os-release")
_STATUS = re.compile(r"^dlstatus:[^:]*:([0-9.]+):")
_EXPIRED = re.compile(r"Release file for (\S+) (is expired|is not valid yet)")
_MISSING = re.compile(r"(?:Unable to locate package|Package) '?([^\s']+)(?:$|' has no installation candidate)", re.MULTILINE)

# The user's own settings are read first, so proxies and certificates hold; hooks and pins that belong to the system are cleared.
_CONFIG = """\
Dir::State "{base}/state";
Dir::State::lists "{base}/state/lists";
Dir::State::status "{base}/state/status";
Dir::State::extended_states "{base}/state/extended_states";
Dir::Cache "{base}/cache";
Dir::Cache::archives "{base}/cache/archives";
Dir::Log "{base}/log";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{base}/empty";
{sources}
APT::Default-Release "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Architecture "{architecture}";
#clear APT::Architectures;
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
"""


@dataclass(frozen=True, slots=True)
class Output:
    """What a command said."""

    status: int
    stdout: str
    stderr: str


class Apt:
    """A private apt below ``base``: its lists, cache and source list."""

    def __init__(self, base: Path, *, check_valid_until: bool = True) -> None:
        self.base = base
        self.archives = base / "cache" / "archives"
        self._config = base / "apt.conf"
        self._check_valid_until = check_valid_until

    async def prepare(self) -> str:
        """Write the private configuration; return the architecture in dpkg's words, e.g. ``amd64``.

        Raises:
            PackageError: this is not a system with apt, or its configuration names no mirror.
        """
        for program in ("apt-get", "apt-cache", "dpkg", "dpkg-deb", "tar"):
            if shutil.which(program) is None:
                raise PackageError(
                    f"The program '{program}' is missing: the packages can be fetched on Debian and Ubuntu only. "
                    "Install Asterisk 20 or newer yourself and set asterisk.source to 'system'."
                )
        for folder in ("state/lists/partial", "cache/archives/partial", "log", "empty"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        (self.base / "state" / "status").touch()  # nothing is installed; apt puts its lock beside this file, so not /dev/null
        architecture = (await _run(["dpkg", "--print-architecture"])).stdout.strip()
        sources = await self._sources(architecture)
        self._config.write_text(_CONFIG.format(base=self.base, sources=sources, architecture=architecture))
        return architecture

    async def _sources(self, architecture: str) -> str:
        if not apt_sources.is_debian(await asyncio.to_thread(_os_release)):
            return "// the suites of this system are used as they stand"
        listed = await _run(["apt-get", "--no-release-info", "indextargets", "--format", apt_sources.INDEX_FORMAT])
        site = apt_sources.debian_site(apt_sources.parse_index_targets(listed.stdout))
        path = self.base / "patchcord.sources"
        path.write_text(apt_sources.debian_sources(site, architecture, apt_sources.DEBIAN_KEYRING))
        parts = self.base / "sources.d"
        parts.mkdir(exist_ok=True)
        path.replace(parts / path.name)
        return f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{parts}";'

    async def update(self, percent: Percent) -> None:
        """Fetch the package lists.

        Raises:
            PackageError: no network, an expired or unsigned list, a full disk.
        """
        await self._get(["update"], percent)

    async def candidates(self, packages: Sequence[str]) -> dict[str, str]:
        """Return the version on offer of each package that the lists know."""
        output = await _run(["apt-cache", *self._options(), "policy", *packages])
        return parse_policy(output.stdout)

    async def download(self, packages: Sequence[str], percent: Percent) -> list[Path]:
        """Download the packages with everything that they depend on; return the files.

        Raises:
            PackageError: a package or a dependency cannot be had.
        """
        await self._get(["autoclean"], lambda _: None)  # what an interrupted fetch of older lists left
        arguments = ["install", "--yes", "--no-install-recommends", *packages]
        await self._get([*arguments, "--download-only"], percent)
        # what a repository on this machine holds is not copied by apt; it is the only thing still to be had
        rest = await _run(["apt-get", "-qq", *self._options(), "--print-uris", *arguments])
        for uri, name in parse_uris(rest.stdout):
            if not uri.startswith("file:"):
                raise PackageError(f"The package {name} was not downloaded from {uri}. Start again to fetch it.")
            (self.archives / name).symlink_to(unquote(uri.removeprefix("file:")))
        return sorted(self.archives.glob("*.deb"))

    def _options(self) -> list[str]:
        options = ["-c", str(self._config)]
        if not self._check_valid_until:
            options += ["-o", "Acquire::Check-Valid-Until=false", "-o", "Acquire::Check-Date=false"]
        return options

    async def _get(self, arguments: Sequence[str], percent: Percent) -> None:
        read, write = os.pipe()
        try:
            process = await _spawn(["apt-get", "-q", *self._options(), "-o", f"APT::Status-Fd={write}", *arguments], pass_fds=(write,))
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(write)
        output, _ = await asyncio.gather(_finish(process), _follow(read, percent))
        # apt-get update ends well although lists are missing; then its messages tell
        failed_lists = arguments[0] == "update" and "Failed to fetch" in output.stderr
        if output.status != 0 or failed_lists:
            raise explain(output.stderr or output.stdout, self.base)


def _os_release() -> str:
    return _OS_RELEASE.read_text() if _OS_RELEASE.exists() else ""


def parse_policy(text: str) -> dict[str, str]:
    """Read ``apt-cache policy``: package name to candidate version, packages without one left out."""
    versions: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line and not line[0].isspace() and line.endswith(":"):
            name = line[:-1]
        elif line.strip().startswith("Candidate:") and name:
            version = line.split(":", 1)[1].strip()
            if version != "(none)":
                versions[name] = version
    return versions


def parse_uris(text: str) -> list[tuple[str, str]]:
    """Read ``apt-get --print-uris``: address and file name of each package that is still to be fetched."""
    found = (re.match(r"'([^']+)' (\S+\.deb) ", line) for line in text.splitlines())
    return [(match[1], match[2]) for match in found if match]


def explain(text: str, base: Path) -> PackageError:
    """Turn apt's messages into an error that names the thing and the remedy."""
    if expired := _EXPIRED.search(text):
        return PackageError(
            f"The mirror's Release file {expired[1]} {expired[2]}: the mirror lags behind, or this machine's clock is wrong. "
            "Check the clock; if it is right, allow the old list with check_valid_until=False (option --accept-old-mirror)."
        )
    if "No space left on device" in text or "enough free space" in text:
        return PackageError(f"The disk that holds {base} is full. Free about 700 MB there, or choose another data directory.")
    if "NO_PUBKEY" in text or "is not signed" in text:
        return PackageError(
            "The mirror's package lists are signed with a key that this system does not know. "
            "Install or upgrade the package debian-archive-keyring (ubuntu-keyring on Ubuntu)."
        )
    if any(
        sign in text
        for sign in ("Temporary failure resolving", "Could not resolve", "Could not connect", "Connection failed", "Unable to connect")
    ):
        return PackageError(
            f"The package mirror cannot be reached. Check the network and apt's proxy settings. apt said: {_first_error(text)}"
        )
    if missing := _MISSING.search(text):
        return PackageError(
            f"The mirror has no package '{missing[1]}'. Choose another mirror in apt's configuration, or install it yourself."
        )
    return PackageError(f"apt-get failed: {_first_error(text)} Try 'apt-get -c {base}/apt.conf update' by hand to see all of it.")


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:")] or lines[-1:]
    return errors[0] if errors else "it gave no message."


async def _spawn(command: Sequence[str], pass_fds: Sequence[int] = ()) -> Process:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE, pass_fds=tuple(pass_fds), env=environment
    )


async def _finish(process: Process) -> Output:
    """Wait for the process; when this task is cancelled the process ends with it."""
    try:
        stdout, stderr = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return Output(process.returncode or 0, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


async def _run(command: Sequence[str]) -> Output:
    return await _finish(await _spawn(command))


async def _follow(fd: int, percent: Percent) -> None:
    """Read apt's status lines until it closes the descriptor."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    try:
        async for line in reader:
            if match := _STATUS.match(line.decode(errors="replace")):
                percent(min(float(match[1]), 100.0))
    finally:
        transport.close()
