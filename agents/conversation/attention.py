"""Who watches over the caller during a conversation: how they feel, whether a person should take over, and how to talk meanwhile.

The conversation tells what it hears and obeys the advice. ``NOBODY`` is for conversations without such a watch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from agents.line import CallerAudio
from agents.transcript import Turn


@dataclass(frozen=True, slots=True)
class PassOn:
    """A person takes over."""

    reason: str
    """Machine-readable, such as ``frustrated`` or ``legal_threat``."""
    queue: str = ""
    """Empty: the agent's own."""
    say: str = ""
    """Heard on the way; empty: the usual sentence."""


@dataclass(frozen=True, slots=True)
class Advice:
    """After a turn of the caller. ``Advice()`` changes nothing."""

    first: str = ""
    """A sentence before the answer, such as an apology."""
    pass_on: PassOn | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of an utterance at a pause that may be its end."""

    utterance: int
    revision: int
    text: str
    audio: tuple[CallerAudio, ...]
    """The caller's sound in order; empty when nothing of it is tagged as the caller's."""
    started_at: float
    ended_at: float
    """End of the last voiced frame."""
    interrupting: bool = False
    """The agent was speaking when it began."""
    confidence: float | None = None
    """Of the recogniser in ``text``, 0 to 1 (``agents.stt.transcriber``); None: it does not say."""


class Attention(Protocol):
    """Methods never raise and never block the loop."""

    def notice(self, language: str) -> str:
        """What the caller has to be told before their voice may be judged, in that language; empty: nothing, or they know."""
        ...

    def announced(self, at: float) -> None:
        """The caller has heard the notice to its end, at that time of the conversation's clock."""
        ...

    def glance(self, heard: Heard) -> None:
        """Begin to judge what may become a turn; a later one of the same utterance takes its place.

        At a pause it comes twice: without words, so that the sound can be judged already, and with them once they are recognised.
        """
        ...

    async def answer(self, heard: Heard, turn: Turn, known: Mapping[str, str]) -> Advice:
        """The turn is over and on record; back within 100 ms. ``known``: the slots and facts of the dialogue."""
        ...


class _Nobody:
    def notice(self, language: str) -> str:
        del language
        return ""

    def announced(self, at: float) -> None:
        del at

    def glance(self, heard: Heard) -> None:
        del heard

    async def answer(self, heard: Heard, turn: Turn, known: Mapping[str, str]) -> Advice:
        del heard, turn, known
        return Advice()


NOBODY: Final[Attention] = _Nobody()
