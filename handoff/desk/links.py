"""Links to cards that are good for minutes: what the queue's URL argument and the screen pop carry. They work only for who is logged in."""

import base64
import hmac
import re
from enum import Enum
from typing import Final
from urllib.parse import quote

from handoff.desk.secret import DeskSecret

_CARD_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


class LinkState(Enum):
    GOOD = "good"
    EXPIRED = "expired"
    FORGED = "forged"


class CardLinks:
    """``base``: where browsers reach the desk, such as ``https://desk.example.com``; empty: links are paths."""

    def __init__(self, secret: DeskSecret, base: str = "", good_for_s: float = 600.0) -> None:
        self._secret = secret
        self._base = base.rstrip("/")
        self._good_for_s = good_for_s

    def card_url(self, card_id: str, now: float) -> str:
        """``now``: seconds since 1970, as ``time.time()``. Raises ValueError for what is no card's id."""
        if not _CARD_ID.fullmatch(card_id):
            raise ValueError("not the id of a card")
        expires = int(now + self._good_for_s)
        return f"{self._base}/card/{quote(card_id)}?e={expires}&s={self._signature(card_id, expires)}"

    def check(self, card_id: str, expires: str, signature: str, now: float) -> LinkState:
        """Whoever changed anything in a link learns only that it is not good."""
        if not (_CARD_ID.fullmatch(card_id) and re.fullmatch(r"[0-9]{1,12}", expires)):
            return LinkState.FORGED
        if not hmac.compare_digest(self._signature(card_id, int(expires)).encode(), signature.encode("utf-8", "replace")):
            return LinkState.FORGED
        return LinkState.GOOD if now <= int(expires) else LinkState.EXPIRED

    def _signature(self, card_id: str, expires: int) -> str:
        return base64.urlsafe_b64encode(self._secret.sign("links", f"{card_id} {expires}".encode())[:18]).decode()
