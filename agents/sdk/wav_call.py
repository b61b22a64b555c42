"""An agent made in Python, with a recording as its caller: the whole conversation as on the telephone, with recogniser, voice and turns."""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agents.audio import Pcm
from agents.conversation import Conversation
from agents.conversation.control import ConversationControl
from agents.conversation.manner_in_force import MannerInForce, as_event
from agents.llm.task import ModelTurns
from agents.memory_line import MemoryLine
from agents.sdk.models import opened_model
from agents.sdk.wav_sound import Stretch, cut_at_pauses, read_wav, write_stereo
from agents.stt.transcriber import Transcriber
from agents.tools import CallFacts
from agents.transcript import Outcome, Turn
from agents.tts.speaker import Speaker

if TYPE_CHECKING:
    from agents.sdk.agent import Agent

REPLY_S: Final = 8.0
"""Longest wait for an answer before the caller goes on."""
QUIET_S: Final = 0.5
"""Silence of the agent after which the caller speaks."""
STEP_S: Final = 0.05
SETTLE_S: Final = 2.0
"""Longest wait for handlers at the end."""


@dataclass(frozen=True, slots=True)
class WavCall:
    """What came of a call."""

    outcome: Outcome
    turns: tuple[Turn, ...] = ()
    out: Path | None = None
    """WAV file with the caller left and the agent right."""


@dataclass(slots=True)
class _Caller:
    """Says each piece when the agent has been silent for QUIET_S, and hangs up when nothing comes after the last one."""

    line: MemoryLine
    clock: Callable[[], float]
    said: list[Stretch] = field(default_factory=list)

    async def run(self, pieces: list[Pcm]) -> None:
        for piece in pieces:
            await self._wait()
            self.said.append(Stretch(self.clock(), piece))
            await self.line.speak(piece)
        await self._wait()
        self.line.hang_up()

    async def _wait(self) -> None:
        """For an answer, and for its end."""
        heard, until, quiet_s = len(self.line.sounded), self.clock() + REPLY_S, 0.0
        while quiet_s < QUIET_S or (len(self.line.sounded) == heard and self.clock() < until):
            await asyncio.sleep(STEP_S)
            quiet_s = quiet_s + STEP_S if self.line.quiet else 0.0


async def wav_call(
    agent: "Agent",
    path: Path,
    out: Path | None,
    *,
    transcriber: Transcriber | None = None,
    speaker: Speaker | None = None,
    model: ModelTurns | None = None,
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    clock: Callable[[], float] = time.monotonic,
) -> WavCall:
    """Raises WavUnusable, SpeechError, AgentIncomplete."""
    pieces = cut_at_pauses(read_wav(path))
    definition = agent.definition
    async with AsyncExitStack() as stack:
        if transcriber is None or speaker is None:
            from agents.sdk.offline_speech import offline_speech

            own = await stack.enter_async_context(offline_speech(agent.voice))
            transcriber, speaker = transcriber or own.transcriber, speaker or own.speaker
        turns = await stack.enter_async_context(opened_model(agent, model))
        facts = CallFacts(f"wav-{uuid.uuid4().hex[:8]}", "", "wav", agent.name, agent.language)
        attendance = agent.attend(facts)
        line = MemoryLine(clock)
        conversation = Conversation(
            definition,
            line,
            transcriber,
            speaker,
            attendance.tools,
            attendance.sink,
            now=now,
            layers=[definition.turns],
            clock=clock,
            models=turns,
            manner=MannerInForce(told=lambda manner, why: attendance.sink.event("manner", clock(), as_event(manner, why))),
        )
        attendance.control.connect(ConversationControl(conversation, attendance.sink, clock))
        attendance.sink.started()
        begun, caller = clock(), _Caller(line, clock)
        speaking = asyncio.create_task(caller.run(pieces))
        try:
            outcome = await conversation.run()
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            line.hang_up()
        attendance.sink.ended(outcome)
        await agent.events.pool.settled(SETTLE_S)
    if out is not None:
        agent_said = [Stretch(one.begun_at - begun, one.pcm) for one in line.sounded]
        write_stereo(out, [Stretch(one.begins_s - begun, one.pcm) for one in caller.said], agent_said)
    return WavCall(outcome, attendance.call.turns, out)
