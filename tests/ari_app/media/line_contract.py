"""What every ``agents.line.Line`` must do, the telephone's and the in-memory one alike.

Each check takes a fresh line on which frames leave in real time or faster, and ``end``, which ends it as a hang-up would.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import numpy as np
import pytest

from agents.audio import FRAME_SAMPLES, Pcm
from agents.line import Line, LineClosed, LineEvent, PlaybackFinished, PlaybackStarted, PlaybackStopped

End: TypeAlias = Callable[[], Awaitable[object]]
Check: TypeAlias = Callable[[Line, End], Awaitable[None]]

_PATIENCE_S = 5.0


async def clip(frames: int, *, chunk: int = 5, gap_s: float = 0.0) -> AsyncIterator[Pcm]:
    """A tone of ``frames`` frames of 20 ms, in chunks."""
    tone = (6000 * np.sin(np.arange(frames * FRAME_SAMPLES) * 0.2)).astype(np.int16)
    for start in range(0, len(tone), chunk * FRAME_SAMPLES):
        yield tone[start : start + chunk * FRAME_SAMPLES]
        await asyncio.sleep(gap_s)


async def endless() -> AsyncIterator[Pcm]:
    """A voice that hands over one second and then never answers again."""
    async for pcm in clip(50):
        yield pcm
    await asyncio.Event().wait()


class Reader:
    """Collects a line's playback events."""

    def __init__(self, line: Line) -> None:
        self._events = line.events()
        self.seen: list[LineEvent] = []

    async def until(self, *wanted: type[LineEvent], count: int = 1) -> list[LineEvent]:
        """Read on until ``count`` events of the ``wanted`` types have come; those."""
        found: list[LineEvent] = []
        async with asyncio.timeout(_PATIENCE_S):
            while len(found) < count:
                event = await anext(self._events)
                self.seen.append(event)
                if isinstance(event, wanted):
                    found.append(event)
        return found

    async def rest(self) -> None:
        """Read to the end."""
        async with asyncio.timeout(_PATIENCE_S):
            async for event in self._events:
                self.seen.append(event)

    def ends(self) -> list[tuple[str, str]]:
        """(clip, ``finished`` or ``stopped``) in order."""
        return [
            (event.clip, "finished" if isinstance(event, PlaybackFinished) else "stopped")
            for event in self.seen
            if isinstance(event, PlaybackFinished | PlaybackStopped)
        ]


async def plays_in_order(line: Line, end: End) -> None:
    reader = Reader(line)
    for name in ("one", "two", "three"):
        await line.play(name, clip(4))
    await reader.until(PlaybackFinished, count=3)
    playback = [event for event in reader.seen if isinstance(event, PlaybackStarted | PlaybackFinished)]
    assert [(type(event), event.clip) for event in playback] == [
        (kind, name) for name in ("one", "two", "three") for kind in (PlaybackStarted, PlaybackFinished)
    ]
    times = [event.at for event in playback]
    assert times == sorted(times)
    assert 0.05 <= times[1] - times[0] <= 0.5


async def a_slow_clip_is_finished_only_when_all_of_it_left(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("slow", clip(10, chunk=2, gap_s=0.1))
    [finished] = await reader.until(PlaybackFinished)
    assert isinstance(finished, PlaybackFinished)
    [started] = [event for event in reader.seen if isinstance(event, PlaybackStarted)]
    assert finished.at - started.at >= 0.38
    assert reader.ends() == [("slow", "finished")]


async def an_empty_clip_finishes(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("nothing", clip(0))
    await line.play("after", clip(2))
    await reader.until(PlaybackFinished, count=2)
    assert reader.ends() == [("nothing", "finished"), ("after", "finished")]


async def stop_drops_everything_queued(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("heard", clip(100))
    await line.play("queued", clip(100))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.1)
    await line.stop()
    heard, queued = await reader.until(PlaybackStopped, count=2)
    assert isinstance(heard, PlaybackStopped)
    assert isinstance(queued, PlaybackStopped)
    assert (heard.clip, queued.clip) == ("heard", "queued")
    assert 0.02 <= heard.heard_s <= 1.0
    assert queued.heard_s == 0.0
    await line.play("afterwards", clip(2))
    await reader.until(PlaybackFinished)
    assert reader.ends() == [("heard", "stopped"), ("queued", "stopped"), ("afterwards", "finished")]


async def stop_ends_a_clip_whose_voice_hangs(line: Line, end: End) -> None:
    reader = Reader(line)
    playing = asyncio.create_task(line.play("hung", endless()))
    await reader.until(PlaybackStarted)
    await line.stop()
    await reader.until(PlaybackStopped)
    async with asyncio.timeout(_PATIENCE_S):
        await playing
    assert reader.ends() == [("hung", "stopped")]


async def stop_with_nothing_queued_does_nothing(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.stop()
    await line.play("next", clip(2))
    await reader.until(PlaybackFinished)
    assert reader.ends() == [("next", "finished")]


async def a_failing_voice_still_ends_its_clip(line: Line, end: End) -> None:
    async def failing() -> AsyncIterator[Pcm]:
        async for pcm in clip(5):
            yield pcm
        raise RuntimeError("the voice broke")

    reader = Reader(line)
    with pytest.raises(RuntimeError, match="the voice broke"):
        await line.play("broken", failing())
    await reader.until(PlaybackFinished, PlaybackStopped)
    assert [name for name, _ in reader.ends()] == ["broken"]


async def closing_ends_every_clip_then_the_events(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("heard", clip(100))
    await line.play("queued", clip(100))
    await reader.until(PlaybackStarted)
    await end()
    await reader.rest()
    assert reader.ends() == [("heard", "stopped"), ("queued", "stopped")]
    assert isinstance(reader.seen[-1], LineClosed)
    assert sum(isinstance(event, LineClosed) for event in reader.seen) == 1


async def everything_is_safe_after_the_end(line: Line, end: End) -> None:
    reader = Reader(line)
    await end()
    await end()
    async with asyncio.timeout(_PATIENCE_S):
        await line.play("too late", clip(5))
        await line.hold()
        await line.resume()
        await line.stop()
    await reader.rest()
    assert [type(event) for event in reader.seen] == [LineClosed]


CHECKS: list[Check] = [
    plays_in_order,
    a_slow_clip_is_finished_only_when_all_of_it_left,
    an_empty_clip_finishes,
    stop_drops_everything_queued,
    stop_ends_a_clip_whose_voice_hangs,
    stop_with_nothing_queued_does_nothing,
    a_failing_voice_still_ends_its_clip,
    closing_ends_every_clip_then_the_events,
    everything_is_safe_after_the_end,
]
"""To be parametrised over: ``@pytest.mark.parametrize("check", CHECKS)``."""
