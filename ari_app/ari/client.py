"""ARI's REST interface. Calls about a channel or bridge return Gone when it is not there any more; nothing here sets a channel variable.

Setting a variable on a caller through ARI would make the later dialplan refuse DB(), CURL() and others (seen in Asterisk 22.10.1): use AMI.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import quote

import aiohttp

from ari_app.ari.errors import AriRefused, AriUnavailable, Gone
from ari_app.ari.events import Channel, parse_channel

_GONE: Final = frozenset({404, 409, 422})
_ALLOCATION: Final = "allocation failed"  # what ARI says, with status 500, about a channel that is being torn down

Done = Literal[True]


@dataclass(frozen=True, slots=True)
class Bridge:
    id: str
    name: str
    technology: str
    """``simple_bridge`` for two parties; ``softmix`` adds 19 ms each way."""
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """What Asterisk believes our application owns."""

    name: str
    channels: frozenset[str]
    bridges: frozenset[str]


@dataclass(frozen=True, slots=True)
class MediaLeg:
    channel: Channel
    host: str
    """Where Asterisk receives the leg's RTP."""
    port: int


def _bridge(data: object) -> Bridge | None:
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    return Bridge(data["id"], str(data.get("name", "")), str(data.get("technology", "")), tuple(map(str, data.get("channels") or ())))


class AriClient:
    """One user at one Asterisk. Every call ends within ``timeout_s`` seconds; raises AriUnavailable or AriRefused."""

    def __init__(self, base_url: str, username: str, password: str, *, timeout_s: float = 2.0) -> None:
        """``base_url`` such as ``http://127.0.0.1:8088/ari``."""
        self.base_url = base_url.rstrip("/")
        self._authorization = aiohttp.encode_basic_auth(username, password)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Carries the credentials in its headers; the event stream uses it too."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": self._authorization},
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=10),
            )
        return self._session

    # Channels

    async def answer(self, channel_id: str) -> Done | Gone:
        return await self._do("POST", f"/channels/{_id(channel_id)}/answer")

    async def hangup(self, channel_id: str, *, reason: str = "normal") -> Done | Gone:
        return await self._do("DELETE", f"/channels/{_id(channel_id)}", reason=reason)

    async def continue_in_dialplan(self, channel_id: str, context: str, extension: str, priority: int = 1) -> Done | Gone:
        """The channel leaves our application and goes on in the dialplan."""
        path = f"/channels/{_id(channel_id)}/continue"
        return await self._do("POST", path, context=context, extension=extension, priority=str(priority))

    async def get_channel(self, channel_id: str) -> Channel | Gone:
        return _need_channel(await self._call("GET", f"/channels/{_id(channel_id)}"))

    async def list_channels(self) -> list[Channel]:
        data = self._must(await self._call("GET", "/channels"))
        return [channel for channel in map(parse_channel, data) if channel is not None]

    async def get_variable(self, channel_id: str, name: str) -> str | Gone:
        """Value of a channel variable or dialplan function; empty when it is not set."""
        data = await self._call("GET", f"/channels/{_id(channel_id)}/variable", variable=name)
        return data if isinstance(data, Gone) else str(data.get("value", ""))

    async def packets_received(self, channel_id: str) -> int | Gone:
        """RTP packets that came from this channel so far, comfort noise and keys included; Gone also when it has no RTP of its own."""
        data = await self._call("GET", f"/channels/{_id(channel_id)}/rtp_statistics")
        return data if isinstance(data, Gone) else int(data.get("rxcount", 0))

    async def play(self, channel_id: str, media: str, playback_id: str) -> Done | Gone:
        """``media`` such as ``sound:hello-world``; a PlaybackFinished with ``playback_id`` follows."""
        return await self._do("POST", f"/channels/{_id(channel_id)}/play/{_id(playback_id)}", media=media)

    async def originate(
        self,
        endpoint: str,
        app: str,
        args: str,
        channel_id: str,
        *,
        timeout_s: int = 30,
        other_channel_id: str = "",
        originator: str = "",
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> Channel | Gone:
        """A new channel that enters ``app`` when it is answered. ``other_channel_id``: of the second half of a Local channel.

        ``variables`` are set on the new channel, which does not do the harm that setting one on a caller does.
        """
        params = {"endpoint": endpoint, "app": app, "appArgs": args, "channelId": channel_id, "timeout": str(timeout_s)}
        more = {"otherChannelId": other_channel_id, "originator": originator, "callerId": caller_id}
        params |= {name: value for name, value in more.items() if value}
        return _need_channel(await self._send("POST", "/channels", params, {"variables": dict(variables or {})}))

    async def originate_in_dialplan(
        self, endpoint: str, context: str, extension: str, channel_id: str, *, caller_id: str, timeout_s: int, variables: Mapping[str, str]
    ) -> Channel | Gone:
        """A new channel that goes to ``extension`` in ``context`` when it is answered, and never enters an application of ours."""
        params = {"endpoint": endpoint, "context": context, "extension": extension, "priority": "1", "channelId": channel_id}
        params |= {"callerId": caller_id, "timeout": str(timeout_s)}
        return _need_channel(await self._send("POST", "/channels", params, {"variables": dict(variables)}))

    async def external_media(self, app: str, channel_id: str, address: str, law: Literal["ulaw", "alaw"], args: str) -> MediaLeg | Gone:
        """A leg that exchanges RTP with ``address`` (``host:port``); only static payload types work both ways.

        Its StasisStart, with ``args``, can come before this returns.
        """
        params = {"app": app, "channelId": channel_id, "external_host": address, "format": law, "data": args}
        found = _need_channel(await self._call("POST", "/channels/externalMedia", **params))
        if isinstance(found, Gone):
            return found
        host = found.variables.get("UNICASTRTP_LOCAL_ADDRESS", "")
        port = found.variables.get("UNICASTRTP_LOCAL_PORT", "")
        if not host or not port.isdigit():
            raise AriRefused(200, f"ARI made the media leg {channel_id} without saying where it listens; is this Asterisk 16.6 or newer?")
        return MediaLeg(found, host, int(port))

    async def snoop(self, channel_id: str, app: str, snoop_id: str, args: str) -> Channel | Gone:
        """A channel in ``app`` that hears what comes from ``channel_id``, wherever that is, until either ends.

        Its StasisStart, with ``args``, can come before this returns.
        """
        params = {"spy": "in", "whisper": "none", "app": app, "appArgs": args}
        return _need_channel(await self._call("POST", f"/channels/{_id(channel_id)}/snoop/{_id(snoop_id)}", **params))

    # Bridges

    async def create_bridge(self, bridge_id: str, name: str) -> Bridge | Gone:
        data = await self._call("POST", f"/bridges/{_id(bridge_id)}", type="mixing", name=name)
        found = data if isinstance(data, Gone) else _bridge(data)
        return found if found is not None else Gone(500, "no bridge in the answer")

    async def add_to_bridge(self, bridge_id: str, *channel_ids: str) -> Done | Gone:
        path = f"/bridges/{_id(bridge_id)}/addChannel"
        return await self._do("POST", path, channel=",".join(channel_ids), inhibitConnectedLineUpdates="true")

    async def destroy_bridge(self, bridge_id: str) -> Done | Gone:
        return await self._do("DELETE", f"/bridges/{_id(bridge_id)}")

    async def get_bridge(self, bridge_id: str) -> Bridge | Gone:
        data = await self._call("GET", f"/bridges/{_id(bridge_id)}")
        found = data if isinstance(data, Gone) else _bridge(data)
        return found if found is not None else Gone(500, "no bridge in the answer")

    async def list_bridges(self) -> list[Bridge]:
        data = self._must(await self._call("GET", "/bridges"))
        return [bridge for bridge in map(_bridge, data) if bridge is not None]

    # Applications

    async def application(self, app: str) -> Application | Gone:
        """Gone when no websocket ever connected with this name since Asterisk started."""
        data = await self._call("GET", f"/applications/{_id(app)}")
        if isinstance(data, Gone):
            return data
        channels, bridges = data.get("channel_ids") or (), data.get("bridge_ids") or ()
        return Application(app, frozenset(map(str, channels)), frozenset(map(str, bridges)))

    async def subscribe_channel(self, app: str, channel_id: str) -> Done | Gone:
        """Events of this channel keep coming after it has left the application."""
        return await self._do("POST", f"/applications/{_id(app)}/subscription", eventSource=f"channel:{channel_id}")

    async def unsubscribe_channel(self, app: str, channel_id: str) -> Done | Gone:
        return await self._do("DELETE", f"/applications/{_id(app)}/subscription", eventSource=f"channel:{channel_id}")

    async def _do(self, method: str, path: str, **params: str) -> Done | Gone:
        data = await self._call(method, path, **params)
        return data if isinstance(data, Gone) else True

    @staticmethod
    def _must(data: Any) -> Any:
        if isinstance(data, Gone):
            raise AriRefused(data.status, f"ARI refused a list: {data.reason}; are the res_ari modules loaded?")
        return data

    async def _call(self, method: str, path: str, **params: str) -> Any:
        return await self._send(method, path, params, None)

    async def _send(self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
        try:
            async with self.session.request(method, self.base_url + path, params=params, json=body, timeout=self._timeout) as response:
                return _result(response.status, await response.read(), f"{method} {path}")
        except TimeoutError as error:
            raise AriUnavailable(f"no answer to {method} {path} within {self._timeout.total} s; is Asterisk overloaded?") from error
        except aiohttp.ClientError as error:
            raise AriUnavailable(f"no ARI at {self.base_url} ({error}); is Asterisk running with ARI enabled?") from error


def _id(value: str) -> str:
    return quote(value, safe="")


def _need_channel(data: Any) -> Channel | Gone:
    if isinstance(data, Gone):
        return data
    channel = parse_channel(data)
    return channel if channel is not None else Gone(500, "no channel in the answer")


def _result(status: int, body: bytes, what: str) -> Any:
    data = _decode(body)
    if status < 300:
        return data
    reason = str(data.get("message") or data.get("error") or "") if isinstance(data, Mapping) else ""
    if status in _GONE or (status == 500 and _ALLOCATION in reason.lower()):
        return Gone(status, reason)
    if status in (401, 403):
        raise AriRefused(status, f"ARI refused {what} ({status}); check the user and password in ari.conf")
    raise AriRefused(status, f"ARI answered {what} with {status} {reason}".rstrip())


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return {}
