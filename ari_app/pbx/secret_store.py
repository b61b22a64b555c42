"""The generated passwords of one instance: made once, kept in ``secrets.json``, readable by the owner only.

The variables of ``VARIABLES`` come before that file: whoever keeps secrets elsewhere gives them so, or by ``NAME_FILE``
(see ``ari_app.secret_files``). They are not written down.
"""

import json
import os
import secrets as random_secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ari_app.settings import Settings

from .errors import ConfigError
from .phones import phones_of, users_of

_FILE = "secrets.json"
_BYTES = 18  # 144 bits, 24 characters
_TOKEN_BYTES = 32
_FEWEST = 16
"""Characters of a password that is given."""
VARIABLES: Mapping[str, str] = {
    "ari_user": "PATCHCORD_ARI_USER",
    "ari_password": "PATCHCORD_ARI_PASSWORD",
    "ami_user": "PATCHCORD_AMI_USER",
    "ami_password": "PATCHCORD_AMI_PASSWORD",
    "desk_ami_user": "PATCHCORD_DESK_AMI_USER",
    "desk_ami_password": "PATCHCORD_DESK_AMI_PASSWORD",
    "ami_admin_user": "PATCHCORD_AMI_ADMIN_USER",
    "ami_admin_password": "PATCHCORD_AMI_ADMIN_PASSWORD",
    "control_token": "PATCHCORD_CONTROL_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Users and passwords towards Asterisk; never printed by ``repr``."""

    ari_user: str
    ari_password: str = field(repr=False)
    ami_user: str
    ami_password: str = field(repr=False)
    phones: Mapping[str, str] = field(repr=False)
    """SIP user to password."""
    desk_ami_user: str = ""
    desk_ami_password: str = field(default="", repr=False)
    """Of the desk, which looks after the queues and sets no variables."""
    ami_admin_user: str = ""
    ami_admin_password: str = field(default="", repr=False)
    """Of the commands that reload what they have written."""
    control_token: str = field(default="", repr=False)
    """Opens the control of live calls, for the desk."""


def load_or_create_secrets(data_dir: Path, environment: Mapping[str, str] | None = None, *, settings: Settings | None = None) -> Secrets:
    """Read the passwords of an instance; make those that are not there yet, for every phone of ``settings`` (None: of the defaults) too.

    Raises:
        ConfigError: the file cannot be read or written, or is damaged; a password in the environment is not fit.
    """
    given = _given(os.environ if environment is None else environment)
    path = data_dir / _FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        stored = _read(path)
        complete = _completed(stored, users_of(phones_of(settings or Settings())))
        if complete != stored:
            _write(path, complete)
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise ConfigError(f"The passwords cannot be kept in {path}: {error.strerror}. Make {data_dir} writable for this user.") from error
    return Secrets(phones=complete["phones"], **{name: given.get(name) or complete[name] for name in VARIABLES})


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    found = {name: environment[variable].strip() for name, variable in VARIABLES.items() if environment.get(variable, "").strip()}
    for name, value in found.items():
        fewest = 1 if name.endswith("user") else 32 if name == "control_token" else _FEWEST
        if len(value) < fewest or not value.isascii() or any(letter.isspace() or letter in ";\"'\\" for letter in value):
            raise ConfigError(
                f"{VARIABLES[name]} cannot be used: it needs {fewest} characters or more, ASCII, without spaces, quotes, "
                "backslashes and semicolons. Give another one."
            )
    return found


def _completed(stored: dict[str, Any], sip_users: Iterable[str]) -> dict[str, Any]:
    phones = stored.get("phones", {})
    return {
        "ari_user": stored.get("ari_user") or "patchcord",
        "ari_password": stored.get("ari_password") or _password(),
        "ami_user": stored.get("ami_user") or "patchcord",
        "ami_password": stored.get("ami_password") or _password(),
        "desk_ami_user": stored.get("desk_ami_user") or "patchcord-desk",
        "desk_ami_password": stored.get("desk_ami_password") or _password(),
        "ami_admin_user": stored.get("ami_admin_user") or "patchcord-admin",
        "ami_admin_password": stored.get("ami_admin_password") or _password(),
        "control_token": stored.get("control_token") or random_secrets.token_urlsafe(_TOKEN_BYTES),
        "phones": {**phones, **{user: phones.get(user) or _password() for user in sip_users}},
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
