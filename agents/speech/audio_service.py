"""A speech service that speaks OpenAI's HTTP protocol: what the recogniser and the voice share.

AudioServiceError
    ServiceRefused      the request can never succeed as it is: key, model, address
    ServiceUnavailable  it may succeed later: network, load, a fault of the service, an answer that is no audio

Messages name the remedy and never hold the key, the text or the service's own words: those repeat parts of the key and of the request.
"""

import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

PUBLIC_URL: Final = "https://api.openai.com/v1"
_PUBLIC_KEY: Final = "OPENAI_API_KEY"
_LONGEST_ERROR: Final = 20_000
_CODE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,60}")


class AudioServiceError(Exception):
    """The service gave no usable answer; the message names the remedy."""


class ServiceRefused(AudioServiceError):
    pass


class ServiceUnavailable(AudioServiceError):
    pass


class ServiceAddress(BaseModel):
    """Where the service is and how long it may take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(PUBLIC_URL, pattern=r"^https?://[^\s/]+", description="Address up to and including /v1.")
    key_env: str = Field("", description="Environment variable that holds the key; empty: OPENAI_API_KEY for OpenAI itself, else none.")
    connect_s: float = Field(1.0, gt=0, le=30, description="Longest wait for the connection, in s.")
    answer_s: float = Field(4.0, gt=0, le=120, description="Longest wait for the answer to begin, and for any more of it, in s.")


class AudioService:
    """One connection pool to ``address``. Raises ServiceRefused when the key that it names is not set."""

    def __init__(self, address: ServiceAddress, environment: Mapping[str, str]) -> None:
        self._address = address
        self._key_env = address.key_env or (_PUBLIC_KEY if address.url.rstrip("/") == PUBLIC_URL else "")
        self._key = environment.get(self._key_env, "").strip()
        if self._key_env and not self._key:
            raise ServiceRefused(f"the environment variable {self._key_env} is not set; put the key of {address.url} into it")
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @asynccontextmanager
    async def post(self, path: str, body: Callable[[], Mapping[str, Any]]) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """The answer to POST ``path`` when its status is 200. ``body`` makes the arguments of the request. Raises AudioServiceError."""
        if self._closed:
            raise ServiceRefused("already closed")
        url = self._address.url.rstrip("/") + path
        try:
            async with self._opened().post(url, headers=self._headers(), **body()) as response:
                if response.status != 200:
                    raise await self._refusal(response)
                yield response
        except TimeoutError as error:  # a kind of aiohttp's errors too, so it comes first
            raise ServiceUnavailable(
                f"{self._address.url} did not answer in time; check it, or raise connect_s ({self._address.connect_s:g}) "
                f"or answer_s ({self._address.answer_s:g})"
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise ServiceUnavailable(f"{self._address.url} cannot be reached; check the url and the network") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ServiceUnavailable(f"{self._address.url} broke off its answer ({type(error).__name__}); try again") from error

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=None, sock_connect=self._address.connect_s, sock_read=self._address.answer_s)
            self._session = aiohttp.ClientSession(timeout=limits)
        return self._session

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    async def _refusal(self, response: aiohttp.ClientResponse) -> AudioServiceError:
        code = await _code(response)
        said = f"{self._address.url} answered {response.status}{code}"
        match response.status:
            case 401 | 403:
                key = f"the key in {self._key_env}" if self._key_env else "key_env, which names no key yet"
                return ServiceRefused(f"{said}; check {key}")
            case 400 | 404 | 405 | 415 | 422:
                return ServiceRefused(f"{said}; check the url, the model and the voice")
            case 429:
                return ServiceUnavailable(f"{said}: too many requests or no credit left; wait, or raise the limit there")
            case _:
                return ServiceUnavailable(f"{said}; try again, or look at the state of the service")


async def whole_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """All of it. Raises ServiceUnavailable when it has more than ``most`` bytes."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > most:
            raise ServiceUnavailable("the answer is far too long; check the url and the model")
    return bytes(body)


async def _code(response: aiohttp.ClientResponse) -> str:
    """`` (invalid_api_key)``, when the answer holds such a word."""
    try:
        tree = json.loads(await whole_body(response, _LONGEST_ERROR))
    except (aiohttp.ClientError, AudioServiceError, TimeoutError, ValueError):  # the status alone says enough
        return ""
    error = tree.get("error") if isinstance(tree, dict) else None
    code = error.get("code") or error.get("type") if isinstance(error, dict) else None
    return f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else ""
