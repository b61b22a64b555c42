"""The caller is asked whether the call may be recorded, and only then talks with the agent that they called."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from agents.conversation.messages import Unanswered
from agents.line import Line
from agents.transcript import Outcome, Sink
from ari_app.calls.conversations import Conversation, Watchable
from ari_app.calls.record import CallRecord

log = logging.getLogger(__name__)

QUESTION: Final = "recording-consent"
"""The agent of the library that asks."""
_ANSWERS: Final = {"granted": True, "refused": False, "no_answer": False}
"""What the end of its talk means; any other end is one of the call."""


class RecordingQuestions(Protocol):
    """Makes the talk that asks."""

    def recording_question(
        self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, language: str
    ) -> Conversation:
        """In ``language``; empty: the first of ``agent``. Raises whatever it likes when it cannot be had."""
        ...


class AskedFirst:
    """``question``, then what ``following`` makes: one conversation to whoever runs it.

    Who asks for a person or says goodbye instead of answering has ended the conversation, and nothing is recorded. A question that breaks
    counts as refused, and the agent is there all the same. What is asked of the conversation from outside goes to the talk under way.
    """

    def __init__(
        self,
        question: Conversation,
        following: Callable[[Sequence[Unanswered]], Conversation],
        record: CallRecord,
    ) -> None:
        self._now = question
        self._following = following
        self._record = record
        self._sent_to = ""

    async def run(self) -> Outcome:
        try:
            asked = await self._now.run()
        except Exception:  # no fault of the question may cost the caller their agent
            log.exception("recording_question_broke", extra={"call_id": self._record.facts.call_id})
            asked = Outcome("failed", "no_answer")
        if asked.reason not in _ANSWERS:
            # Whose queue it is decides the call: the agent that asked has none.
            return Outcome(asked.kind, asked.reason, self._sent_to)
        self._record.recording_answered(_ANSWERS[asked.reason], asyncio.get_running_loop().time())
        self._now = self._following(self._now.unanswered())
        return await self._now.run()

    def unanswered(self) -> Sequence[Unanswered]:
        return self._now.unanswered()

    def say(self, text: str) -> None:
        self._now.say(text)

    def instruct(self, text: str) -> None:
        self._now.instruct(text)

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        self._sent_to = queue
        self._now.transfer(queue, reason, say)

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        self._now.end(reason, after_sentence=after_sentence)

    def held(self, on: bool) -> None:
        if isinstance(self._now, Watchable):
            self._now.held(on)

    @property
    def uptake(self) -> tuple[bool, int]:
        return self._now.uptake if isinstance(self._now, Watchable) else (False, 0)
