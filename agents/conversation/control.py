"""What the agent's own code may ask of a call that is a Conversation."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agents.conversation.loop import Conversation
from agents.transcript import Sink

if TYPE_CHECKING:
    from agents.sdk.manner_change import MannerChange


class ConversationControl:
    """A CallControl. ``sink`` learns of flags; ``clock`` is that of the conversation."""

    def __init__(self, conversation: Conversation, sink: Sink, clock: Callable[[], float] = time.monotonic) -> None:
        self._conversation = conversation
        self._sink = sink
        self._clock = clock

    async def say(self, text: str) -> None:
        self._conversation.say(text)

    async def transfer(self, queue: str, reason: str) -> None:
        self._conversation.transfer(queue, reason)

    def learn(self, facts: Mapping[str, str]) -> None:
        self._conversation.learn(facts)

    def flag(self, reason: str) -> None:
        self._sink.event("flagged", self._clock(), {"reason": reason})

    def manner(self, change: "MannerChange", why: str) -> None:
        in_force = self._conversation.manner
        in_force.set(change.over(in_force.now), why)

    def known(self) -> Mapping[str, str]:
        return self._conversation.known()
