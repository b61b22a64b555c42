"""What every Speaker must do. A test class per provider inherits from this one and supplies the fixture ``speaker``."""

import asyncio

import numpy as np
import pytest

from agents.audio import RATE, seconds
from agents.tts.iterating import closing, drain
from agents.tts.leveling import active_level_dbov
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.word_times import words_of

SENTENCE = "Your order is on its way, and it will arrive on Tuesday."


class SpeakerContract:
    times_words = True
    """False: the provider does not know when its words sound, and tells of none."""

    async def test_speaks_at_a_human_pace(self, speaker: Speaker) -> None:
        pcm = await drain(speaker.speak(SENTENCE))
        assert pcm.dtype == np.int16
        assert pcm.ndim == 1
        assert 1.5 < seconds(pcm) < 6

    async def test_longer_texts_take_longer(self, speaker: Speaker) -> None:
        assert len(await drain(speaker.speak("Yes."))) < len(await drain(speaker.speak(SENTENCE)))

    async def test_comes_in_chunks_of_which_none_is_empty(self, speaker: Speaker) -> None:
        chunks = [chunk async for chunk in speaker.speak(SENTENCE)]
        assert len(chunks) > 1
        assert all(len(chunk) for chunk in chunks)

    async def test_the_same_text_sounds_the_same(self, speaker: Speaker) -> None:
        assert np.array_equal(await drain(speaker.speak("Good morning.")), await drain(speaker.speak("Good morning.")))

    @pytest.mark.parametrize("text", [SENTENCE, "Yes.", 'Your  order\t42 costs $12.50, doesn\'t it? "Caf\u00e9" na\u00efve, order AB-7.'])
    async def test_tells_when_its_words_sound(self, speaker: Speaker, text: str) -> None:
        audio = speaker.speak(text)
        length_s = seconds(await drain(audio))
        words = words_of(audio)
        if not self.times_words:
            assert not words
            return
        assert [text[word.start : word.end] for word in words] == text.split()
        edges = [edge for word in words for edge in (word.starts_s, word.ends_s)]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert length_s - 0.2 < edges[-1] <= length_s
        assert all(word.ends_s - word.starts_s > 0.04 for word in words)

    async def test_tells_of_a_word_as_soon_as_its_audio_is_there(self, speaker: Speaker) -> None:
        audio = speaker.speak(SENTENCE)
        words, made_s = words_of(audio), 0.0
        async for chunk in audio:
            made_s += seconds(chunk)
            assert all(word.ends_s <= made_s for word in words)
        assert len(words) == (len(SENTENCE.split()) if self.times_words else 0)
        again = speaker.speak(SENTENCE)
        await drain(again)
        assert list(words_of(again)) == list(words)

    async def test_level_suits_the_phone(self, speaker: Speaker) -> None:
        pcm = await drain(speaker.speak(SENTENCE))
        assert -23 < active_level_dbov(pcm) < -17
        assert np.abs(pcm.astype(np.int32)).max() < 32767

    async def test_starts_and_ends_promptly_and_without_a_click(self, speaker: Speaker) -> None:
        pcm = await drain(speaker.speak(SENTENCE))
        loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 328)
        assert loud[0] / RATE <= 0.060
        assert (len(pcm) - loud[-1]) / RATE <= 0.120
        assert abs(int(pcm[0])) < 50
        assert abs(int(pcm[-1])) < 50

    @pytest.mark.parametrize("text", ["", "   ", "...", "\x00\x07"])
    async def test_refuses_what_cannot_be_spoken(self, speaker: Speaker, text: str) -> None:
        with pytest.raises(SpeechError):
            await drain(speaker.speak(text))

    @pytest.mark.parametrize(
        "text",
        [
            "-o /etc/passwd",
            "<speak><mark name='x'/>Hello</speak> & good-bye",
            "Line one\nline two\r\n",
            "café \ud800 naïve",
            "$(date) `id`; 'x' \"y\"",
        ],
    )
    async def test_any_text_is_only_text(self, speaker: Speaker, text: str) -> None:
        assert seconds(await drain(speaker.speak(text))) > 0.2

    async def test_markup_is_not_obeyed(self, speaker: Speaker) -> None:
        paused = await drain(speaker.speak('One <break time="20s"/> two.'))
        assert seconds(paused) < 10

    async def test_refuses_a_text_without_end(self, speaker: Speaker) -> None:
        with pytest.raises(SpeechError, match="too long"):
            await drain(speaker.speak("word " * 1000))

    async def test_closing_early_ends_it_and_the_next_one_speaks(self, speaker: Speaker) -> None:
        for _ in range(3):
            async with closing(speaker.speak(" ".join([SENTENCE] * 5))) as audio:
                await anext(audio)
        assert len(await drain(speaker.speak("Yes.")))

    async def test_survives_a_cancelled_taker(self, speaker: Speaker) -> None:
        task = asyncio.create_task(drain(speaker.speak(" ".join([SENTENCE] * 5))))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(await drain(speaker.speak("Yes.")))

    async def test_speaks_several_sentences_at_once_without_mixing_them(self, speaker: Speaker) -> None:
        texts = ["Yes.", SENTENCE, "Good morning.", "One moment please."] * 2
        alone = [await drain(speaker.speak(text)) for text in texts]
        together = await asyncio.gather(*(drain(speaker.speak(text)) for text in texts))
        assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))

    async def test_closing_twice_is_no_error(self, speaker: Speaker) -> None:
        await speaker.close()
        await speaker.close()

    def test_has_a_name(self, speaker: Speaker) -> None:
        assert speaker.name
