"""Passwords: who can read them, and whether they could be guessed."""

import math
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ari_app.doctor.finding import Finding, ok, problem
from ari_app.doctor.security.evidence import Evidence

LEAST_BITS: Final = 80
"""What a password needs that machines use with each other; ours have 144."""
_DESK_SECRET: Final = "desk.secret"  # noqa: S105 - a file's name


def check(evidence: Evidence) -> list[Finding]:
    return [_readers(evidence), _guessable(evidence.secrets), _command_lines(evidence)]


def secret_paths(evidence: Evidence) -> list[Path]:
    """Files that hold a password, as far as they exist."""
    data = evidence.data
    paths = [data / "secrets.json", data / _DESK_SECRET, *sorted((data / "run").glob("*.json"))]
    etc = Path(evidence.settings.asterisk.etc) if evidence.external else data / "asterisk" / "etc"
    folder = etc / "patchcord.d" if evidence.external else etc
    paths += sorted(folder.glob("*.conf")) if folder.is_dir() else []
    return sorted({path for path in paths if path.exists()})


def _readers(evidence: Evidence) -> Finding:
    wrong = [f"{path} ({stat.filemode(path.stat().st_mode)})" for path in secret_paths(evidence) if _open_to_others(path, evidence)]
    name = "Files with passwords"
    if not wrong:
        return ok(name, "only their owner can read them")
    return problem(
        name, f"others can read {', '.join(wrong[:4])}", "chmod go-rwx, then ./patchcord up makes new ones if secrets.json is deleted"
    )


def _open_to_others(path: Path, evidence: Evidence) -> bool:
    found = path.stat()
    # An admin's Asterisk reads its files by its group; nobody else may.
    forbidden = 0o007 if evidence.external and evidence.data not in path.parents else 0o077
    return bool(found.st_mode & forbidden) or found.st_uid not in (os.geteuid(), 0, *evidence.user_ids.values())


def bits(password: str) -> float:
    """An upper bound of its entropy: length times the logarithm of the alphabet in use, repeated letters counted once."""
    kinds = (("abcdefghijklmnopqrstuvwxyz", 26), ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26), ("0123456789", 10))
    alphabet = sum(size for letters, size in kinds if set(password) & set(letters))
    alphabet += 20 if any(not letter.isalnum() for letter in password) else 0
    return min(len(password), 2 * len(set(password))) * math.log2(alphabet) if alphabet > 1 else 0.0


def passwords_in(secrets: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, password) of ``secrets.json``, phones included."""
    for key, value in secrets.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{name}", str(password)) for name, password in value.items())
        elif key.endswith(("password", "secret", "token")):
            yield key, str(value)


def _guessable(secrets: Mapping[str, Any]) -> Finding:
    name = "Generated passwords"
    found = dict(passwords_in(secrets))
    if not found:
        return ok(name, "none yet; they are made at the first start")
    weak = sorted(key for key, value in found.items() if bits(value) < LEAST_BITS)
    twice = sorted(key for key, value in found.items() if list(found.values()).count(value) > 1)
    if weak or twice:
        which = f"too short: {', '.join(weak)}" if weak else f"the same: {', '.join(twice)}"
        return problem(name, which, "take their lines out of secrets.json and restart: new ones are made; set the phones up again")
    return ok(name, f"{len(found)}, each of {LEAST_BITS} bits or more, none twice")


def _command_lines(evidence: Evidence) -> Finding:
    name = "Passwords in command lines"
    values = [value for _, value in passwords_in(evidence.secrets) if value]
    told = sorted(process for process, words in evidence.arguments.items() if any(value in word for value in values for word in words))
    if told:
        return problem(
            name, f"every user of the machine can read one in that of {', '.join(told)}", "hand it over in a file or the environment"
        )
    return ok(name, "none")
