"""One call on typed lines: the same dialogue, tools and model as on the telephone, without sound and without waiting."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Final, Literal

from agents.conversation.manner_in_force import MannerInForce, as_event
from agents.flows.acts import Act, AskModel, CallTool, Handover, HangUp, Listen, ModelResult, Note, Say
from agents.flows.definition import AgentDefinition
from agents.flows.dialogue import Dialogue
from agents.llm.task import FAILED, Finished, ModelTask, ModelTurns, Sentence, ToolUsed
from agents.manner import Manner
from agents.rehearsal.happenings import HIDDEN, Ended, Happening, Noted, Said, ToolCalled
from agents.rehearsal.transcript_text import line, tool_line
from agents.rehearsal.typed_line import Input, Keys, Words
from agents.sdk.manner_change import MannerChange
from agents.tools import Toolbox, ToolError
from agents.transcript import JsonValue, Outcome, Sink, Turn

log = logging.getLogger(__name__)

KEPT_FROM_ALL: Final = "(secret keys)"
"""Stands in the transcript for keys that nobody may learn."""
ENDINGS: Final = ("transfer", "queue", "callback", "end")
Via = Literal["speech", "keypad"]


class TextCall:
    """Every method that lets something happen yields what happens, in order; iterate it to its end before the next one.

    ``now`` is the wall clock with its time zone, for the dialogue; ``clock`` gives the times of turns and events, in seconds.
    ``settle`` is awaited before the caller has the floor: whatever code of the agent's own was set off may finish first.
    """

    def __init__(
        self,
        agent: AgentDefinition,
        tools: Toolbox,
        model: ModelTurns | None = None,
        sink: Sink | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        clock: Callable[[], float] = time.monotonic,
        settle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.agent = agent
        self.dialogue = Dialogue(agent)
        self.turns: list[Turn] = []
        self.calls: list[ToolCalled] = []
        self.events: list[Noted] = []
        self.lines: list[str] = []
        """The call so far, to be read."""
        self.listening: Listen | None = None
        """What is expected of the caller now."""
        self.ended: Ended | None = None
        self._tools = tools
        self._model = model
        self._sink = sink
        self._now = now
        self._clock = clock
        self._settle = settle
        self._unsaid: list[str] = []
        self._manner = MannerInForce(told=self._talk)
        self._from_outside: deque[Callable[[], list[Act]]] = deque()

    # The caller's side

    async def start(self) -> AsyncGenerator[Happening, None]:
        async with aclosing(self._whole(self.dialogue.start(self._now()))) as happenings:
            async for happening in happenings:
                yield happening

    async def come_back(self, queue_status: str) -> AsyncGenerator[Happening, None]:
        """The caller is back from the queue: a new dialogue that knows the slots of the one before."""
        slots = dict(self.dialogue.state.slots)
        self.dialogue, self.ended = Dialogue(self.agent), None
        self.dialogue.talk(short=self._manner.now.short, tone=self._manner.now.tone)
        self.lines.append(line("queue", queue_status))
        async with aclosing(self._whole(self.dialogue.resume(slots, queue_status, self._now()))) as happenings:
            async for happening in happenings:
                yield happening

    async def take(self, given: Input) -> AsyncGenerator[Happening, None]:
        """The caller speaks, presses keys or stays silent. Nothing happens any more when the call is over."""
        if self.ended is not None:
            return
        async with aclosing(self._whole(self._step(given))) as happenings:
            async for happening in happenings:
                yield happening

    async def time_up(self) -> AsyncGenerator[Happening, None]:
        """The call has lasted as long as a call may."""
        async with aclosing(self._whole(self.dialogue.time_up(self._now()))) as happenings:
            async for happening in happenings:
                yield happening

    def _step(self, given: Input) -> list[Act]:
        now = self._now()
        if isinstance(given, Words):
            self._keep("caller", given.text, "speech")
            return self.dialogue.heard(given.text, now)
        if isinstance(given, Keys):
            secret = self.listening is not None and self.listening.secret
            self._keep("caller", KEPT_FROM_ALL if secret else given.keys, "keypad")
            return self.dialogue.keyed(given.keys, now)
        self.lines.append(line("caller", "[silence]"))
        if self.listening is None or not self.listening.patient:
            self._event("no_input", {})
        return self.dialogue.silent(now)

    # From outside the dialogue, at any time: done as soon as the agent is between two sentences

    async def say(self, text: str) -> None:
        self._from_outside.append(lambda: [Say(text)])

    async def transfer(self, queue: str, reason: str) -> None:
        self._from_outside.append(lambda: self.dialogue.transfer(queue, reason, self._now()))

    def learn(self, facts: Mapping[str, str]) -> None:
        self.dialogue.learn(facts)

    async def announce(self, name: str) -> AsyncGenerator[Happening, None]:
        """One of the agent's announcements, at once: nothing when the moment is wrong or there is none of that name."""
        self.lines.append(line("outside", name))
        async with aclosing(self._whole(self.dialogue.announce(name, self._now()))) as happenings:
            async for happening in happenings:
                yield happening

    def flag(self, reason: str) -> None:
        self._event("flagged", {"reason": reason})

    def manner(self, change: MannerChange, why: str) -> None:
        """Of what changes on the telephone, how short the texts are and what a model is told can be read here."""
        self._manner.set(change.over(self._manner.now), why)

    def _talk(self, manner: Manner, why: str) -> None:
        self.dialogue.talk(short=manner.short, tone=manner.tone)
        self._event("manner", as_event(manner, why))

    def known(self) -> Mapping[str, str]:
        return dict(self.dialogue.state.slots)

    # The agent's side

    async def _whole(self, acts: list[Act]) -> AsyncGenerator[Happening, None]:
        """``acts``, and whatever was asked for from outside meanwhile."""
        todo = deque(acts)
        while True:
            while todo:
                async with aclosing(self._perform(todo.popleft(), todo)) as happenings:
                    async for happening in happenings:
                        yield happening
            self._flush()
            if self._settle is not None:
                await self._settle()
            if not self._from_outside or self.ended is not None:
                return
            todo.extend(self._from_outside.popleft()())

    async def _perform(self, act: Act, todo: deque[Act]) -> AsyncGenerator[Happening, None]:
        match act:
            case Say():
                yield self._said(act.text, act.language)
            case Listen():
                self.listening = act
            case Note():
                self._event(act.kind, dict(act.data))
            case CallTool():
                self._flush()
                called = await self._call(act)
                yield called
                todo.extend(self.dialogue.tool_result(called.result, self._now()))
            case AskModel():
                self._flush()
                async with aclosing(self._ask(act, todo)) as happenings:
                    async for happening in happenings:
                        yield happening
            case Handover() | HangUp():
                self._flush()
                todo.clear()
                self.ended = self._end(act)
                yield self.ended

    def _said(self, text: str, language: str = "") -> Said:
        self._unsaid.append(text)
        return Said(text, language)

    async def _call(self, act: CallTool) -> ToolCalled:
        begun, error = time.monotonic(), ""
        result: Mapping[str, JsonValue] | None = None
        try:
            async with asyncio.timeout(act.limit_s):
                result = await self._tools.call(act.name, act.arguments)
        except TimeoutError:
            error = f"took longer than {act.limit_s:g} s"
        except ToolError as refused:
            error = str(refused)
        except Exception as broken:
            log.exception("tool_broke_its_contract", extra={"tool": act.name})
            error = f"broke: {broken!r}"
        arguments = dict.fromkeys(act.arguments, HIDDEN) if act.secret else act.arguments
        return self._note(ToolCalled(act.name, arguments, result, time.monotonic() - begun, error))

    def _note(self, called: ToolCalled) -> ToolCalled:
        self.calls.append(called)
        self.lines.append(tool_line(called))
        data: dict[str, JsonValue] = {"name": called.name, "ok": called.result is not None, "ms": round(called.took_s * 1000)}
        self._event("tool", {**data, **({"error": called.error} if called.error else {})})
        return called

    async def _ask(self, act: AskModel, todo: deque[Act]) -> AsyncGenerator[Happening, None]:
        """The model's turn; ``todo`` gets what the dialogue makes of its end."""
        finished, said = Finished(FAILED), list[str]()
        if self._model is not None:
            async with aclosing(self._model.run(self._task(act), self._tools)) as events:
                async for event in events:
                    if isinstance(event, Sentence):
                        said.append(event.text)
                        yield self._said(event.text)
                    elif isinstance(event, ToolUsed):
                        yield self._note(ToolCalled(event.name, event.arguments, event.result, event.took_s))
                    else:
                        finished = event
        self._event("model", {"exit": finished.exit, "output_tokens": finished.usage.output_tokens})
        todo.extend(self.dialogue.model_result(ModelResult(finished.exit, finished.facts, " ".join(said)), self._now()))

    def _task(self, act: AskModel) -> ModelTask:
        return ModelTask(
            goal=act.goal,
            said=act.said,
            now=self._now(),
            instructions=act.instructions,
            tools=act.tools,
            exits=act.exits,
            remembers=act.remembers,
            facts=act.facts,
            turns=tuple(self.turns),
            language=act.language,
        )

    def _end(self, act: Handover | HangUp) -> Ended:
        state = self.dialogue.state
        if isinstance(act, Handover):
            outcome = Outcome("handover", act.reason, act.queue, state.intent, dict(state.slots))
            how = "transfer" if act.mode == "warm" else "queue"
        else:
            outcome = Outcome("goodbye", act.reason, "", state.intent, dict(state.slots))
            how = "callback" if act.reason == "callback" else "end"
        self.lines.append(line("ends", " ".join(filter(None, (how, outcome.queue, outcome.reason)))))
        return Ended(how, outcome)

    # Records

    def _flush(self) -> None:
        """What the agent has said since it last had to wait is one turn."""
        if self._unsaid:
            text, self._unsaid = " ".join(self._unsaid), []
            self._keep("agent", text, "speech")

    def _keep(self, who: Literal["caller", "agent"], text: str, via: Via) -> None:
        at = self._clock()
        turn = Turn(len(self.turns) + 1, who, text, text, at, at, via)
        self.turns.append(turn)
        self.lines.append(line(who, f"#{text}" if via == "keypad" else text))
        if self._sink is not None:
            self._sink.turn(turn)

    def _event(self, kind: str, data: Mapping[str, JsonValue]) -> None:
        self.events.append(Noted(kind, data))
        if self._sink is not None:
            self._sink.event(kind, self._clock(), data)
