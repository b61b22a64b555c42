"""Angry callers on real calls: planned and voiced as for ``bench emotion_calls``, each sentence said when the agent has finished."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ari_app.caller.calling import record_call, telephone
from ari_app.caller.script import AfterAgent, Hangup, Play, Step, Wait
from tests.bench.emotion_calls.call import Call
from tests.bench.emotion_calls.rendering import Rendering
from tests.bench.emotion_calls.voices import CallerVoices
from tests.e2e.instance import Instance
from tests.e2e.people import trunk

_AFTER_THE_LAST_S: Final = 12.0
"""For the agent to put the caller through, and to end the call as nobody is there."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a planned call at the caller's end."""

    call: Call
    telephone: str
    """Caller id; no two are alike."""
    begun_ms: tuple[int, ...]
    """When each sentence that was said began, in ms since the INVITE."""
    failure: str
    """Why the call could not be placed. Empty when it was."""


async def call_all(instance: Instance, number: str, calls: Sequence[Call], at_once: int) -> list[Said]:
    """Each until the agent has ended it, or all is said. Raises SpeechError, SipError."""
    seats, done = asyncio.Semaphore(at_once), 0

    async def one(index: int, call: Call, rendering: Rendering) -> Said:
        nonlocal done
        async with seats:
            said = await _call(instance, number, call, f"5557{index:04}", rendering)
        done += 1
        sys.stderr.write(f"\r{done} of {len(calls)} calls")
        sys.stderr.flush()
        return said

    async with CallerVoices() as voices:
        rendering = Rendering(voices)
        return await asyncio.gather(*(one(index, call, rendering) for index, call in enumerate(calls)))


async def _call(instance: Instance, number: str, call: Call, caller_id: str, rendering: Rendering) -> Said:
    steps: list[Step] = [
        Play(sound, AfterAgent(limit_s=15.0), text=utterance.text)
        for sound, utterance in zip(await rendering.said(call), call.utterances, strict=True)
    ]
    async with telephone(trunk(instance, caller_id)) as (agent, threads):
        record = await record_call(agent, threads, number, [*steps, Wait(_AFTER_THE_LAST_S), Hangup(wait=False)])
    begun = tuple((each.start_ns - record.invite_ns) // 1_000_000 for each in record.spoken)
    return Said(call, caller_id, begun, "" if record.report.answered else record.report.failure or "not answered")
