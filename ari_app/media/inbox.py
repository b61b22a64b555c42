"""A line's events on their way to the conversation: in order, bounded."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from agents.audio import RATE
from agents.line import LineClosed, LineEvent, VoiceAudio

_MOST_AUDIO: Final = 60 * RATE
"""Samples of unread speech; the oldest goes first."""
_MOST_EVENTS: Final = 10_000


class Inbox:
    """Filled by the link, read by one conversation."""

    def __init__(self) -> None:
        self._events: deque[LineEvent] = deque()
        self._audio = 0
        self._filled = asyncio.Event()
        self.dropped = 0
        """Events dropped because nobody read them."""
        self.taken = 0
        """Events that were read."""

    @property
    def waiting(self) -> bool:
        """Something is there that nobody has read; the end of the line, which stays for ever, does not count."""
        return bool(self._events) and not isinstance(self._events[0], LineClosed)

    def put(self, event: LineEvent) -> None:
        """Add an event; speech beyond a minute unread pushes out the oldest speech, and a full inbox takes nothing but the end."""
        if isinstance(event, VoiceAudio):
            self._audio += len(event.pcm)
            while self._audio > _MOST_AUDIO and self._drop_oldest_audio():
                pass
        if len(self._events) >= _MOST_EVENTS and not isinstance(event, LineClosed):
            self.dropped += 1
            return
        self._events.append(event)
        self._filled.set()

    def _drop_oldest_audio(self) -> bool:
        for index, event in enumerate(self._events):
            if isinstance(event, VoiceAudio):
                del self._events[index]
                self._audio -= len(event.pcm)
                self.dropped += 1
                return True
        return False

    async def read(self) -> AsyncIterator[LineEvent]:
        """Events in order; ends after LineClosed."""
        while True:
            while not self._events:
                self._filled.clear()
                await self._filled.wait()
            event = self._events.popleft()
            self.taken += 1
            if isinstance(event, VoiceAudio):
                self._audio -= len(event.pcm)
            yield event
            if isinstance(event, LineClosed):
                # A second reader, or the same one again, ends at once too.
                self._events.appendleft(event)
                return
