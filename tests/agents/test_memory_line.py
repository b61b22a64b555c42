"""The in-memory line keeps the contract of every line, in real and in virtual time, and to the sample."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm
from agents.line import PlaybackFinished, PlaybackPaused, PlaybackResumed, PlaybackStarted, VoicePaused, VoiceStarted
from agents.memory_line import MemoryLine
from tests.agents.virtual_time import run_virtual, virtual_clock
from tests.ari_app.media.hold_contract import HOLD_CHECKS
from tests.ari_app.media.line_contract import CHECKS, Check, Reader

ALL = [*CHECKS, *HOLD_CHECKS]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_contract_in_virtual_time(check: Check) -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)

        async def end() -> None:
            line.hang_up()

        await check(line, end)

    run_virtual(main())


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
async def test_contract_in_real_time(check: Check) -> None:
    line = MemoryLine()

    async def end() -> None:
        line.hang_up()

    await check(line, end)


async def counting(seconds: float, chunk: int = RATE // 10) -> AsyncIterator[Pcm]:
    """Every sample differs from its neighbours, so that none can be lost or doubled unseen."""
    pcm = (np.arange(round(seconds * RATE)) % 30_000).astype(np.int16)
    for start in range(0, len(pcm), chunk):
        yield pcm[start : start + chunk]


@given(st.lists(st.tuples(st.floats(0.0, 0.4), st.floats(0.0, 0.5)), max_size=6))
def test_however_often_it_is_held_every_sample_leaves_once_and_in_order(breaks: list[tuple[float, float]]) -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        playing = asyncio.create_task(line.play("story", counting(1.0)))
        for after_s, for_s in breaks:
            await asyncio.sleep(after_s)
            await line.hold()
            await asyncio.sleep(for_s)
            await line.resume()
        await playing
        while not line.quiet:
            line.progress.clear()
            await line.progress.wait()
        [(_, pcm)] = line.played
        assert np.array_equal(pcm, np.concatenate([chunk async for chunk in counting(1.0)]))
        assert np.array_equal(pcm, np.concatenate([stretch.pcm for stretch in line.sounded]))
        assert all(before.ended_at <= after.begun_at + 1 / RATE for before, after in pairwise(line.sounded))

    run_virtual(main())


def test_the_callers_voice_holds_the_line_by_itself_before_it_is_reported() -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        reader = Reader(line)
        await line.play("story", counting(2.0))
        await asyncio.sleep(0.5)
        await line.speak(np.zeros(RATE // 2, dtype=np.int16))
        await reader.until(VoicePaused)
        playback = [event for event in reader.seen if isinstance(event, PlaybackStarted | PlaybackPaused | VoiceStarted | VoicePaused)]
        assert [type(event) for event in playback] == [PlaybackStarted, PlaybackPaused, VoiceStarted, VoicePaused]
        assert playback[1] == PlaybackPaused("story", playback[0].at + 0.5, 0.5)
        assert playback[2] == VoiceStarted(playback[0].at + 0.5, "story")
        assert line.held, "only the mind lets go after a voice"
        line.hang_up()

    run_virtual(main())


def test_a_sound_that_is_no_voice_lets_go_by_itself() -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        reader = Reader(line)
        await line.play("story", counting(1.0))
        await asyncio.sleep(0.5)
        await line.click(0.06)
        await reader.until(PlaybackFinished)
        assert [type(event) for event in reader.seen] == [PlaybackStarted, PlaybackPaused, PlaybackResumed, PlaybackFinished]

    run_virtual(main())


def test_nothing_to_hold_is_not_held() -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        await line.speak(np.zeros(RATE // 2, dtype=np.int16))
        assert not line.held
        await line.play("legal", counting(1.0), interruptible=False)
        await line.speak(np.zeros(RATE // 2, dtype=np.int16))
        assert not line.held
        line.hang_up()

    run_virtual(main())
