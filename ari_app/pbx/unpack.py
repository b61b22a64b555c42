"""Unpacks Debian packages into a folder, without root and without what only people read."""

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import PackageError

# Licences (copyright) stay, and so does the transcript list of the recorded prompts.
_EXCLUDED = (
    "./usr/share/man",
    "./usr/share/info",
    "./usr/share/locale",
    "./usr/share/lintian",
    "./usr/share/doc/*/changelog*",
    "./usr/share/doc/*/NEWS*",
    "./usr/share/doc/*/README*",
    "./usr/share/doc/*/examples",
    "./usr/share/doc-base",
    "./usr/include",
    "./usr/lib/*/pkgconfig",
)

_WORKERS = 2


async def unpack_all(packages: Sequence[Path], root: Path, unpacked: Callable[[int], None]) -> None:
    """Unpack every package below ``root``, two at a time; ``unpacked`` is told how many are done.

    Raises:
        PackageError: a package is damaged or the disk is full.
    """
    _merge_usr(root)
    waiting = sorted(packages, key=lambda path: path.stat().st_size)  # popped from the end: the biggest first
    done = 0

    async def work() -> None:
        nonlocal done
        while waiting:
            await _unpack(waiting.pop(), root)
            done += 1
            unpacked(done)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(work())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _merge_usr(root: Path) -> None:
    """Lead /lib and the like into /usr first: packages of some releases still carry them apart."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


async def _unpack(package: Path, root: Path) -> None:
    read, write = os.pipe()
    try:
        deb = await asyncio.create_subprocess_exec("dpkg-deb", "--fsys-tarfile", str(package), stdout=write, stderr=PIPE, stdin=DEVNULL)
        try:
            tar = await asyncio.create_subprocess_exec(*_tar(root), stdin=read, stdout=DEVNULL, stderr=PIPE)
        except BaseException:
            deb.kill()
            await deb.wait()
            raise
    finally:
        os.close(read)
        os.close(write)
    try:
        (_, deb_said), (_, tar_said) = await asyncio.gather(deb.communicate(), tar.communicate())
    except BaseException:
        for process in (deb, tar):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        raise
    if deb.returncode or tar.returncode:
        raise _explain(package, root, (tar_said + deb_said).decode(errors="replace"))


def _tar(root: Path) -> list[str]:
    # the folders of the packages meet links such as /lib -> usr/lib; a folder must not replace a link
    options = ["--extract", "--no-same-owner", "--no-same-permissions", "--keep-directory-symlink", f"--directory={root}"]
    return ["tar", *options, "--wildcards", *(f"--exclude={pattern}" for pattern in _EXCLUDED)]


def _explain(package: Path, root: Path, said: str) -> PackageError:
    if "No space left on device" in said:
        return PackageError(f"The disk that holds {root} is full. Free about 700 MB there, or choose another data directory.")
    first = said.strip().splitlines()[0] if said.strip() else "no message"
    return PackageError(f"The package {package.name} cannot be unpacked into {root}: {first}. Start again to fetch it anew.")
