"""A payment gateway for tests: it accepts and declines by the card's number, as those of real gateways' test modes do. Pure."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from handoff.redaction import luhn_valid

_DECLINED: Final = {
    "4000000000000002": "declined",
    "4000000000009995": "insufficient_funds",
    "4000000000000127": "wrong_cvc",
    "4000000000000069": "expired_card",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason`` empty: approved. ``token`` stands for the card from now on."""

    reason: str
    token: str
    last4: str


def decide(card: str, expiry: str, cvc: str, today: date, secret: str) -> Decision:
    """``expiry``: MMYY. Nothing of the card but the last four digits can be read from what comes back."""
    digits = re.sub(r"[ -]", "", card)
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not luhn_valid(digits):
        return Decision("wrong_number", "", digits[-4:] if digits.isdecimal() and digits.isascii() and len(digits) >= 12 else "")
    token = "card_" + hmac.new(secret.encode(), digits.encode(), hashlib.sha256).hexdigest()[:24]
    return Decision(_reason(digits, expiry, cvc, today), token, digits[-4:])


def _reason(digits: str, expiry: str, cvc: str, today: date) -> str:
    if not _valid_until(expiry, today):
        return "expired_card"
    if not re.fullmatch(r"[0-9]{3,4}", cvc):
        return "wrong_cvc"
    return _DECLINED.get(digits, "")


def _valid_until(expiry: str, today: date) -> bool:
    """A card is good to the end of its month."""
    match = re.fullmatch(r"(0[1-9]|1[0-2])/?([0-9]{2})", expiry)
    return match is not None and (2000 + int(match[2]), int(match[1])) >= (today.year, today.month)
