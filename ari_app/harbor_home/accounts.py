"""Resetting a password: a one-time code to the phone on file, then a link to the e-mail on file."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any, Final, LiteralString

from pydantic import Field

from ari_app.harbor_home.endpoint import Answer, Arguments, Endpoint, Phone, Work

VALID_MINUTES: Final = 10
TRIES: Final = 3
CODES_PER_HOUR: Final = 3

# The account, locked against a second request of the same moment.
_ACCOUNT: LiteralString = "SELECT number, phone, locked FROM customers WHERE phone = %(phone)s FOR UPDATE"

# How many codes an account had within the last hour.
_RECENT: LiteralString = "SELECT count(*) AS count FROM codes WHERE customer = %(customer)s AND issued_at > %(after)s"

# A new code.
_ISSUE: LiteralString = """
INSERT INTO codes (customer, salt, digest, issued_at) VALUES (%(customer)s, %(salt)s, %(digest)s, %(now)s)
"""

# The newest code: only that one counts.
_NEWEST: LiteralString = """
SELECT id, salt, digest, issued_at, tries, used FROM codes WHERE customer = %(customer)s ORDER BY issued_at DESC, id DESC LIMIT 1
"""

_TRIED: LiteralString = "UPDATE codes SET tries = tries + 1 WHERE id = %(id)s"
_USED: LiteralString = "UPDATE codes SET used = true WHERE id = %(id)s"
_LINK: LiteralString = "UPDATE customers SET links_sent = links_sent + 1 WHERE number = %(customer)s"


class SendCode(Arguments):
    phone: Phone


class CheckCode(Arguments):
    phone: Phone
    code: str = Field(max_length=40)


async def send_code(work: Work, given: SendCode) -> Answer:
    account = await _account(work, given.phone)
    reason = ""
    if account is None:
        reason = "unknown_phone"
    elif account["locked"]:
        reason = "account_locked"
    else:
        window = {"customer": account["number"], "after": work.now - timedelta(hours=1)}
        recent = await (await work.connection.execute(_RECENT, window)).fetchone()
        if recent is not None and recent["count"] >= CODES_PER_HOUR:
            reason = "too_many_codes"
    if account is None or reason:
        return {"sent": False, "reason": reason, "to": "", "valid_minutes": VALID_MINUTES}
    code, salt = f"{secrets.randbelow(1_000_000):06}", secrets.token_hex(16)
    digest = _digest(work.secret, account["number"], salt, code)
    await work.connection.execute(_ISSUE, {"customer": account["number"], "salt": salt, "digest": digest, "now": work.now})
    work.send_code(account["phone"], code)
    return {"sent": True, "reason": "", "to": account["phone"][-4:], "valid_minutes": VALID_MINUTES}


async def check_code(work: Work, given: CheckCode) -> Answer:
    account = await _account(work, given.phone)
    if account is None:
        return _refused("no_code")
    if account["locked"]:
        return _refused("account_locked")
    code = await (await work.connection.execute(_NEWEST, {"customer": account["number"]})).fetchone()
    if code is None or code["used"]:
        return _refused("no_code")
    if work.now - code["issued_at"] > timedelta(minutes=VALID_MINUTES):
        return _refused("expired")
    if code["tries"] >= TRIES:
        return _refused("too_many_tries")
    if not hmac.compare_digest(code["digest"], _digest(work.secret, account["number"], code["salt"], given.code)):
        await work.connection.execute(_TRIED, {"id": code["id"]})
        tries_left = TRIES - code["tries"] - 1
        return _refused("wrong" if tries_left else "too_many_tries", tries_left)
    await work.connection.execute(_USED, {"id": code["id"]})
    await work.connection.execute(_LINK, {"customer": account["number"]})
    return {"correct": True, "reason": "", "tries_left": TRIES - code["tries"], "link_sent": True}


async def _account(work: Work, phone: str) -> dict[str, Any] | None:
    return await (await work.connection.execute(_ACCOUNT, {"phone": phone})).fetchone()


def _refused(reason: str, tries_left: int = 0) -> Answer:
    return {"correct": False, "reason": reason, "tries_left": tries_left, "link_sent": False}


def _digest(secret: str, customer: str, salt: str, code: str) -> str:
    return hmac.new(secret.encode(), f"{customer}.{salt}.{code}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


ENDPOINTS: Final = (
    Endpoint("/accounts/send-code", SendCode, send_code),
    Endpoint("/accounts/check-code", CheckCode, check_code),
)
