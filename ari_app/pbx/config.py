"""Renders and writes the configuration of one Asterisk instance."""

import os
import resource
from pathlib import Path

from ari_app.settings import Settings
from dialplan import templates
from dialplan.errors import DialplanError
from dialplan.extensions import Plan, render_extensions
from dialplan.numbers import Numbers, default_numbers

from .errors import ConfigError
from .find import AsteriskInstall
from .layout import AsteriskPaths
from .modules import loadable
from .phones import PHONES
from .secret_store import Secrets

_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to


def render_all(
    install: AsteriskInstall, paths: AsteriskPaths, settings: Settings, secrets: Secrets, numbers: Numbers | None = None
) -> dict[str, str]:
    """Return file name to text of the whole configuration; the same input gives the same text.

    Raises:
        ConfigError: a setting cannot stand in a configuration file, or a template is damaged.
    """
    try:
        plan = plan_for(install.major, settings, numbers)
        values = {
            "paths": paths,
            "sip": settings.sip,
            "asterisk": settings.asterisk,
            "record": settings.calls.record,
            "secrets": secrets,
            "phones": PHONES,
            "passwords": secrets.phones,
            "modules": loadable(install.modules()),
            "queues": plan.queues(),
            "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
            "media_address": "" if settings.sip.bind in _ANY else settings.sip.bind,
        }
        files = {name: templates.render(name, **values) for name in templates.names() if name != "extensions.conf"}
        files["extensions.conf"] = render_extensions(plan)
    except DialplanError as error:
        raise ConfigError(str(error)) from error
    return files


def plan_for(asterisk_major: int, settings: Settings, numbers: Numbers | None = None) -> Plan:
    """Return what the dialplan of these settings depends on."""
    return Plan(
        numbers=numbers or default_numbers(settings.calls.queue),
        app=settings.asterisk.app,
        fallback_queue=settings.calls.queue,
        queue_timeout_s=settings.calls.queue_timeout_s,
        deadman_s=settings.calls.deadman_s,
        phones=tuple(phone.user for phone in PHONES if phone.role == "agent"),
        asterisk_major=asterisk_major,
    )


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
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
