"""A sentence on its way to the caller: made ahead of need, kept until it is played or thrown away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from agents.audio import Pcm, seconds
from agents.tts.pace import Stretch
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.word_times import WordTime, words_of
from agents.turns.knobs import WaitLimits

log = logging.getLogger(__name__)


class Prepared:
    """Synthesis begins at once. Own it: ``abandon`` or play it."""

    def __init__(self, speaker: Speaker, text: str, limits: WaitLimits, clock: Callable[[], float], *, one_by_one: bool = False) -> None:
        """``one_by_one``: that ``speaker`` says numbers so; whoever plays it may not want that any more."""
        self.text = text
        self.one_by_one = one_by_one
        self.pace = 1.0
        """How quick it is to be heard; nobody may change it once ``chunks`` are being taken."""
        self.complete = False
        self.first_after_s: float | None = None
        """Seconds from the request to the first audio."""
        self._made_s = 0.0
        self._words: Sequence[WordTime] = ()
        self._error: SpeechError | None = None
        self._chunks: asyncio.Queue[Pcm | None] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._begun = clock()
        self._clock = clock
        self._task = asyncio.create_task(self._pump(speaker, text, limits))

    async def _pump(self, speaker: Speaker, text: str, limits: WaitLimits) -> None:
        audio = speaker.speak(text)
        self._words = words_of(audio)
        try:
            limit = limits.first_audio_s
            while True:
                async with asyncio.timeout(limit):
                    chunk = await anext(audio, None)
                if chunk is None:
                    break
                self._take(chunk)
                limit = limits.next_audio_s
            self.complete = True
            if self.first_after_s is None:
                self._error = SpeechError(f"the voice {speaker.name} gave no audio for a sentence")
        except TimeoutError:
            self._error = SpeechError(f"the voice {speaker.name} gave no audio within {limit} s")
        except SpeechError as error:
            self._error = error
        except Exception as error:
            log.exception("speaker_broke_its_contract", extra={"speaker": speaker.name})
            self._error = SpeechError(f"the voice {speaker.name} failed unexpectedly: {type(error).__name__}")
        finally:
            self._ready.set()
            self._chunks.put_nowait(None)
            await _close(audio)

    def _take(self, chunk: Pcm) -> None:
        if self.first_after_s is None:
            self.first_after_s = self._clock() - self._begun
        self._made_s += seconds(chunk)
        self._chunks.put_nowait(chunk)
        self._ready.set()

    async def first(self) -> None:
        """Wait for the first audio. Raises SpeechError when there is none."""
        await self._ready.wait()
        if self._error and self.first_after_s is None:
            raise self._error

    @property
    def duration_s(self) -> float:
        """Seconds of audio made so far, as they are heard."""
        return self._made_s / self.pace

    @property
    def words(self) -> Sequence[WordTime]:
        """Those that end in the audio made so far, at the times at which they are heard; empty when the voice does not know them."""
        if self.pace == 1.0:
            return self._words
        return [replace(word, starts_s=word.starts_s / self.pace, ends_s=word.ends_s / self.pace) for word in self._words]

    @property
    def idle(self) -> bool:
        """Nothing of it runs any more; its audio may still wait to be played."""
        return self._task.done()

    @property
    def broken(self) -> bool:
        """The voice failed in the middle of the sentence."""
        return self._error is not None

    async def chunks(self) -> AsyncIterator[Pcm]:
        """The audio at its pace; ends early, never raises, when the voice fails or the sentence is abandoned."""
        stretch = Stretch(self.pace)
        while (chunk := await self._chunks.get()) is not None:
            if len(heard := stretch.push(chunk)):
                yield heard
            if self.pace != 1.0:
                await asyncio.sleep(0)  # chunks that are there already would keep the loop from everybody else
        if len(rest := stretch.finish()):
            yield rest

    def abandon(self) -> None:
        """Stop making it; whoever plays it gets the end at once."""
        self._task.cancel()
        while not self._chunks.empty():
            self._chunks.get_nowait()
        self._chunks.put_nowait(None)
        self._ready.set()

    async def closed(self) -> None:
        """Wait until nothing of it runs any more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def _close(audio: AsyncIterator[Pcm]) -> None:
    close = getattr(audio, "aclose", None)
    if close is not None:
        await close()
