"""Secrets by file, as container engines and systemd hand them over: ``NAME_FILE=/run/secrets/name`` stands for ``NAME``.

For variables of ours (``PATCHCORD_…``, a setting such as ``PATCHCORD_DATABASE__URL`` or a password) and for any other whose name ends
in ``_KEY``, ``_PASSWORD``, ``_SECRET`` or ``_TOKEN``, as keys of speech and language services do.
"""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Final

_SUFFIX: Final = "_FILE"
_ENDINGS: Final = ("_KEY", "_PASSWORD", "_SECRET", "_TOKEN")
_LARGEST: Final = 65536


class SecretFileUnusable(Exception):
    """A file that a variable names cannot be read; the message names both and the remedy. Never the content."""


def from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Variable to value for all that are given by file, without the line break at the end.

    Raises SecretFileUnusable: no such file, empty, larger than 64 KiB, or the variable itself is set too.
    """
    found = {}
    for variable, place in environment.items():
        name = variable.removesuffix(_SUFFIX)
        if not variable.endswith(_SUFFIX) or not place or not (name.startswith("PATCHCORD_") or name.endswith(_ENDINGS)):
            continue
        if environment.get(name):
            raise SecretFileUnusable(f"{name} and {variable} are both set. Take one of them away.")
        found[name] = _read(variable, Path(place))
    return found


def take_secret_files(environment: MutableMapping[str, str]) -> None:
    """Put the values in place of the names of the files, so that programs started from here find what they look for.

    Raises SecretFileUnusable; then nothing has changed.
    """
    found = from_files(environment)
    for name, value in found.items():
        del environment[f"{name}{_SUFFIX}"]
        environment[name] = value


def _read(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise SecretFileUnusable(
            f"{variable} names {path}, which cannot be read ({error.strerror}). Make it readable for this user, or correct the name."
        ) from error
    except UnicodeDecodeError as error:
        raise SecretFileUnusable(f"{variable} names {path}, which is no text in UTF-8. Correct it.") from error
    if not text or len(content) > _LARGEST:
        raise SecretFileUnusable(f"{variable} names {path}, which is {'too large' if text else 'empty'}. Put the value alone into it.")
    return text
