"""The browser phone's line: which SIP account a person has, and the passwords, which never leave the server."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

_METHODS: Final = frozenset({"REGISTER", "INVITE", "BYE", "CANCEL", "INFO", "UPDATE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class BrowserLine:
    """An account for a phone in the browser."""

    account: str
    """SIP user, such as ``2001-web``."""
    name: str
    """Shown to those who are called."""
    domain: str
    """Host part of SIP addresses; also the realm of challenges."""


class LineError(Exception):
    """The line cannot be used; the message says why and what to do."""


class PhoneLines(Protocol):
    """The telephone system's side; the desk process gives one to the app."""

    @property
    def socket_url(self) -> str:
        """Where SIP over WebSocket is spoken, such as ``ws://127.0.0.1:8088/ws``; only this machine needs to reach it."""
        ...

    def line_of(self, phone: str) -> BrowserLine | None:
        """``phone``: a person's number, such as ``2001``. None: no browser phone belongs to it."""
        ...

    async def online(self, phone: str) -> frozenset[str]:
        """SIP users of the person's phones that are registered now, such as ``2001`` and ``2001-web``; empty also when nobody can say."""
        ...

    def authorization(self, account: str, method: str, uri: str, challenges: Sequence[str]) -> str:
        """The value of an Authorization header for one request of ``account``. Raises LineError."""
        ...


PHONES: Final = web.AppKey("agent_phones", PhoneLines)


def check_request(line: BrowserLine, method: str, uri: str) -> None:
    """Only requests that a phone on this line makes are signed. Raises LineError."""
    target = rf"sip:(?:[0-9A-Za-z*#+_\-]{{1,40}}@)?{re.escape(line.domain)}"
    elsewhere = method != "REGISTER" and re.fullmatch(r"sip:[^\s\"<>,]{1,200}", uri)  # inside a call the target is the other side's contact
    if method not in _METHODS or not (re.fullmatch(target, uri) or elsewhere):
        raise LineError("This request is not one that the phone of this desk makes. Load the page anew.")
