"""A real voice slowed down: as long as it should be, at its pitch, and understood by the recogniser as before."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from agents.audio import RATE, Pcm, seconds
from agents.conversation.one_by_one import PAUSE_S, OneByOne
from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.transcriber import Transcriber
from agents.tts.iterating import drain
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.speaker import Speaker
from tests.agents.tts.conftest import UnpackedTree
from tests.agents.tts.test_pace import frame_levels, stretched

pytestmark = pytest.mark.speech

SENTENCES = (
    "We are open Monday to Friday from nine to five thirty, and Saturday from ten to two.",
    "I will put you through to a colleague, who can see what we talked about. Please hold.",
    "The refund of forty-nine dollars and ninety-nine cents is on its way to your card.",
    "Please tell me in a few words what the problem with your smart lamp is.",
    "Your parcel left our warehouse on Friday and arrives tomorrow.",
)
WORSE = 0.06
"""Share of words that may be wrong beyond those of the usual pace, of 76: chance alone moves some. Over 1308 words none were."""


@pytest.fixture
async def recogniser() -> AsyncIterator[Transcriber]:
    transcriber = MoonshineTranscriber(1)
    yield transcriber
    await transcriber.close()


@pytest.fixture(params=["bdl", "slt"])
async def voice(rhvoice_tree: UnpackedTree, request: pytest.FixtureRequest) -> AsyncIterator[Speaker]:
    speaker = RHVoiceSpeaker(rhvoice_tree, request.param)
    yield speaker
    await speaker.close()


def words_of(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c.isspace() else " " for c in text.lower()).split()


def wrong(said: str, heard: str) -> int:
    """Words that have to be changed, by edit distance."""
    wanted, found = words_of(said), words_of(heard)
    row = [*range(len(found) + 1)]
    for number, one in enumerate(wanted, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(found, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (one != other))
    return int(row[-1])


def pitch_at(pcm: Pcm, at: int) -> float | None:
    """In Hz, of the 40 ms around a sample, by autocorrelation between 65 and 300 Hz; None where there is no clear voice."""
    window = RATE // 25
    wave = pcm[max(0, at - window // 2) : at + window // 2].astype(np.float64)
    if len(wave) < window:
        return None
    likeness = np.correlate(wave, wave, "full")[window - 1 :] / np.arange(window, 0, -1)
    peak = RATE // 300 + int(np.argmax(likeness[RATE // 300 : RATE // 65]))
    if likeness[0] < 300**2 or likeness[peak] < 0.8 * likeness[0]:
        return None
    before, highest, after = likeness[peak - 1 : peak + 2]
    return float(RATE / (peak + 0.5 * (before - after) / (before - 2 * highest + after)))


def pitch_ratio(pcm: Pcm, slow: Pcm, pace: float) -> float:
    """How much higher the voice is at the same places of the speech: the median over a place every 10 ms."""
    pairs = [(pitch_at(pcm, at), pitch_at(slow, round(at / pace))) for at in range(0, len(pcm), RATE // 100)]
    return float(np.median([now / before for before, now in pairs if before is not None and now is not None]))


async def test_it_is_as_long_as_it_should_be_and_understood_as_before(voice: Speaker, recogniser: Transcriber) -> None:
    clips = [await drain(voice.speak(sentence)) for sentence in SENTENCES]
    count = sum(len(words_of(sentence)) for sentence in SENTENCES)
    usual = sum([wrong(said, (await recogniser.transcribe(pcm)).text) for said, pcm in zip(SENTENCES, clips, strict=True)])
    for pace in (0.7, 0.85, 1.1):
        slow = [stretched(pcm, pace) for pcm in clips]
        assert sum(map(seconds, slow)) == pytest.approx(sum(map(seconds, clips)) / pace, rel=0.001)
        now = sum([wrong(said, (await recogniser.transcribe(pcm)).text) for said, pcm in zip(SENTENCES, slow, strict=True)])
        assert now - usual <= WORSE * count, f"at {pace}: {now} of {count} words wrong, {usual} at the usual pace"


async def test_its_pitch_and_its_loudness_stay(voice: Speaker) -> None:
    pcm = np.concatenate([await drain(voice.speak(sentence)) for sentence in SENTENCES])
    level = float(np.sqrt((frame_levels(pcm) ** 2).mean()))
    for pace in (0.7, 0.85, 1.1):
        slow = stretched(pcm, pace)
        assert pitch_ratio(pcm, slow, pace) == pytest.approx(1, rel=0.01)
        assert 20 * abs(np.log10(np.sqrt((frame_levels(slow) ** 2).mean()) / level)) <= 0.5
        assert np.abs(np.diff(slow.astype(int))).max() <= 1.1 * np.abs(np.diff(pcm.astype(int))).max()


async def test_numbers_are_said_one_by_one_and_understood(voice: Speaker, recogniser: Transcriber) -> None:
    text = "Your order number is four, five, six, seven, eight."
    plain, slow = await drain(voice.speak(text)), await drain(OneByOne(voice).speak(text))
    assert seconds(slow) >= seconds(plain) + 3 * PAUSE_S
    heard = (await recogniser.transcribe(slow)).text
    assert wrong(text, heard) <= 1, heard
