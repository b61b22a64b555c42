"""How many tokens a text is, about: enough to stay within a budget, and to account for a provider that does not count."""

import math
from collections.abc import Iterable
from typing import Final

from agents.llm.model import Function, Message

BYTES_PER_TOKEN: Final = 3.5
"""Of UTF-8. English text has about 4.3 with today's vocabularies, Spanish and JSON about 3.6: the estimate is rather too high than too low.
The exact count needs the vocabulary of the very model, which most providers do not publish and a library would have to download."""
PER_MESSAGE: Final = 4
"""Role and separators."""


def tokens_in(text: str) -> int:
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def tokens_of(message: Message) -> int:
    return PER_MESSAGE + tokens_in(message.text) + sum(tokens_in(call.name) + tokens_in(call.arguments) for call in message.calls)


def tokens_of_all(messages: Iterable[Message], functions: Iterable[Function] = ()) -> int:
    return sum(map(tokens_of, messages)) + sum(tokens_in(f"{function.description}{dict(function.parameters)}") for function in functions)
