"""The pure parts of recognition: cutting long audio, finding loops, falling back, cooling down."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm, silence
from agents.speech.cooldown import Cooldown
from agents.stt.chunks import split
from agents.stt.fallback import FallbackTranscriber
from agents.stt.repetition import loop_start
from agents.stt.scripted import ScriptedTranscriber
from agents.stt.transcriber import Hint, Transcript, TranscriptionError

SPEECH: Pcm = np.full(RATE, 1000, dtype=np.int16)


@given(st.integers(0, 200 * 16_000))
def test_pieces_make_up_the_whole_and_none_is_too_long(samples: int) -> None:
    pcm = (np.arange(samples) % 999).astype(np.int16)
    pieces = split(pcm)
    assert np.array_equal(np.concatenate(pieces), pcm)
    assert all(len(piece) <= 25 * RATE for piece in pieces)
    assert pieces


def test_the_cut_lies_in_the_pause() -> None:
    rng = np.random.default_rng(1)
    pcm = rng.integers(-8000, 8000, 40 * RATE).astype(np.int16)
    pcm[20 * RATE : 20 * RATE + RATE // 2] = 0
    first, _ = split(pcm)
    assert 20 * RATE <= len(first) <= 20.5 * RATE


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([1, 2, 3], None),
        ([5] * 7, None),
        ([5] * 8, 1),
        ([9, 5, 6] + [5, 6] * 6, 3),
        ([7, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], 4),
        ([1, 2, 3, 1, 2, 3], None),
    ],
)
def test_loops(tokens: list[int], kept: int | None) -> None:
    assert loop_start(tokens) == kept


@given(st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(9, 14))
def test_every_phrase_said_nine_times_is_a_loop(before: list[int], phrase: list[int], rounds: int) -> None:
    kept = loop_start(before + phrase * rounds)
    assert kept is not None
    assert kept <= len(before) + len(phrase)


class Failing:
    name = "failing"

    def __init__(self, wait_s: float = 0.0) -> None:
        self.wait_s = wait_s
        self.asked = 0

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        self.asked += 1
        await asyncio.sleep(self.wait_s)
        raise TranscriptionError("failing: it failed; mend it")

    async def close(self) -> None:
        pass


async def test_the_next_one_listens_when_one_fails() -> None:
    chain = FallbackTranscriber([Failing(), ScriptedTranscriber(["hello"])])
    assert (await chain.transcribe(SPEECH)).text == "hello"
    await chain.close()


async def test_the_next_one_listens_when_one_is_too_slow() -> None:
    chain = FallbackTranscriber([ScriptedTranscriber(["late"], takes_s=5), ScriptedTranscriber(["hello"])], limit_s=0.05)
    heard = await chain.transcribe(SPEECH)
    assert heard.text == "hello"
    assert 0.04 < heard.took_s < 1


async def test_when_all_fail_every_reason_is_given() -> None:
    chain = FallbackTranscriber([Failing(), ScriptedTranscriber(["late"], takes_s=5)], limit_s=0.05)
    with pytest.raises(TranscriptionError, match=r"mend it; scripted: no text within 0\.05 s"):
        await chain.transcribe(SPEECH)


async def test_a_failed_one_is_left_alone_for_a_while() -> None:
    now = [0.0]
    failing = Failing()
    chain = FallbackTranscriber([failing, ScriptedTranscriber(["a", "b", "c"])], cooldown=Cooldown(30, lambda: now[0]))
    await chain.transcribe(SPEECH)
    await chain.transcribe(SPEECH)
    assert failing.asked == 1
    now[0] = 31
    await chain.transcribe(SPEECH)
    assert failing.asked == 2


def test_a_chain_needs_a_member() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FallbackTranscriber([])


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 20)), max_size=20))
def test_cooldown_never_leaves_anybody_out(failures: list[tuple[int, float]]) -> None:
    now = [0.0]
    providers = ["a", "b", "c", "d"]
    cooldown = Cooldown(30, lambda: now[0])
    for number, passed in failures:
        now[0] += passed
        cooldown.failed(providers[number])
    assert sorted(cooldown.ordered(providers)) == providers
    now[0] += 30
    assert cooldown.ordered(providers) == providers


async def test_silence_takes_no_text_from_the_script() -> None:
    transcriber = ScriptedTranscriber(["one"])
    assert (await transcriber.transcribe(silence(1))).text == ""
    assert (await transcriber.transcribe(SPEECH)).text == "one"
