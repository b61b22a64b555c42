"""The bed of the in-memory line keeps the contract of every line, and gives way to the caller's voice."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.bed import DUCKED
from agents.line import VoicePaused, VoiceStarted
from agents.memory_line import MemoryLine
from tests.agents.virtual_time import run_virtual, virtual_clock
from tests.ari_app.media.bed_contract import BED_CHECKS, LEVEL, BedCheck, music
from tests.ari_app.media.line_contract import Reader


@dataclass
class MemoryEar:
    line: MemoryLine
    now: Callable[[], float]

    async def level(self, begin: float, end: float) -> float:
        while (left_s := end - self.now()) > 0:
            await asyncio.sleep(left_s)
        heard = self.line.bed_heard(begin, end).astype(np.float64)
        for stretch in self.line.sounded:
            first = round((stretch.begun_at - begin) * RATE)
            piece = stretch.pcm[max(0, -first) :][: max(0, len(heard) - max(0, first))]
            heard[max(0, first) : max(0, first) + len(piece)] += piece
        rms = np.sqrt(np.mean(heard**2))
        return float(20 * np.log10(rms / 32768)) if rms else -100.0


@pytest.mark.parametrize("check", BED_CHECKS, ids=lambda check: check.__name__)
def test_bed_contract_in_virtual_time(check: BedCheck) -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)

        async def end() -> None:
            line.hang_up()

        await check(line, end, MemoryEar(line, virtual_clock))

    run_virtual(main())


@pytest.mark.parametrize("check", BED_CHECKS[:2], ids=lambda check: check.__name__)
async def test_bed_contract_in_real_time(check: BedCheck) -> None:
    line = MemoryLine()

    async def end() -> None:
        line.hang_up()

    await check(line, end, MemoryEar(line, time.monotonic))


def test_under_the_callers_voice_the_bed_is_softer_and_goes_on() -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        reader, ear = Reader(line), MemoryEar(line, virtual_clock)
        await line.bed(music())
        await asyncio.sleep(1.0)
        begun = virtual_clock()
        await line.speak(np.zeros(RATE, dtype=np.int16))
        [voice] = await reader.until(VoiceStarted)
        assert isinstance(voice, VoiceStarted)
        assert voice.playing is None
        assert not line.held, "the bed is nothing that a voice interrupts"
        await reader.until(VoicePaused)
        soft = LEVEL + 20 * np.log10(DUCKED)
        assert await ear.level(begun + 0.1, begun + 1.6) == pytest.approx(soft, abs=0.5)
        assert await ear.level(begun + 2.0, begun + 2.4) == pytest.approx(LEVEL, abs=0.5)

    run_virtual(main())


def test_the_bed_stands_still_while_it_is_not_heard() -> None:
    async def main() -> None:
        line = MemoryLine(virtual_clock)
        ramp = np.arange(1, 10 * RATE + 1, dtype=np.int64)
        await line.bed((ramp % 30_000).astype(np.int16))
        begun = virtual_clock()
        await asyncio.sleep(1.0)
        await line.play("clip", _zeros(2.0))
        await asyncio.sleep(3.0)
        full = line.bed_heard(begun + 0.3, begun + 1.0)
        assert np.array_equal(full, ramp[round(0.3 * RATE) : RATE])
        back = line.bed_heard(begun + 3.3, begun + 3.4)
        assert back[0] == ramp[round(1.36 * RATE)], "1 s before the clip, 60 ms dying away, 300 ms behind it"

    run_virtual(main())


async def _zeros(seconds: float) -> AsyncIterator[Pcm]:
    yield np.zeros(round(seconds * RATE), dtype=np.int16)
