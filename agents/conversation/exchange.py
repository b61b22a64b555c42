"""What is done about each thing that happens in a conversation: words, silence, keys, sounds, tool results, failures.

The turn machine says when, the dialogue says what. One handler runs at a time (see ``agents.conversation.loop``).
"""

from collections import deque
from collections.abc import Callable, Mapping

from agents.conversation.attention import Attention
from agents.conversation.delivery import Delivery
from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.ear import Ear
from agents.conversation.floor import Floor
from agents.conversation.history import History
from agents.conversation.listening import Listening
from agents.conversation.manners import Manners
from agents.conversation.messages import (
    AnnounceThis,
    CallerHolds,
    EndNow,
    InstructThis,
    LastWordsOver,
    LearnThis,
    Message,
    ModelTold,
    SaidBefore,
    SayThis,
    SpeechFailed,
    StillWorking,
    ToolDone,
    Transcribed,
    TransferNow,
    Unanswered,
)
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.notice import last_sentence, with_notice
from agents.conversation.outside import Outside
from agents.conversation.tool_runner import ToolRunner
from agents.line import (
    DigitPressed,
    Line,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)
from agents.transcript import Outcome
from agents.turns.events import (
    Backchannel,
    Commit,
    CommitKeys,
    Discard,
    HoldPlayout,
    NoInput,
    ResumePlayout,
    StopPlayout,
    Tick,
    Transcribe,
    TurnAction,
    TurnEvent,
)
from agents.turns.machine import TurnMachine
from agents.turns.utterance import Utterance


class Exchange:
    """``outcome`` is set when the conversation is over; ``ends_at`` is when it has lasted long enough, on ``clock``."""

    def __init__(
        self,
        *,
        line: Line,
        ear: Ear,
        mouth: Mouth,
        tools: ToolRunner,
        models: ModelRunner,
        manners: Manners,
        history: History,
        steps: DialogueSteps,
        floor: Floor,
        attention: Attention,
        queue: str,
        clock: Callable[[], float],
        patience_s: float,
    ) -> None:
        self._line = line
        self._ear = ear
        self._mouth = mouth
        self._tools = tools
        self._models = models
        self._manners = manners
        self._history = history
        self._steps = steps
        self._floor = floor
        self._attention = attention
        self._held = self._unasked = False
        self._notice = ""
        """The sentence with whose end the caller has been told what they must be."""
        self._queue = queue
        self._clock = clock
        self._machine = TurnMachine(floor.knobs)
        self._told: deque[TurnEvent] = deque()
        self._delivery = Delivery(
            mouth=mouth,
            ear=ear,
            tools=tools,
            models=models,
            manners=manners,
            steps=steps,
            floor=floor,
            history=history,
            step=self._step,
            clock=clock,
        )
        self._listening = Listening(
            machine=self._machine,
            ear=ear,
            mouth=mouth,
            steps=steps,
            floor=floor,
            history=history,
            delivery=self._delivery,
            models=models,
            attention=attention,
            step=self._step,
            clock=clock,
        )
        self._outside = Outside(
            mouth=mouth,
            models=models,
            steps=steps,
            delivery=self._delivery,
            history=history,
            stop=lambda: self._stop(0),
            end=self._end_with,
            clock=clock,
            patience_s=patience_s,
        )
        self.outcome: Outcome | None = None
        self.ends_at = 0.0

    @property
    def deadline(self) -> float | None:
        """When a Tick is due, at the latest."""
        ends_at = self.ends_at if self._clock() < self.ends_at else None
        return min((due for due in (self._machine.deadline, ends_at, self._outside.deadline) if due is not None), default=None)

    def unanswered(self) -> list[Unanswered]:
        """What the caller has said or keyed and got no answer to."""
        return self._listening.unanswered()

    async def begin(self, slots: Mapping[str, str] | None = None, queue_status: str = "") -> None:
        """The agent's first words; with ``slots``, those to a caller who comes back from the queue."""
        if self._floor.knobs.speaking.backchannel:
            self._manners.prepare()
        acts = self._steps.begin(slots, queue_status)
        if notice := self._attention.notice(self._steps.language):
            acts, self._notice = with_notice(acts, notice), last_sentence(notice)
        await self._delivery.perform(acts)

    def broken(self) -> Outcome:
        """The machinery failed: a person takes over."""
        self._history.event("pipeline_error", self._clock(), {"part": "conversation"})
        self._end()
        return self._steps.outcome("handover", "pipeline_error", self._queue)

    # What happens

    async def handle(self, message: Message) -> None:
        match message:
            case VoiceStarted() | VoiceAudio() | VoicePaused() if self._deaf and self._machine.utterance is None:
                # The line, which holds itself at a voice, goes on.
                if isinstance(message, VoiceStarted):
                    await self._line.resume()
            case VoiceAudio():
                if utterance := self._machine.utterance:
                    self._ear.add(utterance.id, message)
            case VoiceStarted():
                await self._listening.voice_started(message)
                if self._machine.held:
                    # The line holds itself; but a stop of ours that crossed its report has let it go again.
                    await self._line.hold()
                elif (clip := message.playing) and not self._mouth.knows(clip) and not self._manners.owns(clip):
                    # Held by the voice for the sake of somebody else's sentence, on which nobody here decides.
                    await self._line.resume()
            case Transcribed():
                await self._listening.heard(message)
            case ToolDone():
                self._delivery.tool_done(message)
            case StillWorking():
                if self._tools.accept(message):
                    await self._delivery.still_working(caller_busy=self._caller_busy())
            case ModelTold():
                await self._delivery.model_told(message, caller_busy=self._caller_busy())
            case SaidBefore(text, keyed):
                await self._delivery.perform(self._steps.take_up(text, keyed=keyed))
            case SayThis() | LearnThis() | TransferNow() | AnnounceThis() | InstructThis() | EndNow():
                await self._outside.wanted(message)
            case CallerHolds(on):
                await self._caller_holds(on)
            case SpeechFailed():
                self._speech_failed()
            case LastWordsOver():
                self.outcome = self.outcome or self._delivery.final
            case LineClosed():
                await self._step(message)
                self._closed(message)
            case PlaybackStarted() | PlaybackFinished() | PlaybackStopped() | PlaybackPaused() | PlaybackResumed():
                if not self._manners.owns(message.clip):
                    self._mouth.note(message)
                    self._see_to_notice(message)
                    await self._step(message)
            case DigitPressed():
                await self._step(message)
                if self._mouth.shielded:
                    await self._stop(0)
            case VoicePaused() | Tick():
                await self._step(message)

    async def catch_up(self) -> None:
        """What became possible: replies that are over, turns with their transcripts, tool results, the end of the call."""
        for reply in self._mouth.take_over(set(self._machine.clips)):
            self._delivery.over(reply)
        while self.outcome is None and (turn := self._ear.next_turn()):
            await self._listening.answer(turn)
        if not self._caller_busy():
            await self._delivery.pass_on_result(self._clock())
        await self._outside.catch_up(caller_busy=self._caller_busy())
        if self._delivery.final is None and self._clock() >= self.ends_at and not self._caller_busy() and not self._mouth.active:
            await self._delivery.perform(self._steps.time_up())
        final = self._delivery.final
        if final and self._delivery.final_heard and (final.kind == "handover" or not self._caller_busy()):
            self.outcome = self.outcome or final
        if self.outcome is not None:
            self._end()

    def _caller_busy(self) -> bool:
        """The caller is saying something, or has said something that is not answered yet."""
        return self._machine.utterance is not None or self._ear.busy

    async def _step(self, event: TurnEvent) -> None:
        """Tell the turn machine, and do what it decides. What comes of that is told when all is done: never in the middle of a decision."""
        self._told.append(event)
        if len(self._told) > 1:
            return
        while self._told:
            speaking = self._machine.utterance
            for action in self._machine.step(self._told[0], self._clock()):
                await self._act(action, speaking)
            self._told.popleft()

    async def _act(self, action: TurnAction, speaking: Utterance | None) -> None:
        """``speaking``: the caller's utterance before the step."""
        match action:
            case Transcribe(partial=True):
                self._ear.glance(action.utterance, action.revision)
            case Transcribe():
                self._ear.transcribe(action.utterance, action.revision)
                self._listening.pause(action.utterance, action.revision)
            case Discard():
                self._listening.discard(action)
            case Commit():
                self._listening.commit(action)
            case CommitKeys():
                await self._listening.keyed(action)
            case NoInput() if self._held:
                self._unasked = True
            case NoInput():
                await self._no_input()
            case HoldPlayout():
                await self._line.hold()
            case ResumePlayout():
                self._listening.survived(action, speaking)
                await self._line.resume()
            case StopPlayout():
                utterance = self._machine.utterance
                await self._stop(utterance.id if utterance else 0)
            case Backchannel():
                if self._manners.murmur():
                    self._history.event("agent_backchannel", self._clock(), {})

    @property
    def _deaf(self) -> bool:
        """Nobody listens: while a secret is keyed, and while there is the music of whoever holds the call."""
        return self._delivery.secret or self._held

    async def _caller_holds(self, on: bool) -> None:
        """Who holds the call cannot answer: what would have been asked meanwhile is asked when they are back."""
        self._history.event("caller_holds", self._clock(), {"on": on})
        self._held = on
        if self._unasked and not on:
            self._unasked = False
            await self._no_input()

    async def _no_input(self) -> None:
        if self._floor.patient and (given := self._floor.again()):
            await self._step(given)
            return
        self._history.event("no_input", self._clock(), {})
        await self._delivery.perform(self._steps.silent())

    async def _stop(self, utterance: int) -> None:
        for stopped in await self._mouth.stop(utterance):
            await self.handle(stopped)
        await self._delivery.cut()

    def _see_to_notice(self, message: LineEvent) -> None:
        if self._notice and isinstance(message, PlaybackFinished) and self._mouth.text_of(message.clip) == self._notice:
            self._notice = ""
            self._attention.announced(message.at)

    # Endings

    def _speech_failed(self) -> None:
        """Nothing can be said any more: a person takes over without a word."""
        self._history.event("speech_failed", self._clock(), {})
        self.outcome = self._delivery.final or self._steps.outcome("handover", "pipeline_error", self._queue)

    def _closed(self, event: LineClosed) -> None:
        final = self._delivery.final
        self.outcome = final if final and final.kind == "goodbye" else self._steps.outcome("caller_left", event.reason, "")

    def _end_with(self, outcome: Outcome) -> None:
        self.outcome = self.outcome or outcome

    def _end(self) -> None:
        self._listening.forget()
        for reply in self._mouth.give_up():
            self._history.agent(reply)
