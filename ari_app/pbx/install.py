"""Brings what the service runs on: an Asterisk, and the root of packages that also holds the voices."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ari_app.settings import Settings

from . import packages
from .errors import InstallError
from .find import AsteriskInstall, packaged_asterisk, system_asterisk
from .packages import Progress
from .runtime import RuntimeRoot

OWN_PACKAGES = (*packages.VOICE_PACKAGES, *packages.AUDIO_PACKAGES)


@dataclass(frozen=True, slots=True)
class RuntimeInstall:
    """What ``ensure_runtime`` obtained."""

    root: RuntimeRoot
    asterisk: AsteriskInstall
    versions: Mapping[str, str]
    """Package name to version, of everything in the root."""
    missing: tuple[str, ...]
    """Optional packages that the mirror could not give, e.g. ``rhvoice``."""


def _silent(stage: str, done: int, total: int) -> None:
    """Draw nothing."""


async def ensure_runtime(
    runtime_dir: Path, settings: Settings, progress: Progress = _silent, *, check_valid_until: bool = True
) -> RuntimeInstall:
    """Find or fetch everything; done within milliseconds when it is there already.

    ``check_valid_until=False`` accepts package lists whose Release file has expired, for mirrors that lag behind.

    Raises:
        PackageError: packages are needed and cannot be fetched.
        InstallError: the settings ask for the system's Asterisk and it cannot be used.
    """
    system = await _system(settings)
    required = OWN_PACKAGES if system else (*packages.ASTERISK_PACKAGES, *OWN_PACKAGES)
    obtained = await packages.fetch(runtime_dir, required, packages.OPTIONAL_PACKAGES, progress, check_valid_until=check_valid_until)
    root = RuntimeRoot(obtained.root)
    return RuntimeInstall(root, system or await packaged_asterisk(root), obtained.versions, obtained.missing)


async def ensure_voices(runtime_dir: Path, progress: Progress = _silent, *, check_valid_until: bool = True) -> RuntimeRoot:
    """Find or fetch what the service runs on besides an Asterisk, which is somebody else's.

    Raises:
        PackageError: packages are needed and cannot be fetched.
    """
    obtained = await packages.fetch(runtime_dir, OWN_PACKAGES, packages.OPTIONAL_PACKAGES, progress, check_valid_until=check_valid_until)
    return RuntimeRoot(obtained.root)


async def _system(settings: Settings) -> AsteriskInstall | None:
    if settings.asterisk.source == "packages":
        return None
    try:
        return await system_asterisk()
    except InstallError:
        if settings.asterisk.source == "system":
            raise
        return None
