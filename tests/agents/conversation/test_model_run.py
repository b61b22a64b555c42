"""Language models at work in the background: guesses without effect, turns given up, tools that are never cut in half."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from agents.conversation.messages import ModelTold
from agents.conversation.model_run import ModelRunner
from agents.flows.acts import AskModel
from agents.llm.task import FAILED, Finished, ModelEvent, ModelTask, Sentence, ToolUsed
from agents.tools import Toolbox, ToolInfo
from agents.transcript import JsonValue, Turn
from tests.agents.virtual_time import run_virtual

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ASK = AskModel("help", "where is it")


class Shop:
    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.safe = False

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, "", safe=self.safe)

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.begun.append(name)
        await asyncio.sleep(1.0)
        self.done.append(name)
        return {"ok": True}


class Model:
    """Says one sentence, uses a tool when told to, says another."""

    def __init__(self, *, tool: bool = False, breaks: bool = False, stalls: bool = False) -> None:
        self.tool, self.breaks, self.stalls = tool, breaks, stalls
        self.tasks: list[ModelTask] = []
        self.closed = 0

    async def run(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        self.tasks.append(task)
        try:
            await asyncio.sleep(0.1)
            yield Sentence("One.")
            if self.breaks:
                raise RuntimeError("broken")
            if self.stalls:
                await asyncio.sleep(1000)
            if self.tool:
                yield ToolUsed("refund", {}, await tools.call("refund", {}), 1.0)
            await asyncio.sleep(0.1)
            yield Sentence("Two.")
            yield Finished("done")
        finally:
            self.closed += 1

    async def close(self) -> None:
        """Nothing to give back."""


class Rig:
    def __init__(self, model: Model | None) -> None:
        self.shop = Shop()
        self.inbox: list[ModelTold] = []
        self.runner = ModelRunner(model, self.shop, lambda: NOW, 5.0, self.inbox.append)

    @property
    def events(self) -> Sequence[ModelEvent | None]:
        return [told.event for told in self.inbox if self.runner.accept(told)]


def test_sentences_come_as_they_are_made() -> None:
    async def main() -> None:
        rig = Rig(Model())
        rig.runner.start(ASK, ())
        await asyncio.sleep(0.15)
        assert [told.event for told in rig.inbox] == [Sentence("One.")]
        running = [rig.runner.running]
        await asyncio.sleep(1)
        assert rig.events == [Sentence("One."), Sentence("Two."), Finished("done")]
        assert [*running, rig.runner.running] == [True, False]
        await rig.runner.close()

    run_virtual(main())


def test_a_guess_is_silent_and_runs_no_tool_until_it_is_certain() -> None:
    async def main() -> None:
        model = Model(tool=True)
        rig = Rig(model)
        rig.runner.guess(ASK, ())
        await asyncio.sleep(3)
        assert len(rig.inbox) == 0
        assert rig.shop.begun == []
        rig.runner.start(AskModel("help", "where is it", facts={"now": "a moment later"}), ())
        await asyncio.sleep(0)
        assert rig.inbox[0].event == Sentence("One."), "made ahead"
        await asyncio.sleep(3)
        assert rig.shop.done == ["refund"]
        assert len(model.tasks) == 1
        await rig.runner.close()

    run_virtual(main())


def test_a_wrong_guess_leaves_nothing() -> None:
    async def main() -> None:
        model = Model(tool=True)
        rig = Rig(model)
        rig.runner.guess(ASK, ())
        await asyncio.sleep(0.2)
        rig.runner.start(AskModel("help", "where is it now"), ())
        await asyncio.sleep(0.01)
        assert model.closed == 1
        await asyncio.sleep(3)
        assert [event for event in rig.events if isinstance(event, Sentence)] == [Sentence("One."), Sentence("Two.")]
        assert rig.shop.begun == ["refund"]
        await rig.runner.close()

    run_virtual(main())


def test_a_guess_does_not_disturb_the_turn_under_way() -> None:
    async def main() -> None:
        rig = Rig(Model())
        rig.runner.start(ASK, ())
        rig.runner.guess(AskModel("help", "hello?"), ())
        await asyncio.sleep(1)
        rig.runner.forget()
        assert rig.events == [Sentence("One."), Sentence("Two."), Finished("done")]
        await rig.runner.close()

    run_virtual(main())


def test_a_turn_given_up_is_not_heard_of_again() -> None:
    async def main() -> None:
        model = Model()
        rig = Rig(model)
        rig.runner.start(ASK, ())
        await asyncio.sleep(0.15)
        rig.runner.abandon()
        await asyncio.sleep(1)
        assert rig.events == []
        assert model.closed == 1
        await rig.runner.close()

    run_virtual(main())


def test_a_tool_that_has_begun_is_not_cut_off_and_the_next_turn_knows_of_it() -> None:
    async def main() -> None:
        model = Model(tool=True)
        rig = Rig(model)
        rig.runner.start(ASK, ())
        await asyncio.sleep(0.2)
        assert rig.runner.changed
        rig.runner.abandon()
        await asyncio.sleep(2)
        assert rig.shop.done == ["refund"]
        rig.runner.start(ASK, ())
        await asyncio.sleep(0)
        assert model.tasks[-1].facts == {"tool_results": {"refund": {"ok": True}}}
        await rig.runner.close()

    run_virtual(main())


def test_a_tool_that_only_looks_up_does_not_bind() -> None:
    async def main() -> None:
        rig = Rig(Model(tool=True))
        rig.shop.safe = True
        rig.runner.start(ASK, ())
        await asyncio.sleep(0.2)
        assert rig.shop.begun == ["refund"]
        assert not rig.runner.changed
        await rig.runner.close()

    run_virtual(main())


@pytest.mark.parametrize("model", [Model(breaks=True), Model(stalls=True), None])
def test_whatever_breaks_ends_as_a_failure(model: Model | None) -> None:
    async def main() -> None:
        rig = Rig(model)
        rig.runner.start(ASK, ())
        await asyncio.sleep(10)
        assert rig.events[-1] == Finished(FAILED)
        assert not rig.runner.running
        await rig.runner.close()

    run_virtual(main())


def test_silence_is_reported_once_unless_the_model_speaks_before() -> None:
    async def main() -> None:
        rig = Rig(Model(stalls=True))
        rig.runner.start(ASK, ())
        rig.runner.remind(0.5)
        await asyncio.sleep(0.15)
        assert rig.events == [Sentence("One.")]
        await asyncio.sleep(1)
        assert all(told.event is not None for told in rig.inbox), "it has spoken"
        rig.runner.remind(0.5)
        await asyncio.sleep(0.6)
        assert rig.inbox[-1].event is None
        await rig.runner.close()

    run_virtual(main())


def test_what_a_tool_brought_is_known_in_the_next_turn() -> None:
    async def main() -> None:
        model = Model(tool=True)
        rig = Rig(model)
        rig.runner.start(ASK, ())
        await asyncio.sleep(3)
        assert rig.events[-1] == Finished("done")
        rig.runner.start(ASK, ())
        await asyncio.sleep(0)
        assert model.tasks[-1].facts == {"tool_results": {"refund": {"ok": True}}}
        await rig.runner.close()

    run_virtual(main())


def test_closing_waits_for_what_was_begun() -> None:
    async def main() -> None:
        rig = Rig(Model(tool=True))
        rig.runner.start(ASK, ())
        await asyncio.sleep(0.2)
        await rig.runner.close()
        assert rig.shop.done == ["refund"]

    run_virtual(main())


def test_the_model_is_told_what_was_said_before_the_words_it_answers() -> None:
    def turn(number: int, who: str, text: str) -> Turn:
        return Turn(number, "agent" if who == "agent" else "caller", text, text, 0.0, 0.0)

    async def main() -> None:
        model = Model()
        rig = Rig(model)
        turns = [turn(1, "agent", "Hello."), turn(2, "caller", "where"), turn(3, "caller", "is it")]
        rig.runner.start(ASK, turns)
        await asyncio.sleep(0)
        assert model.tasks[0].turns == (turns[0],)
        assert (model.tasks[0].said, model.tasks[0].now) == ("where is it", NOW)
        await rig.runner.close()

    run_virtual(main())
