"""Where the times of words come from, and what happens to them on their way to the clip."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE
from agents.tts.cache import CachedSpeaker
from agents.tts.clip_files import ClipFiles, Spoken
from agents.tts.fallback import FallbackSpeaker
from agents.tts.flite_engine import placed
from agents.tts.helper_turns import Turns
from agents.tts.iterating import drain
from agents.tts.leveling import Leveler
from agents.tts.plain_text import places, plain
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.tone import ToneSpeaker
from agents.tts.word_timer import WordTimer
from agents.tts.word_times import Timeline, WordTime, words_of
from tests.agents.tts.conftest import UnpackedTree
from tests.agents.tts.speaker_contract import SENTENCE
from tests.agents.tts.test_tts_parts import CountingTone, Failing
from tests.agents.tts.test_tts_voices import _helpers

HALF_A_SECOND = np.zeros(RATE // 2, dtype=np.int16)


@given(st.text(max_size=200))
def test_every_character_of_the_plain_text_has_its_place(text: str) -> None:
    if not any(c.isalnum() for c in text):
        return
    line, origin = plain(text), places(text)
    assert len(origin) == len(line)
    assert all(text[place] == c for place, c in zip(origin, line, strict=True) if not c.isspace())
    assert origin == sorted(set(origin))


# --- from the library's events


def test_a_word_lies_half_way_between_the_audio_before_and_behind_its_event() -> None:
    told: list[tuple[int, int, int, int]] = []
    timer = WordTimer("Café no".encode(), lambda *word: told.append(word))
    timer.played(100)
    timer.starts(0, 5)
    timer.played(100)
    timer.ends(0, 5)
    timer.starts(6, 2)
    assert told == []
    timer.played(200)
    timer.ends(6, 2)
    timer.played(0)
    assert told == [(0, 4, 150, 300), (5, 7, 300, 400)]


def test_tokens_of_flite_become_the_words_between_blanks() -> None:
    tokens = [("Café", 0.1, 0.0), ("no", 0.5, 0.8), ("-", 0.0, 0.0), ("worry", 0.9, 1.2), ("-", 0.0, 0.0)]
    assert placed("“Café” (no - worry). -", tokens, 1.5) == [
        (0, 6, 0.1, 0.5),
        (7, 10, 0.5, 0.8),
        (11, 12, 0.8, 0.9),
        (13, 20, 0.9, 1.2),
        (21, 22, 1.2, 1.5),
    ]


# --- to the clip


def test_words_wait_for_their_audio_and_end_with_it() -> None:
    words: list[WordTime] = []
    timeline = Timeline(words, range(10, 30))
    timeline.add(WordTime(0, 4, 0.1, 0.5))
    timeline.add(WordTime(5, 9, 0.5, 0.9))
    timeline.add(WordTime(15, 25, 0.9, 1.0))  # no place in the text
    timeline.made(HALF_A_SECOND, 0.2)
    assert [(word.start, word.end, word.starts_s) for word in words] == [(10, 14, 0.0)]
    timeline.made(HALF_A_SECOND[:1600], 0.2)
    timeline.finish()
    assert [(word.start, word.end, word.ends_s) for word in words[1:]] == [(15, 19, 0.6)]


@given(st.floats(0, 0.5), st.integers(100, 5000))
def test_the_leveler_tells_what_it_cuts_off(lead_s: float, chunk: int) -> None:
    click = np.full(RATE // 10, 0.1, dtype=np.float32)
    samples = np.concatenate((np.zeros(int(lead_s * RATE), np.float32), click))
    leveler = Leveler(0)
    parts = [leveler.push(samples[at : at + chunk]) for at in range(0, len(samples), chunk)]
    pcm = np.concatenate([*parts, leveler.finish()])
    assert int(lead_s * RATE) - leveler.trimmed_s * RATE == pytest.approx(np.flatnonzero(pcm)[0], abs=RATE * 0.006)


# --- through the wrappers


async def test_prepared_words_survive_a_restart_and_other_blanks(tmp_path: Path) -> None:
    await CachedSpeaker(ToneSpeaker(), tmp_path).prepare([SENTENCE])
    cached = CachedSpeaker(CountingTone(), tmp_path)
    assert await cached.prepare([SENTENCE]) == 0
    text = SENTENCE.replace(" ", "  \t")
    audio = cached.speak(text)
    await drain(audio)
    assert [text[word.start : word.end] for word in audio.words] == text.split()
    fresh = ToneSpeaker().speak(SENTENCE)
    await drain(fresh)
    assert [word.ends_s for word in audio.words] == [word.ends_s for word in fresh.words]


async def test_remembered_words_are_those_of_the_first_time(tmp_path: Path) -> None:
    cached = CachedSpeaker(ToneSpeaker(), tmp_path)
    first, second = cached.speak(SENTENCE), cached.speak(f" {SENTENCE}")
    await drain(first)
    await drain(second)
    assert [(word.start - 1, word.ends_s) for word in second.words] == [(word.start, word.ends_s) for word in first.words]


def test_a_file_of_an_older_program_is_as_good_as_none(tmp_path: Path) -> None:
    files = ClipFiles(tmp_path, 1)
    files.write("a", Spoken(HALF_A_SECOND, (WordTime(0, 3, 0.0, 0.5),)))
    assert files.read("a") is not None
    path = tmp_path / "a.clip"
    path.write_bytes(path.read_bytes().replace(b"PATCHCORD-CLIP-2", b"PATCHCORD-CLIP-1"))
    assert files.read("a") is None
    assert not path.exists()


async def test_the_voice_that_steps_in_tells_its_words() -> None:
    audio = FallbackSpeaker([Failing(), ToneSpeaker()]).speak(SENTENCE)
    await drain(audio)
    assert [SENTENCE[word.start : word.end] for word in audio.words] == SENTENCE.split()


async def test_a_voice_that_knows_no_words_has_none(tmp_path: Path) -> None:
    assert words_of(CountingTone().speak(SENTENCE)) == ()
    for _ in range(2):
        audio = FallbackSpeaker([CachedSpeaker(CountingTone(), tmp_path)]).speak(SENTENCE)
        await drain(audio)
        assert list(audio.words) == []


# --- the helpers


def test_the_text_with_the_least_audio_goes_first() -> None:
    turns, order, started = Turns(), list[int](), threading.Barrier(4)

    def make(number: int) -> None:
        started.wait()
        turns.enter(number)
        for _ in range(3):
            order.append(number)
            turns.made(number, 2400)
        turns.leave(number)

    turns.enter(9)
    threads = [threading.Thread(target=make, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    started.wait()
    while len(turns._made) < 4:
        pass
    turns.leave(9)
    for thread in threads:
        thread.join()
    assert order == [1, 2, 3] * 3


@pytest.mark.speech
async def test_words_are_told_once_though_the_helper_was_replaced(rhvoice_tree: UnpackedTree) -> None:
    speaker = RHVoiceSpeaker(rhvoice_tree, "bdl", helpers=1)
    text = " ".join([SENTENCE] * 3)
    whole = speaker.speak(text)
    await drain(whole)
    broken, chunks = speaker.speak(text), 0
    async for _ in broken:
        chunks += 1
        if chunks == 12:
            os.kill(_helpers()[0].pid, signal.SIGKILL)
    assert list(broken.words) == list(whole.words)
    await speaker.close()
