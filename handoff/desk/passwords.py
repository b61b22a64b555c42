"""Passwords: argon2id, off the loop, a few at a time, the same work whether the user exists or not."""

import asyncio
import functools
import secrets
import string
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_Result = TypeVar("_Result")

SHORTEST: Final = 12
LONGEST: Final = 256
_AT_ONCE: Final = 2
_WAITING_AT_MOST: Final = 16
_ALPHABET: Final = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


class PasswordRefused(ValueError):
    """Too weak; the message says what is needed."""


class TooBusy(Exception):
    """Too many logins at once."""


class Passwords:
    """Hashes and compares. Defaults of the library: RFC 9106, second recommended option (64 MiB, 3 passes, 4 lanes).

    Each takes memory and a core for some tens of milliseconds, hence the limits.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Raises PasswordRefused, TooBusy."""
        check_strength(password)
        return await self._off_loop(functools.partial(self._hasher.hash, password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """``stored`` None (no such user) costs the same and is False. Raises TooBusy."""
        against = stored or self._nobody
        same = await self._off_loop(functools.partial(self._verify, against, password[:LONGEST]))
        return same and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @functools.cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(32))

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise ValueError("a stored password hash is damaged: set a new password with ./patchcord desk user password NAME") from error

    async def _off_loop(self, work: "functools.partial[_Result]") -> _Result:
        if self._waiting >= _WAITING_AT_MOST:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def check_strength(password: str) -> None:
    """Length is what counts (NIST SP 800-63B 5.1.1.2). Raises PasswordRefused."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"A password needs at least {SHORTEST} characters; three or four random words are good.")
    if len(password) > LONGEST:
        raise PasswordRefused(f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 5:
        raise PasswordRefused("A password needs at least five different characters.")


def generate() -> str:
    """20 characters that are not mistaken for each other, more than 115 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
