"""Numbers one by one: pauses where they belong, the rest as quick as ever, and words known to be where they are."""

from collections.abc import AsyncGenerator
from itertools import pairwise

import numpy as np
import pytest

from agents.audio import RATE, Pcm, seconds
from agents.conversation.heard import heard_words
from agents.conversation.one_by_one import PAUSE_S, OneByOne, reads_back
from agents.tts.iterating import drain
from agents.tts.speaker import SpeechError
from agents.tts.tone import ToneSpeaker
from agents.tts.word_times import words_of

TEXT = "Order four, five, six has shipped."
PIECES = ["Order", "four,", "five,", "six", "has shipped."]


class Wordless:
    """A voice that does not tell its words. ``fails``: pieces after which it fails."""

    def __init__(self, fails: int = 99) -> None:
        self.name = "wordless"
        self.asked: list[str] = []
        self.open = 0
        self._fails = fails

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        if len(self.asked) == self._fails:
            raise SpeechError("wordless: told to fail")
        self.asked.append(text)
        self.open += 1
        try:
            yield np.full(RATE // 10, 1000, np.int16)
            yield np.full(RATE // 10 * len(text), 1000, np.int16)
        finally:
            self.open -= 1

    async def close(self) -> None:
        """Nothing to give back."""


async def test_each_digit_is_said_by_itself_and_silence_lies_between() -> None:
    voice = Wordless()
    pcm = await drain(OneByOne(voice).speak(TEXT))
    assert voice.asked == PIECES
    quiet = np.flatnonzero(np.diff(np.concatenate(([1], (pcm != 0).astype(int), [1]))))
    lengths = [(end - begin) / RATE for begin, end in zip(quiet[::2], quiet[1::2], strict=True)]
    assert lengths == [pytest.approx(PAUSE_S)] * 4
    spoken = [seconds(await drain(Wordless().speak(piece))) for piece in PIECES]
    assert seconds(pcm) == pytest.approx(sum(spoken) + 4 * PAUSE_S)


@pytest.mark.parametrize("voice", [ToneSpeaker(), Wordless()])
async def test_the_words_lie_in_the_pieces_that_say_them(voice: ToneSpeaker | Wordless) -> None:
    audio = OneByOne(voice).speak(TEXT)
    words, begun = words_of(audio), 0.0
    pcm = await drain(audio)
    assert [TEXT[word.start : word.end] for word in words] == TEXT.split()
    assert all(before.ends_s <= after.starts_s for before, after in pairwise(words))
    for piece in PIECES:
        length = seconds(await drain(voice.speak(piece)))
        for word in words:
            if TEXT.index(piece) <= word.start < TEXT.index(piece) + len(piece):
                assert begun - 1e-6 <= word.starts_s <= word.ends_s <= begun + length + 1e-6
        begun += length + PAUSE_S
    assert begun - PAUSE_S == pytest.approx(seconds(pcm))


async def test_what_was_heard_before_a_pause_and_in_it_is_the_same() -> None:
    audio = OneByOne(Wordless()).speak(TEXT)
    words, whole_s = words_of(audio), seconds(await drain(audio))
    four_ends = next(word.ends_s for word in words if TEXT[word.start : word.end] == "four,")
    for into_pause_s in (0.0, PAUSE_S / 2, PAUSE_S):
        assert heard_words(TEXT, words, four_ends + into_pause_s, whole_s) == "Order four,"


async def test_a_sentence_without_numbers_is_said_in_one() -> None:
    voice = Wordless()
    assert not reads_back("How can I help you?")
    pcm = await drain(OneByOne(voice).speak("How can I help you?"))
    assert voice.asked == ["How can I help you?"]
    assert pcm.all()


async def test_closing_it_in_the_middle_closes_the_voice() -> None:
    voice = Wordless()
    audio = OneByOne(voice).speak(TEXT)
    await anext(audio)
    assert voice.open == 1
    await audio.aclose()
    assert voice.open == 0


async def test_a_voice_that_fails_in_the_middle_fails_as_a_voice() -> None:
    with pytest.raises(SpeechError, match="told to fail"):
        await drain(OneByOne(Wordless(fails=2)).speak(TEXT))
