"""Renders and writes the configuration of one Asterisk instance."""

import os
import resource
from pathlib import Path

from ari_app.settings import Settings
from dialplan import templates
from dialplan.checking.seal import sealed
from dialplan.errors import DialplanError
from dialplan.generated import Site, generate

from .accounts import address_of_this_machine
from .errors import ConfigError
from .find import AsteriskInstall
from .layout import AsteriskPaths
from .modules import loadable, restricts_paths, takes_browsers
from .phones import phones_of
from .secret_store import Secrets
from .site import media_address, site_for


def render_all(
    install: AsteriskInstall, paths: AsteriskPaths, settings: Settings, secrets: Secrets, site: Site | None = None
) -> dict[str, str]:
    """Return file name to text of the whole configuration; the same input gives the same text.

    ``site``: what the dialplan depends on; None: as the settings and the files beside ``paths.base`` have it.

    Raises:
        ConfigError: a setting cannot stand in a configuration file, or a template is damaged.
    """
    try:
        site = site or site_for(install.version, settings, secrets, paths.base.parent)
        available = install.modules()
        values = {
            "paths": paths,
            "sip": settings.sip,
            "asterisk": settings.asterisk,
            "phones": phones_of(settings),
            "feature_codes": settings.transfer.feature_codes,
            "passwords": secrets.phones,
            "modules": loadable(available),
            "webrtc": takes_browsers(available),
            "restricts": restricts_paths(install.version),
            "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
            "media_address": media_address(settings),
            "ice_host": address_of_this_machine() if settings.sip.bind.startswith("127.") else "",
        }
        around = {name: templates.render(name, **values) for name in templates.names()}
        # sealed as 'dialplan apply' does, so that an edit by hand is found before it is written over
        return around | {name: sealed(text) for name, text in generate(site).items()}
    except DialplanError as error:
        raise ConfigError(str(error)) from error


def write_all(paths: AsteriskPaths, files: dict[str, str], install: AsteriskInstall) -> None:
    """Create the folders (0700), write the files (0600) and link prompts and music.

    Raises:
        ConfigError: the disk is full or the folder is not writable.
    """
    try:
        for folder in paths.folders():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        paths.base.chmod(0o700)
        for name, text in files.items():
            _write(paths.etc / name, text)
        _link(paths.share / "sounds" / "en", install.sounds_dir)
        _link(paths.share / "moh", install.music_dir)
        for name in ("documentation", "rest-api"):
            if (install.data_dir / name).is_dir():
                _link(paths.share / name, install.data_dir / name)
    except OSError as error:
        raise ConfigError(
            f"Asterisk's configuration cannot be written to {paths.etc}: {error.strerror}. Free space there or make it writable."
        ) from error


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # What comes out of an admin's files is carried on byte for byte, whatever its encoding.
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    temporary.replace(path)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
