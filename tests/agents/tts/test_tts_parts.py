"""Leveling, the sentence cache, the chain of voices and the cleaning of texts."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.audio import RATE, Pcm
from agents.speech.cooldown import Cooldown
from agents.tts.cache import CachedSpeaker
from agents.tts.clip_files import ClipFiles, Spoken
from agents.tts.fallback import FallbackSpeaker
from agents.tts.iterating import drain
from agents.tts.leveling import Leveler, active_level_dbov
from agents.tts.plain_text import LONGEST, plain
from agents.tts.resampling import Resampler
from agents.tts.speaker import SpeechError
from agents.tts.tone import ToneSpeaker


def _sine(seconds: float, dbov: float, rate: int = RATE, hz: float = 300.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    time = np.arange(round(seconds * rate)) / rate
    return (10 ** (dbov / 20) * 2**0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)


# --- leveling


def test_the_active_level_ignores_pauses() -> None:
    tone = (_sine(1, -20) * 32768).astype(np.int16)
    with_pauses = np.concatenate((tone, np.zeros(2 * RATE, dtype=np.int16), tone))
    assert active_level_dbov(tone) == pytest.approx(-20, abs=0.1)
    assert active_level_dbov(with_pauses) == pytest.approx(-20, abs=0.1)
    assert active_level_dbov(np.zeros(RATE, dtype=np.int16)) == float("-inf")
    assert active_level_dbov(np.zeros(0, dtype=np.int16)) == float("-inf")


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 0.5), st.floats(0, 0.5), st.lists(st.integers(37, 4000), min_size=1, max_size=20), st.floats(-6, 6))
def test_chunks_do_not_change_what_is_heard(lead: float, tail: float, cuts: list[int], gain: float) -> None:
    silence = np.zeros(RATE, dtype=np.float32)
    samples = np.concatenate((silence[: int(lead * RATE)], _sine(0.3, -20), silence[:3000], _sine(0.2, -20), silence[: int(tail * RATE)]))
    one, many = Leveler(gain), Leveler(gain)
    whole = np.concatenate((one.push(samples), one.finish()))
    parts: list[Pcm] = []
    at, turn = 0, 0
    while at < len(samples):
        size = cuts[turn % len(cuts)]
        parts.append(many.push(samples[at : at + size]))
        at, turn = at + size, turn + 1
    assert np.array_equal(np.concatenate([*parts, many.finish()]), whole)


@given(st.floats(0, 1), st.floats(0, 1))
def test_silence_is_trimmed_and_the_ends_are_faded(lead: float, tail: float) -> None:
    samples = np.concatenate((np.zeros(int(lead * RATE), np.float32), _sine(0.5, -20), np.zeros(int(tail * RATE), np.float32)))
    leveler = Leveler(0)
    pcm = np.concatenate((leveler.push(samples), leveler.finish()))
    assert 0.48 <= len(pcm) / RATE <= 0.5 + 0.030 + 0.080 + 0.011
    assert abs(int(pcm[0])) < 200
    assert abs(int(pcm[-1])) < 200


def test_peaks_are_bent_not_clipped() -> None:
    leveler = Leveler(20)
    pcm = np.concatenate((leveler.push(_sine(0.5, -15)), leveler.finish()))
    assert 28000 < np.abs(pcm.astype(np.int32)).max() <= 32767


def test_nothing_but_silence_gives_nothing() -> None:
    leveler = Leveler(0)
    assert len(leveler.push(np.zeros(RATE, np.float32))) == 0
    assert len(leveler.finish()) == 0


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 48000])
@pytest.mark.parametrize("chunk", [160, 999, 4800])
def test_resampling_in_chunks_keeps_length_and_level(rate: int, chunk: int) -> None:
    data = (_sine(1, -20, rate) * 32768).astype("<i2").tobytes()
    resampler = Resampler(rate)
    parts = [resampler.push(data[at : at + chunk * 2]) for at in range(0, len(data), chunk * 2)]
    samples = np.concatenate([*parts, resampler.finish()])
    assert abs(len(samples) - RATE) <= 2
    middle = samples[2000:-2000]
    assert float(np.sqrt((middle**2).mean())) == pytest.approx(0.1, rel=0.02)


# --- texts


@given(st.text(max_size=300))
def test_plain_text_is_one_encodable_line_or_refused(text: str) -> None:
    try:
        line = plain(text)
    except SpeechError:
        assert not any(c.isalnum() for c in text)
        return
    line.encode()
    assert line == " ".join(line.split())
    assert len(line) <= LONGEST
    assert [c for c in line if c.isalnum()] == [c for c in text if c.isalnum()]


# --- cache


class CountingTone(ToneSpeaker):
    def __init__(self, pitch_hz: float = 220.0) -> None:
        super().__init__(pitch_hz)
        self.asked: list[str] = []

    async def speak(self, text: str) -> AsyncIterator[Pcm]:  # type: ignore[override]
        self.asked.append(text)
        async for chunk in super().speak(text):
            yield chunk


async def test_prepared_sentences_survive_a_restart(tmp_path: Path) -> None:
    first = CountingTone()
    assert await CachedSpeaker(first, tmp_path).prepare(["Welcome.", "Goodbye.", "Welcome."]) == 2
    second = CountingTone()
    cached = CachedSpeaker(second, tmp_path)
    assert await cached.prepare(["Welcome.", "Goodbye."]) == 0
    assert len(await drain(cached.speak("Welcome.")))
    assert second.asked == []


async def test_what_an_earlier_process_kept_is_spoken_from_disk_before_it_is_prepared_again(tmp_path: Path) -> None:
    await CachedSpeaker(ToneSpeaker(), tmp_path).prepare(["Welcome."])
    inner = CountingTone()
    cached = CachedSpeaker(inner, tmp_path)
    first = await drain(cached.speak("Welcome."))
    for path in tmp_path.iterdir():  # noqa: ASYNC240 - one file, in a test
        path.unlink()
    assert np.array_equal(await drain(cached.speak("Welcome.")), first), "the second time from memory"
    assert np.array_equal(first, await drain(ToneSpeaker().speak("Welcome.")))
    assert inner.asked == []


async def test_personal_data_never_reaches_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "speech"
    inner = CountingTone()
    cached = CachedSpeaker(inner, folder)
    await cached.prepare(["Welcome."])
    before = sorted(folder.iterdir())
    for _ in range(2):
        await drain(cached.speak("Your order 42715 is on its way."))
    assert sorted(folder.iterdir()) == before
    assert inner.asked == ["Welcome.", "Your order 42715 is on its way."]  # the second time it came from memory


async def test_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "speech"
    await CachedSpeaker(ToneSpeaker(), folder).prepare(["Welcome."])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]
    assert "elcome" not in "".join(path.name for path in folder.iterdir())


async def test_another_voice_or_version_has_its_own_sentences(tmp_path: Path) -> None:
    await CachedSpeaker(CountingTone(220), tmp_path).prepare(["Welcome."])
    assert await CachedSpeaker(CountingTone(330), tmp_path).prepare(["Welcome."]) == 1


@pytest.mark.parametrize("damage", [b"", b"PATCHCORD-CLIP-2", b"x" * 5000, None])
async def test_a_damaged_file_is_spoken_anew(tmp_path: Path, damage: bytes | None) -> None:
    await CachedSpeaker(ToneSpeaker(), tmp_path).prepare(["Welcome."])
    (path,) = tmp_path.iterdir()  # noqa: ASYNC240 - one file, in a test
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] if damage is None else damage)
    cached = CachedSpeaker(ToneSpeaker(), tmp_path)
    assert await cached.prepare(["Welcome."]) == 1
    assert path.read_bytes() == whole


async def test_an_unusable_folder_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cached = CachedSpeaker(ToneSpeaker(), tmp_path / "file")
    assert await cached.prepare(["Welcome."]) == 1
    assert len(await drain(cached.speak("Welcome.")))


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    import os

    files = ClipFiles(tmp_path, max_mb=0.035)
    clip = Spoken(np.ones(5000, dtype=np.int16))
    for number, key in enumerate(("a", "b", "c")):
        files.write(key, clip)
        os.utime(tmp_path / f"{key}.clip", (number, number))
    assert files.read("a") is not None  # used now, so b is the longest unused
    files.write("d", clip)
    assert [key for key in "abcd" if files.read(key) is not None] == ["a", "c", "d"]


async def test_an_interrupted_sentence_is_not_remembered(tmp_path: Path) -> None:
    inner = CountingTone()
    cached = CachedSpeaker(inner, tmp_path)
    audio = cached.speak("Your order is late.")
    await anext(audio)
    await audio.aclose()
    whole = await drain(cached.speak("Your order is late."))
    assert len(inner.asked) == 2
    assert np.array_equal(whole, await drain(ToneSpeaker().speak("Your order is late.")))


# --- chain


class Failing:
    def __init__(self, after: int = 0, wait_s: float = 0.0) -> None:
        self.name = "failing"
        self.after, self.wait_s, self.asked, self.closed = after, wait_s, 0, False

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        self.asked += 1
        for _ in range(self.after):
            yield np.ones(160, dtype=np.int16)
        await asyncio.sleep(self.wait_s)
        raise SpeechError("failing: it failed; mend it")

    async def close(self) -> None:
        self.closed = True


async def test_the_next_voice_speaks_when_one_fails() -> None:
    failing = Failing()
    chain = FallbackSpeaker([failing, ToneSpeaker()])
    assert np.array_equal(await drain(chain.speak("Hello.")), await drain(ToneSpeaker().speak("Hello.")))
    await drain(chain.speak("Hello."))
    assert failing.asked == 1  # it rests
    await chain.close()
    assert failing.closed


async def test_the_next_voice_speaks_when_one_is_too_slow_to_begin() -> None:
    chain = FallbackSpeaker([Failing(wait_s=5), ToneSpeaker()], first_audio_s=0.05)
    assert len(await asyncio.wait_for(drain(chain.speak("Hello.")), 1))


async def test_half_a_sentence_is_never_followed_by_another_voice() -> None:
    tone = CountingTone()
    chain = FallbackSpeaker([Failing(after=2), tone])
    heard = 0
    with pytest.raises(SpeechError, match="mend it"):
        async for chunk in chain.speak("Hello."):
            heard += len(chunk)
    assert heard == 320
    assert tone.asked == []


async def test_when_all_voices_fail_every_reason_is_given() -> None:
    chain = FallbackSpeaker([Failing(), Failing(wait_s=5)], first_audio_s=0.05)
    with pytest.raises(SpeechError, match=r"mend it; failing: no audio within 0\.05 s"):
        await drain(chain.speak("Hello."))


async def test_a_voice_is_tried_again_after_its_rest() -> None:
    now = [0.0]
    failing = Failing()
    chain = FallbackSpeaker([failing, ToneSpeaker()], cooldown=Cooldown(30, lambda: now[0]))
    for at in (0.0, 10.0, 31.0):
        now[0] = at
        await drain(chain.speak("Hello."))
    assert failing.asked == 2


async def test_a_chain_prepares_with_its_first_voice(tmp_path: Path) -> None:
    assert await FallbackSpeaker([CachedSpeaker(ToneSpeaker(), tmp_path), ToneSpeaker()]).prepare(["Hello."]) == 1
    assert await FallbackSpeaker([ToneSpeaker()]).prepare(["Hello."]) == 0
