"""The generated passwords of one instance: made once, kept in ``secrets.json``, readable by the owner only."""

import json
import os
import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .phones import PHONES

_FILE = "secrets.json"
_BYTES = 18  # 144 bits, 24 characters


@dataclass(frozen=True, slots=True)
class Secrets:
    """Users and passwords towards Asterisk; never printed by ``repr``."""

    ari_user: str
    ari_password: str = field(repr=False)
    ami_user: str
    ami_password: str = field(repr=False)
    phones: Mapping[str, str] = field(repr=False)
    """SIP user to password."""


def load_or_create_secrets(data_dir: Path) -> Secrets:
    """Read the passwords of an instance; make those that are not there yet.

    Raises:
        ConfigError: the file cannot be read or written, or is damaged.
    """
    path = data_dir / _FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        stored = _read(path)
        complete = _completed(stored)
        if complete != stored:
            _write(path, complete)
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise ConfigError(f"The passwords cannot be kept in {path}: {error.strerror}. Make {data_dir} writable for this user.") from error
    return Secrets(complete["ari_user"], complete["ari_password"], complete["ami_user"], complete["ami_password"], complete["phones"])


def _completed(stored: dict[str, Any]) -> dict[str, Any]:
    phones = stored.get("phones", {})
    return {
        "ari_user": stored.get("ari_user") or "patchcord",
        "ari_password": stored.get("ari_password") or _password(),
        "ami_user": stored.get("ami_user") or "patchcord",
        "ami_password": stored.get("ami_password") or _password(),
        "phones": {**phones, **{phone.user: phones.get(phone.user) or _password() for phone in PHONES}},
    }


def _password() -> str:
    return random_secrets.token_urlsafe(_BYTES)


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ConfigError(
            f"{path} is damaged ({error}). Delete it to have new passwords made; phones must then be set up again."
        ) from error
    if not isinstance(stored, dict) or not isinstance(stored.get("phones", {}), dict):
        raise ConfigError(f"{path} holds no passwords. Delete it to have new ones made; phones must then be set up again.")
    return stored


def _write(path: Path, content: dict[str, Any]) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
