"""Any provider that speaks the OpenAI protocol for chat completions, through the ``openai`` package.

That package takes more than half a second to import, so nothing but making an ``OpenAIModel`` imports it.
"""

import json
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from agents.llm.model import (
    FINISHES,
    CallDelta,
    ContextTooLong,
    Counted,
    Delta,
    Ended,
    Function,
    Message,
    ModelBroken,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    TextDelta,
)

if TYPE_CHECKING:
    from openai import APIStatusError
    from openai.types.chat import ChatCompletionChunk

CONNECT_S: Final = 2.0
IDLE_S: Final = 120.0
"""How long an unused connection is kept: callers think longer than the usual 5 s, and a new TLS connection costs three round trips."""
SILENCE_S: Final = 60.0
"""Between two pieces. A backstop; whoever takes the stream has tighter limits."""
BUSY_S: Final = 5.0
"""How long a provider is left alone that says it has too many requests, unless it names a time itself."""
_OPTIONAL: Final = ("stream_options", "max_tokens", "temperature")
"""What not every provider and model accepts. ``max_tokens`` has a newer name that some insist on."""


class OpenAIModel:
    """``base_url``: such as ``http://127.0.0.1:8000/v1``. ``key`` appears in no log and no error."""

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        model: str,
        key: str = "",
        max_tokens: int | None = None,
        temperature: float | None = None,
        connect_s: float = CONNECT_S,
    ) -> None:
        import openai  # late: slow, and only needed by who has chosen a provider

        self.name = name
        self._openai = openai
        self._model = model
        self._closed = False
        # Their debug lines hold whole requests, words of the caller included.
        for noisy in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=openai.Timeout(SILENCE_S, connect=connect_s),
            http_client=openai.DefaultAsyncHttpxClient(
                limits=type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=IDLE_S)
            ),
        )
        self._completions = self._client.chat.completions  # imports most of the package: not in the first caller's time
        self._options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if max_tokens is not None:
            self._options["max_tokens"] = max_tokens
        if temperature is not None:
            self._options["temperature"] = temperature

    async def stream(self, messages: Sequence[Message], functions: Sequence[Function] = ()) -> AsyncGenerator[Delta, None]:
        if self._closed:
            raise ModelUnavailable(f"{self.name}: closed")
        openai = self._openai
        try:
            chunks = await self._request(messages, functions)
            try:
                async for delta in self._deltas(chunks):
                    yield delta
            finally:
                await chunks.close()
        except openai.APIStatusError as error:
            raise self._status(error) from None
        except openai.APIConnectionError as error:
            raise ModelUnavailable(f"{self.name}: cannot be reached, or the connection broke ({type(error.__cause__).__name__})") from None
        except openai.APIError as error:
            # In the middle of a stream there is no status; the provider's own words may quote the request.
            raise ModelUnavailable(f"{self.name}: reports an error in its answer ({error.code or error.type or 'no code'})") from None
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ModelBroken(f"{self.name}: an answer that is not of the protocol ({type(error).__name__})") from None

    async def _request(self, messages: Sequence[Message], functions: Sequence[Function]) -> Any:
        request: dict[str, Any] = {"model": self._model, "messages": [_message(message) for message in messages]}
        if functions:
            request["tools"] = [_function(function) for function in functions]
        for _ in _OPTIONAL:
            try:
                return await self._completions.create(stream=True, **request, **self._options)
            except self._openai.BadRequestError as error:
                if not self._do_without(error):
                    raise
        raise ModelRefused(f"{self.name}: rejects every form of the request")

    def _do_without(self, error: "APIStatusError") -> bool:
        """Whether an optional part that this provider rejects was found and left out, from now on."""
        text = f"{error.param} {error.message}"
        for option in _OPTIONAL:
            if option in self._options and option in text:
                value = self._options.pop(option)
                if option == "max_tokens" and "max_completion_tokens" in text:
                    self._options["max_completion_tokens"] = value
                return True
        return False

    async def _deltas(self, chunks: Any) -> AsyncGenerator[Delta, None]:
        counted: Counted | None = None
        ended = False
        calls: dict[int, str] = {}
        async for chunk in chunks:
            counted = _counted(chunk) or counted
            for choice in chunk.choices or () if not ended else ():
                for delta in _pieces(choice.delta, calls):
                    calls.update({delta.index: delta.id} if isinstance(delta, CallDelta) and delta.id else {})
                    yield delta
                if choice.finish_reason:
                    reason = FINISHES.get(choice.finish_reason)
                    if reason is None:
                        raise ModelBroken(f"{self.name}: the answer was withheld ({choice.finish_reason})")
                    ended = True
                    yield Ended(reason)  # type: ignore[arg-type]  # the values of FINISHES are its literals
        if not ended:
            raise ModelBroken(f"{self.name}: the answer broke off without an end")
        if counted is not None:
            yield counted

    def _status(self, error: "APIStatusError") -> ModelError:
        status, code = error.status_code, error.code or ""
        if code == "context_length_exceeded" or (status in (400, 413, 422) and _too_long(error.message)):
            return ContextTooLong(f"{self.name}: the messages are longer than the model's context; lower llm.token_budget")
        if code == "insufficient_quota":
            return ModelRefused(f"{self.name}: the account has no quota left; add credit or choose another provider")
        if status in (401, 403):
            return ModelRefused(f"{self.name}: the key is refused (HTTP {status}); check the environment variable that key_env names")
        if status == 404:
            return ModelRefused(f"{self.name}: HTTP 404; check base_url, and that it serves the model {self._model!r}")
        if status == 429:
            return ModelUnavailable(f"{self.name}: too many requests (HTTP 429)", _seconds(error.response.headers) or BUSY_S)
        if status == 408 or status == 409 or status >= 500:
            return ModelUnavailable(f"{self.name}: HTTP {status}")
        return ModelRefused(f"{self.name}: rejects the request (HTTP {status}, {code or 'no code'})")

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._client.close()


def _function(function: Function) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": function.name, "description": function.description, "parameters": dict(function.parameters)},
    }


def _message(message: Message) -> dict[str, Any]:
    made: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        made["content"] = message.text or None
        made["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _object(call.arguments)}}
            for call in message.calls
        ]
    if message.call_id:
        made["tool_call_id"] = message.call_id
    return made


def _object(arguments: str) -> str:
    """Some servers parse what they are sent back, and would reject the whole conversation for a call that was malformed."""
    try:
        return arguments if isinstance(json.loads(arguments), dict) else "{}"
    except ValueError:
        return "{}"


def _pieces(delta: Any, calls: Mapping[int, str]) -> Sequence[Delta]:
    """``calls``: index to id of those that have begun. Some servers give no index, and every call in one piece."""
    if delta is None:
        return ()
    text = delta.content or getattr(delta, "refusal", None)
    found: list[Delta] = [TextDelta(text)] if text else []
    for call in delta.tool_calls or ():
        function = call.function
        found.append(
            CallDelta(
                index=call.index if isinstance(call.index, int) else len(calls) + len(found),
                id=call.id or "",
                name=(function.name or "") if function else "",
                arguments=(function.arguments or "") if function else "",
            )
        )
    return found


def _counted(chunk: "ChatCompletionChunk") -> Counted | None:
    usage = getattr(chunk, "usage", None)
    if usage is None:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    return Counted(usage.prompt_tokens or 0, usage.completion_tokens or 0, getattr(details, "cached_tokens", None) or 0)


def _too_long(message: str) -> bool:
    text = message.lower()
    return "context" in text and any(word in text for word in ("length", "window", "size", "long", "exceed"))


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Of Retry-After, when it is a number of seconds."""
    try:
        return min(120.0, max(0.0, float(headers.get("retry-after", ""))))
    except ValueError:
        return None
