"""Language models at work in the background: one turn at a time, begun early on a guess, and given up without a trace."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from agents.conversation.messages import ModelTold
from agents.flows.acts import AskModel
from agents.llm.task import FAILED, Finished, ModelEvent, ModelTask, ModelTurns, ToolUsed
from agents.tools import Toolbox, ToolInfo
from agents.transcript import JsonValue, Turn

log = logging.getLogger(__name__)


class GatedTools:
    """Tools that wait until the turn they belong to is certain. One that has begun is never cut off: it may have changed something."""

    def __init__(self, tools: Toolbox, finished: Callable[[str, Mapping[str, JsonValue]], None]) -> None:
        """``finished``: told the result of a tool whose turn was given up meanwhile."""
        self._tools = tools
        self._finished = finished
        self._open = asyncio.Event()
        self._tasks: set[asyncio.Task[Mapping[str, JsonValue]]] = set()
        self.changed = False
        """A tool that is not safe was begun."""

    def open(self) -> None:
        self._open.set()

    def describe(self, name: str) -> ToolInfo | None:
        return self._tools.describe(name)

    async def certain(self) -> None:
        """Wait until the turn is certain; a tool's own time begins then."""
        await self._open.wait()

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        await self.certain()
        info = self.describe(name)
        self.changed = self.changed or info is None or not info.safe
        task = asyncio.ensure_future(self._tools.call(name, arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: self._late(name, done))
            raise

    def _late(self, name: str, done: "asyncio.Task[Mapping[str, JsonValue]]") -> None:
        if not done.cancelled() and done.exception() is None:
            self._finished(name, done.result())

    async def close(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


class ModelRun:
    """One turn of a model. Until ``commit`` nobody hears of it and no tool runs."""

    def __init__(
        self, serial: int, act: AskModel, turns: tuple[Turn, ...], events: "asyncio.Task[None]", tools: GatedTools, take: Callable[[], None]
    ) -> None:
        self.serial = serial
        self._act = act
        self._turns = turns
        self._task = events
        self._tools = tools
        self._take = take

    @property
    def changed(self) -> bool:
        """A tool that changes something was begun: this turn cannot be taken back."""
        return self._tools.changed

    def answers(self, act: AskModel, turns: tuple[Turn, ...]) -> bool:
        """Whether it is the same question at the same point of the call. Facts may differ: the clock is among them."""
        return turns == self._turns and replace(self._act, facts={}) == replace(act, facts={})

    def commit(self) -> None:
        self._tools.open()
        self._take()

    def abandon(self) -> None:
        self._task.cancel()


class ModelRunner:
    """``turns`` None: no model is configured, so every turn ends at once as FAILED and the flow goes on by itself."""

    def __init__(
        self,
        turns: ModelTurns | None,
        tools: Toolbox,
        now: Callable[[], datetime],
        limit_s: float,
        report: Callable[[ModelTold], None],
    ) -> None:
        self._turns = turns
        self._tools = tools
        self._now = now
        self._limit_s = limit_s
        self._report = report
        self._serial = 0
        self._guess: ModelRun | None = None
        self._current: ModelRun | None = None
        self._all: set[asyncio.Task[None]] = set()
        self._gates: set[GatedTools] = set()
        self._results: dict[str, JsonValue] = {}
        """The latest of each tool: what a model did in one turn it has to know in the next."""
        self._reminder: asyncio.TimerHandle | None = None

    @property
    def available(self) -> bool:
        """Whether there is any model at all."""
        return self._turns is not None

    @property
    def running(self) -> bool:
        return self._current is not None

    @property
    def changed(self) -> bool:
        return self._current is not None and self._current.changed

    def guess(self, act: AskModel, turns: Sequence[Turn]) -> None:
        """Begin before it is certain that the caller has finished."""
        self.forget()
        self._guess = self._begin(act, turns)

    def forget(self) -> None:
        if self._guess is not None:
            self._guess.abandon()
            self._guess = None

    def start(self, act: AskModel, turns: Sequence[Turn]) -> None:
        """For good. ModelTold messages follow; the last one carries Finished."""
        run, self._guess = self._guess, None
        if run is None or not run.answers(act, _answered(turns)):
            if run is not None:
                run.abandon()
            run = self._begin(act, turns)
        self._current = run
        run.commit()

    def abandon(self) -> None:
        """Nothing more is heard of the turn that was started."""
        self._cancel_reminder()
        if self._current is not None:
            self._current.abandon()
            self._current = None

    def accept(self, message: ModelTold) -> bool:
        """False for a message of a turn that was given up."""
        if self._current is None or message.serial != self._current.serial:
            return False
        self._cancel_reminder()
        match message.event:
            case Finished():
                self._current = None
            case ToolUsed(name=name, result=result) if result is not None:
                self._results[name] = dict(result)
            case _:
                pass
        return True

    def remind(self, after_s: float) -> None:
        """The caller waits in silence: a ModelTold without an event follows after so long, unless the model says something before."""
        self._cancel_reminder()
        if self._current is not None:
            told = ModelTold(self._current.serial, None)
            self._reminder = asyncio.get_running_loop().call_later(after_s, self._report, told)

    def _cancel_reminder(self) -> None:
        if self._reminder is not None:
            self._reminder.cancel()
            self._reminder = None

    def _begin(self, act: AskModel, turns: Sequence[Turn]) -> ModelRun:
        self._serial += 1
        serial, certain = self._serial, False
        waiting: list[ModelEvent] = []
        facts = {**act.facts, **({"tool_results": dict(self._results)} if self._results else {})}
        tools, before = GatedTools(self._tools, self._late_result), _answered(turns)
        task = ModelTask(
            goal=act.goal,
            said=act.said,
            now=self._now(),
            instructions=act.instructions,
            tools=act.tools,
            exits=act.exits,
            remembers=act.remembers,
            facts=facts,
            turns=before,
            language=act.language,
        )

        def tell(event: ModelEvent) -> None:
            if certain:
                self._report(ModelTold(serial, event))
            else:
                waiting.append(event)

        def take() -> None:
            nonlocal certain
            certain = True
            for event in waiting:
                self._report(ModelTold(serial, event))

        self._gates.add(tools)
        running = asyncio.create_task(self._run(task, tools, tell))
        self._all.add(running)
        running.add_done_callback(self._all.discard)
        running.add_done_callback(lambda _: self._gates.discard(tools))
        return ModelRun(serial, act, before, running, tools, take)

    async def _run(self, task: ModelTask, tools: GatedTools, tell: Callable[[ModelEvent], None]) -> None:
        if self._turns is None:
            tell(Finished(FAILED))
            return
        try:
            async with aclosing(self._turns.run(task, tools)) as events:
                while True:
                    async with asyncio.timeout(self._limit_s):
                        event = await anext(events)
                    tell(event)
                    if isinstance(event, Finished):
                        return
        except TimeoutError:
            log.warning("model_too_slow", extra={"limit_s": self._limit_s})
        except Exception:
            log.exception("model_broke_its_contract")
        tell(Finished(FAILED))

    def _late_result(self, name: str, result: Mapping[str, JsonValue]) -> None:
        """A tool of a turn that was given up has done its work all the same."""
        self._results[name] = dict(result)

    async def close(self) -> None:
        self._cancel_reminder()
        for task in list(self._all):
            task.cancel()
        gates = list(self._gates)
        await asyncio.gather(*self._all, return_exceptions=True)
        await asyncio.gather(*(gate.close() for gate in gates))


def _answered(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Without the caller's words that are still to be answered."""
    last = max((index for index, turn in enumerate(turns, 1) if turn.who == "agent"), default=0)
    return tuple(turns[:last])
