"""One AMI connection on panoramisk's protocol, without its habits that lose or repeat calls.

panoramisk 1.4 replays unanswered actions after a reconnect (an Originate twice is two calls), reconnects by itself in a way that cannot
be stopped, and loses characters whose UTF-8 bytes straddle two segments. Here a connection that ends has ended, with everything it carried.
"""

import asyncio
import codecs
from collections.abc import Callable
from typing import Any, cast

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from ari_app.ami.port import AmiEvent, AmiUnavailable


class _Everything:
    """As panoramisk's ``forgetable_actions``: no action is ever kept for a replay."""

    def __contains__(self, _: object) -> bool:
        return True


class _Action(Action):  # type: ignore[misc]  # panoramisk is untyped
    def add_message(self, message: Message) -> bool | None:
        """A refusal is the whole answer, where panoramisk would wait for the list that was asked for."""
        if self.as_list and not self.responses and message.response == "Error" and not self.future.done():
            self.responses.append(message)
            self.future.set_result(self.responses)
            return True
        return cast(bool | None, super().add_message(message))


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    def __init__(self, link: "AmiLink") -> None:
        self._link = link
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.encoding = "utf-8"
        self.factory = self._link

    def data_received(self, data: bytes) -> None:
        super().data_received(self._decoder.decode(data).encode())


class AmiLink:
    """One connection, from dialling to loss. ``on_event`` gets every event."""

    def __init__(self, on_event: Callable[[AmiEvent], None]) -> None:
        self._on_event = on_event
        self._protocol = _Protocol(self)
        self.lost = asyncio.Event()
        # What panoramisk's protocol asks of its owner:
        self.forgetable_actions = _Everything()
        self.awaiting_actions: list[object] = []

    async def open(self, host: str, port: int, username: str, secret: str, events: str, timeout_s: float) -> None:
        """Connect and log in. Raises AmiUnavailable."""
        where = f"AMI at {host}:{port}"
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().create_connection(lambda: self._protocol, host, port)
        except (OSError, TimeoutError) as error:
            raise AmiUnavailable(f"no {where} ({error or 'no answer'}); is Asterisk running, with manager.conf enabled?") from error
        login = {"Action": "Login", "Username": username, "Secret": secret, "Events": events}
        answer = (await self.send(login, timeout_s=timeout_s))[0]
        if answer.get("Response") != "Success":
            self.close()
            raise AmiUnavailable(f"{where} refused the login of {username} ({answer.get('Message', '')}); check manager.conf")

    async def send(self, action: dict[str, str], *, timeout_s: float, as_list: bool = False) -> list[AmiEvent]:
        """The answer, as one message or more. Raises AmiUnavailable when the connection is lost or nothing comes in time."""
        if self.lost.is_set():
            raise AmiUnavailable(f"AMI connection lost before {action['Action']}")
        request = _Action(action)
        answer: asyncio.Future[Any] = self._protocol.send(request, as_list=as_list)  # None would make panoramisk guess, and break
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({answer, lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            self._protocol.responses.pop(request.id, None)
        if not answer.done():
            answer.cancel()
            raise AmiUnavailable(f"no answer to AMI {action['Action']} within {timeout_s} s")
        result = answer.result()
        return [_headers(message) for message in (result if isinstance(result, list) else [result])]

    def close(self) -> None:
        self._protocol.close() if hasattr(self._protocol, "transport") else None
        self.lost.set()

    def abort(self) -> None:
        """Close without waiting for what a dead peer will never take."""
        if hasattr(self._protocol, "transport"):
            cast(asyncio.Transport, self._protocol.transport).abort()
        self.close()

    def dispatch(self, event: Message) -> None:
        """Called by panoramisk's protocol."""
        self._on_event(_headers(event))

    def connection_lost(self, _: object) -> None:
        """Called by panoramisk's protocol."""
        self.lost.set()


def _headers(message: Message) -> AmiEvent:
    return {key: value if isinstance(value, str) else "\n".join(map(str, value)) for key, value in message.items() if key != "content"}
