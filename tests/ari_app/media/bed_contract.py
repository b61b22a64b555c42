"""What every ``agents.line.Line`` must do with a bed; goes with ``line_contract``. Each check also takes an ear at the caller's end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeAlias

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.line import Line, LineClosed, PlaybackFinished, PlaybackPaused, PlaybackResumed, PlaybackStarted, PlaybackStopped
from tests.ari_app.media.line_contract import End, Reader, clip

LEVEL = -26.0
"""dBov of ``music``."""
SILENT = -65.0
_TOLERANCE = 1.0


class Ear(Protocol):
    def now(self) -> float:
        """Seconds on the line's clock."""

    async def level(self, begin: float, end: float) -> float:
        """dBov of all that left from ``begin`` to ``end``, -100 for silence; waits until ``end``."""


BedCheck: TypeAlias = Callable[[Line, End, Ear], Awaitable[None]]


def music(seconds: float = 0.5, hertz: float = 500.0) -> Pcm:
    """A tone that joins its own beginning; ``seconds * hertz`` must be whole."""
    amplitude = 32768 * 10 ** (LEVEL / 20) * np.sqrt(2)
    made: Pcm = np.rint(amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)
    return made


async def hush(seconds: float) -> AsyncIterator[Pcm]:
    """A clip in which nothing is heard, so that all that is heard is the bed."""
    for _ in range(round(seconds * 10)):
        yield np.zeros(RATE // 10, dtype=np.int16)


async def the_bed_is_heard_while_nothing_else_leaves_and_goes_round(line: Line, end: End, ear: Ear) -> None:
    begun = ear.now()
    assert await ear.level(begun, begun + 0.2) == -100.0
    begun = ear.now()
    await line.bed(music())
    assert await ear.level(begun + 0.4, begun + 0.8) == pytest.approx(LEVEL, abs=_TOLERANCE)
    assert await ear.level(begun + 0.9, begun + 1.6) == pytest.approx(LEVEL, abs=_TOLERANCE)


async def a_clip_displaces_the_bed_and_the_bed_comes_back(line: Line, end: End, ear: Ear) -> None:
    reader = Reader(line)
    await line.bed(music())
    begun = ear.now()
    assert await ear.level(begun + 0.4, begun + 0.6) == pytest.approx(LEVEL, abs=_TOLERANCE)
    await line.play("quiet", hush(0.8))
    [started] = await reader.until(PlaybackStarted)
    [finished] = await reader.until(PlaybackFinished)
    assert isinstance(started, PlaybackStarted)
    assert isinstance(finished, PlaybackFinished)
    assert LEVEL - 20 < await ear.level(started.at, started.at + 0.06) < LEVEL
    assert await ear.level(started.at + 0.12, finished.at - 0.03) < SILENT
    assert SILENT < await ear.level(finished.at, finished.at + 0.16) < LEVEL - 1
    assert await ear.level(finished.at + 0.3, finished.at + 0.6) == pytest.approx(LEVEL, abs=_TOLERANCE)


async def the_bed_has_no_events_and_changes_none(line: Line, end: End, ear: Ear) -> None:
    reader = Reader(line)
    await line.bed(music())
    await asyncio.sleep(0.3)
    await line.play("one", clip(10))
    await line.play("two", clip(10))
    await reader.until(PlaybackFinished, count=2)
    await line.bed(None)
    await end()
    await reader.rest()
    assert [type(event) for event in reader.seen] == [PlaybackStarted, PlaybackFinished, PlaybackStarted, PlaybackFinished, LineClosed]
    times = [event.at for event in reader.seen]
    assert times[1] - times[0] == pytest.approx(0.19, abs=0.05)
    assert times[2] - times[1] <= 0.05


async def stop_does_not_end_the_bed(line: Line, end: End, ear: Ear) -> None:
    reader = Reader(line)
    await line.bed(music())
    await line.stop()
    await line.play("long", clip(100))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.2)
    await line.stop()
    [stopped] = await reader.until(PlaybackStopped)
    assert isinstance(stopped, PlaybackStopped)
    assert 0.1 <= stopped.heard_s <= 0.4
    assert await ear.level(stopped.at + 0.35, stopped.at + 0.6) == pytest.approx(LEVEL, abs=_TOLERANCE)


async def in_the_middle_of_a_held_clip_the_bed_waits_then_comes_in(line: Line, end: End, ear: Ear) -> None:
    reader = Reader(line)
    await line.bed(music())
    await line.play("quiet", hush(1.0))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.3)
    await line.hold()
    [paused] = await reader.until(PlaybackPaused)
    assert isinstance(paused, PlaybackPaused)
    assert await ear.level(paused.at + 0.1, paused.at + 1.15) < SILENT
    assert await ear.level(paused.at + 1.4, paused.at + 1.5) > -50.0
    assert await ear.level(paused.at + 2.0, paused.at + 2.3) == pytest.approx(LEVEL, abs=_TOLERANCE)
    await line.resume()
    [resumed] = await reader.until(PlaybackResumed)
    assert isinstance(resumed, PlaybackResumed)
    assert await ear.level(resumed.at + 0.12, resumed.at + 0.4) < SILENT
    await reader.until(PlaybackFinished)


async def a_voice_that_comes_late_leaves_no_long_silence(line: Line, end: End, ear: Ear) -> None:
    async def late() -> AsyncIterator[Pcm]:
        await asyncio.sleep(0.5)
        yield np.zeros(RATE // 5, dtype=np.int16)
        await asyncio.sleep(2.2)
        yield np.zeros(RATE // 5, dtype=np.int16)

    reader = Reader(line)
    await line.bed(music())
    begun = ear.now()
    playing = asyncio.create_task(line.play("late", late()))
    assert await ear.level(begun + 0.3, begun + 0.45) == pytest.approx(LEVEL, abs=_TOLERANCE), "it has not begun"
    [started] = await reader.until(PlaybackStarted)
    assert isinstance(started, PlaybackStarted)
    assert await ear.level(started.at + 0.3, started.at + 1.3) < SILENT
    assert await ear.level(started.at + 1.65, started.at + 1.75) > -50.0
    await playing
    await reader.until(PlaybackFinished)


async def none_ends_the_bed_and_another_takes_over(line: Line, end: End, ear: Ear) -> None:
    await line.bed(music())
    await line.bed(music())
    begun = ear.now()
    assert await ear.level(begun + 0.3, begun + 0.5) == pytest.approx(LEVEL, abs=_TOLERANCE)
    await line.bed((music(0.3, 700.0) / 4).astype(np.int16))
    begun = ear.now()
    assert await ear.level(begun + 0.4, begun + 0.7) == pytest.approx(LEVEL - 12, abs=_TOLERANCE)
    await line.bed(None)
    await line.bed(None)
    begun = ear.now()
    assert await ear.level(begun + 0.15, begun + 0.5) == -100.0
    await line.bed(music())
    begun = ear.now()
    assert await ear.level(begun + 0.3, begun + 0.5) == pytest.approx(LEVEL, abs=_TOLERANCE)


async def a_bed_that_cannot_be_looped_is_refused(line: Line, end: End, ear: Ear) -> None:
    with pytest.raises(ValueError, match=r"0\.05 s cannot be looped"):
        await line.bed(music(0.05, 400.0))
    with pytest.raises(ValueError, match=r"121\.00 s cannot be looped"):
        await line.bed(np.zeros(121 * RATE, dtype=np.int16))


async def a_bed_is_safe_after_the_end(line: Line, end: End, ear: Ear) -> None:
    reader = Reader(line)
    await line.bed(music())
    await end()
    await line.bed(music())
    await line.bed(None)
    await reader.rest()
    assert [type(event) for event in reader.seen] == [LineClosed]
    begun = ear.now()
    assert await ear.level(begun + 0.2, begun + 0.3) == -100.0


BED_CHECKS: list[BedCheck] = [
    the_bed_is_heard_while_nothing_else_leaves_and_goes_round,
    a_clip_displaces_the_bed_and_the_bed_comes_back,
    the_bed_has_no_events_and_changes_none,
    stop_does_not_end_the_bed,
    in_the_middle_of_a_held_clip_the_bed_waits_then_comes_in,
    a_voice_that_comes_late_leaves_no_long_silence,
    none_ends_the_bed_and_another_takes_over,
    a_bed_that_cannot_be_looped_is_refused,
    a_bed_is_safe_after_the_end,
]
