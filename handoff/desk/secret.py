"""The desk's one secret, and the keys that are made of it for each purpose."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Purpose = Literal["csrf", "links", "audit"]


class SecretUnusable(Exception):
    """The file of the secret cannot be read or made; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class DeskSecret:
    value: bytes = field(repr=False)
    """At least 32 bytes."""

    def __post_init__(self) -> None:
        if len(self.value) < 32:
            raise SecretUnusable("the desk's secret is shorter than 32 bytes: remove its file, a new one is made at the next start")

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """32 bytes of HMAC-SHA256 under a key that serves only this purpose (HKDF expand, RFC 5869, one block)."""
        key = hmac.digest(self.value, b"patchcord desk " + purpose.encode() + b"\x01", hashlib.sha256)
        return hmac.digest(key, message, hashlib.sha256)


def load_or_make(path: Path) -> DeskSecret:
    """The secret in ``path``; made there, readable by the owner only, when there is none. Two who make it at once agree on one.

    Raises SecretUnusable.
    """
    try:
        if not path.exists():
            _make(path)
        return DeskSecret(bytes.fromhex(path.read_text(encoding="ascii")))
    except (OSError, ValueError) as error:
        raise SecretUnusable(
            f"{path} is not a readable secret ({error}): mend its permissions, or restore it from a backup. Without it everybody is "
            "logged out, and what the audit holds up to now cannot be checked any more"
        ) from error


def _make(path: Path) -> None:
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
