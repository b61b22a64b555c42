"""What every Transcriber must do. A test class per provider inherits from this one and supplies the fixtures."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from agents.audio import RATE, Pcm, silence
from agents.stt.transcriber import Transcriber, TranscriptionError


class TranscriberContract:
    """``transcriber`` has heard nothing yet; ``speech`` is an utterance in which it must recognise ``expected`` (lower case)."""

    async def test_hears_words(self, transcriber: Transcriber, speech: Pcm, expected: str) -> None:
        heard = await transcriber.transcribe(speech)
        assert expected in heard.text.lower()
        assert heard.text == heard.text.strip()
        assert heard.confidence is None or 0 < heard.confidence <= 1

    async def test_says_how_long_it_took(self, transcriber: Transcriber, speech: Pcm) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        heard = await transcriber.transcribe(speech)
        assert 0 <= heard.took_s <= loop.time() - started + 0.001

    @pytest.mark.parametrize("seconds", [0.0, 0.02, 0.5, 3.0])
    async def test_silence_holds_no_words(self, transcriber: Transcriber, seconds: float) -> None:
        heard = await transcriber.transcribe(silence(seconds))
        assert (heard.text, heard.confidence) == ("", None)

    async def test_one_sample_and_odd_lengths_are_no_error(self, transcriber: Transcriber) -> None:
        for samples in (1, 127, 319, 1021):
            assert isinstance((await transcriber.transcribe(np.full(samples, 900, dtype=np.int16))).text, str)

    async def test_leaves_the_audio_alone(self, transcriber: Transcriber, speech: Pcm) -> None:
        before = speech.copy()
        await transcriber.transcribe(speech)
        assert np.array_equal(before, speech)

    async def test_accepts_read_only_audio(self, transcriber: Transcriber, speech: Pcm) -> None:
        view = speech.view()
        view.setflags(write=False)
        assert isinstance((await transcriber.transcribe(view)).text, str)

    async def test_the_loop_runs_on_meanwhile(self, transcriber: Transcriber, speech: Pcm) -> None:
        gaps: list[float] = []

        async def watch() -> None:
            loop = asyncio.get_running_loop()
            last = loop.time()
            while True:
                await asyncio.sleep(0.005)
                gaps.append(loop.time() - last)
                last = loop.time()

        watcher = asyncio.create_task(watch())
        try:
            await transcriber.transcribe(np.tile(speech, 3))
        finally:
            watcher.cancel()
        assert max(gaps, default=0.0) < 0.15

    async def test_survives_a_cancelled_caller(self, transcriber: Transcriber, speech: Pcm) -> None:
        task = asyncio.create_task(transcriber.transcribe(np.tile(speech, 3)))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await transcriber.transcribe(silence(0.5))).text == ""

    async def test_many_at_once(self, transcriber: Transcriber, speech: Pcm) -> None:
        heard = await asyncio.gather(*(transcriber.transcribe(speech[: RATE // 2]) for _ in range(6)))
        assert len(heard) == 6

    async def test_after_close_it_refuses(self, transcriber: Transcriber, speech: Pcm) -> None:
        await transcriber.close()
        with pytest.raises(TranscriptionError):
            await transcriber.transcribe(speech)

    async def test_closing_twice_is_no_error(self, transcriber: Transcriber) -> None:
        await transcriber.close()
        await transcriber.close()

    def test_has_a_name(self, transcriber: Transcriber) -> None:
        assert transcriber.name and Path(transcriber.name).name == transcriber.name
