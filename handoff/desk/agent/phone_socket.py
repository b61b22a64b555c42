"""The way of a browser's SIP to Asterisk: same origin, signed-in people only, one phone for each account."""

import asyncio
import contextlib
import logging
from typing import Final

import aiohttp
from aiohttp import web

from handoff.desk.agent.line import BrowserLine
from handoff.desk.agent.sip_guard import Refused, check

log = logging.getLogger(__name__)

TAKEN_OVER: Final = 4001
"""Close code: the account opened its phone in another window."""
SIGNED_OUT: Final = 4003
"""Close code: the person is not signed in any more."""
NOT_ALLOWED: Final = 4008
"""Close code: something was said that no phone of ours says."""

_LARGEST: Final = 64 * 1024
_HEARTBEAT_S: Final = 20.0
_LOCAL_ADDRESS: Final = "127.0.0.2"
"""Our end towards an Asterisk on this machine: an address that is not the one of a carrier there (``sip.trunk_match``)."""


class PhoneSockets:
    """The sockets that are open, by account."""

    def __init__(self) -> None:
        self._open: dict[str, web.WebSocketResponse] = {}

    def is_open(self, account: str) -> bool:
        return account in self._open

    async def serve(self, request: web.Request, line: BrowserLine, url: str) -> web.WebSocketResponse:
        """Pass messages both ways until one side is gone. Raises HTTPServiceUnavailable when Asterisk is not there."""
        browser = web.WebSocketResponse(protocols=("sip",), heartbeat=_HEARTBEAT_S, max_msg_size=_LARGEST)
        async with _client(url) as client:
            try:
                asterisk = await client.ws_connect(url, protocols=("sip",), heartbeat=_HEARTBEAT_S, max_msg_size=_LARGEST)
            except (aiohttp.ClientError, OSError) as error:
                log.warning("phone_socket_away", extra={"url": url, "problem": str(error)})
                raise web.HTTPServiceUnavailable(text="The telephone system does not answer. The phone tries again.") from error
            await browser.prepare(request)
            former = self._open.get(line.account)
            self._open[line.account] = browser
            if former is not None:
                await former.close(code=TAKEN_OVER, message=b"This phone was opened in another window.")
            try:
                await _pump(browser, asterisk, line.account)
            finally:
                if self._open.get(line.account) is browser:
                    del self._open[line.account]
                with contextlib.suppress(ConnectionError):
                    await asterisk.close()
                await browser.close()
        return browser

    async def close(self, account: str, code: int, reason: str) -> None:
        """Hang up on one account's browser."""
        browser = self._open.get(account)
        if browser is not None:
            await browser.close(code=code, message=reason.encode())

    async def close_all(self) -> None:
        for browser in list(self._open.values()):
            await browser.close(code=aiohttp.WSCloseCode.GOING_AWAY, message=b"The desk is restarting.")


def _client(url: str) -> aiohttp.ClientSession:
    own = (_LOCAL_ADDRESS, 0) if "//127." in url else None
    limits = aiohttp.ClientTimeout(total=None, sock_connect=3.0)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=own), timeout=limits)


async def _pump(browser: web.WebSocketResponse, asterisk: aiohttp.ClientWebSocketResponse, account: str) -> None:
    tasks = {asyncio.create_task(_up(browser, asterisk, account)), asyncio.create_task(_down(asterisk, browser))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except ConnectionError:
        pass  # one side went away while the other was talking: that ends the pair, as intended
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _up(browser: web.WebSocketResponse, asterisk: aiohttp.ClientWebSocketResponse, account: str) -> None:
    async for message in browser:
        if message.type is not aiohttp.WSMsgType.TEXT:
            return
        if not message.data.strip():
            continue  # a keep-alive
        try:
            check(message.data, account)
        except Refused as error:
            log.warning("phone_message_refused", extra={"account": account, "problem": str(error)})
            await browser.close(code=NOT_ALLOWED, message=str(error).encode())
            return
        await asterisk.send_str(message.data)


async def _down(asterisk: aiohttp.ClientWebSocketResponse, browser: web.WebSocketResponse) -> None:
    async for message in asterisk:
        if message.type is aiohttp.WSMsgType.TEXT:
            await browser.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await browser.send_str(message.data.decode("utf-8", "replace"))
