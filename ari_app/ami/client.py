"""The manager interface, kept connected: own ping, own reconnect, and no action ever repeated."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable

from ari_app.ami.link import AmiLink
from ari_app.ami.port import AmiEvent, AmiUnavailable, checked

log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 1.0


class AmiClient:
    """AmiPort over TCP. ``run`` must be running for anything else to work."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        secret: str,
        *,
        events: str = "agent",
        timeout_s: float = 2.0,
        ping_every_s: float = 2.0,
        ping_timeout_s: float = 1.5,
    ) -> None:
        """``events`` are the AMI event classes to receive, comma separated: ``agent`` brings those of the queues."""
        self._host, self._port = host, port
        self._username, self._secret = checked("username", username), checked("secret", secret)
        self._events = checked("events", events)
        self._timeout_s = timeout_s
        self._ping_every_s, self._ping_timeout_s = ping_every_s, ping_timeout_s
        self._callbacks: defaultdict[str, list[Callable[[AmiEvent], None]]] = defaultdict(list)
        self._link: AmiLink | None = None

    @property
    def connected(self) -> bool:
        return self._link is not None

    def on_event(self, name: str, callback: Callable[[AmiEvent], None]) -> None:
        self._callbacks[name.lower()].append(callback)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        wait_s = _FIRST_WAIT_S
        while True:
            if await self._session():
                wait_s = _FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    async def setvar(self, channel: str, name: str, value: str) -> bool:
        return await self._succeeds({"Action": "Setvar", "Channel": channel, "Variable": name, "Value": value})

    async def set_global(self, name: str, value: str) -> bool:
        """A variable of the whole dialplan; Asterisk forgets it when it ends."""
        return await self._succeeds({"Action": "Setvar", "Variable": name, "Value": value})

    async def queue_status(self, queue: str) -> list[AmiEvent]:
        answer = await self._send({"Action": "QueueStatus", "Queue": queue}, as_list=True)
        wanted = ("QueueParams", "QueueMember", "QueueEntry")
        return [message for message in answer if message.get("Event") in wanted]

    async def redirect(self, channel: str, context: str, extension: str, priority: int = 1) -> bool:
        action = {"Action": "Redirect", "Channel": channel, "Context": context, "Exten": extension, "Priority": str(priority)}
        return await self._succeeds(action)

    async def mixmonitor(self, channel: str, file: str, options: str) -> bool:
        return await self._succeeds({"Action": "MixMonitor", "Channel": channel, "File": file, "options": options})

    async def mixmonitor_mute(self, channel: str, muted: bool) -> bool:
        return await self._succeeds({"Action": "MixMonitorMute", "Channel": channel, "Direction": "both", "State": "1" if muted else "0"})

    async def stop_mixmonitor(self, channel: str) -> bool:
        return await self._succeeds({"Action": "StopMixMonitor", "Channel": channel})

    async def queue_log(self, queue: str, unique_id: str, agent: str, event: str, message: str) -> bool:
        action = {"Action": "QueueLog", "Queue": queue, "Event": event, "Uniqueid": unique_id, "Message": message}
        return await self._succeeds(action | ({"Interface": agent} if agent else {}))

    async def queue_pause(self, interface: str, paused: bool, reason: str, queue: str = "") -> bool:
        action = {"Action": "QueuePause", "Interface": interface, "Paused": "true" if paused else "false", "Reason": reason}
        return await self._succeeds(action | ({"Queue": queue} if queue else {}))

    async def ping(self) -> float:
        started = time.monotonic()
        await self._send({"Action": "Ping"}, timeout_s=self._ping_timeout_s)
        return time.monotonic() - started

    async def _succeeds(self, action: dict[str, str]) -> bool:
        answer = (await self._send(action))[0]
        if answer.get("Response") == "Success":
            return True
        log.info("ami_refused", extra={"action": action["Action"], "answer": answer.get("Message", "")})
        return False

    async def _send(self, action: dict[str, str], *, as_list: bool = False, timeout_s: float | None = None) -> list[AmiEvent]:
        for field, value in action.items():
            checked(f"{action['Action']} {field}", value)
        if self._link is None:
            raise AmiUnavailable(f"not connected to AMI at {self._host}:{self._port}; is Asterisk running?")
        return await self._link.send(action, timeout_s=self._timeout_s if timeout_s is None else timeout_s, as_list=as_list)

    def _dispatch(self, event: AmiEvent) -> None:
        for callback in self._callbacks.get(event.get("Event", "").lower(), ()):
            try:
                callback(event)
            except Exception:
                log.exception("ami_callback_failed", extra={"ami_event": event.get("Event", "")})

    async def _session(self) -> bool:
        """One connection from login to loss; False when it never came up."""
        link = AmiLink(self._dispatch)
        try:
            await link.open(self._host, self._port, self._username, self._secret, self._events, self._timeout_s)
            self._link = link
            log.info("ami_connected", extra={"port": self._port})
            await self._watch(link)
        except AmiUnavailable as error:
            log.warning("ami_unavailable", extra={"error": str(error)})
        finally:
            was_up, self._link = self._link is link, None
            link.abort()
        return was_up

    async def _watch(self, link: AmiLink) -> None:
        """Ping until the peer is gone, or dead without having closed: nothing else would tell. Raises AmiUnavailable."""
        while True:
            try:
                async with asyncio.timeout(self._ping_every_s):
                    await link.lost.wait()
            except TimeoutError:
                await link.send({"Action": "Ping"}, timeout_s=self._ping_timeout_s)
            else:
                raise AmiUnavailable(f"AMI at {self._host}:{self._port} closed the connection")
