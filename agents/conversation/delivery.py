"""What the dialogue wants said and done, carried out: its sentences to the mouth, its question to the turn machine, its tools to work."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.ear import Ear
from agents.conversation.floor import Floor
from agents.conversation.history import History
from agents.conversation.manners import Manners
from agents.conversation.messages import ModelTold, ToolDone
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.prepared import Prepared
from agents.conversation.reply import Answered, Clip, Reply
from agents.conversation.tool_runner import ToolRunner
from agents.flows.acts import Act, AskModel, CallTool, Handover, HangUp, Listen, ModelResult, Note, Say
from agents.llm.task import Finished, Sentence, ToolUsed
from agents.stt.transcriber import Hint
from agents.transcript import Outcome
from agents.turns.events import ClipQueued, Expected, TurnEvent

UNHEARD_S: Final = 0.3
"""Less than this of a reply counts as not heard at all."""


class Delivery:
    """``step`` tells the turn machine."""

    def __init__(
        self,
        *,
        mouth: Mouth,
        ear: Ear,
        tools: ToolRunner,
        models: ModelRunner,
        manners: Manners,
        steps: DialogueSteps,
        floor: Floor,
        history: History,
        step: Callable[[TurnEvent], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._mouth = mouth
        self._ear = ear
        self._tools = tools
        self._models = models
        self._manners = manners
        self._steps = steps
        self._floor = floor
        self._history = history
        self._step = step
        self._clock = clock
        self._due: deque[tuple[list[Act], Answered | None, Prepared | None]] = deque()
        self._tool_result: ToolDone | None = None
        self._last: Reply | None = None
        self._growing: Reply | None = None
        """What a language model is adding sentences to."""
        self._model_said: list[str] = []
        self.final: Outcome | None = None
        """How the conversation ends once the last words are heard."""
        self.final_heard = False
        self.secret = False
        """Keys are being entered that nobody may learn: nothing is recognised, and the keys are not written down."""

    async def perform(self, acts: list[Act], answered: Answered | None = None, first: Prepared | None = None) -> None:
        """Carry out ``acts``, after those that are being carried out. None of them: something is under way that will go on by itself.

        ``first``: the first sentence of the answer, if that is on its way already; another may stand before it.
        """
        if not acts:
            return
        self._due.append((acts, answered, first))
        if len(self._due) > 1:
            return
        while self._due:
            await self._perform(*self._due[0])
            self._due.popleft()

    async def _perform(self, acts: list[Act], answered: Answered | None, first: Prepared | None) -> None:
        reply = self._mouth.begin(acts, answered, first, interruptible=self._floor.may_interrupt(acts))
        self._growing = None
        if ask := next((act for act in acts if isinstance(act, AskModel)), None):
            reply.growing, self._growing, self._model_said = True, reply, []
            self._models.start(ask, self._history.turns)
        await self._arrange_all(acts, reply, reply.clips)
        if reply.clips or reply.growing:
            self._last = reply
        if reply.clips:
            self._mouth.speak(reply, self._is_last)
        elif reply.growing:
            self._remind()
        elif self.final is not None:
            self.final_heard = True
        elif self._tools.running:
            self._remind()

    def _is_last(self) -> bool:
        return self.final is not None

    async def _arrange_all(self, acts: list[Act], reply: Reply, fresh: list[Clip]) -> None:
        for clip in fresh:
            await self._step(ClipQueued(clip.id, clip.interruptible))
        for act in acts:
            await self._arrange(act, reply)

    async def _arrange(self, act: Act, reply: Reply) -> None:
        match act:
            case Listen():
                self._ear.hint = Hint.DIGITS if act.expected is Expected.DIGITS else Hint.SPEECH
                self._keep_secret(act.secret)
                last = reply.clips[-1].text if reply.clips else ""
                self._history.listens(self._steps.node, "" if act.patient else _question([clip.text for clip in reply.clips]))
                await self._step(self._floor.give(act, last))
                if self._floor.knobs.speaking.backchannel:
                    self._manners.prepare()
            case CallTool():
                self._tools.start(act)
            case Handover():
                self._keep_secret(False)
                self.final = self._steps.outcome("handover", act.reason, act.queue)
            case HangUp():
                self._keep_secret(False)
                self.final = self._steps.outcome("goodbye", act.reason, "")
            case Say():
                self._ear.language = act.language
            case Note():
                self._history.note(act.kind, act.data, self._clock())
            case AskModel():
                pass

    def _keep_secret(self, secret: bool) -> None:
        if secret != self.secret:
            self.secret = secret
            self._history.event("secret_entry", self._clock(), {"on": secret})

    # Language models

    async def model_told(self, told: ModelTold, *, caller_busy: bool) -> None:
        reply, changed = self._growing, self._models.changed
        if reply is None or not self._models.accept(told):
            return
        match told.event:
            case None:
                await self._still_thinking(reply, caller_busy=caller_busy)
            case Sentence(text):
                self._model_said.append(text)
                await self._grow(reply, [Say(text)])
            case ToolUsed():
                self._history.model_tool(told.event, self._clock())
                self._remind_if_silent(reply)
            case Finished(exit=way_out, facts=facts, usage=usage):
                self._history.model(usage, way_out, self._clock())
                said = " ".join(self._model_said)
                self._growing, reply.growing = None, False
                await self._grow(reply, self._steps.model_result(ModelResult(way_out, facts, said), revocable=not changed))
                reply.complete()

    async def _grow(self, reply: Reply, acts: list[Act]) -> None:
        """More of what is being said. What leads to yet another wait is a reply of its own."""
        if any(isinstance(act, AskModel) for act in acts) or reply.stopped:
            reply.complete()
            await self.perform(acts)
            return
        silent_before = not reply.clips
        fresh = self._mouth.grow(reply, acts, interruptible=self._floor.may_interrupt(acts))
        await self._arrange_all(acts, reply, fresh)
        if fresh and silent_before:
            self._mouth.speak(reply, self._is_last)
        elif not fresh and self.final is not None and reply not in self._mouth.active:
            self.final_heard = True
        elif not fresh and self._tools.running and reply not in self._mouth.active:
            self._remind()

    async def _still_thinking(self, reply: Reply, *, caller_busy: bool) -> None:
        if caller_busy or reply in self._mouth.active:
            self._remind()
            return
        await self._grow(reply, list(self._steps.still_working()))

    def _remind_if_silent(self, reply: Reply) -> None:
        if reply not in self._mouth.active:
            self._remind()

    async def cut(self) -> None:
        """The caller has interrupted what a model was saying: it says no more, and the caller has the floor."""
        reply = self._growing
        if reply is None or not reply.stopped:
            return
        self._growing = None
        self._models.abandon()
        await self.perform(self._steps.model_result(ModelResult(said=reply.heard)))

    async def take_back(self, utterance: int) -> None:
        """The caller went on before anything of a model's answer was heard: it is thrown away."""
        reply = self._growing
        if reply is None:
            return
        self._growing = None
        self._models.abandon()
        reply.complete()
        for stopped in await self._mouth.stop(utterance):
            await self._step(stopped)

    def stopped_by(self, utterance: int) -> bool:
        """Whether ``utterance`` cut the latest reply short."""
        return self._last is not None and self._last.interrupted_by == utterance and not self._last.whole

    async def say_rest(self) -> None:
        """Say what is still unsaid of the latest reply."""
        if last := self._last:
            await self.perform(last.unsaid(), last.answered if last.started_at is None else None)

    def unheard(self, *, held: bool) -> bool:
        """Nothing of the latest reply reached the caller, who simply went on speaking. ``held``: the line is, because the caller speaks."""
        last = self._last
        if last is not None and last is self._growing and last.heard_s < UNHEARD_S:
            return not self._models.changed
        stopped = last is not None and (last.interrupted_by > 0 or held)
        return last is not None and stopped and not last.whole and last.heard_s < UNHEARD_S

    def over(self, reply: Reply) -> None:
        """The line has nothing of this reply any more."""
        self._history.agent(reply)
        if self.final is not None and reply is self._last:
            self.final_heard = True
        elif reply is self._last and (self._tools.running or reply is self._growing):
            self._remind()

    def take_back_farewell(self) -> None:
        self.final, self.final_heard = None, False

    # Tools

    def tool_done(self, done: ToolDone) -> None:
        if self._tools.accept(done):
            self._tool_result = done

    async def pass_on_result(self, now: float) -> None:
        """Let the dialogue have what the tool brought, if it brought anything."""
        if self._tool_result is None or self.final is not None:
            return
        result, self._tool_result = self._tool_result, None
        self._history.tool(self._tools, result, now)
        await self.perform(self._steps.tool_result(result.result))

    async def still_working(self, *, caller_busy: bool) -> None:
        """The caller waits for a tool: say so, but never into words, be they whose they may."""
        if self._mouth.active:
            return
        if caller_busy:
            self._remind()
            return
        self._tools.reminded()
        await self.perform(self._steps.still_working())

    def _remind(self) -> None:
        if not self._floor.knobs.speaking.filler:
            return
        after_s = self._floor.knobs.speaking.filler_after_s
        if self._growing is not None:
            self._models.remind(after_s)
        else:
            self._tools.remind(after_s)


def _question(sentences: Sequence[str]) -> str:
    """The last one of a reply, with what explains it; without any the last sentence, which asks in another way."""
    asking = [place for place, sentence in enumerate(sentences) if sentence.rstrip().endswith("?")]
    return " ".join(sentences[asking[-1] if asking else -1 :])
