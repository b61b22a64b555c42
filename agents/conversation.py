"""One conversation: the loop that joins line, turn machine, recogniser, dialogue, voice and tools.

Everything that happens comes through one inbox and is handled in order, so no handler ever sees half a step of another.
Decisions are made by ``agents.turns.machine`` (when) and ``agents.flows.dialogue`` (what); this file carries them out.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.dialogue_steps import DialogueSteps
from agents.ear import Ear, PendingTurn
from agents.flows.acts import Act, CallTool, Handover, HangUp, Listen, Say
from agents.flows.definition import AgentDefinition
from agents.history import History
from agents.line import (
    DigitPressed,
    Line,
    LineClosed,
    PlaybackFinished,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)
from agents.messages import LastWordsOver, Message, SpeechFailed, StillWorking, ToolDone, Transcribed
from agents.mouth import Mouth
from agents.reply import UNHEARD_S, Answered, Reply
from agents.speech import Prepared
from agents.stt.transcriber import Hint, Transcriber
from agents.tool_runner import ToolRunner
from agents.tools import Toolbox
from agents.transcript import Outcome, Sink, Turn
from agents.tts.speaker import Speaker
from agents.turns.events import (
    ClipQueued,
    Commit,
    CommitKeys,
    Discard,
    FloorGiven,
    NoInput,
    NothingSaid,
    StopPlayout,
    Tick,
    Transcribe,
    TurnAction,
    TurnEvent,
    Understood,
)
from agents.turns.knobs import TurnKnobs, WaitLimits
from agents.turns.machine import TurnMachine

log = logging.getLogger(__name__)

STT_FAILURES: int = 2
"""Failed transcriptions in a row after which a person takes over."""


@dataclass(frozen=True, slots=True)
class Resume:
    """What is known of a caller who comes back from the queue."""

    turns: Sequence[Turn] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    queue_status: str = ""
    """Asterisk's QUEUESTATUS, such as TIMEOUT or JOINEMPTY."""


class Conversation:
    """Run it once. ``now`` gives the wall clock with its time zone, for opening hours; ``clock`` is the line's (time.monotonic)."""

    def __init__(
        self,
        agent: AgentDefinition,
        line: Line,
        transcriber: Transcriber,
        speaker: Speaker,
        tools: Toolbox,
        sink: Sink,
        resume: Resume | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        knobs: TurnKnobs | None = None,
        limits: WaitLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = agent
        self._line = line
        self._clock = clock
        self._knobs = knobs or TurnKnobs()
        self._limits = limits or WaitLimits()
        self._resume = resume
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._machine = TurnMachine(self._knobs)
        self._ear = Ear(transcriber, self._limits.transcriber_s, self._inbox.put_nowait)
        self._mouth = Mouth(line, speaker, self._limits, clock, self._inbox.put_nowait)
        self._tools = ToolRunner(tools, self._inbox.put_nowait)
        self._history = History(sink, resume.turns if resume else ())
        self._steps = DialogueSteps(agent, now, clock)
        self._prepared: Prepared | None = None
        self._stt_failures = 0
        self._tool_result: ToolDone | None = None
        self._last: Reply | None = None
        self._final: Outcome | None = None
        self._last_words_heard = False
        self._outcome: Outcome | None = None
        self._ends_at = 0.0

    async def run(self) -> Outcome:
        """Talk until the end. Never raises but for cancellation; a failure of the machinery ends in a handover."""
        reader = asyncio.create_task(self._read())
        try:
            return await self._loop()
        except Exception:
            log.exception("conversation_broke")
            self._history.event("pipeline_error", self._clock(), {"part": "conversation"})
            return self._steps.outcome("handover", "pipeline_error", self._agent.queue)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await asyncio.gather(self._ear.close(), self._mouth.close(), self._tools.close())
            self._forget_speculation()

    async def _loop(self) -> Outcome:
        self._ends_at = self._clock() + self._limits.max_call_s
        acts = self._steps.begin(self._resume.slots, self._resume.queue_status) if self._resume else self._steps.begin()
        await self._perform(acts)
        while self._outcome is None:
            await self._handle(await self._next())
            await self._catch_up()
        return self._outcome

    async def _read(self) -> None:
        """Line events into the inbox; a line that ends without saying so, or breaks, counts as lost."""
        try:
            async for event in self._line.events():
                self._inbox.put_nowait(event)
        except Exception:
            log.exception("line_broke")
        self._inbox.put_nowait(LineClosed(self._clock(), "media_lost"))

    async def _next(self) -> Message:
        """The next message, or a Tick at the machine's or the call's deadline, whichever comes first."""
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        dues = [due for due in (self._machine.deadline, self._ends_at if self._clock() < self._ends_at else None) if due is not None]
        if not dues:
            return await self._inbox.get()
        timer = asyncio.get_running_loop().call_later(max(0.0, min(dues) - self._clock()), self._inbox.put_nowait, Tick())
        try:
            return await self._inbox.get()
        finally:
            timer.cancel()

    # What happens

    async def _handle(self, message: Message) -> None:
        match message:
            case VoiceAudio():
                if utterance := self._machine.utterance:
                    self._ear.add(utterance.id, message)
            case Transcribed():
                await self._transcribed(message)
            case ToolDone():
                if self._tools.accept(message):
                    self._tool_result = message
            case StillWorking():
                if self._tools.accept(message) and not self._mouth.active and not self._machine.utterance:
                    await self._perform(self._steps.still_working())
            case SpeechFailed():
                self._speech_failed()
            case LastWordsOver():
                self._outcome = self._outcome or self._final
            case LineClosed():
                await self._step(message)
                self._closed(message)
            case PlaybackStarted() | PlaybackFinished() | PlaybackStopped():
                self._mouth.note(message)
                await self._step(message)
            case VoiceStarted() | VoicePaused() | DigitPressed() | Tick():
                await self._step(message)

    async def _step(self, event: TurnEvent) -> None:
        for action in self._machine.step(event, self._clock()):
            await self._act(action)

    async def _act(self, action: TurnAction) -> None:
        match action:
            case Transcribe():
                self._ear.transcribe(action.utterance, action.revision)
            case Discard():
                self._forget_speculation()
                self._ear.discard(action.utterance, whole=action.whole)
            case Commit():
                self._ear.commit(action, self._clock())
            case CommitKeys():
                await self._keyed(action)
            case NoInput():
                self._history.event("no_input", self._clock(), {})
                await self._perform(self._steps.silent())
            case StopPlayout():
                utterance = self._machine.utterance
                for stopped in await self._mouth.stop(utterance.id if utterance else 0):
                    await self._handle(stopped)

    async def _catch_up(self) -> None:
        """What became possible: replies that are over, turns with their transcripts, tool results, the end of the call."""
        for reply in self._mouth.take_over(set(self._machine.clips)):
            self._reply_over(reply)
        while self._outcome is None and (turn := self._ear.next_turn()):
            await self._answer(turn)
        if self._tool_result and not self._caller_busy() and self._final is None:
            result, self._tool_result = self._tool_result, None
            self._history.tool(self._tools, result, self._clock())
            await self._perform(self._steps.tool_result(result.result))
        if self._final is None and self._clock() >= self._ends_at and not self._caller_busy() and not self._mouth.active:
            await self._perform(self._steps.time_up())
        if self._final and self._last_words_heard and (self._final.kind == "handover" or not self._caller_busy()):
            self._outcome = self._outcome or self._final

    def _caller_busy(self) -> bool:
        """The caller is saying something, or has said something that is not answered yet."""
        return self._machine.utterance is not None or self._ear.busy

    # The caller's words

    async def _transcribed(self, message: Transcribed) -> None:
        if not self._ear.accept(message) or self._ear.busy or message.transcript is None:
            return
        text = message.transcript.text.strip()
        unfinished = bool(text) and self._steps.is_unfinished(text, self._unheard())
        await self._step(Understood(message.utterance, message.revision, unfinished))
        if text and self._machine.utterance and not self._machine.voiced and self._final is None:
            self._forget_speculation()
            acts = self._steps.speculate(message.utterance, message.revision, text, unheard=self._unheard())
            self._prepared = self._mouth.prepare(acts)

    def _unheard(self) -> bool:
        """Nothing of the latest reply reached the caller, who simply went on speaking."""
        last = self._last
        return last is not None and last.interrupted_by > 0 and not last.whole and last.heard_s < UNHEARD_S

    async def _answer(self, turn: PendingTurn) -> None:
        commit, transcript = turn.commit, turn.result.transcript if turn.result else None
        text = transcript.text.strip() if transcript else ""
        if transcript is not None:
            self._stt_failures = 0
        if text:
            self._history.caller(text, commit.started_at, commit.ended_at, "speech")
        if self._final is not None:
            await self._answer_late(text)
            return
        if transcript is None and not await self._excused():
            return
        if not text and commit.ended_at - commit.started_at <= self._knobs.noise_below_s and transcript is not None:
            await self._noise(commit)
            return
        acts = self._steps.heard(commit.utterance, commit.revision, text, unheard=self._unheard())
        latency = {
            "end_of_turn": (turn.committed_at - commit.ended_at) * 1000,
            "stt": transcript.took_s * 1000 if transcript else 0.0,
            "dialogue": self._steps.took_ms,
        }
        prepared, self._prepared = self._prepared, None
        await self._perform(acts, Answered(commit.ended_at, latency), prepared)

    async def _answer_late(self, text: str) -> None:
        """Words during the last sentence: a farewell is taken back for them; after a handover the person will answer."""
        acts = self._steps.reconsider(text) if text and self._final and self._final.kind == "goodbye" else []
        if acts:
            self._final, self._last_words_heard = None, False
            await self._perform(acts)

    async def _excused(self) -> bool:
        """A transcription failed. True: ask again; False: a person was called."""
        self._stt_failures += 1
        self._history.event("transcription_failed", self._clock(), {"in_a_row": self._stt_failures})
        if self._stt_failures < STT_FAILURES:
            return True
        await self._perform(self._steps.trouble())
        return False

    async def _noise(self, commit: Commit) -> None:
        """A cough: say again what it interrupted, or just go on waiting."""
        self._history.event("noise", commit.started_at, {"ms": round((commit.ended_at - commit.started_at) * 1000)})
        last = self._last
        if last is not None and last.interrupted_by == commit.utterance and not last.whole:
            await self._perform(last.rest(), last.answered)
        else:
            await self._step(NothingSaid())

    async def _keyed(self, action: CommitKeys) -> None:
        self._history.caller(action.keys, action.started_at, action.ended_at, "keypad")
        self._forget_speculation()
        if self._final is None:
            acts = self._steps.keyed(action.keys)
            latency = {"end_of_turn": (self._clock() - action.ended_at) * 1000, "dialogue": self._steps.took_ms}
            await self._perform(acts, Answered(action.ended_at, latency))

    # The agent's words

    async def _perform(self, acts: list[Act], answered: Answered | None = None, prepared: Prepared | None = None) -> None:
        """Carry out what the dialogue wants. No acts: something is under way that will go on by itself."""
        if not acts:
            if prepared:
                prepared.abandon()
            return
        reply = self._mouth.begin(acts, answered, prepared)
        for clip in reply.clips:
            await self._step(ClipQueued(clip.id, clip.interruptible))
        for act in acts:
            await self._arrange(act)
        if reply.clips:
            self._last = reply
            self._mouth.speak(reply, last_words=self._final is not None)
        elif self._final is not None:
            self._last_words_heard = True

    async def _arrange(self, act: Act) -> None:
        match act:
            case Listen():
                self._ear.hint = Hint.DIGITS if act.digits else Hint.SPEECH
                await self._step(FloorGiven(act.max_keys, act.at_once, act.menu, act.enough))
            case CallTool():
                self._tools.start(act)
            case Handover():
                self._final = self._steps.outcome("handover", act.reason, act.queue)
            case HangUp():
                self._final = self._steps.outcome("goodbye", act.reason, "")
            case Say():
                pass

    def _reply_over(self, reply: Reply) -> None:
        self._history.agent(reply)
        if self._final is not None and reply is self._last:
            self._last_words_heard = True
        elif self._tools.running and reply is self._last:
            self._tools.remind()

    def _speech_failed(self) -> None:
        """Nothing can be said any more: a person takes over without a word."""
        self._history.event("speech_failed", self._clock(), {})
        self._outcome = self._final or self._steps.outcome("handover", "pipeline_error", self._agent.queue)

    def _closed(self, event: LineClosed) -> None:
        for reply in self._mouth.take_over(set()):
            self._history.agent(reply)
        said_goodbye = self._final is not None and self._final.kind == "goodbye"
        self._outcome = self._final if said_goodbye else self._steps.outcome("caller_left", event.reason, "")

    def _forget_speculation(self) -> None:
        self._steps.forget()
        if self._prepared:
            self._prepared.abandon()
            self._prepared = None
