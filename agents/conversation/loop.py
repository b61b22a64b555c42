"""One conversation: the loop that joins line, turn machine, recogniser, dialogue, voice and tools.

Everything that happens comes through one inbox and is handled in order, so no handler ever sees half a step of another.
Decisions are made by ``agents.turns.machine`` (when) and ``agents.flows.dialogue`` (what); ``exchange`` carries them out.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.conversation.attention import NOBODY, Attention
from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.ear import Ear
from agents.conversation.exchange import Exchange
from agents.conversation.floor import Floor
from agents.conversation.history import History
from agents.conversation.manner_in_force import MannerInForce
from agents.conversation.manners import Manners
from agents.conversation.messages import (
    AnnounceThis,
    CallerHolds,
    EndNow,
    InstructThis,
    LearnThis,
    Message,
    SaidBefore,
    SayThis,
    TransferNow,
    Unanswered,
)
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.tool_runner import ToolRunner
from agents.flows.definition import AgentDefinition
from agents.flows.engine.facts import CALLER
from agents.line import DigitPressed, Line, LineClosed, VoiceAudio, VoicePaused, VoiceStarted
from agents.llm.task import ModelTurns
from agents.stt.transcriber import Transcriber
from agents.tools import Toolbox
from agents.transcript import Outcome, Sink, Turn
from agents.tts.speaker import Speaker
from agents.turns.events import Tick
from agents.turns.knobs import Layer, WaitLimits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resume:
    """What is known of a caller with whom somebody has talked before on this call: mostly one who comes back from the queue."""

    turns: Sequence[Turn] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    queue_status: str = ""
    """Asterisk's QUEUESTATUS, such as TIMEOUT or JOINEMPTY."""
    anew: bool = False
    """The agent is another one than before and begins at its start."""
    unanswered: Sequence[Unanswered] = ()
    """What the conversation before this one on the same line has left over (``Conversation.unanswered``)."""


class Conversation:
    """Run it once. ``now`` gives the wall clock with its time zone, for opening hours; ``clock`` is the line's (time.monotonic).

    ``layers``: the knobs of turn taking, from the weakest layer (global) to the strongest (the agent's); questions may have their own.
    Raises pydantic.ValidationError for knobs out of range.
    """

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
        layers: Sequence[Layer] = (),
        limits: WaitLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
        models: ModelTurns | None = None,
        caller: str = "",
        attention: Attention = NOBODY,
        manner: MannerInForce | None = None,
        language: str = "",
    ) -> None:
        """``models`` None: no language model is there, and nodes that need one take their way out for failures.

        ``attention``: who watches over how the caller feels. ``manner``: of the call, when others set it too.
        ``caller``: the number that the caller calls from; empty when it is withheld. ``language``: in which the call begins, when the
        agent speaks it; empty: the agent's first.
        """
        self._line = line
        self._clock = clock
        self._limits = limits = limits or WaitLimits()
        self._resume = resume
        self._caller = caller
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.manner = manner or MannerInForce()
        """How the agent talks to this caller."""
        self._begun = False
        self._taken = 0
        self._unanswered: tuple[Unanswered, ...] = ()
        report = self._inbox.put_nowait
        self._ear = Ear(transcriber, limits.transcriber_s, report, clock)
        self._mouth = Mouth(line, speaker, limits, clock, report, self.manner)
        self._tools = ToolRunner(tools, report)
        self._models = ModelRunner(models, tools, now, limits.model_s, report)
        self._manners = Manners(line, speaker, limits, clock)
        self._steps = DialogueSteps(agent, now, clock, self.manner, language)
        self._exchange = Exchange(
            line=line,
            ear=self._ear,
            mouth=self._mouth,
            tools=self._tools,
            models=self._models,
            manners=self._manners,
            history=History(sink, resume.turns if resume else ()),
            steps=self._steps,
            floor=Floor(layers),
            attention=attention,
            queue=agent.queue,
            clock=clock,
            patience_s=limits.last_words_s,
        )
        for event in resume.unanswered if resume else ():
            report(event)

    async def run(self) -> Outcome:
        """Talk until the end. Never raises but for cancellation; a failure of the machinery ends in a handover."""
        reader = asyncio.create_task(self._read())
        try:
            return await self._loop()
        except Exception:
            log.exception("conversation_broke")
            return self._exchange.broken()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            self._unanswered = (*self._exchange.unanswered(), *self._unread())
            await asyncio.gather(self._ear.close(), self._mouth.close(), self._tools.close(), self._models.close(), self._manners.close())

    # From outside the dialogue: the agent's own code, a supervisor. Safe at any time; after the end they do nothing.

    def say(self, text: str) -> None:
        """Have a sentence said as soon as what is being said is over."""
        self._inbox.put_nowait(SayThis(text))

    def learn(self, facts: Mapping[str, str]) -> None:
        """Facts for the dialogue, by the names of its slots. Before ``run`` they are known from the first word on."""
        if self._begun:
            self._inbox.put_nowait(LearnThis(facts))
        else:
            self._steps.learn(facts)

    def announce(self, name: str, facts: Mapping[str, str] | None = None, *, at_once: bool = False) -> None:
        """Have one of the agent's ``announcements`` said as soon as neither side is speaking, with ``facts`` learnt before it.

        One that is still waiting is replaced by the next of its name. ``at_once``: what is being said stops for it. An agent that has
        none of that name leaves the event ``announcement_not_possible``.
        """
        self._inbox.put_nowait(AnnounceThis(name, facts or {}, at_once))

    def instruct(self, text: str) -> None:
        """A supervisor's private instruction: a command that is known ("transfer", "say: …", "end the call") is obeyed at once, anything
        else goes to the language model with its next turn. Events ``instructed`` or ``instruction_not_possible`` tell which.
        """
        self._inbox.put_nowait(InstructThis(text))

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        """Over, with Outcome("goodbye", ``reason``): in silence at once, or when the sentence that is being said has been heard."""
        self._inbox.put_nowait(EndNow(reason, after_sentence))

    def unanswered(self) -> Sequence[Unanswered]:
        """After ``run``: what the caller did that was not dealt with, for the conversation that follows on the same line."""
        return self._unanswered

    def held(self, on: bool) -> None:
        """The caller puts the call on hold, or takes it back: meanwhile nobody listens, and nobody asks whether they are still there."""
        self._inbox.put_nowait(CallerHolds(on))

    @property
    def uptake(self) -> tuple[bool, int]:
        """Whether something waits to be looked at, and how much was looked at so far: one that stands does not get on."""
        return not self._inbox.empty(), self._taken

    def known(self) -> Mapping[str, str]:
        """Slots and facts as they are now."""
        return self._steps.known()

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        """Put the caller through to a person; empty ``queue``: the agent's own; empty ``say``: the usual sentence."""
        self._inbox.put_nowait(TransferNow(queue, reason, say))

    async def _loop(self) -> Outcome:
        exchange = self._exchange
        if self._caller:
            self._steps.learn({CALLER: self._caller})
        exchange.ends_at = self._clock() + self._limits.max_call_s
        resume, self._begun = self._resume, True
        if resume and resume.anew:
            self._steps.learn(resume.slots)
            # Whoever talked here before may have left the line held.
            await self._line.resume()
        if resume and not resume.anew:
            await exchange.begin(resume.slots, resume.queue_status)
        else:
            await exchange.begin()
        while exchange.outcome is None:
            message = await self._next()
            self._taken += 1
            await exchange.handle(message)
            await exchange.catch_up()
        return exchange.outcome

    async def _read(self) -> None:
        """Line events into the inbox; a line that ends without saying so, or breaks, counts as lost."""
        try:
            async for event in self._line.events():
                self._inbox.put_nowait(event)
        except Exception:
            log.exception("line_broke")
        self._inbox.put_nowait(LineClosed(self._clock(), "media_lost"))

    def _unread(self) -> Iterator[Unanswered]:
        """What the caller did that nobody has looked at. The playback of our own clips concerns nobody else."""
        while not self._inbox.empty():
            message = self._inbox.get_nowait()
            if isinstance(message, VoiceStarted | VoiceAudio | VoicePaused | DigitPressed | LineClosed | SaidBefore):
                yield message

    async def _next(self) -> Message:
        """The next message, or a Tick when the exchange is due, whichever comes first."""
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        due = self._exchange.deadline
        if due is None:
            return await self._inbox.get()
        timer = asyncio.get_running_loop().call_later(max(0.0, due - self._clock()), self._inbox.put_nowait, Tick())
        try:
            return await self._inbox.get()
        finally:
            timer.cancel()
