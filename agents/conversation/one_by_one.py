"""Numbers that are read back, one by one with pauses, in any voice."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Final

from agents.audio import Pcm, seconds, silence
from agents.conversation.heard import estimated
from agents.tts.iterating import closing
from agents.tts.speaker import Speaker
from agents.tts.word_times import Speech, WordTime, words_of
from agents.wording.read_back import read_back_pieces

PAUSE_S: Final = 0.22
"""Between the pieces, besides the quiet that a voice leaves at its ends (up to 0.11 s): what commas get otherwise is 0.1 s."""


def reads_back(text: str, language: str = "") -> bool:
    """Whether pauses would make a difference. ``language`` as for OneByOne."""
    return len(read_back_pieces(text, language)) > 1


class OneByOne:
    """``inner``, which says each digit of a number as a sentence of its own. Does not own it.

    What it says are the same words: only the pauses differ. Voices disagree about what lengthens a pause (to two of four a full stop
    between digits is the same as a comma), so the pauses are put between pieces of audio.
    """

    def __init__(self, inner: Speaker, language: str = "") -> None:
        """``language`` of the sentences; empty: found out by their numbers."""
        self.name = inner.name
        self._inner = inner
        self._language = language

    def speak(self, text: str) -> Speech:
        """Raises SpeechError."""
        return Speech(partial(self._speak, text))

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        made_s = 0.0
        pieces = read_back_pieces(text, self._language) or [(0, len(text))]
        for number, (start, end) in enumerate(pieces):
            if number:
                yield silence(PAUSE_S)
                made_s += PAUSE_S
            begun_s, told, piece = made_s, len(words), text[start:end]
            async with closing(self._inner.speak(piece)) as audio:
                timed = words_of(audio)
                async for chunk in audio:
                    made_s += seconds(chunk)
                    words += [_placed(word, start, begun_s) for word in timed[len(words) - told :]]
                    yield chunk
            # A voice that knows nothing of its words does know where the pieces are.
            known = timed or estimated(piece, made_s - begun_s)
            words += [_placed(word, start, begun_s) for word in known[len(words) - told :]]

    async def close(self) -> None:
        """Nothing of its own."""


def _placed(word: WordTime, start: int, begun_s: float) -> WordTime:
    return replace(word, start=word.start + start, end=word.end + start, starts_s=word.starts_s + begun_s, ends_s=word.ends_s + begun_s)
