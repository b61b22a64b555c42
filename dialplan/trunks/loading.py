"""Reads trunks.yaml; errors name the file, the line, the key and the remedy."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dialplan.errors import DialplanError
from dialplan.yaml_lines import YamlLines, read_yaml

from .carriers import CARRIERS, with_carrier
from .checking import problems
from .complaints import complaint, nearest
from .entries import TrunkEntry, Trunks
from .errors import TrunksError
from .model import Tls, Trunk, TrunksFile

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def load_trunks(path: Path, environment: Mapping[str, str] = os.environ) -> Trunks:
    """Return the trunks of ``path`` with their passwords.

    Raises:
        TrunksError: the file cannot be used; one line per problem.
    """
    try:
        text = path.read_text("utf-8")
        open_to_others = bool(path.stat().st_mode & _OTHERS)
    except OSError as error:
        raise TrunksError(f"{path}: cannot be read ({error.strerror}); check its name and permissions") from error
    except UnicodeDecodeError as error:
        raise TrunksError(f"{path}:1: is not UTF-8; save it as UTF-8") from error
    try:
        lines = read_yaml(text, str(path), "write trunks: with a name and its settings below it")
    except DialplanError as error:
        raise TrunksError(str(error)) from error
    file = _validated(lines)
    found = list(problems(file))
    passwords: dict[str, str] = {}
    for name, trunk in file.trunks.items():
        try:
            passwords[name] = _password(trunk, path, environment, open_to_others)
        except TrunksError as error:
            key = next(key for key in ("password", "password_env", "password_file") if getattr(trunk, key) is not None)
            found.append((("trunks", name, key), str(error)))
    if found:
        raise TrunksError(_lines(found, lines))
    hosts = [trunk.server.partition(":")[0] for trunk in file.trunks.values()]
    entries = (
        TrunkEntry(name, trunk, passwords[name], shared=hosts.count(trunk.server.partition(":")[0]) > 1 and not trunk.addresses)
        for name, trunk in file.trunks.items()
    )
    return Trunks(tuple(entries), file.nat, _absolute(file.tls, path))


def _validated(lines: YamlLines) -> TrunksFile:
    values = lines.data
    unknown: list[tuple[tuple[str | int, ...], str]] = []
    given = values.get("trunks")
    if isinstance(given, dict):
        merged: dict[str, Any] = {}
        for name, trunk in given.items():
            carrier = str(trunk.get("carrier") or "") if isinstance(trunk, dict) else ""
            if carrier and carrier not in CARRIERS:
                unknown.append((("trunks", str(name), "carrier"), f"'{carrier}' has no settings here{nearest(carrier, CARRIERS)}"))
            merged[str(name)] = with_carrier(trunk, CARRIERS.get(carrier, {})) if isinstance(trunk, dict) else trunk
        values = values | {"trunks": merged}
    try:
        file = TrunksFile.model_validate(values)
    except ValidationError as error:
        raise TrunksError(_lines([*unknown, *map(complaint, error.errors())], lines)) from None  # its text would hold passwords
    if unknown:
        raise TrunksError(_lines(unknown, lines))
    return file


def _lines(found: list[tuple[tuple[str | int, ...], str]], lines: YamlLines) -> str:
    told = (f"{lines.source}:{lines.line(where)}: {'.'.join(map(str, where)) or 'the file'}: {what}" for where, what in found)
    return "\n".join(dict.fromkeys(told))


def _password(trunk: Trunk, path: Path, environment: Mapping[str, str], open_to_others: bool) -> str:
    """Raises TrunksError, which never holds the password."""
    if trunk.password is not None:
        if open_to_others:
            raise TrunksError(f"other users of this machine may read it; run: chmod 600 {path}, or use password_env: or password_file:")
        return _clean(trunk.password.get_secret_value(), "it")
    if trunk.password_env is not None:
        if not (value := environment.get(trunk.password_env, "")):
            raise TrunksError(f"the environment has no {trunk.password_env}; set it, or use password_file:")
        return _clean(value, trunk.password_env)
    if trunk.password_file is not None:
        return _from_file(path.parent / trunk.password_file)
    return ""


def _from_file(file: Path) -> str:
    try:
        if file.stat().st_mode & _OTHERS:
            raise TrunksError(f"other users of this machine may read {file}; run: chmod 600 {file}")
        return _clean(file.read_text("utf-8").rstrip("\r\n"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise TrunksError(
            f"{file} cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'}); check its name and permissions"
        ) from error


def _clean(password: str, where: str) -> str:
    if not password or password != password.strip() or any(letter in ";\\" or ord(letter) < 0x20 for letter in password):
        raise TrunksError(
            f"{where} is empty, begins or ends with a space, or holds a semicolon, backslash or line break, which Asterisk's configuration "
            "cannot hold; have the carrier set another password"
        )
    return password


def _absolute(tls: Tls | None, path: Path) -> Tls | None:
    if tls is None:
        return None
    base = path.resolve().parent
    files = {key: str(base / value) for key in ("certificate", "key", "authorities") if (value := getattr(tls, key)) is not None}
    return tls.model_copy(update=files)
