"""When each word of a sentence sounds, as the synthesiser itself tells it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from agents.audio import RATE, Pcm


@dataclass(frozen=True, slots=True)
class WordTime:
    """``text[start:end]``, punctuation that clings to it included, sounds from ``starts_s`` to ``ends_s`` of the audio."""

    start: int
    end: int
    """Characters of the text as it was given to ``speak``; ``start < end``."""
    starts_s: float
    ends_s: float
    """Seconds from the first sample; ``0 <= starts_s <= ends_s``, in the order of the words."""


@runtime_checkable
class TimedSpeech(Protocol):
    """Audio of one sentence that knows where its words are."""

    @property
    def words(self) -> Sequence[WordTime]:
        """The words whose end lies in the audio taken so far; all of them once it is at its end. Only ever grows."""
        ...


class Speech(AsyncIterator[Pcm]):
    """The audio that ``make`` yields, with the words that it puts on the list meanwhile. Closing it closes that generator."""

    def __init__(self, make: Callable[[list[WordTime]], AsyncGenerator[Pcm, None]]) -> None:
        self.words: list[WordTime] = []
        self._audio = make(self.words)

    def __aiter__(self) -> "Speech":
        return self

    async def __anext__(self) -> Pcm:
        return await anext(self._audio)

    async def aclose(self) -> None:
        await self._audio.aclose()


def words_of(audio: AsyncIterator[Pcm]) -> Sequence[WordTime]:
    """The list that grows with ``audio``; an empty one when its voice knows nothing of words."""
    return audio.words if isinstance(audio, TimedSpeech) else ()


class Timeline:
    """Puts words on ``words`` once the audio that ends them has been made, so that none ever lies behind the end of the clip.

    ``places``: the index in the text given to ``speak`` of every character that the synthesiser was given.
    """

    def __init__(self, words: list[WordTime], places: Sequence[int]) -> None:
        self._words = words
        self._places = places
        self._waiting: list[WordTime] = []
        self._samples = 0
        self._trimmed_s = 0.0

    def add(self, word: WordTime) -> None:
        """``word`` as the synthesiser counts characters and time. One that it places outside of the text is left out."""
        if 0 <= word.start < word.end <= len(self._places):
            self._waiting.append(replace(word, start=self._places[word.start], end=self._places[word.end - 1] + 1))

    def made(self, audio: Pcm, trimmed_s: float) -> None:
        """``audio`` comes next. ``trimmed_s`` seconds of what the synthesiser made were cut off before the first of it."""
        self._samples += len(audio)
        self._trimmed_s = trimmed_s
        while self._waiting and self._waiting[0].ends_s - trimmed_s <= self._made_s:
            self._put(self._waiting.pop(0))

    def finish(self) -> None:
        """No audio follows: words whose end was trimmed off, as far as anybody can hear, end with it."""
        while self._waiting:
            self._put(self._waiting.pop(0))

    @property
    def _made_s(self) -> float:
        return self._samples / RATE

    def _put(self, word: WordTime) -> None:
        earliest = self._words[-1].ends_s if self._words else 0.0
        starts_s = min(max(word.starts_s - self._trimmed_s, earliest), self._made_s)
        ends_s = min(max(word.ends_s - self._trimmed_s, starts_s), self._made_s)
        self._words.append(replace(word, starts_s=starts_s, ends_s=ends_s))


def relocated(words: Sequence[WordTime], places: Sequence[int]) -> list[WordTime]:
    """``words`` of a text in which the character ``i`` stands for the character ``places[i]`` of another one."""
    return [replace(word, start=places[word.start], end=places[word.end - 1] + 1) for word in words]
