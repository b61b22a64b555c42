"""What every LanguageModel must do. A test class per provider inherits from this one and supplies the fixture."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Protocol

import pytest

from agents.llm.model import (
    Call,
    CallDelta,
    ContextTooLong,
    Counted,
    Delta,
    Ended,
    Function,
    LanguageModel,
    Message,
    ModelBroken,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    TextDelta,
)
from agents.llm.scripted_model import Script, Wait

ASKED = (Message("system", "You help."), Message("user", "my pet name is Zebedee"))
LOOK_UP = Function("look_up", "Finds an order.", {"type": "object", "properties": {"number": {"type": "string"}}})


class Stage(Protocol):
    """A model that answers every request by ``script``."""

    @property
    def model(self) -> LanguageModel: ...

    def requests(self) -> int: ...

    async def quiet(self) -> None:
        """Returns when the provider has no answer under way; fails when that does not come."""
        ...


Staged = Callable[[Script], Stage]


async def collect(model: LanguageModel, messages: Sequence[Message] = ASKED, functions: Sequence[Function] = ()) -> list[Delta]:
    async with aclosing(model.stream(messages, functions)) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def calls_of(deltas: Sequence[Delta]) -> list[Call]:
    made: dict[int, Call] = {}
    for delta in deltas:
        if isinstance(delta, CallDelta):
            before = made.get(delta.index, Call("", "", ""))
            made[delta.index] = Call(before.id or delta.id, before.name or delta.name, before.arguments + delta.arguments)
    return [made[index] for index in sorted(made)]


class ModelContract:
    """``staged`` makes a model with its script."""

    async def test_text_comes_in_pieces_and_ends(self, staged: Staged) -> None:
        deltas = await collect(staged(["Your order is ", "on its way: “café” – 東京."]).model)
        assert text_of(deltas) == "Your order is on its way: “café” – 東京."
        assert sum(isinstance(delta, TextDelta) for delta in deltas) > 3
        assert [delta for delta in deltas if isinstance(delta, Ended)] == [Ended("stop")]

    async def test_counts_come_after_the_end_and_nothing_after_them(self, staged: Staged) -> None:
        deltas = await collect(staged(["Yes.", Counted(120, 7, 64)]).model)
        assert deltas[-2:] == [Ended("stop"), Counted(120, 7, 64)]

    async def test_a_call_with_streamed_arguments(self, staged: Staged) -> None:
        deltas = await collect(staged([Call("c1", "look_up", '{"number": "10482"}')]).model, functions=[LOOK_UP])
        assert calls_of(deltas) == [Call("c1", "look_up", '{"number": "10482"}')]
        assert sum(isinstance(delta, CallDelta) for delta in deltas) > 2
        assert Ended("calls") in deltas

    async def test_parallel_calls_with_text_before_them(self, staged: Staged) -> None:
        calls = [Call("c1", "look_up", '{"number": "1"}'), Call("c2", "look_up", '{"number": "2"}')]
        deltas = await collect(staged(["Let me see.", *calls]).model, functions=[LOOK_UP])
        assert text_of(deltas) == "Let me see."
        assert calls_of(deltas) == calls

    async def test_malformed_arguments_pass_as_they_are(self, staged: Staged) -> None:
        deltas = await collect(staged([Call("c1", "look_up", '{"number": ')]).model, functions=[LOOK_UP])
        assert calls_of(deltas) == [Call("c1", "look_up", '{"number": ')]

    async def test_an_answer_cut_by_the_limit_of_tokens_says_so(self, staged: Staged) -> None:
        assert Ended("length") in await collect(staged(["It is", Ended("length")]).model)

    async def test_nothing_at_all_is_an_end_too(self, staged: Staged) -> None:
        deltas = [delta for delta in await collect(staged([]).model) if not isinstance(delta, Counted)]
        assert deltas == [Ended("stop")]

    async def test_takes_a_whole_history(self, staged: Staged) -> None:
        history = [
            *ASKED,
            Message("assistant", "", (Call("c1", "look_up", "{}"), Call("c2", "look_up", "not json"))),
            Message("tool", '{"found": true}', call_id="c1"),
            Message("tool", '{"error": "bad"}', call_id="c2"),
            Message("assistant", "It is here."),
            Message("user", "thanks"),
        ]
        assert text_of(await collect(staged(["You are welcome."]).model, history, [LOOK_UP])) == "You are welcome."

    @pytest.mark.parametrize("kind", [ModelUnavailable, ModelRefused, ModelBroken, ContextTooLong])
    async def test_failures_are_of_the_tree(self, staged: Staged, kind: type[ModelError]) -> None:
        with pytest.raises(kind) as failed:
            await collect(staged([kind("told to fail")]).model)
        assert "Zebedee" not in str(failed.value) and str(failed.value)

    @pytest.mark.parametrize("kind", [ModelUnavailable, ModelBroken])
    async def test_a_failure_in_the_middle_comes_after_the_text(self, staged: Staged, kind: type[ModelError]) -> None:
        got: list[Delta] = []
        with pytest.raises(kind):
            async with aclosing(staged(["It is on ", kind("told to fail")]).model.stream(ASKED)) as deltas:
                async for delta in deltas:
                    got.append(delta)
        assert text_of(got) == "It is on "

    async def test_repeats_nothing_by_itself(self, staged: Staged) -> None:
        stage = staged([ModelUnavailable("told to fail")])
        with pytest.raises(ModelUnavailable):
            await collect(stage.model)
        assert stage.requests() == 1

    async def test_closing_the_generator_closes_the_request(self, staged: Staged) -> None:
        stage = staged(["Your order ", Wait(30), "is here."])
        deltas = stage.model.stream(ASKED)
        assert isinstance(await anext(deltas), TextDelta)
        await deltas.aclose()
        await stage.quiet()

    async def test_a_cancelled_taker_closes_the_request(self, staged: Staged) -> None:
        stage = staged([Wait(30)])
        task = asyncio.create_task(collect(stage.model))
        async with asyncio.timeout(5):
            while not stage.requests():
                await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await stage.quiet()

    async def test_many_at_once(self, staged: Staged) -> None:
        model = staged(["One. ", Wait(0.02), "Two."]).model
        assert {text_of(deltas) for deltas in await asyncio.gather(*(collect(model) for _ in range(8)))} == {"One. Two."}

    async def test_after_close_it_refuses(self, staged: Staged) -> None:
        model = staged(["Yes."]).model
        await model.close()
        await model.close()
        with pytest.raises(ModelUnavailable):
            await collect(model)

    async def test_has_a_name(self, staged: Staged) -> None:
        assert staged([]).model.name
