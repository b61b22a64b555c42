"""What every ``agents.line.Line`` must do when it is held and let go; goes with ``line_contract``."""

import asyncio

import pytest

from agents.line import (
    Line,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
)
from tests.ari_app.media.line_contract import Check, End, Reader, clip

_FRAME_S = 0.02
_PLAYBACK = PlaybackStarted | PlaybackPaused | PlaybackResumed | PlaybackFinished | PlaybackStopped


def course(reader: Reader) -> list[tuple[type[LineEvent], str]]:
    """What happened to which clip, in order."""
    return [(type(event), event.clip) for event in reader.seen if isinstance(event, _PLAYBACK)]


async def held_in_the_middle_a_clip_goes_on_where_it_was(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("story", clip(20))
    [started] = await reader.until(PlaybackStarted)
    await asyncio.sleep(0.1)
    await line.hold()
    [paused] = await reader.until(PlaybackPaused)
    await asyncio.sleep(0.5)
    await line.resume()
    [resumed] = await reader.until(PlaybackResumed)
    [finished] = await reader.until(PlaybackFinished)
    assert isinstance(started, PlaybackStarted)
    assert isinstance(paused, PlaybackPaused)
    assert isinstance(resumed, PlaybackResumed)
    assert isinstance(finished, PlaybackFinished)
    assert _FRAME_S <= paused.heard_s < 0.4
    assert paused.heard_s == pytest.approx(paused.at - started.at, abs=2.5 * _FRAME_S)
    assert resumed.at - paused.at >= 0.45
    assert finished.at - resumed.at == pytest.approx(0.4 - paused.heard_s, abs=2.5 * _FRAME_S)
    assert course(reader) == [(kind, "story") for kind in (PlaybackStarted, PlaybackPaused, PlaybackResumed, PlaybackFinished)]


async def what_has_not_begun_waits_and_is_not_reported(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.hold()
    await line.play("answer", clip(3))
    await asyncio.sleep(0.3)
    await line.resume()
    await reader.until(PlaybackFinished)
    assert course(reader) == [(PlaybackStarted, "answer"), (PlaybackFinished, "answer")]


async def a_clip_that_may_not_be_interrupted_is_not_held(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("legal", clip(10), interruptible=False)
    await line.play("question", clip(3))
    await reader.until(PlaybackStarted)
    await line.hold()
    await reader.until(PlaybackFinished)
    await asyncio.sleep(0.2)
    await line.resume()
    await reader.until(PlaybackFinished)
    assert course(reader) == [(kind, name) for name in ("legal", "question") for kind in (PlaybackStarted, PlaybackFinished)]


async def holding_twice_is_holding_once(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.resume()
    await line.play("story", clip(10))
    await reader.until(PlaybackStarted)
    await line.hold()
    await line.hold()
    await reader.until(PlaybackPaused)
    await line.resume()
    await line.resume()
    await reader.until(PlaybackFinished)
    assert course(reader) == [(kind, "story") for kind in (PlaybackStarted, PlaybackPaused, PlaybackResumed, PlaybackFinished)]


async def stop_drops_what_is_held_and_ends_the_hold(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("story", clip(50))
    await line.play("queued", clip(3))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.1)
    await line.hold()
    [paused] = await reader.until(PlaybackPaused)
    await asyncio.sleep(0.1)
    await line.stop()
    stopped, queued = await reader.until(PlaybackStopped, count=2)
    await line.play("next", clip(2))
    await reader.until(PlaybackFinished)
    assert isinstance(paused, PlaybackPaused)
    assert isinstance(stopped, PlaybackStopped)
    assert isinstance(queued, PlaybackStopped)
    assert (stopped.clip, stopped.heard_s) == ("story", paused.heard_s), "nothing left while the line was held"
    assert (queued.clip, queued.heard_s) == ("queued", 0.0)


async def a_held_line_can_close(line: Line, end: End) -> None:
    reader = Reader(line)
    await line.play("story", clip(50))
    await line.play("queued", clip(3))
    await reader.until(PlaybackStarted)
    await line.hold()
    await reader.until(PlaybackPaused)
    await end()
    await reader.rest()
    await line.hold()
    await line.resume()
    assert reader.ends() == [("story", "stopped"), ("queued", "stopped")]
    assert isinstance(reader.seen[-1], LineClosed)


HOLD_CHECKS: list[Check] = [
    held_in_the_middle_a_clip_goes_on_where_it_was,
    what_has_not_begun_waits_and_is_not_reported,
    a_clip_that_may_not_be_interrupted_is_not_held,
    holding_twice_is_holding_once,
    stop_drops_what_is_held_and_ends_the_hold,
    a_held_line_can_close,
]
