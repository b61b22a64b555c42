"""The runtime of packages: Asterisk, the voices and a Python for them, unpacked beside the project without root.

One folder serves all instances: a lock lets one fetch at a time, a finished fetch is renamed into place and carries a marker,
so what was interrupted is noticed and done again.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from .apt import Apt
from .errors import PackageError
from .unpack import unpack_all

Progress = Callable[[str, int, int], None]
"""``progress(stage, done, total)``: a stage in words, then how much of how much."""

ASTERISK_PACKAGES = ("asterisk", "asterisk-core-sounds-en-gsm", "asterisk-moh-opsound-gsm")
VOICE_PACKAGES = ("flite", "libpython3-stdlib", "python3-minimal")
AUDIO_PACKAGES = ("libspeexdsp1",)  # the echo canceller
OPTIONAL_PACKAGES = ("librhvoice5", "rhvoice", "rhvoice-english", "libttspico0t64", "libttspico-data")
"""Voices in Debian's non-free; flite speaks where they cannot be had. Pico speaks the languages besides English."""
OLDEST_ASTERISK = 20

_MARKER = "patchcord-runtime.json"
_FORMAT = 1
_NEEDED_BYTES = 700_000_000  # packages, their lists and the unpacked files together, with a margin
_LOCK_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class PackageSet:
    """What a fetch obtained: the root, and every package in it with its version."""

    root: Path
    architecture: str
    versions: Mapping[str, str]
    missing: tuple[str, ...]


def installed(runtime_dir: Path, wanted: Sequence[str]) -> PackageSet | None:
    """Return the finished runtime that carries every wanted package, or None when it must be fetched."""
    root = runtime_dir / "root"
    try:
        marker = json.loads((root / _MARKER).read_text())
    except (OSError, ValueError):
        return None
    if marker.get("format") != _FORMAT or not set(wanted) <= set(marker["versions"]) | set(marker["missing"]):
        return None
    return PackageSet(root, marker["architecture"], marker["versions"], tuple(marker["missing"]))


async def fetch(
    runtime_dir: Path, required: Sequence[str], optional: Sequence[str], progress: Progress, *, check_valid_until: bool = True
) -> PackageSet:
    """Bring the packages into ``runtime_dir/root`` unless they are there; optional ones that cannot be had are reported missing.

    Raises:
        PackageError: apt is missing, there is no network, the disk is full, a package cannot be had.
    """
    runtime_dir = await asyncio.to_thread(runtime_dir.resolve)
    runtime_dir.mkdir(parents=True, exist_ok=True)
    wanted = (*required, *optional)
    if ready := installed(runtime_dir, wanted):
        return ready
    async with _lock(runtime_dir / "lock", progress):
        if ready := installed(runtime_dir, wanted):  # another instance fetched it meanwhile
            return ready
        _check_space(runtime_dir)
        _remove_leftovers(runtime_dir)
        return await _fetch(runtime_dir, required, optional, progress, check_valid_until)


async def _fetch(
    runtime_dir: Path, required: Sequence[str], optional: Sequence[str], progress: Progress, check_valid_until: bool
) -> PackageSet:
    apt = Apt(runtime_dir / "apt", check_valid_until=check_valid_until)
    architecture = await apt.prepare()
    await apt.update(_percent(progress, "package lists"))
    debs, missing = await _download(apt, required, optional, _percent(progress, "download"))
    work = runtime_dir / f"root.new-{os.getpid()}"
    await unpack_all(debs, work, lambda done: progress("unpack", done, len(debs)))
    link_sounds(work)
    versions = dict(sorted(name_and_version(deb) for deb in debs))
    marker = {"format": _FORMAT, "architecture": architecture, "versions": versions, "missing": missing}
    (work / _MARKER).write_text(json.dumps(marker, indent=1) + "\n")
    await asyncio.to_thread(_put_in_place, work, runtime_dir / "root")
    await asyncio.to_thread(shutil.rmtree, apt.base)
    return PackageSet(runtime_dir / "root", architecture, versions, tuple(missing))


async def _download(
    apt: Apt, required: Sequence[str], optional: Sequence[str], percent: Callable[[float], None]
) -> tuple[list[Path], list[str]]:
    offered = await apt.candidates([*required, *optional])
    if absent := [name for name in required if name not in offered]:
        raise PackageError(
            f"The mirror has no package '{absent[0]}'. Choose another mirror in apt's configuration (on Ubuntu enable 'universe'), "
            "or install Asterisk 20 or newer yourself and set asterisk.source to 'system'."
        )
    if "asterisk" in required and major_version(offered["asterisk"]) < OLDEST_ASTERISK:
        raise PackageError(
            f"The mirror offers Asterisk {offered['asterisk']}; {OLDEST_ASTERISK} or newer is needed. "
            "Install one yourself and set asterisk.source to 'system', or use a newer release of the system."
        )
    extra = [name for name in optional if name in offered]
    try:
        return await apt.download([*required, *extra], percent), [name for name in optional if name not in extra]
    except PackageError:
        if not extra:
            raise
    # unstable can carry an optional package that cannot be installed for a few days
    return await apt.download(required, percent), list(optional)


def _percent(progress: Progress, stage: str) -> Callable[[float], None]:
    return lambda percent: progress(stage, int(percent), 100)


def major_version(version: str) -> int:
    """Return the major number of a Debian version such as ``1:22.10.1+dfsg-1``; 0 when there is none."""
    digits = version.split(":", 1)[-1].split(".", 1)[0]
    return int(digits) if digits.isdigit() else 0


def name_and_version(deb: Path) -> tuple[str, str]:
    """Read package name and version from the name of a file that apt downloaded."""
    name, version, _ = unquote(deb.name).split("_", 2)
    return name, version


def link_sounds(root: Path) -> None:
    """Make the English prompts the ones Asterisk finds as ``en``; the package leaves that to its installer."""
    sounds = root / "usr/share/asterisk/sounds"
    english = sounds / "en_US_f_Allison"
    if english.is_dir() and not (sounds / "en").exists():
        (sounds / "en").symlink_to(english.name)


def _put_in_place(work: Path, root: Path) -> None:
    old = root.with_name(f"root.old-{os.getpid()}")
    if root.exists():
        root.rename(old)
    work.rename(root)
    if old.exists():
        shutil.rmtree(old)


def _remove_leftovers(runtime_dir: Path) -> None:
    for pattern in ("root.new-*", "root.old-*"):
        for folder in runtime_dir.glob(pattern):
            shutil.rmtree(folder)


def _check_space(runtime_dir: Path) -> None:
    free = shutil.disk_usage(runtime_dir).free
    if free < _NEEDED_BYTES:
        raise PackageError(
            f"The disk that holds {runtime_dir} has {free // 1_000_000} MB free; the packages need {_NEEDED_BYTES // 1_000_000} MB. "
            "Free some, or put the runtime elsewhere."
        )


@contextlib.asynccontextmanager
async def _lock(path: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the file lock; the kernel gives it back when this process ends, however it ends."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress("waiting for another fetch", 0, 0)
                await asyncio.sleep(_LOCK_POLL_S)
        yield
