"""The seam every language model fits into: messages and functions in, a stream of small pieces out.

What may go wrong::

    ModelError
    +-- ModelUnavailable    not reached, overloaded, or the connection broke; another attempt may do
    +-- ModelRefused        key, quota, address or model name are wrong; another attempt will not do
    +-- ModelBroken         an answer that makes no sense: malformed, empty, or cut without an end
    +-- ContextTooLong      the messages do not fit; fewer of them may do
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from agents.transcript import JsonValue


class ModelError(Exception):
    """The message names the provider and the remedy, and holds nothing that was said.

    ``leave_alone_s``: how long it makes no sense to ask this provider again; 0: another attempt may do at once.
    """

    kind = "failed"
    """For logs and figures."""

    def __init__(self, message: str, leave_alone_s: float = 0.0) -> None:
        super().__init__(message)
        self.leave_alone_s = leave_alone_s


class ModelUnavailable(ModelError):
    kind = "unavailable"


class ModelRefused(ModelError):
    kind = "refused"

    def __init__(self, message: str, leave_alone_s: float = 60.0) -> None:
        super().__init__(message, leave_alone_s)


class ModelBroken(ModelError):
    kind = "broken"


class ContextTooLong(ModelError):
    kind = "context_too_long"


@dataclass(frozen=True, slots=True)
class Call:
    """A function that the model wants to be run."""

    id: str
    name: str
    arguments: str
    """As the model wrote them: meant to be a JSON object, and not to be trusted."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[Call, ...] = ()
    """Of the assistant."""
    call_id: str = ""
    """Of a tool: the call that ``text`` is the result of."""


@dataclass(frozen=True, slots=True)
class Function:
    """What a model may call. ``name``: letters, digits, ``_`` and ``-``, at most 64."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue] = field(default_factory=lambda: {"type": "object", "properties": {}})


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class CallDelta:
    """A piece of a call. Those of one ``index`` belong together: the first brings id and name, the arguments come bit by bit."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is whole."""

    reason: Literal["stop", "calls", "length"]
    """``length``: the provider's limit of output tokens cut it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens, by the provider's own count."""

    input: int
    output: int
    cached: int = 0
    """The part of ``input`` that the provider had kept from before."""


Delta: TypeAlias = TextDelta | CallDelta | Ended | Counted

FINISHES: Final = {"stop": "stop", "tool_calls": "calls", "function_call": "calls", "length": "length"}
"""The protocol's ``finish_reason`` to ours; others, such as ``content_filter``, are no answer."""


class LanguageModel(Protocol):
    name: str
    """Of the provider, as configured."""

    def stream(self, messages: Sequence[Message], functions: Sequence[Function] = ()) -> AsyncGenerator[Delta, None]:
        """Text and calls as they come, then Ended, then Counted if the provider counts; nothing after that.

        Makes one request and repeats nothing. Sets no time limit to the model's thinking: the caller does. Raises ModelError. Closing the
        generator closes the request.
        """
        ...

    async def close(self) -> None:
        """Twice is no error. After it ``stream`` raises ModelUnavailable."""
        ...
