"""The lines of browser phones, out of the instance's settings and passwords."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Final

import aiohttp

from ari_app.caller.digest import authorization, best_challenge
from ari_app.caller.sip_message import SipError
from ari_app.pbx.phones import phones_of
from ari_app.pbx.secret_store import Secrets
from ari_app.settings import Settings
from handoff.desk.agent.line import BrowserLine, LineError

DOMAIN: Final = "patchcord"
"""``default_realm`` of pjsip.conf; browsers need no address of the telephone system, the desk passes them on."""
_ASK_S: Final = 2.0


class InstancePhones:
    """PhoneLines of one instance."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        where = f"{settings.asterisk.url_host}:{settings.asterisk.http_port}"
        self.socket_url = f"ws://{where}/ws"
        self._ari_url = f"http://{where}/ari"
        credentials = base64.b64encode(f"{secrets.ari_user}:{secrets.ari_password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._passwords = secrets.phones
        self._lines = {
            phone.user: BrowserLine(phone.browser_user, phone.name, DOMAIN)
            for phone in phones_of(settings)
            if phone.role == "agent" and phone.browser_user in secrets.phones
        }

    def line_of(self, phone: str) -> BrowserLine | None:
        return self._lines.get(phone)

    async def online(self, phone: str) -> frozenset[str]:
        line = self._lines.get(phone)
        users = (phone, line.account) if line else (phone,)
        async with aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=_ASK_S)) as session:
            states = await asyncio.gather(*(self._state(session, user) for user in users))
        return frozenset(user for user, state in zip(users, states, strict=True) if state == "online")

    async def _state(self, session: aiohttp.ClientSession, user: str) -> str:
        try:
            async with session.get(f"{self._ari_url}/endpoints/PJSIP/{user}") as response:
                return str((await response.json()).get("state", "")) if response.status == 200 else ""
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""

    def authorization(self, account: str, method: str, uri: str, challenges: Sequence[str]) -> str:
        try:
            challenge = best_challenge(list(challenges))
            if challenge.realm != DOMAIN:
                raise LineError("The challenge is not this telephone system's.")
            return authorization(challenge, user=account, password=self._passwords[account], method=method, uri=uri)
        except (SipError, KeyError) as error:
            raise LineError(f"The telephone system cannot be logged in to ({type(error).__name__}). Restart the service.") from error
